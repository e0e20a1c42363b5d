"""Settings: the model that writes answers, and the one that finds passages."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from readingroom.core.ids import WorkspaceId
from readingroom.core.language_model import LanguageModelStatus
from readingroom.services.bundle import Services
from readingroom.ui.dialogs.download_row import DownloadRow
from readingroom.ui.dialogs.settings_embedding import EmbeddingPart
from readingroom.ui.dialogs.settings_model_server import ServerCard
from readingroom.ui.dialogs.settings_ollama import OllamaModels
from readingroom.ui.dialogs.settings_parts import SettingsPage
from readingroom.ui.tasks import TaskRunner


class ModelsPage(SettingsPage):
    """Puts the parts together."""

    status_changed = Signal(object)  # LanguageModelStatus

    def __init__(
        self,
        services: Services,
        runner: TaskRunner,
        workspace_id: WorkspaceId | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Models", parent)
        self.add_heading("Answering", "Writes the answers. Without one, the passages themselves are shown.")
        self.server = ServerCard(services, runner, self)
        self.column.addWidget(self.server)
        self.ollama = OllamaModels(services, runner, self)
        self.column.addWidget(self.ollama)
        self.column.addSpacing(12)
        self.add_heading(
            "Embedding", "Turns passages and questions into numbers, so that meaning can be found."
        )
        self.embedding = EmbeddingPart(services, runner, workspace_id, self)
        self.column.addWidget(self.embedding)
        self.column.addStretch()
        self.server.status_changed.connect(self._take_status)
        self.ollama.changed.connect(self.server.ask)

    def shown(self) -> None:
        """Ask the server and the list of embedding models."""
        self.server.load()
        self.embedding.load()

    def _take_status(self, status: LanguageModelStatus) -> None:
        self.ollama.follow(status, self.server.kind)
        self.status_changed.emit(status)

    def embedding_rows(self) -> list[DownloadRow]:
        """List the rows of the embedding models, from the top."""
        return self.embedding.rows()

    def stop(self) -> None:
        """Look no more."""
        self.ollama.stop()
        self.embedding.stop()
