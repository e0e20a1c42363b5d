"""The built-in engine: finds the lines on a picture, sets them upright and reads them."""

import math
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeGuard

import numpy as np
import psutil
from numpy.typing import NDArray
from PIL import Image

from readingroom.core.page_images import PageImage
from readingroom.recognition.layout import in_reading_order
from readingroom.recognition.networks import READ_HEIGHT, LineFinder, LineReader, models_folder
from readingroom.recognition.seen import SeenLine, SeenPage
from readingroom.recognition.spacing import ink_passed_over, split_words
from readingroom.recognition.strips import Strip, find_strips

NAME = "built-in"

_FIND_SIDE_PX = 1600
"""The longer side of what lines are found on; they are read from the picture itself."""
_LEAST_SIDE_PX = 320
_FAINTEST = 24
"""Of 255: the darkest and the lightest of a blank page lie nearer than this."""
_LIKELY = 0.3
_LIKELY_LINE = 0.5
_GROW = 1.6
_MOST_STRIPS = 3000
_WIDEST_PX = 4096
"""Of a line as it is read; longer ones are squeezed."""
_MOST_THREADS = 4

_SAMPLE = 3
_SURE = 0.85
"""Lines the right way up are read with 0.97 and more, upside down with at most 0.8 (23 pages of scans)."""
_TRUSTED = 0.6
"""Below it lies what is no text, or in a script the network does not know."""
_FEW, _TRUSTED_FEW = 2, 0.9
"""Characters; spots and ornaments look like one or two."""

_PASSED_OVER = 0.5
"""Of the ink of a line: with more beside the characters that were read, it is taken as not read."""
_SHORT = 3.0

OnProgress = Callable[[int, int], None]
"""(lines read, lines in all)."""


class BuiltInEngine:
    """Reads Latin letters with all their accents, Chinese and Japanese. One caller at a time."""

    def __init__(self, folder: Path | None = None, threads: int | None = None) -> None:
        """Load the networks. Raises `RecognitionUnavailable`."""
        folder = models_folder() if folder is None else folder
        self._finder = LineFinder(folder)
        self._reader = LineReader(folder)
        threads = threads or min(psutil.cpu_count(logical=False) or psutil.cpu_count() or 1, _MOST_THREADS)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="recognise")

    def read(self, picture: PageImage, on_progress: OnProgress = lambda _done, _all: None) -> SeenPage:
        """Read a page; calls `on_progress` on several threads in turn."""
        image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
        strips = self._find(image)
        on_progress(0, len(strips))
        lines, angle = self._read_upright(image, strips, on_progress)
        trusted = [line for line, _ in lines if _is_trusted(line)]
        # A bullet, a tick or a speck is no line.
        unread = [
            strip for line, strip in lines if not _is_trusted(line) and strip.length > _SHORT * strip.height
        ]
        share = _length(unread) / (_length([strip for _, strip in lines]) or 1.0)
        return SeenPage(in_reading_order(trusted, angle), NAME, share)

    def close(self) -> None:
        """End the threads."""
        self._pool.shutdown()

    def _find(self, image: Image.Image) -> list[Strip]:
        longer, shorter = max(image.size), min(image.size)
        scale = min(max(1.0, _LEAST_SIDE_PX / shorter), _FIND_SIDE_PX / longer)
        width, height = (max(32, round(side * scale / 32) * 32) for side in image.size)
        small = image.resize((width, height), Image.Resampling.BILINEAR)
        grey = np.asarray(small.convert("L"))
        if int(grey.max()) - int(grey.min()) < _FAINTEST:
            return []
        likelihood = self._finder.likelihood(np.asarray(small))
        x, y = image.width / width, image.height / height
        found = find_strips(likelihood, threshold=_LIKELY, wanted=_LIKELY_LINE, grow=_GROW, most=_MOST_STRIPS)
        return [strip.scaled(x, y) for strip in found]

    def _read_upright(
        self, image: Image.Image, strips: Sequence[Strip], on_progress: OnProgress
    ) -> tuple[list[tuple[SeenLine | None, Strip]], float]:
        """Read all strips, each the right way up; give the direction in which most of the text runs, too."""
        across = [strip for strip in strips if not strip.upright]
        down = [strip for strip in strips if strip.upright]
        main, others = (across, down) if _length(across) >= _length(down) else (down, across)
        if not main:
            return [], 0.0
        main = sorted(main, key=lambda strip: -strip.length)
        angle = float(np.median([strip.angle for strip in main[: max(_SAMPLE, len(main) // 2)]]))
        sample = [self._read(image, strip) for strip in main[:_SAMPLE]]
        if _sureness(sample) < _SURE:
            turned = [self._read(image, strip.turned()) for strip in main[:_SAMPLE]]
            if _sureness(turned) > _sureness(sample):
                main, sample, angle = [strip.turned() for strip in main], turned, angle + math.pi
        done = len(sample)
        on_progress(done, len(strips))
        lock = threading.Lock()

        def work(strip: Strip, *, either_way: bool = False) -> SeenLine | None:
            nonlocal done
            line = self._read(image, strip)
            if either_way and (line is None or line.confidence < _SURE):
                turned = self._read(image, strip.turned())
                line = max(
                    (one for one in (line, turned) if one), key=lambda one: one.confidence, default=None
                )
            with lock:
                done += 1
                on_progress(done, len(strips))
            return line

        rest = [self._pool.submit(work, strip) for strip in main[_SAMPLE:]]
        rest += [self._pool.submit(work, strip, either_way=True) for strip in others]
        try:
            read = sample + [future.result() for future in rest]
            return list(zip(read, [*main, *others], strict=True)), angle
        finally:
            for future in rest:
                future.cancel()

    def _read(self, image: Image.Image, strip: Strip) -> SeenLine | None:
        pixels = _cut_out(image, strip)
        text, middles, confidence = self._reader.read(pixels)
        if not text.strip() or ink_passed_over(middles, pixels) > _PASSED_OVER:
            return None
        scale = strip.length / pixels.shape[1]
        return SeenLine(split_words(text, middles, pixels, strip, scale), confidence)


def _is_trusted(line: SeenLine | None) -> TypeGuard[SeenLine]:
    if line is None:
        return False
    return line.confidence >= (_TRUSTED if len(line.text) > _FEW else _TRUSTED_FEW)


def _cut_out(image: Image.Image, strip: Strip) -> NDArray[np.uint8]:
    """The strip as a picture `READ_HEIGHT` high; outside the page it is white."""
    length, height = max(1, round(strip.length)), max(1, round(strip.height))
    cos, sin = math.cos(strip.angle), math.sin(strip.angle)
    x, y = strip.point(0, 0)
    u, v = strip.length / length, strip.height / height
    cut = image.transform(
        (length, height),
        Image.Transform.AFFINE,
        (cos * u, -sin * v, x, sin * u, cos * v, y),
        Image.Resampling.BICUBIC,
        fillcolor=(255, 255, 255),
    )
    width = min(max(8, math.ceil(READ_HEIGHT * length / height)), _WIDEST_PX)
    return np.asarray(cut.resize((width, READ_HEIGHT), Image.Resampling.BILINEAR))


def _length(strips: Sequence[Strip]) -> float:
    return sum(strip.length for strip in strips)


def _sureness(lines: Sequence[SeenLine | None]) -> float:
    return sum(line.confidence if line else 0.0 for line in lines) / max(len(lines), 1)
