"""Folders sixty deep are followed like any other."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.children import wait_until
from helpers.driven import DrivenProgram

_LEVELS = 60


@pytest.fixture
def program(tmp_path: Path) -> Iterator[DrivenProgram]:
    made = DrivenProgram(tmp_path / "data")
    made.start()
    yield made
    if made.running:
        made.quit()


def _texts(program: DrivenProgram) -> dict[str, str]:
    """Path -> text of what is ready; nothing while there is work."""
    state = program.ask("state")
    return {d["path"]: d["text"].strip() for d in state.get("documents", ()) if d["state"] == "ready"}


def test_a_file_sixty_folders_deep_is_edited_moved_with_its_folder_and_deleted(
    program: DrivenProgram, tmp_path: Path
) -> None:
    root = tmp_path / "docs"
    below = Path(*(f"level {number}" for number in range(_LEVELS))) / "note.txt"
    note = root / "top" / below
    note.parent.mkdir(parents=True)
    note.write_text("The rent is due on the first.")
    program.ask("link", paths=[str(root)])
    wait_until(lambda: _texts(program) == {str(note): "The rent is due on the first."}, 60)
    note.write_text("The rent is due on the third.")
    wait_until(lambda: _texts(program) == {str(note): "The rent is due on the third."}, 60)
    before = program.ask("state")["counts"]["embedded"]
    (root / "top").rename(root / "moved")
    moved = root / "moved" / below
    wait_until(lambda: _texts(program) == {str(moved): "The rent is due on the third."}, 60)
    assert program.ask("state")["counts"]["embedded"] == before
    shutil.rmtree(root / "moved")
    (root / "other.txt").write_text("Another.")
    wait_until(lambda: _texts(program) == {str(root / "other.txt"): "Another."}, 60)
