"""The lines of a passage on its card: the first of it, or where it runs over pages the first of each page's part."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtGui import QTextLayout, QTextOption

from readingroom.core.conversation import Citation
from readingroom.core.places import short, words_of
from readingroom.ui.theme import BODY_PX, body_font
from readingroom.ui.widgets.citation_chip import chip_width

MOST_LINES = 3
_LINES_OF_TWO = 2
MOST_PARTS = 5
"""A passage over many slides shows these, a line each, the last of which stands for all that follow."""
_SCANNED = 4000
_SHOWN = 1200
CHIP_GAP = 6


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is drawn."""

    part: int
    text: str
    chip: str = ""
    """The page, where its part begins."""
    whole: bool = False
    """It fits; others are elided."""

    @property
    def indent(self) -> int:
        """Room taken by the chip."""
        return round(chip_width(self.chip)) + CHIP_GAP if self.chip else 0


class PassageLines:
    """Breaks a passage into the lines that are shown of it; `citations` are its parts, one or one for each page."""

    def __init__(self, citations: Sequence[Citation], context: str) -> None:
        self._contexts = [context] + [""] * (len(citations) - 1)
        self._quotes = [citation.quote for citation in citations]
        several = len(citations) > 1
        self._chips = [short(words_of(citation)) if several else "" for citation in citations]

    @property
    def chips(self) -> Sequence[str]:
        """What the chips of the pages say; without words where there is only one."""
        return self._chips

    def lines(self, width: int) -> list[Line]:
        """Those that are shown in such a width."""
        count = len(self._quotes)
        most = MOST_LINES if count == 1 else _LINES_OF_TWO if count == _LINES_OF_TWO else 1
        shown = count if count <= MOST_PARTS else MOST_PARTS - 1
        found = [line for part in range(shown) for line in self._part(part, width, most)]
        if shown < count:
            found.append(Line(shown, f"… to {self._chips[-1]}", self._chips[shown]))
        return found

    def _part(self, part: int, width: int, most: int) -> Iterator[Line]:
        rows = _table_rows(self._quotes[part], self._contexts[part])[:most]
        if rows:
            for place, row in enumerate(rows):
                yield Line(part, row, "" if place else self._chips[part])
            return
        text = " ".join(self._quotes[part].split())[:_SHOWN]
        first = Line(part, "", self._chips[part])
        starts = _line_starts(text, width, most, first.indent)
        for place, (start, end) in enumerate(pairwise([*starts, len(text)])):
            yield Line(part, text[start:end], "" if place else first.chip, whole=place < len(starts) - 1)


def _line_starts(text: str, width: int, most: int, indent: int) -> list[int]:
    """Where lines begin; the last holds all the rest."""
    layout = QTextLayout(text, body_font(BODY_PX))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    starts: list[int] = []
    layout.beginLayout()
    while len(starts) < most and (line := layout.createLine()).isValid():
        line.setLineWidth(max(1, width - (0 if starts else indent)))
        starts.append(line.textStart())
    layout.endLayout()
    return starts


def _table_rows(text: str, context: str) -> list[str]:
    """The names of the columns and the first rows, where it is a table that was found; nothing else of prose."""
    rows = [" ".join(row.split()) for row in text[:_SCANNED].split("\n") if row.strip()]
    shown = [*([" ".join(context.split())] if context else []), *rows][:MOST_LINES]
    return shown if rows and all("|" in row for row in shown) else []
