"""The scrolling column of questions and answers."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QVBoxLayout, QWidget

from readingroom.core.conversation import Message, Role
from readingroom.core.ids import MessageId
from readingroom.ui.panes.chat_session import LiveAnswer
from readingroom.ui.widgets.answer_message import AnswerMessage
from readingroom.ui.widgets.branch_stepper import BranchStepper
from readingroom.ui.widgets.question_bubble import QuestionBubble

_FIRST_MESSAGES = 8
"""Enough to fill any screen; older ones follow when the person scrolls up to them."""
_AT_ONCE = 2
"""A question and its answer a turn of the event loop (20 ms of CPU time): six or eight messages held the window for 60 to 100."""
_NEAR_PX = 600
_STICKY_PX = 16
_ABOVE_ANSWER_PX = 64
"""Leaves the end of the question to be seen above an answer that is brought to the top."""
COLUMN_WIDTH = 760
SIDE_MARGIN = 28


class Conversation(QScrollArea):
    """Stays at the end while an answer grows, but only if the person was there."""

    citation_opened = Signal(object)  # Citation
    offer_kept = Signal(object, object)  # AnswerMessage, Citation
    again_requested = Signal(object, str)  # AnswerMessage, the model's name or empty
    resume_requested = Signal(object)  # AnswerMessage
    edit_requested = Signal(object)  # Message
    step_requested = Signal(object)  # MessageId
    """Another branch shall be shown, the one that leads through this message."""
    stop_requested = Signal()
    answer_settled = Signal(object, object)  # AnswerMessage, Message

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("conversation")
        self.setAccessibleName("Conversation")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body = QWidget(self)
        self._body.setObjectName("conversation")
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(SIDE_MARGIN, 20, SIDE_MARGIN, 20)
        self._column.setSpacing(16)
        self._column.addStretch()
        self.setWidget(self._body)
        self.models: Callable[[], Sequence[str]] = tuple
        """Names of those an answer can be asked again of."""
        self._older: list[Message] = []
        self._wanted: MessageId | None = None
        """The message to go to once it is a widget."""
        self._at_end = True
        self._keep_from_end: int | None = None
        self._more = QTimer(self, singleShot=True, interval=0)
        self._more.timeout.connect(self._add_older)
        self._filling = QTimer(self, singleShot=True, interval=0)
        self._filling.timeout.connect(self._fill)
        self._begin_at: AnswerMessage | None = None
        # The cards take some turns of the event loop to find their heights.
        self._begun = QTimer(self, singleShot=True, interval=120)
        self._begun.timeout.connect(self._forget_beginning)
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(self._moved)
        bar.rangeChanged.connect(self._grown)

    @property
    def answers(self) -> Sequence[AnswerMessage]:
        """The answers shown, oldest first."""
        return [widget for widget in self._widgets() if isinstance(widget, AnswerMessage)]

    @property
    def questions(self) -> Sequence[QuestionBubble]:
        """The questions shown, oldest first."""
        return [widget for widget in self._widgets() if isinstance(widget, QuestionBubble)]

    def _widgets(self) -> Sequence[QWidget]:
        items = (self._column.itemAt(place) for place in range(self._column.count()))
        widgets = (item.widget() for item in items if item is not None)
        return [widget for widget in widgets if widget is not None]

    @property
    def shown(self) -> int:
        """How many questions and answers are widgets now."""
        return self._column.count() - 1

    @property
    def filled(self) -> bool:
        """Whether all that can be seen at first is there."""
        return not self._filling.isActive()

    @property
    def complete(self) -> bool:
        """Whether the first message of the thread is there."""
        return not self._older

    @property
    def holds_focus(self) -> bool:
        """Whether something in it has the focus."""
        focus = QApplication.focusWidget()
        return focus is not None and self.isAncestorOf(focus)

    def show_messages(self, messages: Sequence[Message], at: MessageId | None = None) -> None:
        """Show a thread from its end, or go to one of its messages; older ones come as the person scrolls up."""
        self.clear()
        self._older = list(messages)
        self._at_end = at is None
        self._wanted = at if any(message.id == at for message in messages) else None
        self._fill()

    def show_branch(self, messages: Sequence[Message], at: MessageId) -> None:
        """Show another branch, of which `at` is the first message that is another; what is above it stays."""
        shown = self._place_of(next((m.branches for m in messages if m.id == at), ()))
        following = [message.id for message in messages].index(at) if shown is not None else 0
        tail = messages[following:]
        if shown is None or len(tail) > _FIRST_MESSAGES:
            self.show_messages(messages, at)
            return
        self._at_end = False
        self.cut(shown)
        question = next((q.text for q in reversed(self.questions)), "")
        for message in tail:
            question = message.text if message.role is Role.USER else question
            self._column.insertWidget(self._column.count() - 1, self._widget(message, question))
        self._offer_resuming()
        self._go_to(at)

    def cut(self, place: int) -> None:
        """Take out what stands at that place among the widgets, and all below it."""
        while self._column.count() - 1 > place:
            self._take_out(place)

    def place_of_answer(self, answer: AnswerMessage) -> int:
        """Where it stands among the widgets."""
        return self._column.indexOf(answer)

    def place_of_question(self, message_id: MessageId) -> int | None:
        """Where a question stands, if it is a widget now."""
        return self._place_of((message_id,))

    def _place_of(self, ids: Sequence[MessageId]) -> int | None:
        for place, widget in enumerate(self._widgets()):
            if _message_of(widget) in ids:
                return place
        return None

    def _go_to(self, message_id: MessageId) -> None:
        """Bring a message into view. Whoever steps by keyboard goes on from where the last step led."""
        place = self._place_of((message_id,))
        if place is None:
            return
        widget = self._widgets()[place]
        stepper = _stepper_of(widget)

        def go() -> None:
            if stepper.isHidden():
                self.verticalScrollBar().setValue(widget.y() - _ABOVE_ANSWER_PX)
            else:
                stepper.take_focus()
                self.ensureWidgetVisible(stepper, 0, _ABOVE_ANSWER_PX)

        # The column finds its heights with the next turn of the event loop.
        QTimer.singleShot(0, widget, go)

    def step(self, by: int) -> None:
        """Step to the branch before or after, of the lowest message that has any there."""
        for widget in reversed(self._widgets()):
            if (stepper := _stepper_of(widget)).can_step(by):
                stepper.step(by)
                return

    def can_step(self, by: int) -> bool:
        """Whether a message shown has such a branch."""
        return any(_stepper_of(widget).can_step(by) for widget in self._widgets())

    def clear(self) -> None:
        """Take everything out."""
        self._more.stop()
        self._filling.stop()
        self._begin_at = None
        self._older = []
        self._wanted = None
        self.cut(0)

    def _take_out(self, place: int) -> None:
        item = self._column.takeAt(place)
        if item is not None and (widget := item.widget()) is not None:
            if widget is self._begin_at:
                self._begin_at = None
            widget.hide()
            widget.deleteLater()

    def add_question(self, text: str) -> QuestionBubble:
        """Add the person's question and go to it."""
        bubble = self._bubble(text)
        self._column.insertWidget(self._column.count() - 1, bubble)
        self._at_end = True
        return bubble

    def follow(self, live: LiveAnswer, *, question_shown: bool = False) -> AnswerMessage:
        """Add an answer under way, below its question."""
        if not question_shown:
            self.add_question(live.question).follow(live)
        message = self._answer(live.question)
        self._column.insertWidget(self._column.count() - 1, message)
        message.follow(live)
        message.ended.connect(self._show_from)
        message.ended.connect(self._offer_resuming)
        self._at_end = True
        self._offer_resuming()
        return message

    def _offer_resuming(self) -> None:
        """Only the last answer can be continued: what follows rests on how the others ended."""
        widgets = self._widgets()
        for widget in widgets:
            if isinstance(widget, AnswerMessage):
                widget.actions_row.offer_resuming(offered=widget is widgets[-1] and widget.can_resume)

    def scroll_to_end(self) -> None:
        """Go to the newest message and stay there."""
        self._at_end = True
        self.verticalScrollBar().setValue(self.verticalScrollBar().maximum())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # The column keeps its place below the box whether there is a scroll bar or not.
        side = max(SIDE_MARGIN, (self.width() - COLUMN_WIDTH) // 2)
        bar = self.width() - self.viewport().width()
        self._column.setContentsMargins(side, 20, side - bar, 20)

    def _show_from(self, message: AnswerMessage) -> None:
        """Bring an answer made of passages to the top: its end is not where reading begins."""
        if message.has_cards:
            self._begin_at = message
            self._begun.start()

    def _go_to_beginning(self) -> None:
        if self._begin_at is not None:
            self.verticalScrollBar().setValue(self._begin_at.y() - _ABOVE_ANSWER_PX)

    def _forget_beginning(self) -> None:
        self._go_to_beginning()
        self._begin_at = None

    def _stay(self) -> None:
        # What the person asked to see unfolds below the link; following the end would push it out of view.
        self._at_end = False

    def _answer(self, question: str) -> AnswerMessage:
        message = AnswerMessage(question, self._body)
        message.citation_opened.connect(self.citation_opened)
        message.settled.connect(self.answer_settled)
        message.offer_kept.connect(self.offer_kept)
        message.actions_row.models = self.models
        message.again_requested.connect(self.again_requested)
        message.resume_requested.connect(self.resume_requested)
        message.step_requested.connect(self.step_requested)
        message.stop_requested.connect(self.stop_requested)
        message.unfolding.connect(self._stay)
        return message

    def _bubble(self, text: str) -> QuestionBubble:
        bubble = QuestionBubble(text, self._body)
        bubble.edit_requested.connect(self.edit_requested)
        bubble.step_requested.connect(self.step_requested)
        return bubble

    def _widget(self, message: Message, question: str) -> QWidget:
        if message.role is Role.USER:
            bubble = self._bubble(message.text)
            bubble.show_message(message)
            return bubble
        widget = self._answer(question)
        widget.show_message(message)
        return widget

    def _add_batch(self, count: int) -> None:
        taken, self._older = self._older[-count:], self._older[:-count]
        # A batch that begins with an answer takes the question with it, for Ask again.
        if taken and taken[0].role is Role.ASSISTANT and self._older:
            taken.insert(0, self._older.pop())
        question = ""
        for place, message in enumerate(taken):
            if message.role is Role.USER:
                question = message.text
            self._column.insertWidget(place, self._widget(message, question))

    def _fill(self) -> None:
        if not self._at_end:
            self._hold_place()
        self._add_batch(_AT_ONCE)
        self._offer_resuming()
        if self._wanted is not None and self._place_of((self._wanted,)) is not None:
            wanted, self._wanted = self._wanted, None
            self._go_to(wanted)
        if self._older and (self.shown < _FIRST_MESSAGES or self._wanted is not None):
            self._filling.start()

    def _hold_place(self) -> None:
        """What is put in above shall not move what is seen."""
        bar = self.verticalScrollBar()
        self._keep_from_end = bar.maximum() - bar.value()

    def _add_older(self) -> None:
        if not self._older:
            return
        self._hold_place()
        self._add_batch(_AT_ONCE)

    def _moved(self, value: int) -> None:
        bar = self.verticalScrollBar()
        self._at_end = value >= bar.maximum() - _STICKY_PX
        if self._older and value < _NEAR_PX and not self._at_end and not self._filling.isActive():
            self._more.start()

    def _grown(self, _minimum: int, maximum: int) -> None:
        bar = self.verticalScrollBar()
        if self._begin_at is not None:
            self._go_to_beginning()
        elif self._keep_from_end is not None:
            keep, self._keep_from_end = self._keep_from_end, None
            bar.setValue(maximum - keep)
        elif self._at_end:
            bar.setValue(maximum)


def _message_of(widget: QWidget) -> MessageId | None:
    message = widget.message if isinstance(widget, QuestionBubble) else None
    if isinstance(widget, AnswerMessage):
        message = widget.kept
    return None if message is None else message.id


def _stepper_of(widget: QWidget) -> BranchStepper:
    if isinstance(widget, AnswerMessage):
        return widget.actions_row.stepper
    assert isinstance(widget, QuestionBubble)  # noqa: S101  (nothing else is put in)
    return widget.stepper
