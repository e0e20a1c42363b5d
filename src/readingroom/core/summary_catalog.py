"""What is known of a summary that is made in stages, and what services need of the catalog for it."""

from dataclasses import dataclass
from typing import Protocol

from readingroom.core.ids import DocumentId, MessageId


@dataclass(frozen=True, slots=True)
class SummaryJob:
    """A summary under way, or done. What it says is kept as the answer of that id."""

    message_id: MessageId
    title: str
    """What is summed up, in words: `“lease.pdf”`, `all 12 documents`."""
    document_ids: tuple[DocumentId, ...]
    model: str | None
    """None where sentences are chosen, not written."""
    window: int
    """Tokens put before the model at once."""


@dataclass(frozen=True, slots=True)
class KeptStage:
    """What a stage gave, and how long it took."""

    text: str
    seconds: float


class SummaryCatalog(Protocol):
    """Keeps summaries' stages, so that they go on after a stop, a failure or the program's end."""

    def begin_summary(self, job: SummaryJob) -> None: ...

    def summary(self, message_id: MessageId) -> SummaryJob | None: ...

    def summary_stages(self, message_id: MessageId) -> dict[str, KeptStage]:
        """By the names they were kept under."""
        ...

    def keep_stage(self, message_id: MessageId, name: str, stage: KeptStage) -> None: ...
