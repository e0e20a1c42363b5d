"""The two networks of the built-in engine, PP-OCRv6 small: one finds lines, one reads them."""

import hashlib
import importlib.util
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from readingroom.core.errors import RecognitionUnavailable

READ_HEIGHT = 48
"""Pixels; the reading network takes lines of this height and any width."""

_FINDER = ("PP-OCRv6_det_small.onnx", "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f")
_READER = ("PP-OCRv6_rec_small.onnx", "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884")
"""File name, and SHA-256 as their publisher gives it."""

_NARROWEST_PX = 64
"""A narrower line is padded: the network was not taught on less."""


def models_folder() -> Path:
    """Where the package `rapidocr` keeps its networks; it is not imported, which would load OpenCV and more.

    Raises `RecognitionUnavailable`.
    """
    if bundle := getattr(sys, "_MEIPASS", None):
        return Path(bundle) / "rapidocr" / "models"
    found = importlib.util.find_spec("rapidocr")
    if found is None or not found.submodule_search_locations:
        raise RecognitionUnavailable(
            "The networks that recognise text are missing.", hint="Install the program again."
        )
    return Path(next(iter(found.submodule_search_locations))) / "models"


class LineFinder:
    """Tells for each pixel how likely it is the core of a line of text."""

    def __init__(self, folder: Path) -> None:
        """Load the network. Raises `RecognitionUnavailable`."""
        self._session = _load(folder, *_FINDER)

    def likelihood(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(height, width) for an RGB picture (height, width, 3) whose sides are multiples of 32."""
        (result,) = self._session.run(None, {"x": _normal(pixels)[None]})
        return np.asarray(result[0, 0], np.float32)


class LineReader:
    """Reads a line of text; any number of threads at once."""

    def __init__(self, folder: Path) -> None:
        """Load the network. Raises `RecognitionUnavailable`."""
        self._session = _load(folder, *_READER)
        listed = self._session.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._characters = ["", *listed, " "]

    def read(self, pixels: NDArray[np.uint8]) -> tuple[str, NDArray[np.float64], float]:
        """Read an RGB picture (`READ_HEIGHT`, width, 3) of a line.

        Returns its characters, where each stands (its middle, pixels from the left), and how sure that is.
        Decoding is greedy, as the network was taught (connectionist temporal classification).
        """
        width = pixels.shape[1]
        padded = np.zeros((1, 3, READ_HEIGHT, max(width, _NARROWEST_PX)), np.float32)
        padded[0, :, :, :width] = _normal(pixels)
        (result,) = self._session.run(None, {"x": padded})
        steps = result[0]
        best = steps.argmax(axis=1)
        said = np.flatnonzero((best != 0) & np.concatenate([[True], best[1:] != best[:-1]]))
        said = said[(said + 0.5) * padded.shape[3] / len(best) <= width]
        if not len(said):
            return "", np.empty(0), 0.0
        text = "".join(self._characters[place] for place in best[said])
        return text, (said + 0.5) * padded.shape[3] / len(best), float(steps[said, best[said]].mean())


def _normal(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """-1 to 1, colours first and in the order blue, green, red."""
    return np.ascontiguousarray((pixels[:, :, ::-1].astype(np.float32) / 127.5 - 1).transpose(2, 0, 1))


def _load(folder: Path, name: str, digest: str) -> Any:
    import onnxruntime  # type: ignore[import-untyped]

    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise RecognitionUnavailable(
            "The networks that recognise text are missing.", hint="Install the program again."
        ) from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise RecognitionUnavailable(
            "The networks that recognise text are damaged, or others than this program knows.",
            hint="Install the program again.",
        )
    options = onnxruntime.SessionOptions()
    # A thread a session: a second one, not spinning, gains nothing (wall time 41 s for 23 pages with one, 51 s with
    # two); lines are read side by side instead.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
