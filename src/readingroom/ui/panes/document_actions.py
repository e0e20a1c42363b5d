"""What can be done with documents of the list: offered in its menu and beside the details, done off the GUI thread."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from readingroom.core.counting import count_words
from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.core.ignore_rules import kind_of
from readingroom.core.models import PENDING_STATES, Document, DocumentState
from readingroom.services.bundle import Services
from readingroom.services.document_export import save_csv
from readingroom.services.ignoring import LeftOut
from readingroom.ui.alive import while_alive
from readingroom.ui.file_manager import reveal
from readingroom.ui.models.offer import Offer
from readingroom.ui.models.wording import searchable
from readingroom.ui.tasks import TaskRunner

FAILED_STATES = frozenset({DocumentState.FAILED, DocumentState.QUARANTINED})
_KINDS_NAMED = 3
_UNREADABLE = PENDING_STATES | {DocumentState.OFFLINE}


class DocumentActions(QObject):
    """Says what it did by `said`; changes reach the list as any others do."""

    open_requested = Signal(object)  # DocumentId
    said = Signal(str, object)
    """A sentence, and the call that undoes it or None."""
    scope_requested = Signal(object, bool)  # Sequence[Document]
    """The next question shall be limited to these as well, or no longer."""
    changed = Signal()
    """Documents may be in another state now."""

    def __init__(self, services: Services, runner: TaskRunner, parent: QWidget) -> None:
        super().__init__(parent)
        self._services = services
        self._runner = runner
        self._window = parent
        self.checked: Callable[[], Collection[DocumentId]] = frozenset
        """What the next question is limited to."""

    def offers(self, documents: Sequence[Document]) -> list[Offer]:
        """What can be done with these, of which there is at least one."""
        first, one = documents[0], len(documents) == 1
        states = {document.state for document in documents}
        locked = [document for document in documents if document.state is DocumentState.ENCRYPTED]
        again = [document for document in documents if document.state not in _UNREADABLE]
        kinds = kinds_of(documents)
        limits = all(document.id in self.checked() for document in documents)
        pinned = all(document.pinned for document in documents)
        return [
            Offer("Open", lambda: self.open_requested.emit(first.id), enabled=one),
            Offer("Reveal in file manager", lambda: reveal(first.file.path), enabled=one, fitting=one),
            Offer("Copy path" if one else "Copy paths", lambda: copy_paths(documents)),
            Offer(
                ("No longer ask only " if limits else "Ask only ") + ("this" if one else "these"),
                lambda: self.scope_requested.emit(documents, not limits),
                enabled=limits or any(map(searchable, documents)),
                fitting=True,
                group=1,
            ),
            Offer(
                "Unpin" if pinned else "Pin to every question",
                lambda: self.pin(documents, pinned=not pinned),
                group=1,
            ),
            Offer(
                "Enter password…",
                lambda: self.ask_password(locked),
                enabled=bool(locked),
                fitting=bool(locked),
                needless=not locked,
                group=2,
            ),
            Offer(
                "Try again" if states & FAILED_STATES else "Read again",
                lambda: self.retry(again),
                enabled=bool(again),
                fitting=bool(states & FAILED_STATES),
                group=2,
            ),
            Offer(
                _ignore_words(kinds),
                lambda: self.ignore(first.workspace_id, kinds),
                enabled=bool(kinds),
                fitting=bool(kinds) and states == {DocumentState.UNSUPPORTED},
                group=3,
            ),
        ]

    def menu_for(self, documents: Sequence[Document]) -> QMenu:
        """Offer it as a menu, which deletes itself when closed."""
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = 0
        for offer in self.offers(documents):
            if offer.needless:
                continue
            if offer.group != group:
                menu.addSeparator()
                group = offer.group
            menu.addAction(offer.text, offer.do).setEnabled(offer.enabled)
        return menu

    def pin(self, documents: Sequence[Document], *, pinned: bool) -> None:
        """Let them come whole with each question, or no longer."""
        ids = [document.id for document in documents]
        self._runner.call(
            lambda: self._services.documents.pin(ids, pinned=pinned), while_alive(self, self._tell_changed)
        )

    def retry(self, documents: Sequence[Document]) -> None:
        """Have them read again."""
        ids = [document.id for document in documents]
        self._runner.call(lambda: self._services.ingest.retry(ids), while_alive(self, self._tell_changed))

    def ask_password(self, documents: Sequence[Document]) -> None:
        """Ask for the password of encrypted documents."""
        from readingroom.ui.dialogs.password_dialog import PasswordDialog

        def ask(every: Sequence[Document]) -> None:
            chosen = {document.id for document in documents}
            others = [d for d in every if d.state is DocumentState.ENCRYPTED and d.id not in chosen]
            dialog = PasswordDialog(
                self._services.passwords, self._runner, documents, others, self._window.window()
            )
            dialog.accepted.connect(self.changed)
            dialog.open()

        workspace_id = documents[0].workspace_id
        self._runner.call(lambda: self._services.documents.list(workspace_id), while_alive(self, ask))

    def ignore(self, workspace_id: WorkspaceId, kinds: Sequence[str]) -> None:
        """Leave out all files of these kinds."""
        ignoring = self._services.ignoring

        def done(left_out: LeftOut) -> None:
            left = count_words(left_out.documents, "document")
            sentence = f"{_named(kinds)} files are ignored from now on; {left} left the list."
            self.said.emit(sentence, lambda: self._runner.call(lambda: ignoring.undo(left_out)))
            self.changed.emit()

        self._runner.call(lambda: ignoring.ignore(workspace_id, kinds), while_alive(self, done))

    def export(self, documents: Sequence[Document]) -> None:
        """Ask where to, and write the list there."""
        start = str(Path.home() / "documents.csv")
        name, _ = QFileDialog.getSaveFileName(
            self._window.window(), "Export the list as CSV", start, "CSV (*.csv);;All files (*)"
        )
        if name:
            self.export_to(documents, Path(name))

    def export_to(self, documents: Sequence[Document], path: Path) -> None:
        """Write the list there."""
        path = path if path.suffix else path.with_suffix(".csv")

        def saved(count: int) -> None:
            self.said.emit(f"The list of {count_words(count, 'document')} is in {path.name}.", None)

        self._runner.call(lambda: save_csv(documents, path), while_alive(self, saved))

    def _tell_changed(self, _nothing: object) -> None:
        self.changed.emit()


def copy_paths(documents: Sequence[Document]) -> None:
    """Put the paths on the clipboard, a line each."""
    QGuiApplication.clipboard().setText("\n".join(str(document.path) for document in documents))


def kinds_of(documents: Sequence[Document]) -> tuple[str, ...]:
    """The suffixes of those that are files of their own, each once, in their order."""
    found = (kind_of(document.path) for document in documents if document.container_id is None)
    return tuple(dict.fromkeys(kind for kind in found if kind))


def _ignore_words(kinds: Sequence[str]) -> str:
    return f"Ignore all {_named(kinds)} files" if kinds else "Ignore this kind"


def _named(kinds: Sequence[str]) -> str:
    """`.zip`, `.zip and .mp4`, `.zip, .mp4 and 4 other kinds of`."""
    if len(kinds) > _KINDS_NAMED:
        return f"{', '.join(kinds[:_KINDS_NAMED])} and {len(kinds) - _KINDS_NAMED} other kinds of"
    *before, last = kinds
    return f"{', '.join(before)} and {last}" if before else last
