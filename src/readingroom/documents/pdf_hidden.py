"""Finds what a PDF page holds as text and does not show.

What is drawn is asked first, since that is cheap: colours, sizes, places, what is painted over what. Only where that
raises a suspicion is the page drawn, and the pixels decide.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any

from readingroom.core.extraction import Rectangle
from readingroom.documents.mupdf import MUPDF_ERRORS
from readingroom.documents.pdf_sheet import TEXT_BLOCK, Sheet, area, contains, intersection
from readingroom.documents.pdf_suspects import INKED, Summary, suspects

Span = Mapping[str, Any]
"""Of MuPDF's dictionary of a text page: characters of one style on one line."""

SpanKey = tuple[int, int, int]
"""Block, line and span, counted from 0."""

_TINY_POINTS = 1.0
_UNIFORM = 8
"""Pixels whose channels differ by no more show no letters; the noise of a JPEG is mostly more."""
_ZOOM = 1.5
_MAX_DRAWN_SIDE = 2000.0
_LEAST_HEIGHT_PX = 3.0
"""Lower text leaves too few pixels to be sure of."""
_MAX_IMAGE_PIXELS = 60_000_000
"""On a page that is drawn only to look at it: beyond, decoding takes seconds."""
_RECOGNISED_SHARE = 0.4
"""A page covered so far by pictures is a scan, and text without ink on it was recognised there."""


class Sight(Enum):
    """Whether a person sees a span."""

    HIDDEN = "hidden"
    UNDRAWN = "undrawn"
    """Without ink, and nothing drawn in its place: found by a search, seen by nobody."""


def unseen(sheet: Sheet, blocks: Sequence[Mapping[str, Any]]) -> dict[SpanKey, Sight]:
    """Which spans do not show; those that are not named do. `blocks` are text and shapes in the order drawn."""
    about = Summary.of(blocks)
    faint = set(suspects(blocks, about))
    if (
        not faint
        and about.is_inked
        and min(about.sizes, default=_TINY_POINTS) >= _TINY_POINTS
        and contains(sheet.box, about.box, 0.0)
    ):
        return {}
    return _sights(sheet, blocks, faint)


def _sights(
    sheet: Sheet, blocks: Sequence[Mapping[str, Any]], faint: AbstractSet[Rectangle]
) -> dict[SpanKey, Sight]:
    found: dict[SpanKey, Sight] = {}
    unsure: dict[SpanKey, Rectangle] = {}
    undrawn: dict[SpanKey, Rectangle] = {}
    for key, span in _odd_spans(blocks, sheet.box, faint):
        box = span["bbox"]
        if _is_tiny(span, sheet.box) or not area(intersection(box, sheet.box)):
            found[key] = Sight.HIDDEN
        elif not span["char_flags"] & INKED:
            undrawn[key] = box
        # A lone dot or dash has too little ink to judge by, and says nothing.
        elif box in faint and any(map(str.isalnum, span["text"])):
            unsure[key] = box
    if undrawn:
        undrawn = _beside_pictures(undrawn, sheet)
    for key in _blank({**unsure, **undrawn}, sheet):
        found[key] = Sight.UNDRAWN if key in undrawn else Sight.HIDDEN
    return found


def _odd_spans(
    blocks: Sequence[Mapping[str, Any]], page: Rectangle, faint: AbstractSet[Rectangle]
) -> Iterator[tuple[SpanKey, Span]]:
    for b, block in enumerate(blocks):
        if block["type"] == TEXT_BLOCK:
            is_beside = not contains(page, block["bbox"], 0.0)
            for n, line in enumerate(block["lines"]):
                for s, span in enumerate(line["spans"]):
                    if (
                        span["size"] < _TINY_POINTS
                        or is_beside
                        or not span["char_flags"] & INKED
                        or span["bbox"] in faint
                    ):
                        yield (b, n, s), span


def _is_tiny(span: Span, page: Rectangle) -> bool:
    if span["size"] >= _TINY_POINTS:
        return False
    # A page may be small itself, and a font of pictures (Type 3) may count its size in another unit.
    limit = min(_TINY_POINTS, (page[3] - page[1]) / 200)
    x0, y0, x1, y1 = span["bbox"]
    advance = max(x1 - x0, y1 - y0) / max(len(span["text"]), 1)
    return bool(span["size"] < limit and advance < limit)


def _beside_pictures(undrawn: Mapping[SpanKey, Rectangle], sheet: Sheet) -> dict[SpanKey, Rectangle]:
    """Without the text that was recognised in a picture and laid over it, as scanners do."""
    images = sheet.images
    if sum(area(box) for box, _ in images) >= _RECOGNISED_SHARE * area(sheet.box):
        return {}
    return {
        key: box for key, box in undrawn.items() if not any(contains(image, box, 3.0) for image, _ in images)
    }


def _blank(boxes: Mapping[SpanKey, Rectangle], sheet: Sheet) -> Iterable[SpanKey]:
    """Those in whose place the drawn page shows one colour only."""
    shown = {key: intersection(box, sheet.box) for key, box in boxes.items()}
    if not shown or (
        sheet.image_pixels() > _MAX_IMAGE_PIXELS
        and sum(pixels for _, pixels in sheet.images) > _MAX_IMAGE_PIXELS
    ):
        return ()
    around = (
        min(box[0] for box in shown.values()),
        min(box[1] for box in shown.values()),
        max(box[2] for box in shown.values()),
        max(box[3] for box in shown.values()),
    )
    zoom = min(_ZOOM, _MAX_DRAWN_SIDE / max(around[2] - around[0], around[3] - around[1], 1.0))
    try:
        drawn = sheet.pixels(around, zoom)
    except MUPDF_ERRORS:
        # What cannot be drawn cannot be called hidden.
        return ()
    samples = memoryview(drawn.samples_mv)
    return [key for key, box in shown.items() if _is_uniform(samples, drawn, box, zoom)]


def _is_uniform(samples: memoryview, drawn: Any, box: Rectangle, zoom: float) -> bool:
    """Look at the middle of the line: lines above and below may reach into its box."""
    height = (box[3] - box[1]) * zoom
    if min(height, (box[2] - box[0]) * zoom) < _LEAST_HEIGHT_PX:
        return False
    left, right = int(box[0] * zoom) - drawn.x, int(box[2] * zoom) + 1 - drawn.x
    top, bottom = int(box[1] * zoom + height / 5) - drawn.y, int(box[3] * zoom - height / 5) + 1 - drawn.y
    left, right = max(left, 0), min(right, drawn.width)
    darkest, lightest = [255] * 3, [0] * 3
    for y in range(max(top, 0), min(bottom, drawn.height)):
        row = bytes(samples[y * drawn.stride + left * 3 : y * drawn.stride + right * 3])
        if not row:
            return False
        for channel in range(3):
            values = row[channel::3]
            darkest[channel] = min(darkest[channel], *values)
            lightest[channel] = max(lightest[channel], *values)
            if lightest[channel] - darkest[channel] > _UNIFORM:
                return False
    return True
