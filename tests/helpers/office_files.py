"""Office documents made from a few pieces of XML, for tests of their readers."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from readingroom.core.extraction import ExtractedDocument, ReadLimits
from readingroom.documents.registry import read_document, read_parts

DATA = Path(__file__).parents[1] / "data" / "documents"

_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SLIDE = "http://schemas.openxmlformats.org/presentationml/2006/main"
_DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{uri}:1.0"'
    for name, uri in {
        "office": "office",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "style": "style",
        "fo": "xsl-fo-compatible",
        "svg": "svg-compatible",
        "presentation": "presentation",
    }.items()
)


def read(path: Path, limits: ReadLimits | None = None) -> ExtractedDocument:
    """Read as the program does, without a password."""
    return read_document(path, limits or ReadLimits(), lambda _done, _total: None)


def read_locked(path: Path, *passwords: str) -> ExtractedDocument:
    """Read as the program does, with passwords to try."""
    (document,) = read_parts(path, ReadLimits(), lambda _done, _total: None, passwords)
    return document


def zipped(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    """Write parts into a package."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return path


def relations(targets: Mapping[str, tuple[str, str]]) -> str:
    """A part of relations: id -> (kind, target)."""
    lines = (
        f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{_RELATIONS}">{"".join(lines)}</Relationships>'


def sheet(rows: str, *, before: str = "", after: str = "") -> str:
    """A worksheet part around its rows."""
    return f'<worksheet xmlns="{_SHEET}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'


def text_rows(*rows: Sequence[str | float]) -> str:
    """Rows from the first on, a cell each: strings inline, numbers as they are."""
    lines = []
    for number, cells in enumerate(rows, start=1):
        shown = "".join(
            f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
            if isinstance(cell, str)
            else f"<c><v>{cell}</v></c>"
            for cell in cells
        )
        lines.append(f'<row r="{number}">{shown}</row>')
    return "".join(lines)


def workbook(
    path: Path,
    sheets: Mapping[str, str],
    *,
    states: Mapping[str, str] | None = None,
    styles: str = "",
    settings: str = "",
    parts: Mapping[str, str | bytes] | None = None,
) -> Path:
    """An XLSX file: sheet name -> worksheet part (`xl/worksheets/sheet1.xml` and so on)."""
    listed = "".join(
        f'<sheet name="{name}" sheetId="{n}" state="{(states or {}).get(name, "visible")}" r:id="s{n}"/>'
        for n, name in enumerate(sheets, start=1)
    )
    targets = {f"s{n}": ("worksheet", f"worksheets/sheet{n}.xml") for n in range(1, len(sheets) + 1)}
    written: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations({"main": ("officeDocument", "xl/workbook.xml")}),
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_OFFICE}">{settings}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": relations({**targets, "styles": ("styles", "styles.xml")}),
        "xl/styles.xml": f'<styleSheet xmlns="{_SHEET}">{styles}</styleSheet>',
    }
    for n, part in enumerate(sheets.values(), start=1):
        written[f"xl/worksheets/sheet{n}.xml"] = part
    return zipped(path, {**written, **(parts or {})})


def shape(
    text: str,
    *,
    at: tuple[int, int] | None = None,
    size: tuple[int, int] = (200, 50),
    held: str = "",
    run: str = "",
    properties: str = "",
    hidden: bool = False,
) -> str:
    """A shape of a slide with one paragraph a line; `held` is its placeholder's type."""
    place = ""
    if at is not None:
        place = f'<a:xfrm><a:off x="{at[0]}" y="{at[1]}"/><a:ext cx="{size[0]}" cy="{size[1]}"/></a:xfrm>'
    placeholder = f'<p:nvPr><p:ph type="{held}"/></p:nvPr>' if held else "<p:nvPr/>"
    lines = "".join(
        f"<a:p><a:r><a:rPr>{run}</a:rPr><a:t>{line}</a:t></a:r></a:p>" for line in text.split("\n")
    )
    return (
        f'<p:sp><p:nvSpPr><p:cNvPr id="1" name="x" hidden="{int(hidden)}"/><p:cNvSpPr/>{placeholder}</p:nvSpPr>'
        f"<p:spPr>{place}{properties}</p:spPr><p:txBody><a:bodyPr/>{lines}</p:txBody></p:sp>"
    )


def slide(shapes: str, *, attributes: str = "", background: str = "", root: str = "sld") -> str:
    """A slide part (or a layout, or notes) around its shapes."""
    return (
        f'<p:{root} xmlns:p="{_SLIDE}" xmlns:a="{_DRAWING}" xmlns:r="{_OFFICE}" {attributes}>'
        f"<p:cSld>{background}<p:spTree><p:grpSpPr/>{shapes}</p:spTree></p:cSld></p:{root}>"
    )


def presentation(
    path: Path, slides: Mapping[str, str], *, parts: Mapping[str, str | bytes] | None = None
) -> Path:
    """A PPTX file of 1000 x 800: file name of a slide -> its part, in the order of the show."""
    listed = "".join(f'<p:sldId id="{n}" r:id="s{n}"/>' for n in range(len(slides)))
    return zipped(
        path,
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": relations({"main": ("officeDocument", "ppt/presentation.xml")}),
            "ppt/presentation.xml": (
                f'<p:presentation xmlns:p="{_SLIDE}" xmlns:r="{_OFFICE}"><p:sldIdLst>{listed}</p:sldIdLst>'
                '<p:sldSz cx="1000" cy="800"/></p:presentation>'
            ),
            "ppt/_rels/presentation.xml.rels": relations(
                {f"s{n}": ("slide", f"slides/{name}") for n, name in enumerate(slides)}
            ),
            **{f"ppt/slides/{name}": part for name, part in slides.items()},
            **(parts or {}),
        },
    )


def word(path: Path, body: str, *, parts: Mapping[str, str] | None = None, before: str = "") -> Path:
    """A DOCX file; `parts` maps `styles` and the like to their inner XML, `before` stands before the body."""
    written: dict[str, str | bytes] = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": relations({"main": ("officeDocument", "word/document.xml")}),
        "word/document.xml": f'<w:document xmlns:w="{_WORD}">{before}<w:body>{body}</w:body></w:document>',
        "word/_rels/document.xml.rels": relations({kind: (kind, f"{kind}.xml") for kind in parts or {}}),
    }
    for kind, inner in (parts or {}).items():
        written[f"word/{kind}.xml"] = f'<w:{kind} xmlns:w="{_WORD}">{inner}</w:{kind}>'
    return zipped(path, written)


def words(text: str, properties: str = "", paragraph: str = "") -> str:
    """A paragraph of a Word document, with properties of its run and its own."""
    return f"<w:p><w:pPr>{paragraph}</w:pPr><w:r><w:rPr>{properties}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


def opendocument(path: Path, kind: str, body: str, *, automatic: str = "", styles: str = "") -> Path:
    """An OpenDocument package of a kind (`text`, `spreadsheet`, `presentation`)."""
    return zipped(
        path,
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": (
                f"<office:document-content {_ODF}><office:automatic-styles>{automatic}</office:automatic-styles>"
                f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document-content>"
            ),
            "styles.xml": f"<office:document-styles {_ODF}>{styles}</office:document-styles>",
        },
    )


def flat_opendocument(path: Path, kind: str, body: str) -> Path:
    """A flat OpenDocument file."""
    path.write_text(
        f'<?xml version="1.0"?><office:document {_ODF} '
        f'office:mimetype="application/vnd.oasis.opendocument.{kind}">'
        f"<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document>",
        encoding="utf-8",
    )
    return path
