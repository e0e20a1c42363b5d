"""What services need of the catalog for conversations; see `core.catalog`."""

from collections.abc import Sequence
from typing import Protocol

from readingroom.core.conversation import Citation, Message, Role, Searched, Thread
from readingroom.core.ids import MessageId, ThreadId, WorkspaceId
from readingroom.core.models import Passage


class ThreadCatalog(Protocol):
    """Threads, messages and their citations."""

    def threads(self, workspace_id: WorkspaceId) -> Sequence[Thread]: ...

    def thread(self, thread_id: ThreadId) -> Thread | None: ...

    def create_thread(self, workspace_id: WorkspaceId, title: str) -> Thread: ...

    def rename_thread(self, thread_id: ThreadId, title: str) -> None: ...

    def set_thread_removed(self, thread_id: ThreadId, *, removed: bool) -> None: ...

    def messages(self, thread_id: ThreadId) -> Sequence[Message]:
        """Those of the branch that is shown, in order."""
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
    ) -> Message:
        """Add it at the end of the branch that is shown."""
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
