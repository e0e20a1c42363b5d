"""Reads Excel workbooks (XLSX): what the cells show, sheet by sheet, with comments and text boxes."""

import contextlib
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from lxml import etree

from readingroom.core.counting import count_words
from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.office.drawings import body_text, chart_lines
from readingroom.documents.office.number_formats import show_general, show_number, show_text
from readingroom.documents.office.workbook_styles import CellStyles, read_styles
from readingroom.documents.office.workbook_text import EnoughHidden, LimitReached, WorkbookText
from readingroom.documents.office.xml_parts import (
    PART_ERRORS,
    Package,
    attribute,
    child,
    core_title,
    descendants,
    forget,
    local_name,
    opened,
    relation_id,
)
from readingroom.documents.readers import OnProgress

_MAIN_PART = "xl/workbook.xml"
_MARGINS = ("oddHeader", "oddFooter", "firstHeader", "firstFooter", "evenHeader", "evenFooter")
_MARGIN_CODE = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f+\-]{5,6}|\d+|[A-Z])')
_TRUE = frozenset({"1", "true"})
_MAX_COLUMNS = 16_384
_THREADED = "[Threaded comment]"
"""Begins the comment that stands in for a conversation, for programs that do not know those."""
_SHORT = 15
"""Digits of a whole number that is shown as it is stored."""
_BLOCK = 1024 * 1024


def read_xlsx(path: Path, limits: ReadLimits, on_progress: OnProgress) -> ExtractedDocument:
    """Read every sheet that can be seen; hidden sheets, rows and columns are noted.

    Raises `DocumentCorrupt`, `DocumentEncrypted`, `DocumentTooLarge`.
    """
    with opened(path, limits, "Excel workbook") as package:
        main = next(iter(package.targets("", "officeDocument")), _MAIN_PART)
        text = WorkbookText("xlsx", limits, on_progress, core_title(package))
        workbook = _Workbook(package, main, text)
        with contextlib.suppress(LimitReached):
            workbook.read()
        return text.document()


