"""An answer as it grows, and what became of it."""

from collections.abc import Iterator
from dataclasses import dataclass

from readingroom.core.language_model import ChatPiece, Counted, Thought
from readingroom.core.markers import MarkerWriter
from readingroom.core.repetition import repeated_from
from readingroom.services.answer_events import AnswerEvent, Thinking, Writing

_LOOK_EVERY = 120
"""Characters between two looks for repetition."""
LOOPED = "The model began to repeat itself and was stopped."
NOTHING = "The model ended without an answer. Ask again, or choose another model."
_THOUGHT_ENDS = "</think>"


@dataclass
class Written:
    """Text and thoughts so far; `notice` says why the answer is not whole."""

    text: str = ""
    thoughts: str = ""
    notice: str = ""
    is_looping: bool = False
    _looked: int = 0

    def add(self, piece: str) -> None:
        """Take in a piece of the answer; sets `is_looping` and cuts the repetition off."""
        self.text += piece
        if self._is_time(self.text) and (start := repeated_from(self.text)) is not None:
            self.text = self.text[:start]
            self._stop()

    def add_thought(self, piece: str) -> None:
        """Take in what the model thinks, likewise."""
        self.thoughts += piece
        if self._is_time(self.thoughts) and (start := repeated_from(self.thoughts)) is not None:
            self.thoughts = self.thoughts[:start]
            self._stop()

    def end(self) -> None:
        """The model has said all."""
        # Some templates open the thinking in the prompt: only its end is in the answer.
        thought, ends, answer = self.text.partition(_THOUGHT_ENDS)
        if ends and not self.thoughts:
            self.thoughts, self.text = thought, answer
        if not self.text.strip() and not self.notice:
            self.notice = NOTHING

    def _is_time(self, text: str) -> bool:
        if len(text) < self._looked:
            self._looked = 0  # the answer after the thoughts
        if len(text) - self._looked < _LOOK_EVERY:
            return False
        self._looked = len(text)
        return True

    def _stop(self) -> None:
        self.is_looping = True
        self.notice = LOOPED


def drawn(pieces: Iterator[ChatPiece], written: Written, markers: MarkerWriter) -> Iterator[AnswerEvent]:
    """What the model says, until it ends or goes round in circles."""
    for piece in pieces:
        match piece:
            case str():
                if ready := markers.take(piece):
                    written.add(ready)
                    yield Writing(ready)
            case Thought(thought):
                written.add_thought(thought)
                yield Thinking(thought)
            case Counted():
                pass
        if written.is_looping:
            return


def rest(written: Written, markers: MarkerWriter) -> Iterator[AnswerEvent]:
    """What was held back of a marker; nothing of an answer that was cut off."""
    if (held := markers.rest()) and not written.is_looping:
        written.add(held)
        yield Writing(held)
