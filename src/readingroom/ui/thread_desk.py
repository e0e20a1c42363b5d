"""What can be done with threads and their branches, offered in menus, by keys and in the palette."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from readingroom.core.conversation import Thread
from readingroom.core.counting import count_words
from readingroom.services.bundle import Services
from readingroom.services.exporting import Form
from readingroom.ui.actions import Action
from readingroom.ui.library import Library
from readingroom.ui.models.wording import showable
from readingroom.ui.models.workspace_tree import UNTITLED
from readingroom.ui.panes.chat import ChatPane
from readingroom.ui.panes.sidebar import Sidebar
from readingroom.ui.tasks import TaskRunner

_FILTERS = {
    Form.HTML: "Web page, by itself (*.html)",
    Form.MARKDOWN: "Markdown (*.md)",
    Form.JSON: "JSON, with all branches (*.json)",
}
_NOT_IN_NAMES = str.maketrans('/\\:*?"<>|', "---------")


class ThreadDesk(QObject):
    """Means the thread that is selected, else the one that is shown."""

    said = Signal(str)
    failed = Signal(object)  # Exception

    def __init__(
        self,
        services: Services,
        runner: TaskRunner,
        library: Library,
        sidebar: Sidebar,
        chat: ChatPane,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._services = services
        self._runner = runner
        self._library = library
        self._sidebar = sidebar
        self._chat = chat
        self._window = window

    @property
    def meant(self) -> Thread | None:
        """The thread that something is done with."""
        thread = self._sidebar.selected[1] or self._chat.current_thread
        return None if thread is None else self._library.find_thread(thread.id)

    def has_thread(self) -> bool:
        """Whether there is one."""
        return self.meant is not None

    def has_threads(self) -> bool:
        """Whether the workspace has any."""
        return bool(self._of_workspace())

    def toggle_pin(self) -> None:
        """Put the thread before all others, or back among them."""
        if (thread := self.meant) is not None:
            self._library.pin_thread(thread)

    def can_step(self, by: int) -> bool:
        """Whether the conversation has another branch there."""
        return self._chat.conversation.can_step(by) and not self._chat.writing

    def can_edit(self) -> bool:
        """Whether there is a question to be written anew."""
        return bool(self._chat.conversation.questions) and not self._chat.writing

    def has_answer(self) -> bool:
        """Whether an answer is shown."""
        return bool(self._chat.conversation.answers)

    def actions(self) -> tuple[Action, ...]:
        """The part of the window's table that concerns threads."""
        chat = self._chat
        return (
            Action(
                "thread.pin",
                "Pin or unpin the thread",
                self.toggle_pin,
                "Ctrl+D",
                "pin",
                self.has_thread,
                text_now=lambda: "Unpin" if self.meant is not None and self.meant.pinned else "Pin",
            ),
            Action("thread.export", "Export the thread…", self.export, "", "download", self.has_thread),
            Action(
                "thread.export_all", "Export all threads…", self.export_all, "", "download", self.has_threads
            ),
            Action(
                "chat.copy_cited",
                "Copy the answer with its sources",
                lambda: chat.copy_last_answer(with_sources=True),
                icon="copy",
                enabled_when=self.has_answer,
            ),
            Action(
                "chat.resume",
                "Continue the answer",
                chat.resume_last,
                icon="play",
                enabled_when=lambda: chat.can_resume,
            ),
            Action(
                "chat.edit",
                "Edit the last question",
                chat.edit_last_question,
                "Ctrl+E",
                "pencil",
                self.can_edit,
            ),
            self._stepping(-1, "chat.branch_before", "Earlier branch", "Alt+Left", "chevron-left"),
            self._stepping(1, "chat.branch_after", "Later branch", "Alt+Right", "chevron-right"),
        )

    def _stepping(self, by: int, name: str, text: str, keys: str, icon: str) -> Action:
        conversation = self._chat.conversation
        return Action(
            name,
            f"{text} of the conversation",
            lambda: conversation.step(by),
            keys,
            icon,
            lambda: self.can_step(by),
        )

    # -- files

    def export(self) -> None:
        """Choose a file and write the thread to it."""
        if (thread := self.meant) is not None:
            self._export([thread], thread.title or UNTITLED, "Export the thread")

    def export_all(self) -> None:
        """Choose a file and write all threads of the workspace to it."""
        workspace = self._library.find_workspace(self._library.current)
        if workspace is not None:
            self._export(self._of_workspace(), f"{workspace.name} - threads", "Export all threads")

    def _export(self, threads: list[Thread], name: str, title: str) -> None:
        start = Path.home() / f"{showable(name).translate(_NOT_IN_NAMES)}.html"
        chosen, kind = QFileDialog.getSaveFileName(
            self._window, title, str(start), ";;".join(_FILTERS.values())
        )
        if chosen:
            forms = {words: form for form, words in _FILTERS.items()}
            self.export_to(threads, Path(chosen), forms.get(kind, Form.HTML))

    def export_to(self, threads: list[Thread], path: Path, form: Form) -> None:
        """Write threads to a file, in the form its name ends with, else in that one."""
        by_name = {f".{each.value}": each for each in Form}
        form = by_name.get(path.suffix.casefold(), form)
        path = path if path.suffix.casefold() in by_name else Path(f"{path}.{form.value}")
        service = self._services.exporting

        def saved(count: int) -> None:
            self.said.emit(f"{count_words(count, 'thread').capitalize()} written to {showable(path.name)}.")

        self._runner.call(lambda: service.save(threads, form, path), saved, self.failed.emit)

    def _of_workspace(self) -> list[Thread]:
        current = self._library.current
        return [] if current is None else list(self._library.threads.get(current, ()))
