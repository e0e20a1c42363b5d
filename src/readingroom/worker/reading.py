"""Reading and cutting in the low-priority child: the port for the parent, the handlers for the child."""

import hashlib
import os
import stat
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from readingroom.core.cancellation import CancelToken
from readingroom.core.chunking import HASH_BYTES
from readingroom.core.errors import (
    DocumentChanged,
    DocumentUnsupported,
    ReadFailure,
    WorkerCrashed,
)
from readingroom.core.extraction import ExtractedDocument, FileRef, Heading, ReadLimits, joined
from readingroom.core.models import Chunk
from readingroom.core.ports import Chunker, OnPart, ReadResult
from readingroom.worker.process import Bounds, ChildProcess
from readingroom.worker.protocol import Frame, ProtocolBroken
from readingroom.worker.serving import Handler, Request, Send
from readingroom.worker.transfer import Assembly, chunk_frames, document_frames

ROLE = "read"

_DEFAULT_LIMITS = ReadLimits()

_NO_DOCUMENTS = (
    (stat.S_ISFIFO, "pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)
_HASH_BLOCK = 1024 * 1024
_PROGRESS_S = 0.1

_GROWTH_BYTES = 64 * 1024 * 1024
"""A file that grew by so much since it was looked at is being written; it is not followed without end."""

OnProgress = Callable[[int, int | None], None]

ReadParts = Callable[[Path, ReadLimits, OnProgress, Sequence[str]], Iterator[ExtractedDocument]]
"""(path, limits, on_progress, passwords): read a file, a part after the other."""

OpenFile = Callable[[FileRef, ReadLimits], AbstractContextManager[Path]]
"""Give the path of a file, or of a copy of a document that lies inside another."""


class ReadWorker:
    """The `IngestWorker` port over a child process."""

    def __init__(self, data_dir: Path, *, memory_limit_bytes: int = _DEFAULT_LIMITS.memory_bytes) -> None:
        """`memory_limit_bytes` is what the system holds the child to; `ReadLimits` may be narrower."""
        self._memory_limit_bytes = memory_limit_bytes
        self.child = ChildProcess(ROLE, data_dir, memory_limit_bytes=memory_limit_bytes)

    def read(
        self,
        file: FileRef,
        *,
        embedding_model: str,
        limits: ReadLimits,
        known_hash: str | None = None,
        known_chunks: Collection[str] = frozenset(),
        passwords: Sequence[str] = (),
        on_part: OnPart | None = None,
        on_progress: OnProgress | None = None,
        cancel: CancelToken | None = None,
    ) -> ReadResult:
        """See `IngestWorker.read`."""
        request = Frame(
            {
                "call": "read",
                "path": str(file.path.absolute()),
                "locator": file.locator,
                "model": embedding_model,
                "limits": asdict(limits),
                "known_hash": known_hash,
                "passwords": list(passwords),
            },
            b"".join(bytes.fromhex(known) for known in known_chunks),
        )
        memory_bytes = min(limits.memory_bytes, self._memory_limit_bytes)
        bounds = Bounds(limits.timeout_s, limits.stall_s, memory_bytes)
        parts = _Parts(limits.max_chars, on_part)
        try:
            last = self._assemble([request], parts.take, bounds, cancel, on_progress)
            document, chunks = parts.last()
            return ReadResult(
                content_hash=str(last["content_hash"]),
                size_bytes=int(last["size_bytes"]),
                modified_at_ns=int(last["modified_at_ns"]),
                unchanged=bool(last["unchanged"]),
                document=document,
                chunks=chunks,
            )
        except (ProtocolBroken, KeyError, TypeError, ValueError) as error:
            raise WorkerCrashed(f"The {ROLE} process gave an answer that makes no sense.") from error

    def cut(
        self, document: ExtractedDocument, *, embedding_model: str, cancel: CancelToken | None = None
    ) -> tuple[Chunk, ...]:
        """See `IngestWorker.cut`."""
        text = document.text
        assembly = Assembly(0)
        try:
            request = cut_request(document, embedding_model)
            self._assemble(request, assembly.take, Bounds(), cancel, None)
            return assembly.chunks(text)
        except (ProtocolBroken, KeyError, TypeError, ValueError) as error:
            raise WorkerCrashed(f"The {ROLE} process gave an answer that makes no sense.") from error

    def close(self) -> None:
        """End the child."""
        self.child.close()

    def _assemble(
        self,
        request: Iterable[Frame],
        take: Callable[[Frame], None],
        bounds: Bounds,
        cancel: CancelToken | None,
        on_progress: OnProgress | None,
    ) -> dict[str, Any]:
        header: dict[str, Any] = {}
        for frame in self.child.stream(request, bounds=bounds, cancel=cancel):
            header = dict(frame.header)
            if header.get("is") == "progress":
                if on_progress is not None:
                    pages = header["pages"]
                    on_progress(int(header["page"]), None if pages is None else int(pages))
            else:
                take(frame)
        return header


class _Parts:
    """Takes in the parts of a document that is being read, and hands all but the last on."""

    def __init__(self, max_chars: int, on_part: OnPart | None) -> None:
        # A reader may end a little past the limit on characters; the bound here is against absurdity.
        self._max_chars = max_chars + 1_000_000
        self._on_part = on_part
        self._assembly: Assembly | None = None
        self._kept: list[tuple[ExtractedDocument, tuple[Chunk, ...]]] = []

    def take(self, frame: Frame) -> None:
        """Take a frame in. Raises `ProtocolBroken`, and what `on_part` raises."""
        if frame.header.get("is") == "document":
            self._hand_on()
            self._assembly = Assembly(self._max_chars)
        if self._assembly is not None:
            self._assembly.take(frame)

    def last(self) -> tuple[ExtractedDocument, tuple[Chunk, ...]]:
        """The last part, with all that were not handed on before it."""
        if self._assembly is not None:
            self._kept.append(self._finished(self._assembly))
        chunks = chain.from_iterable(chunks for _, chunks in self._kept)
        return (
            joined(document for document, _ in self._kept),
            tuple(replace(chunk, ordinal=ordinal) for ordinal, chunk in enumerate(chunks)),
        )

    def _hand_on(self) -> None:
        if self._assembly is None:
            return
        self._max_chars -= self._assembly.chars
        document, chunks = self._finished(self._assembly)
        if self._on_part is None:
            self._kept.append((document, chunks))
        else:
            self._on_part(document, chunks)

    def _finished(self, assembly: Assembly) -> tuple[ExtractedDocument, tuple[Chunk, ...]]:
        document = assembly.document()
        return document, assembly.chunks(document.text)


def cut_request(document: ExtractedDocument, embedding_model: str) -> Iterator[Frame]:
    """Frame a document for cutting."""
    yield Frame({"call": "cut", "model": embedding_model, "more": True})
    for frame in document_frames(document):
        yield Frame({**frame.header, "more": True}, frame.blob)
    yield Frame({})


def handlers(
    read_parts: ReadParts, open_file: OpenFile, chunker_for: Callable[[str], Chunker]
) -> dict[str, Handler]:
    """Make the child's handlers. `chunker_for` gives the chunker of an embedding model."""

    def read(request: Request, send: Send) -> Frame:
        header = request.header
        # First: without its embedding model no file can be cut.
        chunker = chunker_for(header["model"])
        limits = ReadLimits(**header["limits"])
        passwords = tuple(header["passwords"])
        return _read_file(
            FileRef(Path(header["path"]), header["locator"]),
            limits,
            header["known_hash"],
            lambda path: read_parts(path, limits, _Progress(send), passwords),
            open_file,
            partial(chunker.cut, known=_hashes(request.frames[0].blob)),
            send,
        )

    def cut(request: Request, send: Send) -> Frame:
        chunker = chunker_for(request.header["model"])
        length = sum(len(frame.blob) for frame in request.frames)
        assembly = Assembly(length)
        for frame in request.frames:
            assembly.take(frame)
        for frame in chunk_frames(chunker.cut(assembly.document())):
            send(frame)
        return Frame({})

    return {"read": read, "cut": cut}


def _read_file(
    file: FileRef,
    limits: ReadLimits,
    known_hash: str | None,
    read_parts: Callable[[Path], Iterator[ExtractedDocument]],
    open_file: OpenFile,
    cut: Callable[[ExtractedDocument], Iterator[Chunk]],
    send: Send,
) -> Frame:
    try:
        before = _stat(file.path)
        with open_file(file, limits) as path:
            size_bytes = _stat(path).st_size if file.locator else before.st_size
            # What is over the limit is mostly refused at once; to hash it first would take minutes.
            content_hash = _hash(path, size_bytes, send) if size_bytes <= limits.max_bytes else ""
            unchanged = bool(content_hash) and content_hash == known_hash
            if _identity(before) != _identity(_stat(file.path)):
                raise DocumentChanged("The file changed while it was being read.")
            try:
                if not unchanged:
                    _send_parts(read_parts(path), cut, send)
                content_hash = content_hash or _hash(path, size_bytes, send)
            except ReadFailure as error:
                if _identity(before) != _identity(_stat(file.path)):
                    # Half of a file that is being written looks broken; what is wrong is the moment.
                    raise DocumentChanged("The file changed while it was being read.") from error
                raise
        after = _stat(file.path)
    except FileNotFoundError as error:
        raise DocumentChanged("The file vanished while it was being read.") from error
    except OSError as error:
        raise ReadFailure(f"The file cannot be read: {error.strerror or type(error).__name__}.") from error
    if _identity(before) != _identity(after):
        raise DocumentChanged("The file changed while it was being read.")
    return Frame(
        {
            "content_hash": content_hash,
            "size_bytes": size_bytes,
            "modified_at_ns": after.st_mtime_ns,
            "unchanged": unchanged,
        }
    )


def _hashes(blob: bytes) -> frozenset[str]:
    return frozenset(blob[at : at + HASH_BYTES].hex() for at in range(0, len(blob), HASH_BYTES))


def _send_parts(
    parts: Iterator[ExtractedDocument], cut: Callable[[ExtractedDocument], Iterator[Chunk]], send: Send
) -> None:
    headings: tuple[Heading, ...] = ()
    for part in parts:
        for frame in document_frames(part):
            send(frame)
        # The path of headings goes on from one part to the next.
        headings += part.headings
        for frame in chunk_frames(cut(replace(part, headings=headings))):
            send(frame)


def _stat(path: Path) -> os.stat_result:
    """Stamp of a file. Raises `ReadFailure` for what is none: a pipe or a device would be waited for without end."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        # Only folders that could not be looked into are taken for documents.
        try:
            os.scandir(path).close()
        except OSError as error:
            raise ReadFailure(f"This folder cannot be looked into: {error.strerror}.") from error
        raise DocumentUnsupported("This is a folder, not a document.")
    for is_kind, name in _NO_DOCUMENTS:
        if is_kind(status.st_mode):
            raise DocumentUnsupported(f"This is a {name}, not a document.")
    return status


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _hash(path: Path, size_bytes: int, send: Send) -> str:
    digest = hashlib.blake2b(digest_size=32)
    progress = _Progress(send)
    done_bytes = 0
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            done_bytes += len(block)
            if done_bytes > size_bytes + _GROWTH_BYTES:
                raise DocumentChanged("The file grows while it is being read.")
            digest.update(block)
            progress(0, None)
    return digest.hexdigest()


class _Progress:
    """Sends progress at most every tenth of a second."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._sent_at = 0.0

    def __call__(self, page: int, pages: int | None) -> None:
        now = time.monotonic()
        if now - self._sent_at >= _PROGRESS_S:
            self._sent_at = now
            self._send(Frame({"is": "progress", "page": page, "pages": pages}))
