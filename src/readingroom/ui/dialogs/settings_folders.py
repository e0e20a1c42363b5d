"""Settings: the folders and files linked to the workspace."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QPushButton, QWidget

from readingroom.core.ids import SourceId, WorkspaceId
from readingroom.core.models import Source, SourceState
from readingroom.services.bundle import Services
from readingroom.ui.alive import while_alive
from readingroom.ui.bridge import Gathered
from readingroom.ui.dialogs.settings_parts import Row, SettingsPage, say_failure, soft_label, warning_label
from readingroom.ui.models.wording import SOURCE_STATE_EXPLANATIONS, SOURCE_STATE_WORDS, folder_words
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.plain_text import PlainLabel


class FoldersPage(SettingsPage):
    """Removal happens at once and can be undone here."""

    def __init__(
        self,
        services: Services,
        runner: TaskRunner,
        workspace_id: WorkspaceId | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Folders", parent)
        self._services = services
        self._runner = runner
        self._workspace_id = workspace_id
        self._shown: Sequence[Source] | None = None
        self._removed: dict[SourceId, Source] = {}
        self.add_heading(
            "Linked to this workspace", "Files are read where they are, never copied or changed."
        )
        self.card = self.add_card()
        self._none = soft_label("Nothing is linked yet. Drop a folder on the window.", self)
        self.column.addWidget(self._none)
        self.failure = warning_label(self)
        self.column.addWidget(self.failure)
        self.column.addStretch()
        self._gathered = Gathered(services.sources.changed, self)  # type: ignore[arg-type]
        self._gathered.arrived.connect(lambda _: self.shown())

    def shown(self) -> None:
        """Look up the sources."""
        workspace_id = self._workspace_id
        if workspace_id is not None:
            self._runner.call(
                lambda: list(self._services.sources.sources(workspace_id)), self._show, self._fail
            )

    def stop(self) -> None:
        """Hear nothing more of the services."""
        self._gathered.close()

    def _show(self, sources: Sequence[Source]) -> None:
        here = {source.id for source in sources}
        for source_id in here & self._removed.keys():
            del self._removed[source_id]
        rows = [*sources, *self._removed.values()]
        self.card.clear()
        for source in rows:
            self.card.add(self._removed_row(source) if source.id in self._removed else self._row(source))
        self.card.setVisible(bool(rows))
        self._none.setVisible(not rows)

    def _row(self, source: Source) -> Row:
        sources = self._services.sources
        row = Row(source.path.name or str(source.path), folder_words(source.path), self.card)
        state = PlainLabel(SOURCE_STATE_WORDS[source.state], row)
        state.setObjectName("sourceState")
        state.setProperty("alarm", "true" if source.state is SourceState.OFFLINE else "false")
        state.setToolTip(SOURCE_STATE_EXPLANATIONS[source.state])
        row.controls.addWidget(state)
        if source.state is SourceState.PAUSED:
            self._add_button(row, "Resume", source, lambda: sources.resume(source.id))
        elif source.watch:
            self._add_button(row, "Pause", source, lambda: sources.pause(source.id))
        button = QPushButton("Remove", row)
        button.setAccessibleName(f"Remove {row.title.text()}")
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self._remove(source))
        row.controls.addWidget(button)
        return row

    def _removed_row(self, source: Source) -> Row:
        row = Row(
            source.path.name or str(source.path), "Removed from this workspace; the files are untouched."
        )
        self._add_button(row, "Undo", source, lambda: self._services.sources.restore(source.id))
        return row

    def _add_button(self, row: Row, text: str, source: Source, act: Callable[[], None]) -> None:
        button = QPushButton(text, row)
        button.setAccessibleName(f"{text} {source.path.name}")
        button.setAutoDefault(False)
        button.clicked.connect(lambda: self._act(act))
        row.controls.addWidget(button)

    def _remove(self, source: Source) -> None:
        self._removed[source.id] = source
        self._act(lambda: self._services.sources.remove(source.id))

    def _act(self, act: Callable[[], None]) -> None:
        self._runner.call(act, while_alive(self, lambda _: self.shown()), self._fail)

    def _fail(self, error: Exception) -> None:
        say_failure(self.failure, error)