class _Workbook:
    """What the sheets refer to."""

    def __init__(self, package: Package, main: str, text: WorkbookText) -> None:
        self._package = package
        self._main = main
        self._text = text
        self._strings: list[str] = []
        self._styles = CellStyles()
        self._since_1904 = False
        self._values_missing = 0

    def read(self) -> None:
        """Read all sheets. Raises `LimitReached`, and `PART_ERRORS` where there is no telling the sheets."""
        root = self._package.tree(self._main)
        self._since_1904 = attribute(child(root, "workbookPr"), "date1904") in _TRUE
        relations = self._package.relations(self._main)
        with self._forgiven("The styles of the workbook are damaged: numbers and dates may look odd."):
            for part in self._package.targets(self._main, "styles"):
                self._styles = read_styles(self._package.tree(part))
        with self._forgiven("Some texts of the workbook are damaged and were left out."):
            for part in self._package.targets(self._main, "sharedStrings"):
                for element in self._package.elements(part, "si"):
                    self._strings.append(_rich_text(element))
                    forget(element)
        sheets = child(root, "sheets")
        for number, sheet in enumerate(sheets if sheets is not None else (), start=1):
            name = attribute(sheet, "name")
            relation = relations.get(relation_id(sheet))
            self._text.begin(number, name, hidden=attribute(sheet, "state") in {"hidden", "veryHidden"})
            damaged = f"Sheet {' '.join(name.split())} is damaged and could not be read in full."
            if relation is None:
                self._text.note(damaged)
                continue
            with contextlib.suppress(EnoughHidden), self._forgiven(damaged):
                self._read_sheet(relation.target)
            for read_more in (self._read_comments, self._read_drawings):
                with self._forgiven(damaged):
                    read_more(relation.target)
        self._text.end()
        if self._values_missing:
            formulas = count_words(self._values_missing, "formula")
            self._text.note(
                f"The file holds no results of {formulas}; open and save it in Excel to have them."
            )

    @contextlib.contextmanager
    def _forgiven(self, note: str) -> Iterator[None]:
        """A broken part costs that part."""
        try:
            yield
        except PART_ERRORS:
            self._text.note(note)

    def _read_sheet(self, part: str) -> None:
        hidden_columns: list[tuple[int, int]] = []
        unseen = self._styles.unseen
        if unseen and self._coloured_otherwise(part):
            unseen = frozenset()
        number = 0
        for element in self._package.elements(part, "row", "col", *_MARGINS):
            name = local_name(element)
            if name == "col":
                if attribute(element, "hidden") in _TRUE or attribute(element, "width") == "0":
                    first, last = attribute(element, "min"), attribute(element, "max")
                    if first.isdigit() and last.isdigit():
                        hidden_columns.append((int(first) - 1, min(int(last), _MAX_COLUMNS) - 1))
            elif name == "row":
                given = attribute(element, "r")
                number = int(given) if given.isdigit() and len(given) < 9 else number + 1
                hidden = attribute(element, "hidden") in _TRUE or attribute(element, "ht") == "0"
                self._text.row(number, self._cells(element, hidden_columns, unseen), hidden=hidden)
                forget(element)
            elif element.text:
                self._text.line(_MARGIN_CODE.sub(" ", element.text.replace("&&", "＆")).replace("＆", "&"))

    def _coloured_otherwise(self, part: str) -> bool:
        """Whether a table or a condition may colour the sheet's cells: then white letters may well be seen."""
        if self._package.targets(part, "table"):
            return True
        with self._package.open(part) as stream:
            before = b""
            while block := stream.read(_BLOCK):
                if b"conditionalFormatting" in before + block:
                    return True
                before = block[-32:]
        return False

    def _cells(
        self, row: etree._Element, hidden_columns: list[tuple[int, int]], unseen: frozenset[int]
    ) -> Iterator[tuple[int, str]]:
        column = -1
        cell_tag = f"{row.tag[:-3]}c"
        for cell in row:
            if cell.tag != cell_tag:
                continue
            column = _column((cell.get("r") or "").rstrip("0123456789"), column + 1)
            given = cell.get("s") or "0"
            style = int(given) if given.isdigit() and len(given) < 9 else 0
            raw, shown = self._shown(cell, style)
            if not raw:
                continue
            hidden = not shown or style in unseen or any(a <= column <= b for a, b in hidden_columns)
            if hidden or column >= _MAX_COLUMNS:
                self._text.hide(shown or raw)
            else:
                yield column, shown

    def _shown(self, cell: etree._Element, style: int) -> tuple[str, str]:
        """The cell's value as it is stored, and as it is shown."""
        kind = cell.get("t") or "n"
        if kind == "inlineStr":
            inline = child(cell, "is")
            text = _rich_text(inline) if inline is not None else ""
            return text, show_text(text, self._styles.code(style))
        raw = next((step.text or "" for step in cell if str(step.tag).endswith("}v")), "").strip()
        if not raw:
            self._values_missing += child(cell, "f") is not None
            return "", ""
        if kind == "n":
            return raw, self._number(raw, style)
        if kind == "s":
            if not raw.isdigit() or len(raw) > 9 or int(raw) >= len(self._strings):
                self._text.note("Some texts of the workbook are damaged and were left out.")
                return "", ""
            raw = self._strings[int(raw)]
            return raw, show_text(raw, self._styles.code(style))
        if kind == "b":
            return raw, "TRUE" if raw in _TRUE else "FALSE"
        if kind == "d":
            return raw, raw.removesuffix("Z").removesuffix("T00:00:00").replace("T", " ")
        return raw, raw

    def _number(self, raw: str, style: int) -> str:
        code = self._styles.code(style)
        if code == "General" and len(raw) <= _SHORT and raw.isdigit():
            return raw
        try:
            value = float(raw)
        except ValueError:
            return raw
        if code == "General":
            return show_general(value)
        return show_number(value, code, since_1904=self._since_1904)

    def _read_comments(self, sheet: str) -> None:
        threads = self._package.targets(sheet, "threadedComment")
        for part in threads:
            for comment in descendants(self._package.tree(part), "threadedComment"):
                words = child(comment, "text")
                if words is not None:
                    self._text.line(f"Comment on {attribute(comment, 'ref')}: {words.text or ''}")
        for part in self._package.targets(sheet, "comments"):
            for comment in descendants(self._package.tree(part), "comment"):
                text = _rich_text(comment)
                if text and not (threads and text.startswith(_THREADED)):
                    self._text.line(f"Comment on {attribute(comment, 'ref')}: {text}")

    def _read_drawings(self, sheet: str) -> None:
        for part in self._package.targets(sheet, "drawing"):
            for body in descendants(self._package.tree(part), "txBody"):
                for line in body_text(body).splitlines():
                    self._text.line(line)
            for chart in self._package.targets(part, "chart"):
                for cells in chart_lines(self._package.tree(chart)):
                    self._text.line(" | ".join(cells))


def _rich_text(element: etree._Element) -> str:
    """Text and its runs; the reading printed over characters is left out."""
    return "".join(
        text.text or ""
        for text in descendants(element, "t")
        if (parent := text.getparent()) is None or local_name(parent) != "rPh"
    )


@lru_cache(maxsize=4096)
def _column(letters: str, otherwise: int) -> int:
    """The column, from 0, that is called by these letters (`AB`)."""
    column = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            return otherwise
        column = column * 26 + ord(letter) - 64
        if column > _MAX_COLUMNS:
            break
    return column - 1 if column else otherwise
