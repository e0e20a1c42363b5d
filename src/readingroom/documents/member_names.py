"""Names and locators of documents inside documents."""

import mimetypes
import re
from typing import NamedTuple

from readingroom.core.errors import DocumentChanged
from readingroom.documents.formats import BY_SUFFIX, NAME_NOT_READ

_MAX_NAME = 150
_MAX_SUFFIX = 20
_DIGEST_DIGITS = 16
"""Of a content hash: enough to see that other bytes stand in its place."""
_LOCATOR = re.compile(
    r"(?P<kind>[a-z]+)(?P<where>[\w.+-]*?)(?:~(?P<digest>[0-9a-f]{16}))?(?P<suffix>\.[A-Za-z0-9]{1,10})?"
)
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")
_SUFFIX_OF_TYPE = {
    "message/rfc822": ".eml",
    "message/global": ".eml",
    "application/vnd.ms-outlook": ".msg",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "text/csv": ".csv",
    "image/jpeg": ".jpg",
    "image/jpg": ".jpg",
    "image/tiff": ".tif",
    "application/rtf": ".rtf",
    "text/rtf": ".rtf",
    "application/pdf": ".pdf",
    "application/msword": ".doc",
    "application/vnd.ms-excel": ".xls",
    "application/vnd.ms-powerpoint": ".ppt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
}


class Locator(NamedTuple):
    """A step of a locator, taken apart."""

    kind: str
    """Tells which reader wrote it."""
    where: str
    """In that reader's words."""
    digest: str
    """How the content hash begins; may be empty."""
    suffix: str
    """Of the member's name, with its dot; may be empty."""


def written_locator(kind: str, where: str, content_hash: str, name: str) -> str:
    """A locator that tells the reader, the place, what must stand there, and what kind of file it is."""
    suffix = _SUFFIX.search(name)
    return f"{kind}{where}~{content_hash[:_DIGEST_DIGITS]}{suffix.group() if suffix else ''}"


def parsed_locator(step: str) -> Locator:
    """Take a step apart. Raises `DocumentChanged` for one that no reader wrote."""
    match = _LOCATOR.fullmatch(step)
    if match is None:
        raise DocumentChanged("The document inside is no longer there.")
    return Locator(match["kind"], match["where"], match["digest"] or "", match["suffix"] or "")


def plain_name(raw: str) -> str:
    """A file name without folders, control characters and excess; may be empty."""
    last = raw.encode("utf-8", "replace").decode("utf-8").replace("\\", "/").rstrip("/").rpartition("/")[2]
    plain = " ".join("".join(character if character.isprintable() else " " for character in last).split())
    if not plain.strip("."):
        return ""
    if len(plain) <= _MAX_NAME:
        return plain
    stem, dot, suffix = plain.rpartition(".")
    if dot and len(suffix) < _MAX_SUFFIX:
        return f"{stem[: _MAX_NAME - _MAX_SUFFIX].rstrip()}.{suffix}"
    return plain[:_MAX_NAME].rstrip()


def with_suffix_of(name: str, content_type: str) -> str:
    """The name with the suffix that its media type has, unless it bears one that is known."""
    suffix = _SUFFIX.search(name)
    if suffix and (suffix.group().lower() in BY_SUFFIX or suffix.group().lower() in NAME_NOT_READ):
        return name
    wanted = _SUFFIX_OF_TYPE.get(content_type)
    if wanted is None and content_type != "application/octet-stream":
        # The library's own table: what is registered on this computer shall make no difference.
        wanted = mimetypes.MimeTypes(()).guess_extension(content_type)
    return f"{name}{wanted}" if wanted else name


class UniqueNames:
    """Gives each name once, whatever the case, and numbers further ones: `scan (2).pdf`."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}

    def unique(self, name: str) -> str:
        """The name, or one that differs."""
        stem, dot, suffix = name.rpartition(".")
        if not (dot and stem):
            stem, dot, suffix = name, "", ""
        candidate = name
        count = self._counts.get(name.casefold(), 1)
        while candidate.casefold() in self._taken:
            count += 1
            candidate = f"{stem} ({count}){dot}{suffix}"
        self._counts[name.casefold()] = count
        self._taken.add(candidate.casefold())
        return candidate
