"""Reads source code: the text as it stands, with a heading at each class, function and method."""

import re
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from readingroom.core.extraction import ExtractedDocument, Heading, ReadLimits
from readingroom.documents.blocks import MAX_LEVEL
from readingroom.documents.decoding import decode
from readingroom.documents.readers import OnProgress, OpenText
from readingroom.documents.text import read_text_parts, single_page

if TYPE_CHECKING:
    from tree_sitter import Node

    from readingroom.documents.structured.languages import Grammar

_MAX_PARSED = 2 * 1024 * 1024
"""Bytes; longer source is made by programs."""
_PARSE_S = 3.0
"""Real files of that length take half a second; broken ones may take long."""
_PIECE = 64 * 1024
_DEEPEST_NAME = 20
_LONGEST_NAME = 200
_CPP_HEADER = re.compile(rb"^\s*(?:class|namespace|template)\b[^;]*[{<]", re.MULTILINE)


def read_code(file: OpenText, limits: ReadLimits, on_progress: OnProgress) -> Iterator[ExtractedDocument]:
    """Read source code; without headings where the language is not known or the file very long. Raises `NotText`."""
    from readingroom.documents.structured.languages import LANGUAGE_BY_SUFFIX

    language = LANGUAGE_BY_SUFFIX.get(file.suffix)
    if language is None or file.size > min(_MAX_PARSED, limits.max_chars):
        yield from read_text_parts(file, "code", limits, on_progress)
        return
    text = decode(file.stream.read(file.size)).text
    yield replace(single_page("code", text), headings=find_definitions(text, language))


def find_definitions(text: str, language: str) -> tuple[Heading, ...]:
    """Name classes, functions and methods, `start` being their first line's; none where that takes too long."""
    from tree_sitter import Parser

    from readingroom.documents.structured.languages import GRAMMARS, load

    source = text.encode("utf-8", "replace")
    if language == "c" and _CPP_HEADER.search(source):
        language = "cpp"
    try:
        parser = Parser(load(language))
        end = time.monotonic() + _PARSE_S
        # Handed over piece by piece: only so can parsing be stopped.
        tree = parser.parse(
            lambda offset, _point: source[offset : offset + _PIECE],
            progress_callback=lambda _offset, _has_error: time.monotonic() > end,
        )
    except (ImportError, ValueError):
        return ()
    found = list(_definitions(tree.root_node, GRAMMARS[language], end))
    return tuple(_in_characters(found, source))


def _definitions(root: "Node", grammar: "Grammar", end: float) -> Iterator[Heading]:
    """In order of the text, with offsets in bytes; without recursion, since code may nest without end."""
    waiting: list[tuple[Node, int, int]] = [(root, 0, -1)]
    while waiting:
        if time.monotonic() > end:
            return
        node, depth, wrapped = waiting.pop()
        kind = node.type
        if kind in grammar.definitions and _is_definition(node, grammar):
            title = _title(node, grammar.definitions[kind])
            if title:
                depth += 1
                yield Heading(min(depth, MAX_LEVEL), title, node.start_byte if wrapped < 0 else wrapped)
            wrapped = -1
        elif kind in grammar.wrappers:
            wrapped = node.start_byte if wrapped < 0 else wrapped
        else:
            wrapped = -1
        waiting += [(inner, depth, wrapped) for inner in reversed(node.named_children)]


def _is_definition(node: "Node", grammar: "Grammar") -> bool:
    wanted = grammar.only_with.get(node.type)
    if wanted is None:
        return True
    value = node.child_by_field_name("value") or node.child_by_field_name("body")
    return value is not None and (not wanted or value.type in wanted)


def _title(node: "Node", word: str) -> str:
    if node.type == "impl_item":
        trait, of = node.child_by_field_name("trait"), node.child_by_field_name("type")
        name = " for ".join(_words(part) for part in (trait, of) if part is not None)
    else:
        name = _name(node)
    if not name:
        return ""
    return f"{word}{name}" if word.endswith(".") or not word else f"{word} {name}"


def _name(node: "Node") -> str:
    """The field `name`, in C at the end of a chain of declarators."""
    current: Node | None = node
    for _ in range(_DEEPEST_NAME):
        if current is None:
            return ""
        named = current.child_by_field_name("name")
        if named is not None and (current is node or current.type != "qualified_identifier"):
            return _words(named)
        inner = current.child_by_field_name("declarator")
        if inner is None and current.type == "reference_declarator":
            inner = next((child for child in current.named_children), None)
        if inner is None:
            return "" if current is node else _words(current)
        current = inner
    return ""


def _words(node: "Node") -> str:
    return " ".join((node.text or b"").decode("utf-8", "replace").split())[:_LONGEST_NAME]


def _in_characters(headings: list[Heading], source: bytes) -> Iterator[Heading]:
    at_bytes = at_chars = 0
    last = -1
    for heading in sorted(headings, key=lambda heading: heading.start):
        line = source.rfind(b"\n", 0, heading.start) + 1
        start = line if not source[line : heading.start].strip() else heading.start
        if start == last and heading.level > MAX_LEVEL:
            continue
        at_chars += len(source[at_bytes:start].decode("utf-8", "replace"))
        at_bytes = last = start
        yield replace(heading, start=at_chars)
