"""What services need of the catalog for conversations; see `core.catalog`."""

from collections.abc import Sequence
from typing import Protocol

from readingroom.core.conversation import Citation, FoundMessage, Message, Role, Searched, Thread
from readingroom.core.ids import MessageId, ThreadId, WorkspaceId
from readingroom.core.models import Passage


class ThreadCatalog(Protocol):
    """Threads, messages and their citations."""

    def threads(self, workspace_id: WorkspaceId) -> Sequence[Thread]:
        """Pinned ones first, each part the latest first."""
        ...

    def thread(self, thread_id: ThreadId) -> Thread | None: ...

    def create_thread(self, workspace_id: WorkspaceId, title: str) -> Thread: ...

    def rename_thread(self, thread_id: ThreadId, title: str) -> None:
        """Give it the person's title, which `title_thread` leaves alone from then on."""
        ...

    def title_thread(self, thread_id: ThreadId, title: str) -> None:
        """Give it a title made for it, unless it bears one of the person's."""
        ...

    def set_thread_pinned(self, thread_id: ThreadId, *, pinned: bool) -> None: ...

    def set_thread_removed(self, thread_id: ThreadId, *, removed: bool) -> None: ...

    def messages(self, thread_id: ThreadId) -> Sequence[Message]:
        """Those of the branch that is shown, in order."""
        ...

    def every_message(self, thread_id: ThreadId) -> Sequence[Message]:
        """Those of all branches, in the order they were kept."""
        ...

    def branch_to(self, message_id: MessageId) -> Sequence[Message]:
        """The message and all that it follows, in order; none where it is not there."""
        ...

    def show_message(self, message_id: MessageId) -> None:
        """Show the branch that leads through the message to the newest of what follows it."""
        ...

    def find_messages(self, words: Sequence[str], *, limit: int) -> Sequence[FoundMessage]:
        """Messages of threads that are not removed and hold all the words, case aside; the newest first."""
        ...

    def add_message(
        self,
        thread_id: ThreadId,
        role: Role,
        text: str,
        *,
        model: str | None = None,
        citations: Sequence[Citation] = (),
        searched: Searched | None = None,
        passages: Sequence[Passage] = (),
        refused: bool = False,
        notice: str = "",
        thinking: str = "",
        after: MessageId | None = None,
    ) -> Message:
        """Add it after a message (`BEGINNING`: as the first), else at the end of the branch that is shown.

        It is shown, unless an answer comes when another branch than that of its question is looked at.
        """
        ...

    def update_message(
        self,
        message_id: MessageId,
        text: str,
        *,
        citations: Sequence[Citation] = (),
        refused: bool = False,
        notice: str = "",
        thinking: str = "",
    ) -> Message:
        """Replace text, citations and what goes with them."""
        ...
