"""Exports and imports workspaces for the window, and finds folders again that moved."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from readingroom.core.counting import count_words
from readingroom.core.errors import FolderDiffers
from readingroom.core.models import Source, Workspace
from readingroom.core.portable import SUFFIX
from readingroom.core.relinking import Relinked
from readingroom.services.bundle import Services
from readingroom.services.portability import Exported, Imported, Transfer
from readingroom.ui.models.wording import folder_words, showable, size_words
from readingroom.ui.tasks import Task, TaskRunner, Work
from readingroom.ui.widgets.status_line import StatusLine
from readingroom.ui.widgets.toast import Toast

_FILTER = f"Reading Room workspaces (*{SUFFIX})"
_NOT_IN_NAMES = str.maketrans('/\\:*?"<>|', "---------")


class Portability(QObject):
    """One export or import at a time; how far it is goes to the status line, what came of it to the toast."""

    progress_told = Signal(str)
    """What is under way; empty once it is over."""
    said = Signal(str)
    asked = Signal(str, object, str)
    """A sentence, the call that does it all the same, and the words for that."""
    failed = Signal(object)  # Exception
    imported = Signal(object)  # Workspace
    relinked = Signal()

    def __init__(
        self,
        services: Services,
        runner: TaskRunner,
        window: QWidget,
        workspace: Callable[[], Workspace | None],
    ) -> None:
        """`workspace` gives the one to export."""
        super().__init__(window)
        self._services = services
        self._runner = runner
        self._window = window
        self._workspace = workspace
        self._task: Task | None = None
        self._result: Exported | Imported | None = None

    def tell(self, toast: Toast, status_line: StatusLine) -> None:
        """Say everything there, and hear the person's Stop."""
        self.said.connect(toast.say)
        self.asked.connect(toast.say)
        self.failed.connect(toast.say_error)
        self.progress_told.connect(status_line.show_transfer)
        status_line.stop_requested.connect(self.stop)

    def take(self, paths: Sequence[Path]) -> Sequence[Path]:
        """Import the first workspace among what was dropped; the paths that are none."""
        carried = [path for path in paths if path.suffix == SUFFIX]
        if carried:
            self.import_file(carried[0])
        return [path for path in paths if path not in carried]

    @property
    def busy(self) -> bool:
        """Whether a file is being written or read."""
        return self._task is not None

    def can_export(self) -> bool:
        """Whether there is something to export, and nothing under way."""
        return self._workspace() is not None and not self.busy

    def can_import(self) -> bool:
        """Whether nothing is under way."""
        return not self.busy

    def export(self) -> None:
        """Choose a file and write the workspace to it."""
        workspace = self._workspace()
        if workspace is None:
            return
        suggested = Path.home() / f"{workspace.name.translate(_NOT_IN_NAMES)}{SUFFIX}"
        name, _ = QFileDialog.getSaveFileName(self._window, "Export the workspace", str(suggested), _FILTER)
        if not name:
            return
        path = Path(name) if Path(name).suffix else Path(f"{name}{SUFFIX}")
        service = self._services.portability
        self._start(
            lambda token: service.export(workspace.id, path, cancel=token),
            f"Exporting {showable(workspace.name)}",
        )

    def choose_import(self) -> None:
        """Choose a file and make a workspace of it."""
        name, _ = QFileDialog.getOpenFileName(self._window, "Import a workspace", "", _FILTER)
        if name:
            self.import_file(Path(name))

    def import_file(self, path: Path) -> None:
        """Make a workspace of a file."""
        service = self._services.portability
        self._start(lambda token: service.import_(path, cancel=token), f"Importing {showable(path.name)}")

    def locate(self, source: Source) -> None:
        """Choose where a source is now."""
        if source.is_folder:
            name = QFileDialog.getExistingDirectory(
                self._window, f"Where is “{showable(source.path.name)}” now?"
            )
        else:
            name, _ = QFileDialog.getOpenFileName(
                self._window, f"Where is “{showable(source.path.name)}” now?"
            )
        if name:
            self.relink(source, Path(name))

    def relink(self, source: Source, path: Path, *, confirmed: bool = False) -> None:
        """Point a source at another place; asks first where hardly anything known is there."""

        def done(relinked: Relinked) -> None:
            also = f", and {count_words(len(relinked.also), 'other folder')} with it" if relinked.also else ""
            self.said.emit(
                f"“{showable(source.path.name)}” is now {folder_words(relinked.source.path)}{also}."
            )
            self.relinked.emit()

        def refused(error: Exception) -> None:
            if isinstance(error, FolderDiffers):
                again = lambda: self.relink(source, path, confirmed=True)  # noqa: E731
                self.asked.emit(showable(str(error)), again, "Link anyway")
            else:
                self.failed.emit(error)

        self._runner.call(
            lambda: self._services.sources.relink(source.id, path, confirmed=confirmed), done, refused
        )

    def stop(self) -> None:
        """Give up what is under way; nothing of it stays."""
        if self._task is not None:
            self._task.cancel()

    def _start(self, work: Work, words: str) -> None:
        if self.busy:
            self.said.emit("Another workspace is still being exported or imported.")
            return
        self._result = None
        self.progress_told.emit(f"{words}…")

        def show(step: object) -> None:
            assert isinstance(step, Transfer)  # noqa: S101  (what both yield)
            self._result = step.result
            self.progress_told.emit(f"{words} · {100 * step.done // step.total} %")

        self._task = self._runner.start(
            work,
            on_progress=show,
            on_success=self._tell,
            on_cancelled=lambda: self.said.emit("Stopped. Nothing of it was kept."),
            on_failure=self.failed.emit,
            on_finished=self._end,
        )

    def _end(self) -> None:
        self._task = None
        self.progress_told.emit("")

    def _tell(self) -> None:
        result = self._result
        if isinstance(result, Exported):
            documents = count_words(result.documents, "document")
            self.said.emit(
                f"Exported {documents} to {showable(result.path.name)} ({size_words(result.size_bytes)})."
            )
        elif isinstance(result, Imported):
            self.said.emit(_imported_words(result))
            self._runner.call(lambda: self._services.workspaces.get(result.name), self.imported.emit)


def _imported_words(result: Imported) -> str:
    words = f"Imported {count_words(result.documents, 'document')}."
    if result.model_missing:
        return f"{words} Searches go by words alone until {showable(result.embedding_model)} is downloaded in Settings."
    return f"{words} To follow changes here, locate its folders."
