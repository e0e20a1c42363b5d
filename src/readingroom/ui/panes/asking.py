"""What the next question is to be: what limits it, and the earlier question whose place it takes."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from readingroom.core.conversation import BEGINNING, Message
from readingroom.core.ids import MessageId, WorkspaceId
from readingroom.core.models import SearchScope
from readingroom.services.documents import DocumentService
from readingroom.ui.models.scope import ScopeChoice, ScopeItem
from readingroom.ui.widgets.composer import Composer
from readingroom.ui.widgets.scope_pills import Pill

_EDITING = "editing"


class Asking(QObject):
    """Shows it as pills in the composer."""

    def __init__(self, composer: Composer, documents: DocumentService, parent: QObject) -> None:
        super().__init__(parent)
        self._composer = composer
        self._documents = documents
        self._draft = ""
        self.scope = ScopeChoice(self)
        self.edited: Message | None = None
        """The question that is being written anew."""
        self.scope.changed.connect(self._show)
        composer.pills.removed.connect(self._remove)
        composer.pills.cleared.connect(self.scope.clear)

    @property
    def after(self) -> MessageId | None:
        """What the next question follows, where that is not the last message shown."""
        return None if self.edited is None else self.edited.parent_id or BEGINNING

    def searched_in(self, workspace_id: WorkspaceId) -> Callable[[], SearchScope]:
        """What finds the documents meant; it runs on the pool."""
        return self.scope.resolver(self._documents, workspace_id)

    def begin_edit(self, question: Message) -> None:
        """Let an earlier question be written anew."""
        edit = self._composer.edit
        if self.edited is None:
            self._draft = edit.toPlainText()
        self.edited = question
        edit.setPlainText(question.text)
        edit.selectAll()
        edit.setFocus()
        self._show()

    def end_edit(self) -> None:
        """Leave the earlier question as it is; what was being typed before comes back."""
        if self.edited is not None:
            self.edited = None
            self._composer.edit.setPlainText(self._draft)
            self._draft = ""
            self._show()

    def _remove(self, key: object) -> None:
        if key == _EDITING:
            self.end_edit()
        else:
            self.scope.choose([item for item in self.scope.items if item.key == key], chosen=False)
        self._composer.edit.setFocus()

    def _show(self) -> None:
        pills = [_pill(item) for item in self.scope.items]
        if self.edited is not None:
            pills.insert(
                0, Pill(_EDITING, "Editing a question", "pencil", "Editing an earlier question", _EDIT_TIP)
            )
        self._composer.pills.show_pills(pills, limits=len(self.scope.items))


_EDIT_TIP = "The question as it was is kept, with its answer: step between them by the arrows below it"


def _pill(item: ScopeItem) -> Pill:
    return Pill(item.key, item.name, item.icon, f"Only in {item.name}", str(item.path))
