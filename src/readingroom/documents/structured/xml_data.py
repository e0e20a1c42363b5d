"""Writes XML that holds data: a line a value under its name, a paragraph a record."""

from collections.abc import Iterator

from lxml import etree

from readingroom.documents.blocks import Block, Kind
from readingroom.documents.office.xml_parts import local_name

_SKIPPED_ATTRIBUTES = frozenset({"schemaLocation", "noNamespaceSchemaLocation", "space"})
_LONGEST_VALUE = 200
"""Characters; a longer value is prose, and stands without its name's line-mates."""


def data_blocks(root: etree._Element) -> Iterator[Block]:
    """Yield a block for each element that holds values, and for each with text and elements mixed."""
    events = etree.iterwalk(root, events=("start", "end"))
    record: list[str] = []
    leaf: etree._Element | None = None
    for event, element in events:
        name = local_name(element)
        if not name:
            continue
        if event == "end":
            if element is leaf:
                leaf = None
            elif record:
                yield Block(Kind.PARAGRAPH, "\n".join(record))
                record = []
            continue
        attributes = _attributes(element)
        if len(element) == 0 or _is_mixed(element):
            text = " ".join("".join(_texts(element)).split())
            events.skip_subtree()
            line = f"{name}: {text}" if text and len(text) <= _LONGEST_VALUE else text
            if attributes:
                line = f"{line} ({attributes})" if line else f"{name}: {attributes}"
            if line:
                record.append(line)
            leaf = element
            continue
        if record:
            yield Block(Kind.PARAGRAPH, "\n".join(record))
        record = [f"{name}: {attributes}"] if attributes else []
    if record:
        yield Block(Kind.PARAGRAPH, "\n".join(record))


def _texts(element: etree._Element) -> Iterator[str]:
    """All text below, words of neighbouring elements apart."""
    for part in element.iter():
        if isinstance(part.tag, str) and part.text:
            yield part.text
        if part is not element and part.tail:
            yield part.tail


def _attributes(element: etree._Element) -> str:
    pairs = ((str(key).rpartition("}")[2], " ".join(str(value).split())) for key, value in element.items())
    return "; ".join(f"{key}: {value}" for key, value in pairs if value and key not in _SKIPPED_ATTRIBUTES)


def _is_mixed(element: etree._Element) -> bool:
    return bool((element.text or "").strip()) or any((child.tail or "").strip() for child in element)
