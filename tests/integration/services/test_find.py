"""Searches while they are typed, on a real catalog and a real shard."""

from pathlib import Path

import pytest

from helpers.room import Room
from readingroom.core.errors import EmbeddingModelUnavailable
from readingroom.core.ids import WorkspaceId
from readingroom.services.find import FindService, Found

TEXTS = {
    "leave.txt": "Unused leave carries over into the next year. It lapses in March.\n\nCars are parked behind the house.",
    "plants.txt": "Photosynthesis feeds plants.\n\nPhotographs fade in the light.",
    "umlaut.txt": "Übergänge sind zu sichern.\n\n文章を検索する方法。",
}


@pytest.fixture
def law(room: Room, tmp_path: Path) -> WorkspaceId:
    folder = tmp_path / "typed"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_text(text, "utf-8")
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [folder])
    room.ingest.start()
    room.settle()
    return workspace.id


@pytest.fixture
def find(room: Room) -> FindService:
    return FindService(room.catalog, room.retrieve)


def words(found: Found) -> list[str]:
    return [found.snippet.text[mark.start : mark.end] for mark in found.snippet.marks]


@pytest.mark.parametrize(
    ("typed", "name", "marked"),
    [
        ("photosyn", "plants.txt", ["Photosynthesis"]),
        ("leave carr", "leave.txt", ["leave", "carries"]),
        ("überg", "umlaut.txt", ["Übergänge"]),
        ("検索", "umlaut.txt", ["検索"]),
    ],
)
def test_a_word_that_is_only_begun_is_found(
    find: FindService, law: WorkspaceId, typed: str, name: str, marked: list[str]
) -> None:
    found = find.by_words(law, typed)
    assert found[0].passage.path.name == name
    assert words(found[0]) == marked


def test_a_word_that_is_typed_to_its_end_is_not_completed(find: FindService, law: WorkspaceId) -> None:
    assert find.by_words(law, "photo ") == []
    assert {found.passage.text.split()[0] for found in find.by_words(law, "photo")} == {
        "Photosynthesis",
        "Photographs",
    }


def test_the_place_to_mark_is_the_sentence_with_the_words(find: FindService, law: WorkspaceId) -> None:
    citation = find.by_words(law, "lapses in march")[0].citation
    assert citation.quote == "It lapses in March."
    whole = TEXTS["leave.txt"]
    assert whole[citation.start : citation.end] == citation.quote


def test_passages_with_more_of_the_words_come_first(find: FindService, law: WorkspaceId) -> None:
    found = find.by_words(law, "light fade photographs car")
    assert [len(set(words(passage))) for passage in found] == [3, 1, 1]


def test_meaning_finds_what_is_near(find: FindService, law: WorkspaceId) -> None:
    assert find.by_meaning(law, "Photosynthesis feeds plants.")[0].passage.path.name == "plants.txt"


def test_without_the_model_words_are_searched_alone(
    room: Room, find: FindService, law: WorkspaceId, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_model: str, _text: str) -> None:
        raise EmbeddingModelUnavailable("It is gone.")

    monkeypatch.setattr(room.embedder, "embed_query", fail)
    found = find.by_meaning(law, "photosynthesis")
    assert [passage.passage.similarity for passage in found] == [None]


@pytest.mark.parametrize(
    "typed", ["", " ", "x", "%", "_", '"', "\ud800", "\x00\x00", "a" * 5000, "NOT OR *", "\\"]
)
def test_whatever_is_typed_finds_something_or_nothing(
    find: FindService, law: WorkspaceId, typed: str
) -> None:
    assert len(find.by_words(law, typed)) <= 8
    assert len(find.by_meaning(law, typed)) <= 8


def test_words_of_another_workspace_are_not_completed(room: Room, law: WorkspaceId) -> None:
    other = room.workspaces.create("House")
    index = room.catalog.active_index(other.id)
    assert index is not None
    assert room.catalog.words_beginning(index.id, "photos", limit=5) == []
