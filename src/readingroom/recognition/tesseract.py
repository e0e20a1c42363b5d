"""Tesseract, where it is installed: reads the scripts that the built-in engine does not know."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import groupby
from pathlib import Path

from readingroom.core.page_images import PageImage
from readingroom.recognition.languages import SCRIPTS, TESSERACT_NAMES
from readingroom.recognition.seen import SeenLine, SeenPage, SeenWord

_PLACES = (
    "/opt/homebrew/bin/tesseract",
    "/usr/local/bin/tesseract",
    r"C:\Program Files\Tesseract-OCR\tesseract.exe",
)
"""Where it is, if the search path of a program started from a desktop does not say so."""
_LONGEST_S = 150.0
_POLL_S = 1.0
_LIST_S = 20.0
_TRUSTED = 0.4
_ORIENTATION = "osd"
_POINTS_AN_INCH = 72
_WORD = "5"
"""The level of a word in its tables."""


class Tesseract:
    """The program of that name. It is given the pixels of a page and reads and writes no file of the person's."""

    def __init__(self, program: Path) -> None:
        self._program = program

    @classmethod
    def find(cls) -> "Tesseract | None":
        """The one installed, or None."""
        found = shutil.which("tesseract") or next(filter(os.path.exists, _PLACES), None)
        return cls(Path(found)) if found else None

    @cached_property
    def installed(self) -> frozenset[str]:
        """The languages it has, by its own names (`rus`, `chi_sim`); none where it does not run."""
        try:
            listed = self._run(["--list-langs"], b"", _LIST_S)
        except (OSError, subprocess.SubprocessError):
            return frozenset()
        return frozenset(line.strip() for line in listed.splitlines()[1:])

    def names_of(self, languages: Sequence[str]) -> list[str]:
        """Its names for two-letter codes, of those that it has."""
        names = (TESSERACT_NAMES.get(code, "") for code in languages)
        return [name for name in dict.fromkeys(names) if name in self.installed]

    def names_for_script_of(self, image: PageImage) -> list[str]:
        """The languages it has in the script that the page seems to be written in; none where it cannot tell."""
        if _ORIENTATION not in self.installed:
            return []
        try:
            said = self._run(["-", "-", "--psm", "0", *_resolution(image)], _pnm(image), _LONGEST_S)
        except (OSError, subprocess.SubprocessError):
            return []
        told = dict(line.partition(":")[::2] for line in said.splitlines())
        return [name for name in SCRIPTS.get(told.get("Script", "").strip(), ()) if name in self.installed]

    def read(
        self, image: PageImage, names: Sequence[str], on_progress: Callable[[], None] = lambda: None
    ) -> SeenPage | None:
        """Read a page in these languages of its own naming; None where it fails."""
        # With the script's own orientation file it turns pages that lie on their side.
        layout = "1" if _ORIENTATION in self.installed else "3"
        arguments = ["-", "-", "-l", "+".join(names), "--psm", layout, *_resolution(image), "tsv"]
        try:
            table = self._run(arguments, _pnm(image), _LONGEST_S, on_progress)
        except (OSError, subprocess.SubprocessError):
            return None
        return _page(table, f"tesseract {'+'.join(names)}")

    def _run(
        self,
        arguments: Sequence[str],
        pixels: bytes,
        timeout_s: float,
        on_progress: Callable[[], None] = lambda: None,
    ) -> str:
        """Run it; raises `OSError`, `subprocess.SubprocessError`."""
        process = subprocess.Popen(
            [str(self._program), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # Its threads slow each other down.
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            cwd=self._program.parent,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0) if sys.platform == "win32" else 0,
        )
        ends = time.monotonic() + timeout_s
        written: bytes | None = pixels
        with process:
            while True:
                try:
                    output, _ = process.communicate(written, timeout=_POLL_S)
                except subprocess.TimeoutExpired:
                    written = None
                    on_progress()
                    if time.monotonic() > ends:
                        process.kill()
                        raise
                else:
                    break
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, "tesseract")
        return output.decode("utf-8", "replace")


def _pnm(image: PageImage) -> bytes:
    return b"P6 %d %d 255\n" % (image.width, image.height) + image.rgb


def _resolution(image: PageImage) -> list[str]:
    """Say what the page's pixels are worth, where that is known to be more than a screen's."""
    across = abs(image.to_points[0]) + abs(image.to_points[1])
    dpi = round(_POINTS_AN_INCH / across) if across else 0
    return ["--dpi", str(dpi)] if 100 <= dpi <= 1200 else []


def _page(table: str, engine: str) -> SeenPage:
    rows = [
        row for line in table.splitlines()[1:] if (row := line.split("\t"))[0] == _WORD and len(row) == 12
    ]
    rows = [row for row in rows if row[11].strip()]
    paragraphs: list[tuple[SeenLine, ...]] = []
    unread, characters = 0, 0
    for _, paragraph in groupby(rows, key=lambda row: row[2:4]):
        lines: list[SeenLine] = []
        for _, line_rows in groupby(paragraph, key=lambda row: row[4]):
            line = _line(list(line_rows))
            characters += len(line.text)
            if line.confidence >= _TRUSTED:
                lines.append(line)
            else:
                unread += len(line.text)
        if lines:
            paragraphs.append(tuple(lines))
    return SeenPage(tuple(paragraphs), engine, unread / max(characters, 1))


def _line(rows: Sequence[Sequence[str]]) -> SeenLine:
    words = []
    sure = 0.0
    for row in rows:
        left, top, width, height = (float(value) for value in row[6:10])
        right, bottom = left + width, top + height
        corners = ((left, top), (right, top), (right, bottom), (left, bottom))
        words.append(SeenWord(row[11].strip(), corners))
        sure += max(float(row[10]), 0.0) / 100 * len(row[11])
    return SeenLine(tuple(words), sure / sum(len(row[11]) for row in rows))
