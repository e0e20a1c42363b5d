"""Gathers paths at which something happens until each has come to rest. Pure: it is told the time."""

from pathlib import Path


class SettlingPaths:
    """Paths below one root, each due once nothing was heard of it for a while.

    A path that never rests is due now and then all the same, and holds up no other. Beyond `most` paths at once they
    give way to the root: looking everywhere is cheaper than a list, and a list that long may lack what the
    system's event queue dropped.
    """

    def __init__(self, root: Path, *, rest_s: float, longest_s: float, most: int) -> None:
        self._root = root
        self._rest_s = rest_s
        self._longest_s = longest_s
        self._most = most
        self._heard: dict[Path, tuple[float, float]] = {}  # when first, when last

    def hear(self, path: Path, now_s: float) -> None:
        """Something happened at `path`."""
        if self._root in self._heard:
            path = self._root
        first, _ = self._heard.get(path, (now_s, now_s))
        if path == self._root or len(self._heard) > self._most:
            first = min((when for when, _ in self._heard.values()), default=now_s)
            path = self._root
            self._heard.clear()
        self._heard[path] = (first, now_s)

    def next_due_s(self) -> float | None:
        """When a path will be due; None while there is none."""
        return min((self._due_s(first, last) for first, last in self._heard.values()), default=None)

    def take_due(self, now_s: float) -> list[Path]:
        """Take out the paths that are due, in the order they were first heard of."""
        due = [path for path, (first, last) in self._heard.items() if self._due_s(first, last) <= now_s]
        for path in due:
            del self._heard[path]
        return due

    def _due_s(self, first: float, last: float) -> float:
        return min(last + self._rest_s, first + self._longest_s)
