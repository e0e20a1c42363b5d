"""What an answer in the making tells, in order: asked, searching, reading, thinking, writing, answered."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from readingroom.core.cancellation import CancelToken
from readingroom.core.conversation import Message, Searched, Thread
from readingroom.core.models import Passage, SearchScope


@dataclass(frozen=True, slots=True)
class Asked:
    """The question is kept, or was; comes first."""

    message: Message


@dataclass(frozen=True, slots=True)
class Searching:
    """How many documents are being searched."""

    documents: int


@dataclass(frozen=True, slots=True)
class ReadingPassages:
    """Passages were found and are being put before the model."""

    searched: Searched
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Thinking:
    """A further piece of what the model thinks before it answers (plain text)."""

    piece: str


@dataclass(frozen=True, slots=True)
class Writing:
    """A further piece of the answer (Markdown; [n] stands for passage n)."""

    piece: str


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer as it was kept; comes last, also after Stop and after a failure (`message.notice` says why)."""

    message: Message


@dataclass(frozen=True, slots=True)
class LookingThrough:
    """How far a look through all documents, or a summary of them, is."""

    done: int
    total: int
    words: str
    """What is being done, for the person."""
    seconds_left: float | None = None


AnswerEvent = Asked | Searching | LookingThrough | ReadingPassages | Thinking | Writing | Answered


class WholeQuestions(Protocol):
    """Answers what the nearest passages cannot: counts, lists, summaries."""

    def answer(
        self,
        thread: Thread,
        question: Message,
        history: Sequence[Message],
        *,
        scope: SearchScope,
        model: Callable[[], str | None],
        cancel: CancelToken,
    ) -> Iterator[AnswerEvent]:
        """Events up to `Answered`; without that one the question is an ordinary one."""
        ...

    def resume(self, message: Message, *, cancel: CancelToken) -> Iterator[AnswerEvent]:
        """Go on with a summary that was stopped or cut off, up to `Answered`; nothing for any other answer."""
        ...
