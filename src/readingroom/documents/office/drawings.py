"""Words in drawings of Office documents: paragraphs of shapes, charts and SmartArt diagrams."""

from collections.abc import Iterator

from lxml import etree

from readingroom.documents.office.xml_parts import attribute, child, descendants, local_name

_MAX_POINTS = 2000
"""Values of a chart's series that are written; a longer one is a curve, not text."""


def alternatives(element: etree._Element) -> Iterator[etree._Element]:
    """The children, and of things drawn twice, for new and old programs, the first that has words."""
    for step in element:
        if local_name(step) != "AlternateContent":
            yield step
            continue
        for choice in step:
            if any((text.text or "").strip() for text in descendants(choice, "t")):
                yield from alternatives(choice)
                break


def paragraph_text(paragraph: etree._Element) -> str:
    """The words of an `a:p`; a number that the program fills in (of the slide, of pages) is left out."""
    pieces: list[str] = []
    for step in alternatives(paragraph):
        name = local_name(step)
        if name == "br":
            pieces.append("\n")
        elif name == "tab":
            pieces.append("\t")
        elif name != "fld" or attribute(step, "type") != "slidenum":
            pieces.extend(text.text or "" for text in descendants(step, "t"))
    return "".join(pieces).replace("\v", "\n").strip()


def body_text(element: etree._Element) -> str:
    """All paragraphs below an element, a line each."""
    texts = (paragraph_text(paragraph) for paragraph in descendants(element, "p"))
    return "\n".join(text for text in texts if text)


def chart_lines(chart: etree._Element) -> Iterator[list[str]]:
    """A chart's title and axis titles, then its numbers as rows of cells, categories first."""
    for title in descendants(chart, "title"):
        words = " ".join(body_text(child_or_self(title)).split()) or " ".join(_cached(title).values())
        if words:
            yield [words]
    series = list(descendants(chart, "ser"))
    names = [" ".join(_cached(child(one, "tx")).values()) for one in series]
    values = [_cached(_first(one, "val", "yVal")) for one in series]
    categories: dict[int, str] = {}
    for one in series:
        categories = categories or _cached(_first(one, "cat", "xVal"))
    if any(names):
        yield ["", *names] if categories else names
    for place in sorted({*categories, *(place for column in values for place in column)})[:_MAX_POINTS]:
        row = [categories.get(place, ""), *(column.get(place, "") for column in values)]
        yield row if categories else row[1:]


def child_or_self(element: etree._Element) -> etree._Element:
    """The rich text of a title, where it has any."""
    found = child(element, "tx", "rich")
    return element if found is None else found


def diagram_texts(data: etree._Element) -> Iterator[tuple[int, str]]:
    """The points of a SmartArt diagram that have words, as (depth from 1, text), parents before children."""
    texts: dict[str, str] = {}
    for point in descendants(data, "pt"):
        words = child(point, "t")
        if words is not None and attribute(point, "type") in {"", "node", "asst", "doc"}:
            texts[attribute(point, "modelId")] = " ".join(body_text(words).split())
    children: dict[str, list[tuple[int, str]]] = {}
    below: set[str] = set()
    for link in descendants(data, "cxn"):
        source, target = attribute(link, "srcId"), attribute(link, "destId")
        if attribute(link, "type") in {"", "parOf"} and target in texts:
            order = attribute(link, "srcOrd")
            children.setdefault(source, []).append((int(order) if order.isdigit() else 0, target))
            below.add(target)
    roots = [place for place in texts if place not in below]
    seen: set[str] = set()
    waiting = [(place, 0) for place in reversed(roots)]
    while waiting:
        place, depth = waiting.pop()
        if place in seen:
            continue
        seen.add(place)
        if texts.get(place):
            yield max(depth, 1), texts[place]
        waiting.extend((target, depth + 1) for _, target in sorted(children.get(place, ()), reverse=True))
    # What stands in a circle hangs from no root.
    yield from ((1, text) for place, text in texts.items() if place not in seen and text)


def _first(element: etree._Element, *names: str) -> etree._Element | None:
    return next((found for name in names if (found := child(element, name)) is not None), None)


def _cached(element: etree._Element | None) -> dict[int, str]:
    """Values stored with a reference into a workbook, by their place."""
    if element is None:
        return {}
    found: dict[int, str] = {}
    for place, point in enumerate(descendants(element, "pt")):
        value = child(point, "v")
        index = attribute(point, "idx")
        text = " ".join((value.text or "").split()) if value is not None else ""
        if text:
            # Several levels of categories bear the same places.
            at = int(index) if index.isdigit() and len(index) < 9 else place
            found[at] = f"{text} {found[at]}" if at in found else text
    if not found:
        direct = child(element, "v")
        if direct is not None and (direct.text or "").strip():
            found[0] = " ".join((direct.text or "").split())
    return found
