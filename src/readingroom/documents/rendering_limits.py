"""How large a page is drawn at most, and marks kept on it."""

import math
from collections.abc import Iterable

from readingroom.core.extraction import Rectangle

MAX_SIDE_PX = 6000
MAX_PIXELS = 30_000_000
"""Of one drawn page: 90 MB; A3 at 400 dots an inch has 31 million."""


def bounded_zoom(width: float, height: float, zoom: float) -> float:
    """The nearest factor to `zoom` (pixels a point) that keeps a page within the limits, at least a pixel a side."""
    width, height = max(width, 1e-3), max(height, 1e-3)
    least = 1.0 / min(width, height)
    most = min(MAX_SIDE_PX / max(width, height), math.sqrt(MAX_PIXELS / width / height))
    return min(max(zoom, least), most)


def on_picture(boxes: Iterable[Rectangle], width: int, height: int) -> tuple[Rectangle, ...]:
    """Boxes cut at the picture's edge; those beyond it are left out."""
    kept = []
    for x0, y0, x1, y1 in boxes:
        cut = (max(x0, 0.0), max(y0, 0.0), min(x1, float(width)), min(y1, float(height)))
        if cut[0] < cut[2] and cut[1] < cut[3]:
            kept.append(cut)
    return tuple(kept)
