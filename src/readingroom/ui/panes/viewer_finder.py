"""Finding in the document shown: what was asked for, what was found, and which of it is looked at."""

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject, Signal

from readingroom.core.cancellation import CancelToken
from readingroom.core.extraction import Page
from readingroom.core.models import PageSpan
from readingroom.ui.alive import while_alive
from readingroom.ui.panes.viewer_search import find_matches, first_from
from readingroom.ui.tasks import Task, TaskRunner


class Finder(QObject):
    """Looks through the text on the pool; a new query ends the search for the one before."""

    changed = Signal()
    """Other matches, or another one of them is looked at."""

    def __init__(self, runner: TaskRunner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        self._task: Task | None = None
        self.query = ""
        self.matches: Sequence[PageSpan] = ()
        self.place = -1
        """Of the match that is looked at, from 0."""

    @property
    def current(self) -> PageSpan | None:
        """The match that is looked at."""
        return self.matches[self.place] if self.matches else None

    def find(
        self, query: str, pages: Sequence[Page], here: int, shown: Callable[[PageSpan], bool] | None = None
    ) -> None:
        """Find words; of what is found, `shown` tells what can be seen. The first from `here` on is looked at."""
        self.query = query
        if self._task is not None:
            self._task.cancel()
        found: list[PageSpan] = []

        def work(token: CancelToken) -> Iterator[object]:
            found.extend(span for span in find_matches(pages, query, token) if shown is None or shown(span))
            yield from ()

        def take_in() -> None:
            if query == self.query:
                start = self.matches[self.place].start if self.matches else here
                self.matches, self.place = found, first_from(found, start) if found else -1
                self.changed.emit()

        self._task = self._runner.start(work, on_success=while_alive(self, take_in))

    def step(self, by: int) -> None:
        """Look at the next match, or the one before; goes around at the ends."""
        if self.matches:
            self.place = (self.place + by) % len(self.matches)
            self.changed.emit()

    def clear(self) -> None:
        """Forget query and matches; says nothing."""
        if self._task is not None:
            self._task.cancel()
        self.query, self.matches, self.place = "", (), -1
