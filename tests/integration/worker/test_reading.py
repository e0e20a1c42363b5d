"""Reading real files in the child: what comes back, and what is said when a file cannot be read."""

import hashlib
import os
import random
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from helpers.children import freeze, wait_until
from helpers.documents import paged, unpaged
from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL as MODEL
from readingroom.core.errors import (
    DocumentChanged,
    DocumentTooLarge,
    DocumentUnsupported,
    EmbeddingModelUnavailable,
    ReadFailure,
)
from readingroom.core.extraction import FileRef, Heading, ReadLimits
from readingroom.core.ports import ReadResult
from readingroom.embedding.splitting import chunker_for
from readingroom.worker.reading import ReadWorker

LIMITS = ReadLimits()
TEXT = "# Maps\n\nThe oldest maps lie in a dry room.\n\n## Rain\n\nNo rain comes in there. Ähre 中文.\n"
COMMON = "the of and to in a is that for it as was with be by on not he his but at are this have or had they".split()


@pytest.fixture
def note(tmp_path: Path) -> Path:
    path = tmp_path / "note.md"
    path.write_text(TEXT, "utf-8")
    return path


def read(reader: ReadWorker, path: Path, **options: object) -> ReadResult:
    return reader.read(FileRef(path), embedding_model=MODEL, **{"limits": LIMITS, **options})  # type: ignore[arg-type]


def test_a_file_comes_back_as_text_and_chunks(reader: ReadWorker, note: Path) -> None:
    result = read(reader, note)
    status = note.stat()
    assert result.content_hash == hashlib.blake2b(note.read_bytes(), digest_size=32).hexdigest()
    assert (result.size_bytes, result.modified_at_ns) == (status.st_size, status.st_mtime_ns)
    assert not result.unchanged
    assert "The oldest maps lie in a dry room." in result.document.text
    assert result.chunks == tuple(chunker_for(Path(), MODEL).cut(result.document))
    assert result.chunks


def test_an_edit_that_would_move_many_borders_leaves_the_chunks_of_the_version_before(
    reader: ReadWorker, tmp_path: Path
) -> None:
    path = tmp_path / "long.txt"
    before, after = edited(8)
    path.write_text(before, "utf-8")
    known = {chunk.text_hash for chunk in read(reader, path).chunks}
    path.write_text(after, "utf-8")
    by_text_alone = {chunk.text_hash for chunk in read(reader, path).chunks}
    result = read(reader, path, known_chunks=known)
    assert len(by_text_alone - known) == 4, "with fewer the test would show nothing"
    assert len({chunk.text_hash for chunk in result.chunks} - known) == 1
    assert all(chunk.text == after[chunk.start : chunk.end] for chunk in result.chunks)
    assert "".join("".join(chunk.text for chunk in result.chunks).split()) == "".join(after.split())


def edited(seed: int) -> tuple[str, str]:
    """Sixty paragraphs, and the same with another in the place of one."""
    chance = random.Random(seed)
    paragraphs = [paragraph(chance) for _ in range(60)]
    before = "\n\n".join(paragraphs)
    paragraphs[chance.randrange(10, 50)] = paragraph(chance)
    return before, "\n\n".join(paragraphs)


def paragraph(chance: random.Random) -> str:
    words = chance.choices(COMMON, k=chance.randint(20, 110))
    return " ".join(words).capitalize() + "."


def test_a_file_with_the_known_hash_is_not_parsed(reader: ReadWorker, note: Path) -> None:
    known = read(reader, note).content_hash
    again = read(reader, note, known_hash=known)
    assert again.unchanged
    assert again.content_hash == known
    assert not again.document.pages
    assert not again.chunks
    note.write_text("other words", "utf-8")
    assert not read(reader, note, known_hash=known).unchanged


@pytest.mark.skipif(sys.platform == "win32", reason="names there are UTF-16")
def test_a_name_that_is_not_utf_8_is_read(reader: ReadWorker, note: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(note.parent) + b"/caf\xe9.md"))
    note.rename(odd)
    assert read(reader, odd).chunks


def test_long_texts_pages_and_headings_survive_the_way_there_and_back(reader: ReadWorker) -> None:
    pages = [f"Page {i}. " + "Ähre 中文 👩‍💻 words go on and on. " * (i % 90) for i in range(400)]
    starts = [sum(map(len, pages[:i])) for i in range(0, 400, 3)]
    document = paged(*pages, headings=tuple(Heading(1 + i % 3, f"H{i}", s) for i, s in enumerate(starts)))
    assert reader.cut(document, embedding_model=MODEL) == tuple(chunker_for(Path(), MODEL).cut(document))


def test_cutting_nothing_gives_nothing(reader: ReadWorker) -> None:
    assert reader.cut(unpaged(" \n "), embedding_model=MODEL) == ()


def test_a_missing_file_is_said_to_have_vanished(reader: ReadWorker, tmp_path: Path) -> None:
    with pytest.raises(DocumentChanged, match="vanished"):
        read(reader, tmp_path / "nothing.md")


def test_what_is_no_file_is_refused_rather_than_waited_for(reader: ReadWorker, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.md"
    os.mkfifo(pipe)
    for path, name in ((pipe, "pipe"), (tmp_path, "folder"), (Path("/dev/zero"), "device")):
        with pytest.raises(DocumentUnsupported, match=f"This is a {name}, not a document"):
            read(reader, path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_forbidden_file_is_said_to_be_so(reader: ReadWorker, note: Path) -> None:
    note.chmod(0)
    with pytest.raises(ReadFailure, match="Permission denied"):
        read(reader, note)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_cannot_be_looked_into_is_said_to_be_so(reader: ReadWorker, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    with pytest.raises(ReadFailure, match="cannot be looked into: Permission denied"):
        read(reader, closed)


def test_a_file_over_the_limit_is_refused_unread(reader: ReadWorker, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<p>Some words.</p>", "utf-8")
    with pytest.raises(DocumentTooLarge, match="the limit is"):
        read(reader, page, limits=ReadLimits(max_bytes=10))


def test_a_file_that_changes_meanwhile_is_to_be_read_again(reader: ReadWorker, tmp_path: Path) -> None:
    """The child is held while it hashes, the file is changed, the child goes on."""
    reader.cut(unpaged("warm"), embedding_model=MODEL)
    path = tmp_path / "large.txt"
    path.write_bytes(b"word and word\n" * 7_000_000)
    pid = reader.child.pid
    assert pid is not None
    frozen: list[int] = []

    def hold(page: int, pages: int | None) -> None:
        if not frozen:
            freeze(pid)
            frozen.append(page)

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(read, reader, path, known_hash=hash_of(path), on_progress=hold)
        wait_until(lambda: bool(frozen))
        with path.open("ab") as file:
            file.write(b"more")
        os.kill(pid, signal.SIGCONT)
        with pytest.raises(DocumentChanged, match="changed while"):
            answer.result(60)


def hash_of(path: Path) -> str:
    return hashlib.blake2b(path.read_bytes(), digest_size=32).hexdigest()


def test_without_its_embedding_model_no_file_is_cut(reader: ReadWorker, note: Path) -> None:
    with pytest.raises(EmbeddingModelUnavailable, match="not on this computer"):
        reader.read(FileRef(note), embedding_model="BAAI/bge-small-en-v1.5", limits=LIMITS)
