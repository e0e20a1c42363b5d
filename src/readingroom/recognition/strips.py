"""Where the lines of text lie: from a map of probabilities to turned rectangles."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Runs = tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]
"""Rows, first columns, and columns just past the last, of the runs of set pixels."""

_SMALLEST_PX = 3.0
"""Of the map; flatter specks are no text."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A turned rectangle that holds a line of text, or a piece of one. Pixels, y downwards."""

    x: float
    """Of the centre."""
    y: float
    length: float
    """Along the line."""
    height: float
    angle: float
    """Radians from the x axis to the reading direction, clockwise as seen."""

    def point(self, along: float, across: float) -> tuple[float, float]:
        """Where a place of the strip lies in the picture; (0, 0) is the start of the line at its top."""
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        u, v = along - self.length / 2, across - self.height / 2
        return self.x + u * cos - v * sin, self.y + u * sin + v * cos

    @property
    def upright(self) -> bool:
        """Whether the line runs down (or up) the picture rather than across."""
        return abs(math.sin(self.angle)) > math.sqrt(0.5)

    def turned(self) -> "Strip":
        """The same place read from the other end, upside down."""
        return Strip(self.x, self.y, self.length, self.height, self.angle + math.pi)

    def scaled(self, x: float, y: float) -> "Strip":
        """The same place in a picture that is larger by factors near to each other."""
        both = math.sqrt(x * y)
        return Strip(self.x * x, self.y * y, self.length * both, self.height * both, self.angle)


def find_strips(
    likelihood: NDArray[np.float32], *, threshold: float, wanted: float, grow: float, most: int
) -> list[Strip]:
    """Find lines on a map of how likely each pixel is the core of a line, `likelihood` (height, width).

    Pixels above `threshold` that touch make a line, kept when it is `wanted` likely on average. The network marks
    lines thinner than they are; they are grown by area * `grow` / circumference on each side, as it was taught
    (Liao et al., Real-time Scene Text Detection with Differentiable Binarization, 2020). At most `most`, largest first.
    """
    rows, starts, ends = _runs(likelihood > threshold)
    if not len(rows):
        return []
    weight = np.concatenate(
        [np.zeros((len(likelihood), 1)), np.cumsum(likelihood, axis=1, dtype=np.float64)], axis=1
    )
    sums = weight[rows, ends] - weight[rows, starts]
    found: list[tuple[float, Strip]] = []
    for members in _components((rows, starts, ends), likelihood.shape[1]):
        area = float((ends[members] - starts[members]).sum())
        if sums[members].sum() / area < wanted:
            continue
        strip = _around(rows[members], starts[members], ends[members])
        if min(strip.length, strip.height) < _SMALLEST_PX:
            continue
        margin = strip.length * strip.height * grow / (2 * (strip.length + strip.height))
        grown = Strip(strip.x, strip.y, strip.length + 2 * margin, strip.height + 2 * margin, strip.angle)
        found.append((area, grown))
    found.sort(key=lambda entry: -entry[0])
    return [strip for _, strip in found[:most]]


def _runs(mask: NDArray[np.bool_]) -> Runs:
    height, width = mask.shape
    padded = np.zeros((height, width + 2), np.int8)
    padded[:, 1:-1] = mask
    steps = np.diff(padded, axis=1)
    rows, starts = np.nonzero(steps == 1)
    _, ends = np.nonzero(steps == -1)
    return rows, starts, ends


def _components(runs: Runs, width: int) -> Iterator[NDArray[np.intp]]:
    """Yield the indices of runs that touch each other, corners included."""
    rows, starts, ends = runs
    stride = width + 2
    begin_keys, end_keys = rows * stride + starts, rows * stride + ends
    first = np.searchsorted(end_keys, begin_keys + stride, "left")
    last = np.searchsorted(begin_keys, end_keys + stride, "right")
    counts = np.maximum(last - first, 0)
    above = np.repeat(np.arange(len(rows)), counts)
    below = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(first, counts)
    root = np.arange(len(rows))
    while True:
        one, other = root[above], root[below]
        if np.array_equal(one, other):
            break
        np.minimum.at(root, np.maximum(one, other), np.minimum(one, other))
        while not np.array_equal(root, further := root[root]):
            root = further
    order = np.argsort(root, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(root[order])) + 1)


def _around(rows: NDArray[np.intp], starts: NDArray[np.intp], ends: NDArray[np.intp]) -> Strip:
    """The smallest rectangle, turned as need be, around some runs."""
    corners = np.concatenate(
        [np.stack([x, y], axis=1) for x in (starts, ends) for y in (rows, rows + 1)]
    ).astype(np.float64)
    hull = _hull(corners)
    edges = np.diff(hull, axis=0, append=hull[:1])
    angles = np.unique(np.arctan2(edges[:, 1], edges[:, 0]) % (math.pi / 2))
    along = hull @ np.stack([np.cos(angles), np.sin(angles)])
    across = hull @ np.stack([-np.sin(angles), np.cos(angles)])
    spans, depths = np.ptp(along, axis=0), np.ptp(across, axis=0)
    best = int(np.argmin(spans * depths))
    angle, u, v = float(angles[best]), float(spans[best]), float(depths[best])
    middle_u = float(along[:, best].min()) + u / 2
    middle_v = float(across[:, best].min()) + v / 2
    x = middle_u * math.cos(angle) - middle_v * math.sin(angle)
    y = middle_u * math.sin(angle) + middle_v * math.cos(angle)
    if angle > math.pi / 4:
        # The other side is the one nearer to the horizontal.
        angle, u, v = angle - math.pi / 2, v, u
    if v >= 1.5 * u:
        return Strip(x, y, v, u, angle + math.pi / 2)
    return Strip(x, y, u, v, angle)


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Andrew's monotone chain."""
    ordered = sorted(set(map(tuple, points.tolist())))

    def half(way: list[tuple[float, float]]) -> list[tuple[float, float]]:
        chain: list[tuple[float, float]] = []
        for x, y in way:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                chain.pop()
            chain.append((x, y))
        return chain[:-1]

    return np.array(half(ordered) + half(ordered[::-1]))
