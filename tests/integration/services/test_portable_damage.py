"""A damaged or hostile file is refused in plain words, and nothing of it stays."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.portable import export, import_, seen
from helpers.room import Room, open_room
from readingroom.core.errors import PortableFileDamaged, PortableFileTooNew, UserFixableError

FLIPS = 300


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Room]:
    opened = open_room(tmp_path / "elsewhere")
    yield opened
    opened.close()


@pytest.fixture
def told(room: Room, docs: Path, tmp_path: Path) -> tuple[Path, dict[str, Any]]:
    """A small exported workspace, and what a person sees of it."""
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    room.workspaces.create_thread(workspace.id, "Rent")
    return export(room, workspace.id, tmp_path / "Law.readingroom").path, seen(room, workspace.id)


def holds_nothing(room: Room) -> bool:
    tables = (
        "workspaces",
        "sources",
        "documents",
        "pages",
        "chunks",
        "threads",
        "indexes",
        "unfinished_imports",
    )
    return not any(
        room.catalog._lane.read(
            lambda db, table=table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # type: ignore[misc]
        )
        for table in tables
    )


def test_wherever_the_file_is_cut_short_it_is_refused(
    other: Room, told: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    whole = told[0].read_bytes()
    short = tmp_path / "short.readingroom"
    for length in range(len(whole)):
        short.write_bytes(whole[:length])
        with pytest.raises(PortableFileDamaged):
            import_(other, short)
    assert holds_nothing(other)


def test_flipped_bits_are_refused_or_change_nothing(
    other: Room, told: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    """Some bits of a zip mean nothing, such as the hour at which a part was packed."""
    whole = told[0].read_bytes()
    flipped = tmp_path / "flipped.readingroom"
    chance = random.Random(4)
    refused = 0
    for _ in range(FLIPS):
        data = bytearray(whole)
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        flipped.write_bytes(data)
        try:
            imported = import_(other, flipped)
        except UserFixableError:
            refused += 1
            continue
        assert seen(other, imported.workspace_id) == told[1]
        other.catalog.discard_import(imported.workspace_id)
    assert refused > FLIPS / 2
    assert holds_nothing(other)


@pytest.mark.parametrize("content", [b"", b"PK", b"%PDF-1.7\n" + b"x" * 500, os.urandom(2000)])
def test_another_file_is_no_workspace(other: Room, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.readingroom"
    path.write_bytes(content)
    with pytest.raises(PortableFileDamaged, match="no exported workspace"):
        import_(other, path)


def altered(
    source: Path, target: Path, part: str, change: Callable[[list[str]], list[str]], **manifest: object
) -> Path:
    """The file with the lines of one part changed, and everything that vouches for it made to fit."""
    with zipfile.ZipFile(source) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    lines = change(parts[part].decode().splitlines())
    parts[part] = "".join(f"{line}\n" for line in lines).encode()
    told = json.loads(parts["manifest.json"])
    told["parts"][part] = {
        "size_bytes": len(parts[part]),
        "blake2b": hashlib.blake2b(parts[part], digest_size=32).hexdigest(),
        "records": len(lines),
    }
    parts["manifest.json"] = json.dumps(told | manifest).encode()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return target


def with_values(**values: object) -> Callable[[list[str]], list[str]]:
    """Every first record of a part that has these fields, with other values."""

    def change(lines: list[str]) -> list[str]:
        for place, line in enumerate(lines):
            record = json.loads(line[1:])
            if values.keys() <= record.keys():
                lines[place] = line[0] + json.dumps(record | values)
                return lines
        raise AssertionError

    return change


@pytest.mark.parametrize(
    ("part", "values"),
    [
        ("documents.jsonl", {"path": "../../../etc/passwd"}),
        ("documents.jsonl", {"path": "/etc/passwd"}),
        ("documents.jsonl", {"path": "%2e%2e/%2e%2e/passwd"}),
        ("documents.jsonl", {"path": "a%00b"}),
        ("documents.jsonl", {"path": "a" * 5000}),
        ("documents.jsonl", {"path": "a/" * 500 + "b"}),
        ("documents.jsonl", {"source": 7}),
        ("documents.jsonl", {"container": 1}),
        ("documents.jsonl", {"locator": "a/b/c/d/e/f/g/h/i"}),
        ("documents.jsonl", {"state": "owned"}),
        ("documents.jsonl", {"size_bytes": "many"}),
        ("documents.jsonl", {"size_bytes": 10**30}),
        ("documents.jsonl", {"indexed_at": float("inf")}),
        ("documents.jsonl", {"headings": [["1", 2]]}),
        ("documents.jsonl", {"headings": {"a": "b"}}),
        ("documents.jsonl", {"start": -5}),
        ("documents.jsonl", {"end": 10**6}),
        ("documents.jsonl", {"text": None}),
        ("sources.jsonl", {"place": ""}),
        ("sources.jsonl", {"place": "../x"}),
        ("sources.jsonl", {"group": -1}),
        ("threads.jsonl", {"updated_at": "now"}),
    ],
)
def test_a_record_that_nothing_can_have_is_refused(
    other: Room, told: tuple[Path, dict[str, Any]], tmp_path: Path, part: str, values: dict[str, object]
) -> None:
    path = altered(told[0], tmp_path / "bad.readingroom", part, with_values(**values))
    with pytest.raises(PortableFileDamaged):
        import_(other, path)
    assert holds_nothing(other)


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [*lines, lines[0]],
        lambda lines: [line for line in lines if line[0] != "d"],
        lambda lines: ["t" + lines[0][1:], *lines[1:]],
        lambda lines: ["x{}", *lines],
        lambda lines: ["d" + "[" * 100_000, *lines],
        lambda lines: ["", *lines],
    ],
)
def test_lines_that_do_not_go_together_are_refused(
    other: Room,
    told: tuple[Path, dict[str, Any]],
    tmp_path: Path,
    change: Callable[[list[str]], list[str]],
) -> None:
    path = altered(told[0], tmp_path / "bad.readingroom", "documents.jsonl", change)
    with pytest.raises(PortableFileDamaged):
        import_(other, path)
    assert holds_nothing(other)


def test_a_file_that_unpacks_to_far_more_than_documents_do_is_refused(
    other: Room, told: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    path = altered(
        told[0], tmp_path / "bomb.readingroom", "threads.jsonl", lambda _: ["t" + " " * 100_000_000]
    )
    assert path.stat().st_size < 1_000_000
    with pytest.raises(PortableFileDamaged):
        import_(other, path)


def test_a_long_list_of_faults_is_left_at_the_first(
    other: Room, told: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    path = altered(
        told[0], tmp_path / "bad.readingroom", "documents.jsonl", with_values(notes=[*range(100_000)])
    )
    with pytest.raises(PortableFileDamaged, match="DocumentRecord: 1 faults"):
        import_(other, path)


@pytest.mark.parametrize("dimension", [0, -1, 10**6, 9])
def test_embeddings_of_another_length_are_refused(
    other: Room, told: tuple[Path, dict[str, Any]], tmp_path: Path, dimension: int
) -> None:
    path = altered(
        told[0], tmp_path / "bad.readingroom", "threads.jsonl", lambda lines: lines, dimension=dimension
    )
    with pytest.raises(PortableFileDamaged):
        import_(other, path)
    assert holds_nothing(other)


def test_a_file_of_a_newer_program_is_named_so(
    other: Room, told: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    path = altered(
        told[0], tmp_path / "new.readingroom", "threads.jsonl", lambda lines: lines,
        format=2, program="7.1", surprise=True,
    )  # fmt: skip
    with pytest.raises(PortableFileTooNew, match=r"newer Reading Room \(7\.1\)") as caught:
        import_(other, path)
    assert "Install the newest version" in caught.value.hint


def test_a_file_that_is_not_there_is_said(other: Room, tmp_path: Path) -> None:
    with pytest.raises(UserFixableError, match="cannot be read"):
        import_(other, tmp_path / "none.readingroom")


def test_an_import_that_was_killed_leaves_no_workspace(
    told: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    """Killed after each step in turn by itself; after the last one it is there, whole."""
    data = tmp_path / "killed"
    open_room(data).close()
    steps = 0
    while True:
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(data), str(told[0]), str(steps)],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        room = open_room(data)
        try:
            room.portability.clean_up()
            for workspace in room.workspaces.list():
                assert seen(room, workspace.id) == told[1]
                assert steps >= 4
                return
            assert holds_nothing(room)
        finally:
            room.close()
        steps += 1


KILLED = """
import os, pathlib, signal, sys
from helpers.portable import import_
from helpers.room import open_room
from readingroom.storage import lane

data, file, left = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3])
room = open_room(data)
write = lane.Lane.write

def counted(self, work):
    global left
    result = write(self, work)
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)
    left -= 1
    return result

lane.Lane.write = counted
import_(room, file)
lane.Lane.write = write
room.close()
"""
