"""The file that carries a workspace: a zip of a manifest, parts with a JSON record a line, and the embeddings.

Reading trusts nothing: sizes are bounded before they are unpacked, every part is hashed, every record is checked
against its type, and nothing is ever unpacked to the disk. Every fault is a `PortableFileDamaged`.
"""

import contextlib
import errno
import hashlib
import json
import os
import secrets
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any, Self

import numpy as np
from numpy.typing import NDArray

from readingroom.core.errors import DiskFull, PortableFileTooNew, UserFixableError
from readingroom.core.portable import (
    FORMAT,
    ChunkRecord,
    DocumentPart,
    DocumentRecord,
    Manifest,
    MessageRecord,
    PageRecord,
    PartEntry,
    RecognisedRecord,
    Record,
    SourceRecord,
    ThreadPart,
    ThreadRecord,
    WorkspaceFacts,
    check,
)
from readingroom.services.portable_records import damaged, validated

_MANIFEST, SOURCES, DOCUMENTS = "manifest.json", "sources.jsonl", "documents.jsonl"
RECOGNISED, THREADS, EMBEDDINGS = "recognised.jsonl", "threads.jsonl", "embeddings.bin"
_PARTS = (SOURCES, DOCUMENTS, RECOGNISED, THREADS, EMBEDDINGS)
_TAGS: dict[str, type] = {
    "s": SourceRecord,
    "d": DocumentRecord,
    "p": PageRecord,
    "c": ChunkRecord,
    "r": RecognisedRecord,
    "t": ThreadRecord,
    "m": MessageRecord,
}
"""The letter a line begins with, for the type of its record."""
_TAG_OF = {kind: tag for tag, kind in _TAGS.items()}
_ALLOWED = {SOURCES: "s", DOCUMENTS: "dpc", RECOGNISED: "r", THREADS: "tm"}

_LEVEL = 4
"""Of compression: texts came out 6% larger than with 6, in 40% of the time."""
_LONGEST_LINE = 64 * 1024 * 1024
"""Long texts come in pages of two million characters; what is longest is a web page, which is one. A line made to be
dear to parse takes some 900 MB for a moment."""
_LONGEST_MANIFEST = 1024 * 1024
_MOST_ENTRIES = 16
_LARGEST_DIMENSION = 8192
_HASH_BYTES = 16
_AT_ONCE = 512
_TWICE = 2
"""Text and its chunks, both in the catalog; words and vectors in the index."""
_BOMB_BYTES, _BOMB_RATIO = 64 * 1024 * 1024, 150
"""Text of real documents packs to a third, tables of one value over and over to a fiftieth."""

_DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, struct.error)
_PLAIN_FLAGS = 0x0808
"""A size that follows the data, and names in UTF-8; other bits mean encryption and the like."""


