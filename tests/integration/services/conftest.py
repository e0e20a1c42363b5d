"""A run of the program, and a folder to point it at."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.room import Room, open_room
from readingroom.services import read_pump


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    opened = open_room(tmp_path / "data")
    yield opened
    opened.close()


@pytest.fixture(autouse=True)
def settled_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests read files in the instant they are made; otherwise each would be read once more."""
    monkeypatch.setattr(read_pump, "is_settled", lambda *_: True)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """A folder of three documents."""
    folder = tmp_path / "docs"
    folder.mkdir()
    (folder / "leave.txt").write_text("Unused leave carries over.\n\nIt lapses in March.")
    (folder / "rent.txt").write_text("The rent is due on the first.")
    (folder / "empty.txt").write_text("")
    return folder
