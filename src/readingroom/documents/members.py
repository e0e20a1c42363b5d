"""Documents inside documents: finds their bytes again."""

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from shutil import rmtree
from typing import BinaryIO

import psutil

from readingroom.core.errors import DocumentChanged, DocumentUnsupported
from readingroom.core.extraction import FileRef, ReadLimits
from readingroom.documents.member_names import Locator, parsed_locator

_MAX_DEPTH = 5
_FOLDER = "readingroom-inside-"
_FOLDER_OF = re.compile(rf"{_FOLDER}(\d{{1,10}})-\w+")

CopyMember = Callable[[Path, str, BinaryIO, ReadLimits], None]
"""(container, where in it, file to write to, limits). Raises `ReadFailure`."""


def _mailbox() -> CopyMember:
    from readingroom.documents.mail.mbox import copy_message

    return copy_message


def _message() -> CopyMember:
    from readingroom.documents.mail.attachments import copy_attachment

    return copy_attachment


def _outlook() -> CopyMember:
    from readingroom.documents.mail.msg import copy_outlook_attachment

    return copy_outlook_attachment


def _pdf() -> CopyMember:
    from readingroom.documents.pdf_attachments import embedded_file

    def copy(path: Path, where: str, out: BinaryIO, limits: ReadLimits) -> None:
        out.write(embedded_file(path, f"embed{where}", limits))

    return copy


_READERS: Mapping[str, Callable[[], CopyMember]] = {
    "mbox": _mailbox,
    "mime": _message,
    "msg": _outlook,
    "embed": _pdf,
}
"""By the kind that a locator begins with."""


@contextmanager
def opened(file: FileRef, limits: ReadLimits) -> Iterator[Path]:
    """Give the path of a file, or of a private copy of the member that `file.locator` names.

    The copy bears the member's suffix and is gone afterwards. Raises `DocumentChanged` when the container no longer
    holds the member, `DocumentUnsupported` for one that lies too deep, and what reading the container raises.
    """
    if not file.locator:
        yield file.path
        return
    steps = [parsed_locator(step) for step in file.locator.split("/")]
    if len(steps) > _MAX_DEPTH:
        raise DocumentUnsupported(f"It lies more than {_MAX_DEPTH} documents deep in others.")
    _sweep()
    with ExitStack() as stack:
        # Only its owner may look in.
        folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-"))
        stack.callback(rmtree, folder, ignore_errors=True)
        path = file.path
        for number, step in enumerate(steps):
            inner = folder / f"{number}{step.suffix}"
            _copy(path, step, inner, limits)
            if number:
                path.unlink()
            path = inner
        yield path


def _copy(container: Path, step: Locator, target: Path, limits: ReadLimits) -> None:
    if step.kind not in _READERS:
        raise DocumentChanged("The document inside is no longer there.")
    copy = _READERS[step.kind]()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(descriptor, "wb") as out:
        try:
            copy(container, step.where, out, limits)
        except FileNotFoundError as error:
            raise DocumentChanged("The file is no longer there.") from error
    if step.digest and not _content_hash(target).startswith(step.digest):
        raise DocumentChanged("The file it is part of has changed.")


def _content_hash(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.blake2b(digest_size=32)).hexdigest()


@cache
def _sweep() -> None:
    """Once: remove what a process that was killed could not."""
    with suppress(OSError):
        for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*"):
            owner = _FOLDER_OF.fullmatch(folder.name)
            if owner is not None and not psutil.pid_exists(int(owner[1])):
                rmtree(folder, ignore_errors=True)
