"""How a parent and its child talk: frames over pipes, a JSON header and raw bytes. Nothing of it is run.

A request is one or more frames, all but the last with `more` set; the first names the call. An answer is any
number of frames, the last with `done` set, or one with `error`.
"""

import json
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, BinaryIO, TypeVar

from readingroom.core import errors

MAX_HEADER_BYTES = 4 * 1024 * 1024
MAX_BLOB_BYTES = 512 * 1024 * 1024
"""The largest that anyone sends is a page drawn large; more is a broken or subverted peer."""

SMALL_FRAME_CHARS = 64 * 1024
"""Long things are sent in frames of about this size: decoding one must not hold up the window."""

_LENGTHS = struct.Struct("<II")

_Item = TypeVar("_Item")


class ProtocolBroken(Exception):
    """The peer sent what cannot be a frame, or an answer of another shape than agreed."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One message."""

    header: Mapping[str, Any]
    blob: bytes = field(default=b"", repr=False)


def write_frame(stream: BinaryIO, frame: Frame) -> None:
    """Write and flush. Paths and texts may hold lone surrogates, as names that are not UTF-8 do."""
    header = json.dumps(frame.header, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    if len(header) > MAX_HEADER_BYTES or len(frame.blob) > MAX_BLOB_BYTES:
        raise ProtocolBroken("A message is too long to be sent.")
    stream.write(_LENGTHS.pack(len(header), len(frame.blob)) + header)
    if frame.blob:
        stream.write(frame.blob)
    stream.flush()


def read_frame(stream: BinaryIO) -> Frame | None:
    """Read one frame; None at the end of the stream. Raises `ProtocolBroken`."""
    lengths = _read_exactly(stream, _LENGTHS.size)
    if lengths is None:
        return None
    header_bytes, blob_bytes = _LENGTHS.unpack(lengths)
    if header_bytes > MAX_HEADER_BYTES or blob_bytes > MAX_BLOB_BYTES:
        raise ProtocolBroken(f"A message of {header_bytes} + {blob_bytes} bytes is refused.")
    header = _read_exactly(stream, header_bytes)
    blob = _read_exactly(stream, blob_bytes) if blob_bytes else b""
    if header is None or blob is None:
        raise ProtocolBroken("A message ended too soon.")
    try:
        decoded = json.loads(header.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise ProtocolBroken("A message cannot be decoded.") from error
    if not isinstance(decoded, dict):
        raise ProtocolBroken("A message has no header.")
    return Frame(decoded, blob)


def _read_exactly(stream: BinaryIO, count: int) -> bytes | None:
    """Read `count` bytes; None when the stream ends before."""
    data = stream.read(count)
    return data if len(data) == count else None


def text_portions(texts: Iterable[str]) -> Iterator[list[str]]:
    """Divide texts into lists that make a small frame each."""
    portion: list[str] = []
    chars = 0
    for text in texts:
        if portion and chars + len(text) > SMALL_FRAME_CHARS:
            yield portion
            portion, chars = [], 0
        portion.append(text)
        chars += len(text) + 4
    if portion:
        yield portion


def portions(items: Sequence[_Item], each: int) -> Iterator[Sequence[_Item]]:
    """Divide into slices of at most `each` items."""
    for first in range(0, len(items), each):
        yield items[first : first + each]


_PASSED_ON: dict[str, type[errors.ReadingRoomError]] = {
    kind.__name__: kind
    for kind in (
        errors.ReadFailure,
        errors.DocumentEncrypted,
        errors.DocumentUnsupported,
        errors.DocumentCorrupt,
        errors.DocumentTooLarge,
        errors.DocumentChanged,
        errors.EmbeddingModelUnavailable,
        errors.RecognitionUnavailable,
        errors.VectorStoreUnavailable,
        errors.VectorStoreDamaged,
        errors.DiskFull,
        errors.WorkerOutOfMemory,
    )
}


def error_frame(error: BaseException) -> Frame:
    """Describe an error for the parent; the nearest class that may be passed on stands for it."""
    if isinstance(error, MemoryError):
        error = errors.WorkerOutOfMemory("it needs more memory than a file is given")
    for kind in type(error).__mro__:
        if kind.__name__ in _PASSED_ON:
            hint = getattr(error, "hint", "")
            return Frame({"error": kind.__name__, "message": str(error), "hint": hint})
    # Only the kind: the message of an unforeseen error may quote the document.
    return Frame({"error": "", "message": type(error).__name__, "hint": ""})


def raised_error(header: Mapping[str, Any]) -> errors.ReadingRoomError:
    """Make the error that `error_frame` described; one that was not foreseen becomes `WorkerCrashed`."""
    message, hint = str(header.get("message", "")), str(header.get("hint", ""))
    kind = _PASSED_ON.get(str(header["error"]))
    if kind is None:
        return errors.WorkerCrashed(f"It failed unexpectedly ({message}).")
    if issubclass(kind, errors.UserFixableError):
        return kind(message, hint=hint)
    return kind(message)
