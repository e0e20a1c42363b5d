"""The order in which a person reads boxes on a slide: columns and bands, cut where the gaps are widest."""

from collections.abc import Sequence

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1; y downwards."""

_SLACK = 0.15
"""Of a box's size, at each side: text seldom fills its box, so boxes that overlap a little are apart."""
_MAX_CUT = 200
"""Boxes; a drawing of more is read line by line."""


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Places of the boxes in reading order: from top to bottom and left to right, but columns one by one."""
    if len(boxes) > _MAX_CUT:
        return sorted(range(len(boxes)), key=lambda place: (boxes[place][1], boxes[place][0]))
    inner = [_shrunk(box) for box in boxes]
    order: list[int] = []
    waiting = [list(range(len(boxes)))]
    while waiting:
        places = waiting.pop()
        parts = _cut(places, inner)
        if parts is None:
            order += sorted(places, key=lambda place: (inner[place][1], inner[place][0]))
        else:
            waiting += reversed(parts)
    return order


def _shrunk(box: Box) -> Box:
    x0, y0, x1, y1 = box
    x, y = (x1 - x0) * _SLACK, (y1 - y0) * _SLACK
    return x0 + x, y0 + y, x1 - x, y1 - y


def _cut(places: list[int], boxes: Sequence[Box]) -> tuple[list[int], list[int]] | None:
    """Two parts on either side of the widest gap; a gap between bands wins over an equal one between columns."""
    if len(places) < 2:
        return None
    candidates = [cut for axis in (1, 0) if (cut := _widest_gap(places, boxes, axis)) is not None]
    if not candidates:
        return None
    return max(candidates, key=lambda cut: cut[0])[1:]


def _widest_gap(
    places: list[int], boxes: Sequence[Box], axis: int
) -> tuple[float, list[int], list[int]] | None:
    ordered = sorted(places, key=lambda place: boxes[place][axis])
    best: tuple[float, int] | None = None
    reach = boxes[ordered[0]][axis + 2]
    for index, place in enumerate(ordered[1:], start=1):
        gap = boxes[place][axis] - reach
        if gap >= 0 and (best is None or gap > best[0]):
            best = gap, index
        reach = max(reach, boxes[place][axis + 2])
    if best is None:
        return None
    return best[0], ordered[: best[1]], ordered[best[1] :]
