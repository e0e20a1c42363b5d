"""What is done with threads beside asking: pin, step between branches, find what was said."""

from collections.abc import Sequence
from dataclasses import dataclass

from readingroom.core.conversation import FoundMessage, Message
from readingroom.core.ids import MessageId, ThreadId
from readingroom.core.snippets import Snippet, find_marks, snippet, typed
from readingroom.core.text_spans import storable
from readingroom.core.thread_catalog import ThreadCatalog

MOST_FOUND = 8
_LOOKED_AT = 400
"""Messages; a word that is everywhere is found in a few threads, the latest."""
LEAST_TYPED = 2


@dataclass(frozen=True, slots=True)
class FoundThread:
    """A thread in which something was said."""

    message: FoundMessage
    """The newest that says it."""
    snippet: Snippet


class ThreadService:
    """Every method blocks briefly and may be called from any thread."""

    def __init__(self, catalog: ThreadCatalog) -> None:
        self._catalog = catalog

    def pin(self, thread_id: ThreadId, *, pinned: bool) -> None:
        """Put it before all others, or back among them."""
        self._catalog.set_thread_pinned(thread_id, pinned=pinned)

    def show_branch(self, message_id: MessageId) -> Sequence[Message]:
        """Show the branch that leads through a message from now on; its messages in order."""
        self._catalog.show_message(message_id)
        branch = self._catalog.branch_to(message_id)
        return self._catalog.messages(branch[-1].thread_id) if branch else ()

    def find(self, text: str) -> Sequence[FoundThread]:
        """Threads of all workspaces in which a message holds all the words typed, the latest first."""
        sought = storable(text).strip()
        if len(sought) < LEAST_TYPED:
            return ()
        found: dict[ThreadId, FoundMessage] = {}
        for message in self._catalog.find_messages(sought.split(), limit=_LOOKED_AT):
            found.setdefault(message.thread.id, message)
            if len(found) == MOST_FOUND:
                break
        return [
            FoundThread(message, snippet(message.text, find_marks(message.text, typed(sought))))
            for message in found.values()
        ]
