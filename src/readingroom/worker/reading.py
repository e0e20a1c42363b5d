"""Reading and cutting in the low-priority child: the port for the parent, the handlers for the child."""

import hashlib
import os
import stat
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import (
    DocumentChanged,
    DocumentTooLarge,
    DocumentUnsupported,
    ReadFailure,
    WorkerCrashed,
)
from readingroom.core.models import Chunk, ExtractedDocument, ReadLimits
from readingroom.core.ports import Chunker, ReadResult
from readingroom.worker.process import Bounds, ChildProcess
from readingroom.worker.protocol import Frame, ProtocolBroken
from readingroom.worker.serving import Handler, Request, Send
from readingroom.worker.transfer import Assembly, chunk_frames, document_frames

ROLE = "read"

_DEFAULT_LIMITS = ReadLimits()

_HASH_BLOCK = 1024 * 1024
_PROGRESS_S = 0.1

ReadDocument = Callable[[Path, ReadLimits, Callable[[int, int | None], None]], ExtractedDocument]


class ReadWorker:
    """The `IngestWorker` port over a child process."""

    def __init__(self, data_dir: Path, *, memory_limit_bytes: int = _DEFAULT_LIMITS.memory_bytes) -> None:
        """`memory_limit_bytes` is what the system holds the child to; `ReadLimits` may be narrower."""
        self._memory_limit_bytes = memory_limit_bytes
        self.child = ChildProcess(ROLE, data_dir, memory_limit_bytes=memory_limit_bytes)

    def read(
        self,
        path: Path,
        *,
        embedding_model: str,
        limits: ReadLimits,
        known_hash: str | None = None,
        on_progress: Callable[[int, int | None], None] | None = None,
        cancel: CancelToken | None = None,
    ) -> ReadResult:
        """See `IngestWorker.read`."""
        request = Frame(
            {
                "call": "read",
                "path": str(path.absolute()),
                "model": embedding_model,
                "limits": asdict(limits),
                "known_hash": known_hash,
            }
        )
        memory_bytes = min(limits.memory_bytes, self._memory_limit_bytes)
        bounds = Bounds(limits.timeout_s, limits.stall_s, memory_bytes)
        # A reader may end a little past the limit on characters; the bound here is against absurdity.
        assembly = Assembly(limits.max_chars + 1_000_000)
        try:
            last = self._assemble([request], assembly, bounds, cancel, on_progress)
            document = assembly.document()
            return ReadResult(
                content_hash=str(last["content_hash"]),
                size_bytes=int(last["size_bytes"]),
                modified_at_ns=int(last["modified_at_ns"]),
                unchanged=bool(last["unchanged"]),
                document=document,
                chunks=assembly.chunks(document.text),
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
            self._assemble(request, assembly, Bounds(), cancel, None)
            return assembly.chunks(text)
        except (ProtocolBroken, KeyError, TypeError, ValueError) as error:
            raise WorkerCrashed(f"The {ROLE} process gave an answer that makes no sense.") from error

    def close(self) -> None:
        """End the child."""
        self.child.close()

    def _assemble(
        self,
        request: Iterable[Frame],
        assembly: Assembly,
        bounds: Bounds,
        cancel: CancelToken | None,
        on_progress: Callable[[int, int | None], None] | None,
    ) -> dict[str, Any]:
        header: dict[str, Any] = {}
        for frame in self.child.stream(request, bounds=bounds, cancel=cancel):
            header = dict(frame.header)
            if header.get("is") == "progress":
                if on_progress is not None:
                    pages = header["pages"]
                    on_progress(int(header["page"]), None if pages is None else int(pages))
            else:
                assembly.take(frame)
        return header


def cut_request(document: ExtractedDocument, embedding_model: str) -> Iterator[Frame]:
    """Frame a document for cutting."""
    yield Frame({"call": "cut", "model": embedding_model, "more": True})
    for frame in document_frames(document):
        yield Frame({**frame.header, "more": True}, frame.blob)
    yield Frame({})


def handlers(read_document: ReadDocument, chunker_for: Callable[[str], Chunker]) -> dict[str, Handler]:
    """Make the child's handlers. `chunker_for` gives the chunker of an embedding model."""

    def read(request: Request, send: Send) -> Frame:
        header = request.header
        # First: without its embedding model no file can be cut.
        chunker = chunker_for(header["model"])
        return _read_file(
            Path(header["path"]),
            ReadLimits(**header["limits"]),
            header["known_hash"],
            read_document,
            chunker,
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
    path: Path,
    limits: ReadLimits,
    known_hash: str | None,
    read_document: ReadDocument,
    chunker: Chunker,
    send: Send,
) -> Frame:
    try:
        before = _stat(path)
        if before.st_size > limits.max_bytes:
            raise DocumentTooLarge(f"The file is larger than {limits.max_bytes // (1024 * 1024):,} MB.")
        content_hash = _hash(path, limits, send)
        unchanged = content_hash == known_hash
        try:
            document = None if unchanged else read_document(path, limits, _Progress(send))
        except ReadFailure as error:
            if _identity(before) != _identity(_stat(path)):
                # Half of a file that is being written looks broken; what is wrong is the moment.
                raise DocumentChanged("The file changed while it was being read.") from error
            raise
        after = _stat(path)
    except FileNotFoundError as error:
        raise DocumentChanged("The file vanished while it was being read.") from error
    except OSError as error:
        raise ReadFailure(f"The file cannot be read: {error.strerror or type(error).__name__}.") from error
    if _identity(before) != _identity(after):
        raise DocumentChanged("The file changed while it was being read.")
    if document is not None:
        for frame in document_frames(document):
            send(frame)
        for frame in chunk_frames(chunker.cut(document)):
            send(frame)
    return Frame(
        {
            "content_hash": content_hash,
            "size_bytes": after.st_size,
            "modified_at_ns": after.st_mtime_ns,
            "unchanged": unchanged,
        }
    )


def _stat(path: Path) -> os.stat_result:
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        # A pipe or a device would be waited for without end.
        raise DocumentUnsupported("This is not a regular file.")
    return status


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _hash(path: Path, limits: ReadLimits, send: Send) -> str:
    digest = hashlib.blake2b(digest_size=32)
    progress = _Progress(send)
    done_bytes = 0
    with path.open("rb") as file:
        while block := file.read(_HASH_BLOCK):
            done_bytes += len(block)
            if done_bytes > limits.max_bytes:  # it grows
                raise DocumentTooLarge(f"The file is larger than {limits.max_bytes // (1024 * 1024):,} MB.")
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
