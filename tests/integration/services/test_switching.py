"""Changing a workspace's embedding model, on a real catalog and real shards."""

from pathlib import Path

import pytest

from fakes import FakeEmbedder
from helpers.room import Room, open_room
from readingroom.core.cancellation import CancelToken
from readingroom.core.models import SearchMode, Workspace
from readingroom.services import models
from readingroom.services.embedding_speed import SETTING, EmbeddingSpeeds


@pytest.fixture
def law(room: Room, docs: Path) -> Workspace:
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    return workspace


def model_of(room: Room) -> str:
    return room.workspaces.get("Law").embedding_model


def test_the_former_model_answers_until_the_new_index_is_whole(room: Room, law: Workspace) -> None:
    room.embedder.gate.clear()
    room.models.change_embedding_model(law.id, "other")
    progress = room.models.switching(law.id)
    assert progress is not None
    assert (progress.model, progress.done) == ("other", 0)
    assert progress.total == 3
    assert model_of(room) == "all-MiniLM-L6-v2"
    assert room.retrieve.search(law.id, "unused leave", mode=SearchMode.WORDS)[0].path.name == "leave.txt"
    room.embedder.gate.set()
    room.settle()
    assert model_of(room) == "other"
    assert room.models.switching(law.id) is None
    assert room.retrieve.search(law.id, "unused leave", mode=SearchMode.WORDS)[0].path.name == "leave.txt"


def test_a_change_is_over_as_soon_as_the_new_index_answers(
    room: Room, law: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though in a large workspace it is looked at now and then only."""
    monkeypatch.setattr(models, "_COUNTING_SHARE", 1e9)
    room.embedder.gate.clear()
    room.models.change_embedding_model(law.id, "other")
    assert room.models.switching(law.id) is not None
    room.embedder.gate.set()
    room.settle()
    assert room.models.switching(law.id) is None


def test_a_change_goes_on_after_the_program_ended_in_the_middle(
    room: Room, law: Workspace, tmp_path: Path
) -> None:
    room.embedder.gate.clear()
    room.models.change_embedding_model(law.id, "other")
    room.ingest.stop()
    room.close()
    again = open_room(tmp_path / "data")
    try:
        assert again.models.switching(law.id) is not None
        again.ingest.start()
        again.settle()
        assert model_of(again) == "other"
        assert again.difference().missing == again.difference().surplus == 0
    finally:
        again.close()


def test_giving_up_keeps_the_present_model_and_its_index(room: Room, law: Workspace) -> None:
    room.embedder.gate.clear()
    room.models.change_embedding_model(law.id, "other")
    room.models.give_up_switching(law.id)
    assert room.models.switching(law.id) is None
    room.embedder.gate.set()
    room.settle()
    assert model_of(room) == "all-MiniLM-L6-v2"
    assert room.retrieve.search(law.id, "unused leave")[0].path.name == "leave.txt"


def test_the_cost_counts_passages_as_the_new_model_cuts_them(room: Room, law: Workspace) -> None:
    """`other` reads 126 tokens of text at a time, the bundled one 254."""
    other = next(model for model in room.models.embedding_models() if model.name == "other")
    bundled = room.models.embedding_models()[0]
    assert room.models.cost(law.id, bundled).passages == 3
    assert room.models.cost(law.id, other).passages == 6
    assert room.models.cost(law.id, other).seconds is None


def test_a_speed_is_measured_kept_and_learnt_from_the_work(room: Room) -> None:
    speeds = EmbeddingSpeeds(room.catalog, FakeClosing)
    assert speeds.of("other") is None
    tried = speeds.measure("other", CancelToken())
    assert speeds.of("other") == tried > 0
    assert EmbeddingSpeeds(room.catalog, FakeClosing).of("other") == pytest.approx(tried, rel=0.01)
    speeds.learn("slow", 30, 10.0)
    assert speeds.of("slow") == pytest.approx(180.0)
    speeds.learn("slow", 30, 20.0)
    assert 90.0 < (speeds.of("slow") or 0) < 180.0


def test_speeds_that_make_no_sense_are_forgotten(room: Room) -> None:
    room.catalog.set_setting(SETTING, {"a": "fast", "b": -1, "c": 60})
    speeds = EmbeddingSpeeds(room.catalog, FakeClosing)
    assert [speeds.of(name) for name in "abc"] == [None, None, 60.0]


class FakeClosing(FakeEmbedder):
    """Embeds by hash, as a child would."""

    def close(self) -> None:
        pass
