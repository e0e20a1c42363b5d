"""Looks after answers that are shown: whether their documents have changed, and sources that the person takes over."""

from PySide6.QtCore import QObject, QTimer

from readingroom.core.conversation import Citation, Message
from readingroom.services.verify import VerifyService
from readingroom.ui.alive import while_alive
from readingroom.ui.panes.conversation import Conversation
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.answer_message import AnswerMessage

_AGAIN_MS = 1_000
"""While files are read, documents change many times a second; a note under an answer may wait."""


class AnswerChecks(QObject):
    """One for a conversation."""

    def __init__(self, conversation: Conversation, verify: VerifyService, runner: TaskRunner) -> None:
        super().__init__(conversation)
        self._conversation = conversation
        self._verify = verify
        self._runner = runner
        self._again = QTimer(self, singleShot=True, interval=_AGAIN_MS)
        self._again.timeout.connect(self._look_at_all)
        conversation.answer_settled.connect(self._look)
        conversation.offer_kept.connect(self._keep)

    def look_again(self) -> None:
        """Documents may have changed; gathers what comes in quick succession."""
        if not self._again.isActive():
            self._again.start()

    def _look_at_all(self) -> None:
        for answer in self._conversation.answers:
            self._look(answer)

    def _look(self, answer: AnswerMessage, _message: object = None) -> None:
        message = answer.kept
        if message is not None and message.citations:
            citations = message.citations
            self._runner.call(
                lambda: self._verify.changed(citations), while_alive(answer, answer.show_changed)
            )

    def _keep(self, answer: AnswerMessage, citation: Citation) -> None:
        message = answer.kept
        if message is None or citation not in message.citations:
            return

        def show(kept: Message) -> None:
            answer.show_kept(kept)
            self._look(answer)

        self._runner.call(lambda: self._verify.keep(message, citation), while_alive(answer, show))
