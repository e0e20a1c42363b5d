"""A copy of a shard that is worked on elsewhere, and what is written to the original meanwhile."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import qdrant_edge as edge

from readingroom.vectors.rewriting import Built

_AT_ONCE = 256
"""A question waits for at most one of these: some 20 ms."""


class Replacement:
    """Catches up with the original a few points at a time, then takes its place."""

    def __init__(self, folder: Path, points: int) -> None:
        """`folder` is where the copy will lie; `points` is how many the original has now."""
        self.folder = folder
        self.built = Built(points, 0)
        self._shard: Any = None
        self._changed: set[int] = set()

    def note(self, ids: Iterable[int]) -> None:
        """These were written or deleted since the copy was made."""
        self._changed.update(ids)

    def catch_up(self, original: Any) -> int:
        """Bring some of what changed over; how much is left (of the first call, opening it included)."""
        if self._shard is None:
            self._shard = edge.EdgeShard.load(str(self.folder))
            self.built = Built(self.built.points, int(self._shard.info().indexed_vectors_count))
            return 1 + len(self._changed)
        ids = [self._changed.pop() for _ in range(min(_AT_ONCE, len(self._changed)))]
        found = original.retrieve(ids, with_payload=True, with_vector=True)
        if gone := set(ids).difference(record.id for record in found):
            self._shard.update(edge.UpdateOperation.delete_points(list(gone)))
        if found:
            points = [edge.Point(record.id, record.vector, record.payload) for record in found]
            self._shard.update(edge.UpdateOperation.upsert_points(points))
        return len(self._changed)

    def taken_over(self) -> Any:
        """The shard, caught up and written through; it is the caller's from now on."""
        self._shard.flush()
        shard, self._shard = self._shard, None
        return shard

    def give_up(self) -> None:
        """Close it; its folder becomes a leftover."""
        if self._shard is not None:
            self._shard.close()
            self._shard = None
