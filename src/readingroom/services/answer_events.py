"""What an answer in the making tells, in order: asked, searching, reading, thinking, writing, answered."""

from dataclasses import dataclass

from readingroom.core.conversation import Message, Searched
from readingroom.core.models import Passage


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


AnswerEvent = Asked | Searching | ReadingPassages | Thinking | Writing | Answered