@contextmanager
def writing(path: Path) -> Iterator["PortableWriter"]:
    """Write a file whole or not at all: beside its place under another name, put through to the disk, then renamed.

    Raises `DiskFull`, `UserFixableError` (the place cannot be written).
    """
    partial = path.with_name(f".{path.name[:100]}-{secrets.token_hex(6)}.partial")
    try:
        with partial.open("xb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
                yield PortableWriter(archive)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull(
                f"There is no room for {path.name} on that disk.",
                hint="Make room there or choose another place; nothing was written.",
            ) from error
        raise UserFixableError(
            f"{path} cannot be written: {error.strerror or error}.", hint="Choose another place."
        ) from error
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Put the new name through to the disk, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class PortableWriter:
    """Writes part after part, the manifest at the end."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._parts: dict[str, PartEntry] = {}

    @contextmanager
    def part(self, name: str) -> Iterator["PartWriter"]:
        """One of `SOURCES`, `DOCUMENTS`, `RECOGNISED`, `THREADS`, `EMBEDDINGS`; each must be written."""
        info = zipfile.ZipInfo(name)  # at a fixed date: the same workspace gives the same file
        # Embeddings do not pack.
        info.compress_type = zipfile.ZIP_STORED if name == EMBEDDINGS else zipfile.ZIP_DEFLATED
        # A ZipInfo made by hand does not know the archive's level.
        info._compresslevel = _LEVEL  # type: ignore[attr-defined]  # noqa: SLF001
        with self._archive.open(info, "w", force_zip64=True) as file:
            part = PartWriter(file)
            yield part
        self._parts[name] = part.entry

    def manifest(self, facts: WorkspaceFacts, program: str, created_at: float) -> Manifest:
        """Last of all: what the parts must come out as."""
        manifest = Manifest(
            format=FORMAT,
            program=program,
            created_at=created_at,
            embeddings=self._parts[EMBEDDINGS].records,
            parts=self._parts,
            **asdict(facts),
        )
        self._archive.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=1))
        return manifest


class PartWriter:
    """Counts and hashes what it writes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.blake2b(digest_size=32)
        self._size = self._count = 0

    @property
    def entry(self) -> PartEntry:
        """What was written so far."""
        return PartEntry(self._size, self._digest.hexdigest(), self._count)

    def write(self, records: Iterable[Record]) -> None:
        """A line each."""
        lines = [_line(record) for record in records]
        if max(map(len, lines), default=0) > _LONGEST_LINE:
            raise UserFixableError(
                "A document of this workspace has a page of more than 64 MB of text, which no file can carry.",
                hint="Leave that document out of the workspace.",
            )
        self._write(lines)

    def write_embeddings(self, embeddings: Iterable[tuple[str, NDArray[np.float32]]]) -> None:
        """Hash and float32 values, little endian, to the bit."""
        self._write([bytes.fromhex(text_hash) + row.astype("<f4").tobytes() for text_hash, row in embeddings])

    def _write(self, blocks: Sequence[bytes]) -> None:
        whole = b"".join(blocks)
        self._file.write(whole)
        self._digest.update(whole)
        self._size += len(whole)
        self._count += len(blocks)


def _line(record: Record) -> bytes:
    # Not all of it by `asdict`: it copies every value, and there are a million chunks.
    values = {name: getattr(record, name) for name in record.__slots__}
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=asdict)
    return f"{_TAG_OF[type(record)]}{text}\n".encode()


@contextmanager
def reading(path: Path, *, free_bytes: int) -> Iterator["PortableReader"]:
    """Open a file that anybody may have made; `free_bytes` is the room it may take once imported.

    Raises `PortableFileDamaged`, `DiskFull`, `UserFixableError` (it cannot be read).
    """
    try:
        _check_end(path)
        try:
            archive = zipfile.ZipFile(path)
        except ValueError as error:  # numbers and names in its list that nothing can have
            raise damaged() from error
        with archive:
            yield PortableReader(archive, free_bytes)
    except _DAMAGE as error:
        raise damaged() from error
    except OSError as error:
        raise UserFixableError(
            f"{path} cannot be read: {error.strerror or error}.",
            hint="Check the path, or fetch the file again.",
        ) from error


