"""Parts of zipped Office documents: how they relate, and their XML within bounds."""

import contextlib
import errno
import posixpath
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple
from zipfile import BadZipFile, ZipFile

from lxml import etree

from readingroom.core.errors import DocumentCorrupt
from readingroom.core.extraction import ReadLimits
from readingroom.documents.packages import check_unpacked_size, open_part

_MAX_TREE_BYTES = 64 * 1024 * 1024
"""Parts that are held as a tree take some ten times that; longer ones are read element by element or not at all."""


class Relation(NamedTuple):
    """A part that another refers to; strict and transitional types end in the same `kind`."""

    kind: str
    target: str


class PartTooLarge(ValueError):
    """A part is too large to be held as a tree."""


PART_ERRORS = (
    BadZipFile,
    zlib.error,
    EOFError,
    KeyError,
    ValueError,
    NotImplementedError,
    struct.error,
    RecursionError,
    etree.XMLSyntaxError,
)
"""What reading a damaged part may raise."""


class Package:
    """An opened zipped document. Names of parts are without a leading slash."""

    def __init__(self, archive: ZipFile) -> None:
        self._archive = archive
        # Some writers differ in case, or write backslashes, between a part and what refers to it.
        self._names = {_folded(name): name for name in archive.namelist()}
        self._relations: dict[str, dict[str, Relation]] = {}

    def has(self, part: str) -> bool:
        """Whether there is such a part."""
        return _folded(part) in self._names

    def size(self, part: str) -> int:
        """Bytes it will take unpacked. Raises `KeyError`."""
        return self._archive.getinfo(self._names[_folded(part)]).file_size

    def open(self, part: str) -> IO[bytes]:
        """A part to read from. Raises `PART_ERRORS`, `DocumentEncrypted`."""
        return open_part(self._archive, self._names[_folded(part)])

    def read(self, part: str) -> bytes:
        """Read a part whole. Raises `PART_ERRORS`, `DocumentEncrypted`."""
        if self.size(part) > _MAX_TREE_BYTES:
            raise PartTooLarge(part)
        with self.open(part) as stream:
            return stream.read()

    def tree(self, part: str) -> etree._Element:
        """Parse a part whole: entities unexpanded, nothing fetched. Raises `PART_ERRORS`, `DocumentEncrypted`."""
        return parse_bounded(self.read(part))

    def elements(self, part: str, *names: str) -> Iterator[etree._Element]:
        """Elements of those local names (or all) as they end. The caller forgets what it has done with.

        Entities stay unexpanded, nothing is fetched, depth and text nodes are bounded. Raises as `tree`.
        """
        with self.open(part) as stream:
            for _, element in etree.iterparse(
                stream,
                events=("end",),
                tag=tuple(f"{{*}}{name}" for name in names) or None,
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
                remove_comments=True,
                remove_pis=True,
            ):
                yield element

    def relations(self, source: str) -> dict[str, Relation]:
        """What `source` ("" is the package) refers to, by id; only parts that are there. Raises as `tree`."""
        if source not in self._relations:
            self._relations[source] = dict(self._read_relations(source))
        return self._relations[source]

    def targets(self, source: str, kind: str) -> list[str]:
        """Parts of a kind to which `source` is related, in order. Raises as `tree`."""
        return [relation.target for relation in self.relations(source).values() if relation.kind == kind]

    def _read_relations(self, source: str) -> Iterator[tuple[str, Relation]]:
        folder, name = posixpath.split(source)
        part = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(part):
            return
        for element in self.tree(part):
            if local_name(element) != "Relationship" or element.get("TargetMode") == "External":
                continue
            target = (element.get("Target") or "").replace("\\", "/")
            target = target.lstrip("/") if target.startswith("/") else posixpath.join(folder, target)
            target = posixpath.normpath(target)
            if self.has(target):
                kind = (element.get("Type") or "").rpartition("/")[2]
                yield element.get("Id") or "", Relation(kind, target)


@contextlib.contextmanager
def opened(path: Path, limits: ReadLimits, called: str) -> Iterator[Package]:
    """Open a zipped document, `called` so in reasons (`Word document`).

    Translates what goes wrong inside the `with` block: raises `DocumentCorrupt`, `DocumentEncrypted`,
    `DocumentTooLarge`, or the disk's own `OSError`.
    """
    try:
        with ZipFile(path) as archive:
            check_unpacked_size(archive, limits)
            yield Package(archive)
    except OSError as error:
        # zipfile seeks where a broken directory sends it; any other is the disk's.
        if error.errno != errno.EINVAL:
            raise
        raise DocumentCorrupt(f"The {called} is damaged and cannot be opened.") from error
    except etree.XMLSyntaxError as error:
        raise DocumentCorrupt(f"The {called} is damaged: its text cannot be read.") from error
    except RecursionError as error:
        raise DocumentCorrupt(f"The {called} is damaged: it is nested too deeply.") from error
    except PART_ERRORS as error:
        raise DocumentCorrupt(f"The {called} is damaged and cannot be opened.") from error


def parse_bounded(data: bytes) -> etree._Element:
    """Parse XML: entities unexpanded, nothing fetched, depth and text nodes bounded. Raises `XMLSyntaxError`."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(data, parser)


def local_name(element: etree._Element) -> str:
    """The tag without its namespace: strict and transitional documents differ in nothing else."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: etree._Element | None, name: str = "val") -> str:
    """An attribute by its local name; empty where there is none."""
    if element is None:
        return ""
    value = element.get(name)
    if value is not None:
        return value
    return next((str(value) for key, value in element.items() if str(key).rpartition("}")[2] == name), "")


def relation_id(element: etree._Element | None, name: str = "id") -> str:
    """An attribute of the relationships namespace: `r:id` stands beside a plain `id`."""
    if element is None:
        return ""
    return next(
        (
            str(value)
            for key, value in element.items()
            if str(key).endswith(f"/relationships}}{name}")  # its name differs in strict documents
        ),
        "",
    )


def child(element: etree._Element | None, *names: str) -> etree._Element | None:
    """Follow local names downwards, the first of each; None where the path ends early."""
    for name in names:
        element = (
            next((step for step in element if local_name(step) == name), None)
            if element is not None
            else None
        )
    return element


def descendants(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """All below of those local names, in document order."""
    return element.iter(*(f"{{*}}{name}" for name in names))


def forget(element: etree._Element) -> None:
    """Free an element that was read, and those before it."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def number(text: str) -> int | None:
    """A non-negative whole number of a sane size."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def core_title(package: Package) -> str:
    """The title among the document's properties; empty where there is none or it cannot be read."""
    with contextlib.suppress(*PART_ERRORS):
        for part in package.targets("", "core-properties"):
            for element in descendants(package.tree(part), "title"):
                return " ".join((element.text or "").split())[:300]
    return ""


def _folded(name: str) -> str:
    return name.replace("\\", "/").lower()
