"""Reads sheets that Excel 2003 saved as XML: a row a line."""

from collections.abc import Iterator

from lxml import etree

from readingroom.core.extraction import ExtractedDocument, Page, ReadLimits, Table
from readingroom.documents.office.table_text import Row, TableText, cell_text
from readingroom.documents.office.xml_parts import attribute, local_name, number

NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
_MAX_COLUMN = 16_384
_MAX_ROW = 1_048_576


def read_spreadsheet(root: etree._Element, limits: ReadLimits) -> ExtractedDocument:
    """Read each sheet that can be seen as a page, named in its first line."""
    pages: list[Page] = []
    tables: list[Table] = []
    notes: list[str] = []
    offset = 0
    hidden = 0
    for count, sheet in enumerate(_children(root, "Worksheet"), start=1):
        name = attribute(sheet, "Name")
        if any((visible.text or "").startswith("Sheet") for visible in sheet.iter("{*}Visible")):
            hidden += 1
            continue
        heading = f"# {name}\n\n" if name else ""
        table = TableText(offset + len(heading))
        for row in _rows(sheet):
            if table.end_with(row) > limits.max_chars:
                notes.append(f"Only the first {limits.max_chars:,} characters were read: that is the limit.")
                break
            table.add(row)
        written, found = table.finish()
        text = f"{heading}{written}\n" if written else heading
        pages.append(Page(count, offset, text, name))
        tables += found
        offset += len(text)
        if notes:
            break
    if hidden:
        notes.append(
            f"{hidden:,} hidden sheets were left out." if hidden > 1 else "A hidden sheet was left out."
        )
    return ExtractedDocument(
        "xml", tuple(pages or [Page(None, 0, "")]), notes=tuple(notes), tables=tuple(tables)
    )


def _rows(sheet: etree._Element) -> Iterator[Row]:
    row_number = 0
    for table in _children(sheet, "Table"):
        for row in _children(table, "Row"):
            row_number = min(max(number(attribute(row, "Index")) or 0, row_number + 1), _MAX_ROW)
            if attribute(row, "Hidden") == "1":
                continue
            cells = []
            column = 0
            for cell in _children(row, "Cell"):
                column = min(max(number(attribute(cell, "Index")) or 0, column + 1), _MAX_COLUMN)
                text = cell_text(
                    " ".join(
                        "".join(str(t) for t in part.itertext())
                        for part in _children(cell, "Data", "Comment")
                    )
                )
                if text:
                    cells.append((column - 1, text))
                column += number(attribute(cell, "MergeAcross")) or 0
            yield Row(row_number, tuple(cells))


def _children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    return (child for child in element if local_name(child) in names)
