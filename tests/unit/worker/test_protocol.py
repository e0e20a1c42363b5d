"""Frames, and documents in frames, between two ends that may lie to each other."""

import io
import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.documents import paged, unpaged
from readingroom.core import errors
from readingroom.core.extraction import ExtractedDocument, Heading
from readingroom.core.models import Chunk
from readingroom.worker.arrays import from_bytes, to_bytes
from readingroom.worker.exits import in_plain_words
from readingroom.worker.protocol import (
    MAX_BLOB_BYTES,
    MAX_HEADER_BYTES,
    Frame,
    ProtocolBroken,
    error_frame,
    raised_error,
    read_frame,
    text_portions,
    write_frame,
)
from readingroom.worker.transfer import Assembly, chunk_frames, document_frames

any_text = st.text(st.characters(codec=None))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | any_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(any_text, inner, max_size=4),
    max_leaves=10,
)


def carried(frame: Frame) -> Frame | None:
    """The frame after a way through a pipe."""
    pipe = io.BytesIO()
    write_frame(pipe, frame)
    pipe.seek(0)
    arrived = read_frame(pipe)
    assert read_frame(pipe) is None
    return arrived


@given(st.dictionaries(any_text, values, max_size=5), st.binary(max_size=200))
def test_a_frame_arrives_as_it_was_sent(header: dict[str, object], blob: bytes) -> None:
    """Lone surrogates too: they stand for bytes in file names that are not UTF-8."""
    assert carried(Frame(header, blob)) == Frame(header, blob)


@pytest.mark.parametrize(
    "data",
    [
        struct.pack("<II", MAX_HEADER_BYTES + 1, 0),
        struct.pack("<II", 2, MAX_BLOB_BYTES + 1),
        struct.pack("<II", 10, 0) + b"{}",
        struct.pack("<II", 2, 10) + b"{}ab",
        struct.pack("<II", 2, 0) + b"[]",
        struct.pack("<II", 2, 0) + b"\xff{",
        struct.pack("<II", 100_000, 0) + b"[" * 100_000,
    ],
    ids=["header length", "blob length", "cut header", "cut blob", "no object", "no UTF-8", "nesting"],
)
def test_what_is_no_frame_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolBroken):
        read_frame(io.BytesIO(data))


def test_an_end_between_frames_is_the_end() -> None:
    assert read_frame(io.BytesIO()) is None


@pytest.mark.parametrize(
    "error", [errors.DocumentEncrypted("It needs a password."), errors.DiskFull("Full.", hint="Free.")]
)
def test_errors_arrive_as_themselves(error: errors.ReadingRoomError) -> None:
    arrived = raised_error(error_frame(error).header)
    assert type(arrived) is type(error)
    assert str(arrived) == str(error)
    assert getattr(arrived, "hint", "") == getattr(error, "hint", "")


def test_an_unforeseen_error_is_a_crash_and_quotes_nothing() -> None:
    arrived = raised_error(error_frame(IndexError("words of the document")).header)
    assert type(arrived) is errors.WorkerCrashed
    assert "IndexError" in str(arrived)
    assert "words of the document" not in str(arrived)


def test_only_known_errors_can_be_raised_by_name() -> None:
    for name in ("SystemExit", "Cancelled", "__import__", ""):
        assert type(raised_error({"error": name, "message": "m"})) is errors.WorkerCrashed


def test_running_out_of_memory_is_told_from_other_failures() -> None:
    assert type(raised_error(error_frame(MemoryError()).header)) is errors.WorkerOutOfMemory


def through(document: ExtractedDocument, chunks: list[Chunk]) -> tuple[ExtractedDocument, tuple[Chunk, ...]]:
    assembly = Assembly(10_000_000)
    for frame in [*document_frames(document), *chunk_frames(chunks)]:
        arrived = carried(frame)
        assert arrived is not None
        assert len(arrived.blob) <= 256 * 1024
        assembly.take(arrived)
    arrived_document = assembly.document()
    return arrived_document, assembly.chunks(arrived_document.text)


@given(st.lists(any_text, max_size=6))
def test_documents_arrive_whole(pages: list[str]) -> None:
    document = replace(
        paged(*pages, headings=(Heading(1, "A", 0), Heading(2, "B", 3))), title="T", notes=("Page 2 is odd.",)
    )
    text = document.text
    chunks = [Chunk(0, 0, len(text), 1, ("A", "B"), text, 3, "hash")] if text else []
    assert through(document, chunks) == (document, tuple(chunks))


def test_a_page_of_a_megabyte_goes_in_small_frames() -> None:
    document = unpaged("中文 and words. " * 100_000)
    assert through(document, []) == (document, ())


@pytest.mark.parametrize(
    "frame",
    [
        Frame({"is": "pages", "pages": [[1, -5]]}),
        Frame({"is": "pages", "pages": [[1, 4]]}),
        Frame({"is": "pages", "pages": [[1, 2]]}),
        Frame({"is": "pages"}),
        Frame({"is": "pages", "pages": [["one", 3]]}),
        Frame({"is": "headings", "headings": [[1]]}),
        Frame({"is": "text"}, b"\xff"),
        Frame({"is": "text"}, b"x" * 101),
        Frame({"is": "chunks", "chunks": [[0, 4, None, [], 1, "h"]]}),
        Frame({"is": "chunks", "chunks": [[2, 1, None, [], 1, "h"]]}),
        Frame({"is": "chunks", "chunks": [[0, 1]]}),
    ],
)
def test_a_document_that_does_not_add_up_is_refused(frame: Frame) -> None:
    frames = [Frame({"is": "text"}, b"abc"), frame]
    if "chunks" in frame.header:
        frames.append(Frame({"is": "pages", "pages": [[None, 3]]}))
    with pytest.raises(ProtocolBroken):
        assemble(frames)


def assemble(frames: list[Frame]) -> None:
    assembly = Assembly(100)
    for frame in frames:
        assembly.take(frame)
    assembly.chunks(assembly.document().text)


def test_embeddings_arrive_exactly_and_of_the_size_agreed() -> None:
    rows = np.random.default_rng(1).standard_normal((3, 4)).astype(np.float32)
    np.testing.assert_array_equal(from_bytes(to_bytes(rows), 3, 4), rows)
    for blob in (to_bytes(rows)[:-1], to_bytes(rows * np.float32("inf"))):
        with pytest.raises(ProtocolBroken):
            from_bytes(blob, 3, 4)


def test_portions_keep_all_texts_in_order() -> None:
    texts = ["a" * 50_000, "b", "", "c" * 70_000, "d" * 20_000]
    portions = list(text_portions(texts))
    assert [text for portion in portions for text in portion] == texts
    assert len(portions) == 3


def test_ends_of_processes_are_told_in_plain_words() -> None:
    assert in_plain_words(-11) == "it touched memory that is not its own (SIGSEGV)"
    assert "memory runs out" in in_plain_words(-9)
    assert in_plain_words(3) == "it ended by itself (code 3)"
