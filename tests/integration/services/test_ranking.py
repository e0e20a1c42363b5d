"""What comes first for a question, on a real catalog and a real shard."""

from pathlib import Path

from helpers.room import Room
from readingroom.core.models import SearchMode


def texts_for(room: Room, folder: Path, texts: dict[str, str], question: str, limit: int = 3) -> list[str]:
    folder.mkdir()
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    workspace = room.workspaces.create("ranking")
    room.sources.add(workspace.id, [folder], watch=False)
    room.ingest.start()
    room.settle()
    return [passage.text for passage in room.retrieve.search(workspace.id, question, limit=limit)]


def test_what_holds_a_quoted_phrase_comes_first(room: Room, tmp_path: Path) -> None:
    texts = {f"{n}.txt": f"Harbour dues and harbour lights, dues number {n}" for n in range(20)}
    texts["exact.txt"] = (
        "Long ago somebody spoke of the lights harbour and of other matters entirely, at length."
    )
    first = texts_for(room, tmp_path / "docs", texts, 'harbour dues "lights harbour"')[0]
    assert first == texts["exact.txt"]


def test_passages_of_the_file_a_question_names_come_before_their_equals(room: Room, tmp_path: Path) -> None:
    texts = {f"{name}-2024.txt": "Travel is paid by rail." for name in ("budget", "minutes", "report")}
    texts |= {f"other{n}.txt": f"Nothing of interest number {n}" for n in range(9)}
    (tmp_path / "docs").mkdir()
    for name, text in texts.items():
        (tmp_path / "docs" / name).write_text(text, encoding="utf-8")
    workspace = room.workspaces.create("ranking")
    room.sources.add(workspace.id, [tmp_path / "docs"], watch=False)
    room.ingest.start()
    room.settle()
    for name in ("minutes", "report", "budget"):
        question = f"What does {name}-2024.txt say on travel by rail?"
        assert room.retrieve.search(workspace.id, question)[0].path.stem == f"{name}-2024"


def test_fewer_passages_are_the_first_of_more(room: Room, tmp_path: Path) -> None:
    texts = {f"{n}.txt": f"Harbour dues number {n} " + "light " * (n % 5) for n in range(70)}
    texts_for(room, tmp_path / "docs", texts, "harbour light")
    (workspace,) = room.workspaces.list()
    few = room.retrieve.search(workspace.id, "harbour light", limit=5)
    many = room.retrieve.search(workspace.id, "harbour light", limit=40)
    assert [p.document_id for p in few] == [p.document_id for p in many[:5]]
    words = room.retrieve.search(workspace.id, "harbour light", limit=5, mode=SearchMode.WORDS)
    assert len(words) == 5