def _check_end(path: Path) -> None:
    """Look at the end of the file alone: the list of a hostile zip may be as large as the file."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 42))
        end = file.read()
    *_, entries, length, _, comment = struct.unpack("<4s4H2LH", end[-22:]) if size >= 42 else (0, 0, 0, 0)
    if end[-22:-18] != b"PK\x05\x06" or comment or entries > _MOST_ENTRIES or length > 64 * 1024:
        raise damaged()
    if end[:4] == b"PK\x06\x07" and size < 2**31 - 1:
        # A second list, for files that are larger than this one is.
        raise damaged()


class PortableReader:
    """Reads part after part, each once."""

    def __init__(self, archive: zipfile.ZipFile, free_bytes: int) -> None:
        self._archive = archive
        self._infos = {info.filename: info for info in archive.infolist()}
        self.manifest = self._read_manifest()
        self._check_sizes(free_bytes)

    def sources(self) -> Iterator[SourceRecord]:
        yield from self._lines(SOURCES)

    def documents(self) -> Iterator[DocumentPart]:
        yield from self._lines(DOCUMENTS)

    def recognised(self) -> Iterator[RecognisedRecord]:
        yield from self._lines(RECOGNISED)

    def threads(self) -> Iterator[ThreadPart]:
        yield from self._lines(THREADS)

    def embeddings(self) -> Iterator[Sequence[tuple[str, NDArray[np.float32]]]]:
        """In batches, rows of unit length."""
        size = _HASH_BYTES + 4 * self.manifest.dimension
        with _Part(self._archive, self._infos[EMBEDDINGS], self.manifest.parts[EMBEDDINGS]) as part:
            while block := part.read(size * _AT_ONCE):
                if len(block) % size:
                    raise damaged()
                part.records += len(block) // size
                rows = np.frombuffer(block, np.uint8).reshape(-1, size)
                values = rows[:, _HASH_BYTES:].copy().view("<f4").astype(np.float32)
                if not np.all(
                    np.abs(np.linalg.norm(values, axis=1) - 1) < 1e-2
                ):  # so that NaN is refused, too
                    raise damaged()
                yield [
                    (bytes(row[:_HASH_BYTES]).hex(), value) for row, value in zip(rows, values, strict=True)
                ]

    def _read_manifest(self) -> Manifest:
        info = self._infos.get(_MANIFEST)
        if info is None or info.file_size > _LONGEST_MANIFEST:
            raise damaged()
        if info.flag_bits & ~_PLAIN_FLAGS:
            raise damaged()
        raw = self._archive.read(info)
        try:
            loose = json.loads(raw)
            version, program = loose["format"], str(loose["program"])[:40]
            if isinstance(version, int) and version > FORMAT:
                raise PortableFileTooNew(
                    f"This workspace was exported by a newer Reading Room ({program}).",
                    hint="Install the newest version, then import it again.",
                )
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise damaged() from error
        manifest: Manifest = validated(Manifest, raw)
        check(manifest)
        fits = 0 <= manifest.kept_dimension <= manifest.dimension <= _LARGEST_DIMENSION and manifest.dimension
        if (
            not fits
            or version != FORMAT
            or set(manifest.parts) != set(_PARTS)
            or not set(_PARTS) <= set(self._infos)
        ):
            raise damaged()
        return manifest

    def _check_sizes(self, free_bytes: int) -> None:
        whole = 0
        for name in _PARTS:
            info, entry = self._infos[name], self.manifest.parts[name]
            whole += info.file_size
            odd = info.flag_bits & ~_PLAIN_FLAGS or info.compress_type not in (
                zipfile.ZIP_STORED,
                zipfile.ZIP_DEFLATED,
            )
            bomb = info.file_size > max(_BOMB_BYTES, _BOMB_RATIO * info.compress_size)
            if odd or bomb or info.file_size != entry.size_bytes:
                raise damaged()
        if whole * _TWICE > free_bytes:
            raise DiskFull(
                f"This workspace needs some {whole * _TWICE / 1e9:.1f} GB; {max(free_bytes, 0) / 1e9:.1f} GB are free.",
                hint="Make room on the disk that holds the data folder; nothing was imported.",
            )

    def _lines(self, name: str) -> Iterator[Any]:
        with _Part(self._archive, self._infos[name], self.manifest.parts[name]) as part:
            while line := part.readline():
                part.records += 1
                tag = chr(line[0])
                if tag not in _ALLOWED[name]:
                    raise damaged()
                record: Any = validated(_TAGS[tag], line[1:])
                check(record)
                yield record


@dataclass
class _Part:
    """A part being unpacked: no more than it said it is, and to the end what its hash says."""

    archive: zipfile.ZipFile
    info: zipfile.ZipInfo
    entry: PartEntry
    records: int = 0

    def __enter__(self) -> Self:
        self._digest = hashlib.blake2b(digest_size=32)
        self._file: IO[bytes] = self.archive.open(self.info)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._file.close()
        if kind is None and (
            self.records != self.entry.records or self._digest.hexdigest() != self.entry.blake2b
        ):
            raise damaged()

    def read(self, size: int) -> bytes:
        block = self._file.read(size)
        self._digest.update(block)
        return block

    def readline(self) -> bytes:
        line = self._file.readline(_LONGEST_LINE)
        if line and not line.endswith(b"\n"):
            raise damaged()
        self._digest.update(line)
        return line
