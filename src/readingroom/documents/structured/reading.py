"""Picks the reader of a format made of characters; each is loaded on demand."""

from readingroom.documents.readers import ReadOpenText

NAMES = frozenset(
    {"text", "code", "rst", "org", "asciidoc", "latex", "subtitles", "json", "jsonl", "notebook", "xml"}
)
"""Formats read from an open file, of any length, in parts."""


def reader_of(format_name: str) -> ReadOpenText:
    """The reader of a format among `NAMES`; of plain text for any other."""
    match format_name:
        case "code":
            from readingroom.documents.structured.source_code import read_code

            return read_code
        case "rst":
            from readingroom.documents.structured.line_headings import read_rst

            return read_rst
        case "org":
            from readingroom.documents.structured.line_headings import read_org

            return read_org
        case "asciidoc":
            from readingroom.documents.structured.line_headings import read_asciidoc

            return read_asciidoc
        case "latex":
            from readingroom.documents.structured.latex import read_latex

            return read_latex
        case "subtitles":
            from readingroom.documents.structured.subtitles import read_subtitles

            return read_subtitles
        case "json":
            from readingroom.documents.structured.json_data import read_json

            return read_json
        case "jsonl":
            from readingroom.documents.structured.json_data import read_json_lines

            return read_json_lines
        case "notebook":
            from readingroom.documents.structured.notebook import read_notebook

            return read_notebook
        case "xml":
            from readingroom.documents.structured.xml_document import read_xml

            return read_xml
        case _:
            from readingroom.documents.text import read_plain

            return read_plain
