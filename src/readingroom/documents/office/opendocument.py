"""Opens OpenDocument files, zipped or flat (one XML file), and knows their styles."""

import contextlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lxml import etree

from readingroom.core.errors import DocumentCorrupt, DocumentEncrypted
from readingroom.core.extraction import ReadLimits
from readingroom.documents.office.xml_parts import (
    PART_ERRORS,
    Package,
    attribute,
    descendants,
    local_name,
    opened,
    parse_bounded,
)

_CONTENT, _STYLES, _META, _MANIFEST = "content.xml", "styles.xml", "meta.xml", "META-INF/manifest.xml"
_MAX_FLAT_BYTES = 64 * 1024 * 1024
_DEEPEST_STYLE = 30
_WHITE = "#ffffff"
_UNREADABLE_PT = 1.0


@dataclass(slots=True)
class Style:
    """A style's own properties; those it inherits are found by `Styles.lineage`."""

    name: str
    family: str
    parent: str
    values: dict[str, str] = field(default_factory=dict)
    """Properties of all kinds by local name (`display`, `color`, `visibility`)."""


class Styles:
    """The styles of a document by family and name."""

    def __init__(self) -> None:
        self._styles: dict[tuple[str, str], Style] = {}
        self._numbered: dict[tuple[str, int], int] = {}

    def read(self, root: etree._Element) -> None:
        """Take the styles below an element; later ones win."""
        for element in descendants(root, "style"):
            style = Style(
                attribute(element, "display-name") or attribute(element, "name"),
                attribute(element, "family"),
                attribute(element, "parent-style-name"),
            )
            for properties in element:
                if local_name(properties).endswith("-properties"):
                    for key, value in properties.items():
                        style.values[str(key).rpartition("}")[2]] = str(value)
            self._styles[style.family, attribute(element, "name")] = style
        for element in descendants(root, "list-level-style-number"):
            parent = element.getparent()
            level, start = attribute(element, "level"), attribute(element, "start-value")
            if parent is not None and level.isdigit() and attribute(element, "num-format"):
                first = int(start) if start.isdigit() and len(start) < 9 else 1
                self._numbered[attribute(parent, "name"), int(level)] = first

    def lineage(self, family: str, name: str) -> Iterator[Style]:
        """A style and what it is based on; a circle ends."""
        for _ in range(_DEEPEST_STYLE):
            style = self._styles.get((family, name))
            if style is None:
                return
            yield style
            name = style.parent

    def value(self, family: str, name: str, key: str) -> str:
        """A property, inherited or not; empty where there is none."""
        return next((s.values[key] for s in self.lineage(family, name) if key in s.values), "")

    def first_number(self, list_style: str, level: int) -> int | None:
        """Where the numbers of a list's level begin; None for bullets."""
        return self._numbered.get((list_style, level))

    def unseen(self, family: str, name: str) -> bool:
        """Whether letters of a style cannot be seen whatever they stand on."""
        if self.value(family, name, "display") == "none":
            return True
        size = self.value(family, name, "font-size")
        return size.endswith("pt") and _points(size) < _UNREADABLE_PT

    def white(self, family: str, name: str) -> bool | None:
        """Whether letters are white on no ground of their own; None where the style does not say."""
        colour = self.value(family, name, "color").lower()
        ground = self.value(family, name, "background-color").lower()
        if ground not in {"", "transparent", _WHITE}:
            return False
        return colour == _WHITE if colour else None


class OpenDocument:
    """An opened OpenDocument file."""

    def __init__(self, package: Package | None, flat: etree._Element | None) -> None:
        self.package = package
        self._flat = flat

    def content(self, *names: str) -> Iterator[etree._Element]:
        """Elements of the content of those local names, each when it is complete. Raises `PART_ERRORS`."""
        if self.package is not None:
            yield from self.package.elements(_CONTENT, *names)
        elif self._flat is not None:
            # Children before parents, as they are completed in a file that is read.
            for element in list(_completed(self._flat)):
                if local_name(element) in names:
                    yield element

    def styles_root(self) -> etree._Element | None:
        """The part with common styles, headers and master pages. Raises `PART_ERRORS`."""
        if self.package is None:
            return self._flat
        return self.package.tree(_STYLES) if self.package.has(_STYLES) else None

    def title(self) -> str:
        """The title among the document's properties; empty where there is none."""
        with contextlib.suppress(*PART_ERRORS):
            meta = self._flat
            if self.package is not None:
                meta = self.package.tree(_META) if self.package.has(_META) else None
            found = next(descendants(meta, "title"), None) if meta is not None else None
            return " ".join((found.text or "").split())[:300] if found is not None else ""
        return ""

    def size(self) -> int:
        """Bytes of the content, unpacked."""
        return self.package.size(_CONTENT) if self.package is not None else 0


@contextlib.contextmanager
def opened_opendocument(path: Path, limits: ReadLimits, called: str) -> Iterator[OpenDocument]:
    """Open a file, `called` so in reasons. Raises as `opened`; `DocumentEncrypted` where it has a password."""
    with path.open("rb") as stream:
        zipped = stream.read(2) == b"PK"
    if zipped or not path.stat().st_size:
        with opened(path, limits, called) as package:
            if is_encrypted(package):
                raise DocumentEncrypted("The OpenDocument file needs a password.")
            yield OpenDocument(package, None)
        return
    try:
        if path.stat().st_size > _MAX_FLAT_BYTES:
            raise DocumentCorrupt(f"The {called} is not zipped and too large to be read at once.")
        yield OpenDocument(None, parse_bounded(path.read_bytes()))
    except RecursionError as error:
        raise DocumentCorrupt(f"The {called} is damaged: it is nested too deeply.") from error
    except PART_ERRORS as error:
        raise DocumentCorrupt(f"The {called} is damaged and cannot be opened.") from error


def is_encrypted(package: Package) -> bool:
    """Whether the package's manifest names parts that are encrypted."""
    if package.has("encrypted-package"):
        return True
    with contextlib.suppress(*PART_ERRORS):
        return next(descendants(package.tree(_MANIFEST), "encryption-data"), None) is not None
    return False


def is_encrypted_file(path: Path) -> bool:
    """Whether a zipped OpenDocument file needs a password; what cannot be opened does not."""
    try:
        with zipfile.ZipFile(path) as archive:
            return is_encrypted(Package(archive))
    except (*PART_ERRORS, OSError):
        return False


def _completed(root: etree._Element) -> Iterator[etree._Element]:
    for _, element in etree.iterwalk(root, events=("end",)):
        yield element


def _points(size: str) -> float:
    try:
        return float(size.removesuffix("pt"))
    except ValueError:
        return 10.0
