"""The values of a conversation: threads, messages, citations. All immutable; times are Unix seconds."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from readingroom.core.ids import DocumentId, MessageId, ThreadId, WorkspaceId
from readingroom.core.models import Passage

BEGINNING = MessageId(0)
"""What the first question of a thread follows."""


class AnswerMode(StrEnum):
    """Whether the model may go beyond the passages."""

    DOCUMENTS = "documents"
    OPEN = "open"


class Role(StrEnum):
    """Who wrote a message."""

    USER = "user"
    ASSISTANT = "assistant"


@dataclass(frozen=True, slots=True)
class Searched:
    """What was searched for an answer."""

    documents: int
    passages: int
    used: int
    queries: tuple[str, ...] = ()
    """What was searched for, where that is more than the question as it was asked."""
    left_out: str = ""
    """What did not fit before the model, in plain words; empty where all did."""
    beyond: bool = False
    """The model was free to add what is not from the documents."""
    whole: str = ""
    """`tally` where all of the text was looked through, `summary` where it was summed up; see `core.tallies`."""


class Support(StrEnum):
    """How the words that a citation marks were found to bear out what the answer says."""

    EXACT = "exact"
    CLOSE = "close"
    MEANING = "meaning"
    PASSAGE = "passage"
    """Not checked: the passage is cited as a whole."""
    NONE = "none"
    """The passage does not say it."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A link from a span of an answer to a span of a document."""

    n: int
    """The number the answer shows in brackets."""
    document_id: DocumentId | None
    """None once the document is gone; the rest stays readable."""
    path: Path
    page: int | None
    start: int
    end: int
    """The span to mark, offsets in the document's text."""
    quote: str
    """The document's own words in that span; empty when nothing could be located."""
    located: bool
    place: str = ""
    container: str = ""
    """Both as in `Passage`, for this span."""
    claim_start: int = 0
    claim_end: int = 0
    """The sentence of the answer that rests on it, offsets in the answer; 0, 0 where it is the answer as a whole."""
    support: Support = Support.PASSAGE
    offered: bool = False
    """The answer names no source there; this one was found to bear it out."""
    content_hash: str = ""
    """Of the document when it was cited; empty where not known."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation in a workspace."""

    id: ThreadId
    workspace_id: WorkspaceId
    title: str
    updated_at: float
    pinned: bool = False
    """Stands before all others."""


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message that holds what was looked for in threads."""

    thread: Thread
    message_id: MessageId
    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a thread."""

    id: MessageId
    thread_id: ThreadId
    role: Role
    text: str
    """Markdown; citations stand in it as [n]."""
    created_at: float
    model: str | None = None
    """None for the person's own words and for answers made of passages alone."""
    citations: tuple[Citation, ...] = ()
    searched: Searched | None = None
    passages: tuple[Passage, ...] = ()
    """What was retrieved, used ones first; for "Show what was searched"."""
    refused: bool = False
    """The documents do not answer the question."""
    notice: str = ""
    """Why the answer is not whole (`Stopped.`, `The model server ended ...`); empty when it is."""
    parent_id: MessageId | None = None
    """The message it follows; several with one parent are branches."""
    thinking: str = ""
    """What the model thought before it answered."""
    branches: tuple[MessageId, ...] = ()
    """All that follow the same message, oldest first, this one among them; empty where it is the only one."""

    @property
    def cited(self) -> tuple[Citation, ...]:
        """What its sentences cite, without what is only offered."""
        return tuple(citation for citation in self.citations if not citation.offered)
