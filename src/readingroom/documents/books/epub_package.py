"""What an EPUB file says of itself: its parts in reading order, its table of contents, its locks."""

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml import etree

from readingroom.core.errors import DocumentCorrupt
from readingroom.documents.office.xml_parts import PART_ERRORS, Package, attribute, local_name

_CONTAINER, _ENCRYPTION = "META-INF/container.xml", "META-INF/encryption.xml"
_USUAL_ROOTS = ("OEBPS/content.opf", "content.opf", "OPS/content.opf", "EPUB/package.opf", "OPS/package.opf")
_PAGES = frozenset({"application/xhtml+xml", "text/html", "text/x-oeb1-document", "application/x-dtbook+xml"})
_MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table of contents."""

    label: str
    part: str
    """Empty where it leads nowhere."""
    fragment: str
    """Id of the element that it leads to; empty for the part's beginning."""
    depth: int
    """From 1."""


@dataclass(frozen=True, slots=True)
class Book:
    """An opened EPUB file."""

    title: str
    parts: tuple[str, ...]
    """Pages in reading order."""
    contents: tuple[Entry, ...]
    locked: frozenset[str]
    """Parts that are encrypted: fonts often are, and then only scrambled."""


def read_book(package: Package) -> Book:
    """Read what stands around the text. Raises `DocumentCorrupt`, `PART_ERRORS`."""
    root_part = _root_part(package)
    root = _tree(package, root_part)
    folder = posixpath.dirname(root_part)
    items: dict[str, tuple[str, str, str]] = {}
    for element in _descendants(root, "item"):
        target, _ = _target(folder, attribute(element, "href"))
        items[attribute(element, "id")] = (
            target,
            attribute(element, "media-type"),
            attribute(element, "properties"),
        )
    nav = next((target for target, _, kinds in items.values() if "nav" in kinds.split()), "")
    spine = [attribute(element, "idref") for element in _descendants(root, "itemref")]
    parts = [items[name][0] for name in spine if name in items and items[name][1] in _PAGES]
    if not parts:
        # Broken books: all pages, as the package lists them.
        parts = [target for target, kind, _ in items.values() if kind in _PAGES]
    parts = [part for part in dict.fromkeys(parts) if part != nav and package.has(part)]
    ncx = next((target for target, kind, _ in items.values() if kind == "application/x-dtbncx+xml"), "")
    return Book(
        next((_words(element) for element in _descendants(root, "title") if _words(element)), "")[:300],
        tuple(parts),
        tuple(_contents(package, nav, ncx)),
        _locked(package),
    )


def _root_part(package: Package) -> str:
    if package.has(_CONTAINER):
        for element in _descendants(_tree(package, _CONTAINER), "rootfile"):
            part = unquote(attribute(element, "full-path"))
            if package.has(part):
                return part
    found = next((part for part in _USUAL_ROOTS if package.has(part)), "")
    if not found:
        raise DocumentCorrupt("The e-book is damaged: its list of parts is missing.")
    return found


def _contents(package: Package, nav: str, ncx: str) -> Iterator[Entry]:
    """From the newer table, or the older where that one is missing or empty."""
    for part, read in ((nav, _from_nav), (ncx, _from_ncx)):
        if not part or not package.has(part):
            continue
        try:
            entries = list(read(_tree(package, part), posixpath.dirname(part)))
        except PART_ERRORS:
            continue
        if entries:
            yield from entries
            return


def _from_nav(root: etree._Element, folder: str) -> Iterator[Entry]:
    navs = list(_descendants(root, "nav"))
    nav = next((nav for nav in navs if "toc" in attribute(nav, "type").split()), navs[0] if navs else None)
    if nav is not None:
        yield from _from_list(nav, folder, 0)


def _from_list(element: etree._Element, folder: str, depth: int) -> Iterator[Entry]:
    if depth > _MAX_DEPTH:
        return
    for child in element:
        name = local_name(child)
        if name in {"a", "span"} and depth:
            part, fragment = _target(folder, attribute(child, "href"))
            yield Entry(_words(child), part, fragment, depth)
        elif name == "li":
            yield from _from_list(child, folder, depth)
        elif name == "ol":
            yield from _from_list(child, folder, depth + 1)


def _from_ncx(root: etree._Element, folder: str) -> Iterator[Entry]:
    for nav_map in _descendants(root, "navMap"):
        yield from _from_points(nav_map, folder, 1)


def _from_points(element: etree._Element, folder: str, depth: int) -> Iterator[Entry]:
    if depth > _MAX_DEPTH:
        return
    for point in element:
        if local_name(point) != "navPoint":
            continue
        label = next((_words(child) for child in point if local_name(child) == "navLabel"), "")
        source = next((attribute(child, "src") for child in point if local_name(child) == "content"), "")
        part, fragment = _target(folder, source)
        yield Entry(label, part, fragment, depth)
        yield from _from_points(point, folder, depth + 1)


def _locked(package: Package) -> frozenset[str]:
    if not package.has(_ENCRYPTION):
        return frozenset()
    references = _descendants(_tree(package, _ENCRYPTION), "CipherReference")
    return frozenset(posixpath.normpath(unquote(attribute(reference, "URI"))) for reference in references)


def _tree(package: Package, part: str) -> etree._Element:
    """Parse a part, making the best of one that is not well formed. Raises `PART_ERRORS`."""
    try:
        return package.tree(part)
    except etree.XMLSyntaxError:
        parser = etree.XMLParser(
            recover=True, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        root = etree.fromstring(package.read(part), parser)
        if root is None:
            raise
        return root


def _target(folder: str, address: str) -> tuple[str, str]:
    try:
        split = urlsplit(address)
    except ValueError:
        return "", ""
    if split.scheme or not split.path:
        return "", ""
    return posixpath.normpath(posixpath.join(folder, unquote(split.path))), unquote(split.fragment)


def _descendants(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (found for found in element.iter("{*}*") if local_name(found) == name)


def _words(element: etree._Element) -> str:
    return " ".join("".join(str(piece) for piece in element.itertext()).split())
