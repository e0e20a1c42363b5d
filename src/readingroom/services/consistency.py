"""Compares what the vector store holds with what the catalog says it should, and mends the difference."""

import logging
from dataclasses import dataclass

from readingroom.core.catalog import IndexCatalog
from readingroom.core.errors import VectorStoreDamaged
from readingroom.core.ids import ChunkId
from readingroom.core.models import Index
from readingroom.core.ports import VectorStores

log = logging.getLogger(__name__)

_SLICE = 1000


@dataclass(frozen=True, slots=True)
class Difference:
    """Counts of points; points that are still being written count as neither."""

    points: int = 0
    missing: int = 0
    """Expected and not there, or there without the embedding they should have."""
    surplus: int = 0
    """There and not expected."""

    @property
    def any(self) -> bool:
        """Whether there is something to mend."""
        return bool(self.missing or self.surplus)


def compare(catalog: IndexCatalog, stores: VectorStores, index: Index) -> Difference:
    """Count the differences of one index."""
    points, missing, surplus = _differences(catalog, stores, index)
    return Difference(points, len(missing), len(surplus))


def repair(catalog: IndexCatalog, stores: VectorStores, index: Index) -> Difference:
    """Delete surplus points and have missing ones written again; returns what differed.

    A store that is damaged or made by other rules is thrown away and begun anew.
    """
    try:
        points, missing, surplus = _differences(catalog, stores, index)
    except VectorStoreDamaged as error:
        log.warning("An index is made anew: %s", error)
        stores.remove(index.workspace_id, index.id)
        points, missing, surplus = _differences(catalog, stores, index)
    store = stores.open(index.workspace_id, index.id, index.dimension, index.precision)
    for start in range(0, len(surplus), _SLICE):
        store.delete(surplus[start : start + _SLICE])
    for start in range(0, len(missing), _SLICE):
        catalog.points_missing(index.id, missing[start : start + _SLICE])
    return Difference(points, len(missing), len(surplus))


def _differences(
    catalog: IndexCatalog, stores: VectorStores, index: Index
) -> tuple[int, list[ChunkId], list[ChunkId]]:
    expected: dict[ChunkId, bool | None] = {}
    for batch in catalog.expected_points(index.id):
        expected.update(batch)
    store = stores.open(index.workspace_id, index.id, index.dimension, index.precision)
    points, surplus = 0, []
    for found in store.ids():
        points += len(found)
        for point_id, embedded in found:
            if point_id not in expected:
                surplus.append(point_id)
            elif embedded or not expected[point_id]:
                del expected[point_id]
    missing = [point_id for point_id, wanted in expected.items() if wanted is not None]
    return points, missing, surplus
