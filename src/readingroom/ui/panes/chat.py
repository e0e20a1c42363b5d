"""The middle pane: the conversation of a thread and the box for the next question."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from readingroom.core.conversation import AnswerMode, Citation, Message, Thread
from readingroom.core.counting import count_words
from readingroom.core.ids import MessageId, ThreadId
from readingroom.core.language_model import LanguageModelCondition, LanguageModelStatus
from readingroom.core.models import Workspace
from readingroom.services.bundle import Services
from readingroom.ui.panes.answer_checks import AnswerChecks
from readingroom.ui.panes.asking import Asking
from readingroom.ui.panes.beginning import Beginning
from readingroom.ui.panes.chat_session import LiveAnswer, Request
from readingroom.ui.panes.conversation import COLUMN_WIDTH, SIDE_MARGIN, Conversation
from readingroom.ui.panes.mentions import Mentions
from readingroom.ui.panes.whole_answers import WholeAnswers
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.answer_message import AnswerMessage
from readingroom.ui.widgets.composer import Composer
from readingroom.ui.widgets.empty_state import EmptyState
from readingroom.ui.widgets.tab_stops import step_tab, tab_stops


class ChatPane(QWidget):
    """Shows one thread of one workspace. Answers go on while another thread is looked at."""

    citation_opened = Signal(object)  # Citation
    place_opened = Signal(object, object)  # Citation, those found with it
    thread_started = Signal(object)  # Thread
    """The person asked without a thread, so one was made."""
    thread_changed = Signal(object)  # ThreadId
    """A question or an answer was kept: title and order may be others."""
    add_folder_requested = Signal()

    def __init__(self, services: Services, runner: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("chatPane")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName("Conversation")
        self._services = services
        self._runner = runner
        self._workspace: Workspace | None = None
        self._thread: Thread | None = None
        self._live: dict[ThreadId, LiveAnswer] = {}
        self._drafts: dict[ThreadId | None, str] = {}
        self._model_ready = True
        self._models: Sequence[str] = ()
        self._current: Citation | None = None
        self._whole = WholeAnswers(services, runner, self)
        self._build_layout()
        self._connect()
        self._show_state()

    def _build_layout(self) -> None:
        self._conversation = Conversation(self)
        self.checks = AnswerChecks(self._conversation, self._services.verify, self._runner)
        self._empty = EmptyState("message-square", "", "", "", self)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self._conversation)
        self._pages.addWidget(self._empty)
        self.beginning = Beginning(self._services.first_minutes, self._runner, self)
        self._pages.addWidget(self.beginning.view)
        self.composer = Composer(self)
        self.composer.setMaximumWidth(COLUMN_WIDTH)
        below = QHBoxLayout()
        below.setContentsMargins(SIDE_MARGIN, 8, SIDE_MARGIN, 16)
        below.addWidget(self.composer)
        self._asking = Asking(self.composer, self._services.documents, self)
        self.scope = self._asking.scope
        self.mentions = Mentions(self.composer.edit, self.composer, self._services, self._runner, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._pages, 1)
        column.addLayout(below)

    def _connect(self) -> None:
        self._conversation.citation_opened.connect(self._open_citation)
        self._conversation.models = lambda: self._models
        self._conversation.again_requested.connect(self._ask_again)
        self._conversation.resume_requested.connect(self._resume)
        self._conversation.edit_requested.connect(self._edit)
        self._conversation.step_requested.connect(self._show_branch)
        self._conversation.stop_requested.connect(self.stop)
        self._conversation.answer_settled.connect(self._whole.dress)
        self._whole.opened.connect(self.place_opened)
        self._empty.action_requested.connect(self.add_folder_requested)
        self.beginning.view.asked.connect(lambda question: self.ask(question, self.composer.mode))
        self.beginning.view.add_folder_requested.connect(self.add_folder_requested)
        self.composer.asked.connect(self.ask)
        self.composer.stop_requested.connect(self.stop)
        self.composer.edit.left_upwards.connect(self.edit_last_question)
        self.mentions.mentioned.connect(lambda item: self.scope.choose([item], chosen=True))

    # -- what is shown

    @property
    def writing(self) -> bool:
        """Whether an answer is under way in the thread shown."""
        return self._thread is not None and self._thread.id in self._live

    @property
    def current_thread(self) -> Thread | None:
        """The thread shown; None at the beginning of a new one."""
        return self._thread

    def siblings(self, citation: Citation) -> Sequence[Citation]:
        """Return the citations of the answer a citation stands in, in order."""
        for answer in self._conversation.answers:
            if beside := answer.citations_beside(citation):
                return beside
        return ()

    @property
    def conversation(self) -> Conversation:
        """The scrolling column."""
        return self._conversation

    def show_thread(
        self, workspace: Workspace | None, thread: Thread | None, at: MessageId | None = None
    ) -> None:
        """Show a thread, or with None the beginning of a new one; `at` is the message to go to."""
        before = None if self._thread is None else self._thread.id
        after = None if thread is None else thread.id
        same_workspace = (workspace and workspace.id) == (self._workspace and self._workspace.id)
        self._workspace, self._thread = workspace, thread
        if not same_workspace:
            self.scope.clear()
            self.mentions.show_workspace(None if workspace is None else workspace.id)
        if before != after or not same_workspace:
            self._asking.end_edit()
            self._drafts[before] = self.composer.edit.toPlainText()
            self.composer.edit.setPlainText(self._drafts.pop(after, ""))
            self._conversation.clear()
            if after is not None and at is None:
                self._load(after)
        if at is not None:
            self._show_branch(at)
        self._show_state()

    def update_workspace(self, workspace: Workspace | None) -> None:
        """Take over counts that changed."""
        self._workspace = workspace
        self._show_state()

    def show_model_status(self, status: LanguageModelStatus) -> None:
        """Say before asking when there is no model to write answers."""
        self._models = status.models
        self._model_ready = status.condition in (
            LanguageModelCondition.READY,
            LanguageModelCondition.UNKNOWN,
        )
        self.beginning.view.show_status(status)
        self._show_state()

    def focus_question(self) -> None:
        """Put the caret into the box, or go to what must be done first."""
        if not self.composer.edit.isEnabled():
            self._empty.button.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.composer.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def focusNextPrevChild(self, forward: bool) -> bool:
        # Qt's own order is that of creation: every new answer would come after the documents.
        if step_tab(tab_stops(self), forward=forward):
            if (focus := QApplication.focusWidget()) is not None and self._conversation.isAncestorOf(focus):
                self._conversation.ensureWidgetVisible(focus)
            return True
        return super().focusNextPrevChild(forward)

    # -- asking

    def ask(self, question: str, mode: AnswerMode = AnswerMode.DOCUMENTS) -> None:
        """Ask in the thread shown, or in place of the question that is being edited; makes a thread if there is none."""
        workspace, thread = self._workspace, self._thread
        if workspace is None:
            return
        edited, after = self._asking.edited, self._asking.after
        request = Request(question, mode, scope=self._asking.searched_in(workspace.id), after=after)
        self._asking.end_edit()
        if thread is not None:
            place = None if edited is None else self._conversation.place_of_question(edited.id)
            self._ask_in(thread, request, place)
            return

        def ask_in_new(made: Thread) -> None:
            if self._workspace is None or self._workspace.id != made.workspace_id or self._thread is not None:
                return
            self._thread = made
            self._ask_in(made, request)
            self.thread_started.emit(made)

        self._runner.call(lambda: self._services.workspaces.create_thread(workspace.id), ask_in_new)

    def stop(self) -> None:
        """Stop the answer under way in the thread shown; what came is kept."""
        if self._thread is not None and (live := self._live.get(self._thread.id)) is not None:
            live.stop()

    def open_numbered(self, number: int) -> None:
        """Open the citation of that number in the newest answer that has it."""
        for answer in reversed(self._conversation.answers):
            if answer.open_citation(number):
                return

    def mark_citation(self, citation: Citation | None) -> None:
        """Show which citation is open in the viewer."""
        self._current = citation
        for answer in self._conversation.answers:
            answer.set_current(citation)

    def copy_last_answer(self, *, with_sources: bool = False) -> None:
        """Put the newest answer on the clipboard, as it stands or with a list of what it cites."""
        if answers := self._conversation.answers:
            answers[-1].copy_with_sources() if with_sources else answers[-1].copy_answer()

    def ask_last_again(self) -> None:
        """Ask the newest question once more."""
        if answers := self._conversation.answers:
            self._ask_again(answers[-1], "")

    def edit_last_question(self) -> None:
        """Let the newest question be written anew."""
        if questions := self._conversation.questions:
            self._edit(questions[-1].message)

    def _edit(self, question: Message | None) -> None:
        if question is not None and not self.writing:
            self._asking.begin_edit(question)

    @property
    def editing(self) -> bool:
        """Whether an earlier question is being written anew."""
        return self._asking.edited is not None

    def cancel_edit(self) -> None:
        """Leave that question as it is."""
        self._asking.end_edit()

    @property
    def can_resume(self) -> bool:
        """Whether the last answer is the beginning of one."""
        answers = self._conversation.answers
        return bool(answers) and answers[-1].can_resume and not self.writing

    def resume_last(self) -> None:
        """Let the model go on with the last answer."""
        if self.can_resume:
            self._resume(self._conversation.answers[-1])

    def _ask_again(self, answer: AnswerMessage, model: str) -> None:
        workspace, thread = self._workspace, self._thread
        if workspace is None or thread is None or self.writing or not answer.question:
            return
        if answer.asked is None:
            self.ask(answer.question, self.composer.mode)
            return
        scope = self._asking.searched_in(workspace.id)
        request = Request(answer.question, self.composer.mode, model or None, scope, again=answer.asked)
        self._ask_in(thread, request, self._conversation.place_of_answer(answer))

    def _resume(self, answer: AnswerMessage) -> None:
        if self._thread is not None and answer.kept is not None and not self.writing:
            request = Request(answer.question, self.composer.mode, resumes=answer.kept.id)
            self._ask_in(self._thread, request, self._conversation.place_of_answer(answer))

    def _ask_in(self, thread: Thread, request: Request, place: int | None = None) -> None:
        """Ask; what stands at that place of the conversation, and below it, gives way."""
        if thread.id in self._live:
            return
        live = LiveAnswer(self._services.chat, self._runner, thread.id, request)
        self._live[thread.id] = live
        live.finished.connect(self._end)
        live.asked.connect(self._note_asked)
        from_above = self._conversation.holds_focus
        if place is not None:
            self._conversation.cut(place)
        answer = self._conversation.follow(live, question_shown=bool(request.again or request.resumes))
        if from_above:
            # What was pressed there may have gone; Stop stands in its place.
            answer.actions_row.stop.setFocus(Qt.FocusReason.OtherFocusReason)
        self._show_state()
        live.start()

    def _note_asked(self, live: LiveAnswer) -> None:
        self.thread_changed.emit(live.thread_id)

    def _end(self, live: LiveAnswer) -> None:
        self._live.pop(live.thread_id, None)
        self._show_state()
        self.thread_changed.emit(live.thread_id)

    # -- loading

    def _load(self, thread_id: ThreadId) -> None:
        def show(messages: Sequence[Message]) -> None:
            if self._thread is None or self._thread.id != thread_id:
                return
            live = self._live.get(thread_id)
            # What is under way is partly kept already; it is shown with its answer below.
            self._conversation.show_messages(messages if live is None else _before(messages, live))
            if live is not None:
                self._conversation.follow(live)
            self.mark_citation(self._current)
            self._show_state()

        self._runner.call(lambda: self._services.workspaces.messages(thread_id), show)

    def _show_branch(self, message_id: MessageId) -> None:
        """Show the branch that leads through a message of this thread; not while it grows."""
        thread = self._thread
        if thread is None or self.writing:
            return
        self._asking.end_edit()

        def show(messages: Sequence[Message]) -> None:
            if self._thread is not None and self._thread.id == thread.id and not self.writing:
                self._conversation.show_branch(messages, message_id)
                self.mark_citation(self._current)
                self._show_state()

        self._runner.call(lambda: self._services.threads.show_branch(message_id), show)

    def _open_citation(self, citation: Citation) -> None:
        self.citation_opened.emit(citation)
        self.mark_citation(citation)

    # -- words for what can be done now

    def _show_state(self) -> None:
        workspace = self._workspace
        self.composer.set_writing(self.writing)
        if workspace is None:
            self.composer.set_able(False, "There is nothing to ask about yet")
            self._empty.say(
                "Drop a folder here",
                "Its documents are read where they lie; nothing is copied"
                + ("." if self._services.model_server.is_elsewhere else " and nothing leaves this computer."),
                "Add a folder",
            )
        elif not workspace.documents:
            self.composer.set_able(False, f"“{workspace.name}” has no documents to ask about yet")
            self._empty.say(
                "Drop files or a folder here",
                f"Then ask questions of what “{workspace.name}” holds.",
                "Add a folder",
            )
        else:
            hint = "" if self._model_ready else "No model is running, so you get the passages themselves"
            about = f"Ask about {count_words(workspace.readable, 'document')}"
            # Which could not be read, and why, may be asked all the same.
            none = f"No document of “{workspace.name}” could be read"
            self.composer.set_able(True, about if workspace.readable else none, hint)
            if not self._conversation.shown:
                self.beginning.greet(workspace)
                if self._empty.button.hasFocus():
                    # What was to be done first is done.
                    self.composer.edit.setFocus(Qt.FocusReason.OtherFocusReason)
                self._pages.setCurrentWidget(self.beginning.view)
                return
        self._pages.setCurrentWidget(self._conversation if self._conversation.shown else self._empty)


def _before(messages: Sequence[Message], live: LiveAnswer) -> Sequence[Message]:
    """What was said before the question under way."""
    asked = live.asked_message
    if asked is None:
        return messages
    return [message for message in messages if message.id < asked.id]
