"""Reads Jupyter notebooks as light Markdown: cells of text, of code, and what the code printed."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from readingroom.core.extraction import ExtractedDocument, Heading, ReadLimits
from readingroom.documents.decoding import decode
from readingroom.documents.markdown import find_headings
from readingroom.documents.readers import OnProgress, OpenText
from readingroom.documents.structured.json_data import DAMAGED_NOTE, TOO_LONG_NOTE, noted, parse_json
from readingroom.documents.text import read_text_parts, single_page

_MAX_WHOLE = 128 * 1024 * 1024
"""Bytes; most of a large notebook is pictures."""
_LONGEST_OUTPUT = 10_000
"""Characters; logs of hours of training stand in notebooks too."""
_COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_OVERWRITTEN = re.compile(r"[^\n]*\r(?!\n)")
_EMBEDDED = re.compile(r"\(data:[a-z]+/[\w.+-]+;base64,[A-Za-z0-9+/=\s]*\)?")
_FENCE_RUN = re.compile(r"^\s*(`{3,})", re.MULTILINE)


def read_notebook(file: OpenText, limits: ReadLimits, on_progress: OnProgress) -> Iterator[ExtractedDocument]:
    """Read text, code and printed text; no pictures and no HTML. A damaged one is plain text. Raises `NotText`."""
    if file.size > _MAX_WHOLE:
        yield from noted(read_text_parts(file, "notebook", limits, on_progress), TOO_LONG_NOTE)
        return
    try:
        notebook = parse_json(decode(file.stream.read(file.size)).text)
    except ValueError:
        notebook = None
    if not isinstance(notebook, Mapping) or not ({"cells", "worksheets"} & notebook.keys()):
        file.stream.seek(0)
        yield from noted(read_text_parts(file, "notebook", limits, on_progress), DAMAGED_NOTE)
        return
    yield _written(notebook, limits)


def _written(notebook: Mapping[str, Any], limits: ReadLimits) -> ExtractedDocument:
    pieces: list[str] = []
    headings: list[Heading] = []
    offset = 0
    notes: tuple[str, ...] = ()
    metadata = _mapping(notebook.get("metadata"))
    language = str(_mapping(metadata.get("kernelspec")).get("language") or "")
    for is_markdown, piece in _pieces(notebook, language if language.isalnum() else ""):
        text = piece.strip("\n") + "\n"
        if not text.strip():
            continue
        if pieces:
            pieces.append("\n")
            offset += 1
        if offset + len(text) > limits.max_chars:
            pieces.append(text[: limits.max_chars - offset])
            notes = (f"Only the first {limits.max_chars:,} characters were read: that is the limit.",)
            break
        if is_markdown:
            headings += [replace(found, start=found.start + offset) for found in find_headings(text)]
        pieces.append(text)
        offset += len(text)
    title = metadata.get("title")
    if not isinstance(title, str) or not title.strip():
        title = next((heading.title for heading in headings if heading.level == 1), "")
    return replace(
        single_page("notebook", "".join(pieces)),
        headings=tuple(headings),
        title=" ".join(title.split())[:300],
        notes=notes,
    )


def _pieces(notebook: Mapping[str, Any], language: str) -> Iterator[tuple[bool, str]]:
    """Text of cells and outputs in order; whether it is Markdown."""
    for cell in _cells(notebook):
        kind = cell.get("cell_type")
        source = _joined(cell.get("source", cell.get("input")))
        if kind == "code":
            if source.strip():
                yield False, _fenced(source, language)
            for output in _list(cell.get("outputs")):
                yield False, _output(_mapping(output))
        elif kind == "heading":
            level = str(cell.get("level", "1"))
            yield True, f"{'#' * (int(level) if level in '123456' else 1)} {' '.join(source.split())}"
        else:
            yield kind == "markdown", _EMBEDDED.sub("", source)


def _cells(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    sheets = [notebook, *(_mapping(sheet) for sheet in _list(notebook.get("worksheets")))]
    for sheet in sheets:
        for cell in _list(sheet.get("cells")):
            if isinstance(cell, Mapping):
                yield cell


def _output(output: Mapping[str, Any]) -> str:
    kind = output.get("output_type")
    if kind in {"error", "pyerr"}:
        text = f"{_joined(output.get('ename'))}: {_joined(output.get('evalue'))}"
    elif kind == "stream":
        text = _joined(output.get("text"))
    else:
        data = _mapping(output.get("data", output))
        if any(key.startswith("image/") or key in {"png", "jpeg", "svg"} for key in data):
            # Its text only names the picture: `<Figure size 640x480 with 1 Axes>`.
            return ""
        text = _joined(data.get("text/plain", data.get("text")))
    text = _OVERWRITTEN.sub("", _COLOURS.sub("", text)).strip("\n")
    if len(text) > _LONGEST_OUTPUT:
        text = text[:_LONGEST_OUTPUT] + "\n…"
    return _fenced(text, "") if text.strip() else ""


def _fenced(text: str, language: str) -> str:
    longest = max((len(run) for run in _FENCE_RUN.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def _joined(source: Any) -> str:
    if isinstance(source, list):
        return "".join(line for line in source if isinstance(line, str))
    return source if isinstance(source, str) else ""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
