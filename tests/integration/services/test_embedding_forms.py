"""Keeping less of each embedding, on a real catalog and real shards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from fakes import DIMENSION, FakeEmbeddingModels
from helpers.room import Room
from readingroom.core.cancellation import CancelToken
from readingroom.core.embedding_forms import EmbeddingForm, Precision
from readingroom.core.errors import Cancelled, EmbeddingModelUnavailable
from readingroom.core.ids import IndexId, WorkspaceId
from readingroom.core.models import EmbeddingModel, Index, SearchMode, Workspace
from readingroom.services import models as models_module
from readingroom.services.embedding_forms import FEWEST, FormService
from readingroom.services.portability import Imported
from readingroom.vectors.edge import EdgeVectorStores

HALF_LENGTH = DIMENSION // 2


@pytest.fixture(autouse=True)
def _cuttable(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = EmbeddingModel("all-MiniLM-L6-v2", DIMENSION, 256, 1, bundled=True, shorter=(HALF_LENGTH,))
    listed = [cut, EmbeddingModel("other", DIMENSION, 128, 1, downloaded=True)]
    monkeypatch.setattr(FakeEmbeddingModels, "list", lambda _self: listed)


@pytest.fixture
def law(room: Room, docs: Path) -> Workspace:
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    return workspace


def form_of(room: Room, workspace_id: WorkspaceId) -> EmbeddingForm:
    index = room.catalog.active_index(workspace_id)
    assert index is not None
    return index.form


@pytest.mark.parametrize(
    "form", [EmbeddingForm(DIMENSION, Precision.BYTE), EmbeddingForm(HALF_LENGTH, Precision.HALF)]
)
def test_nothing_is_embedded_again_and_meaning_still_finds(
    room: Room, law: Workspace, form: EmbeddingForm
) -> None:
    embedded = len(room.embedder.texts)
    before = room.retrieve.search(law.id, "unused leave", mode=SearchMode.MEANING)
    room.models.change_embedding_model(law.id, form=form)
    room.settle()
    assert form_of(room, law.id) == form
    assert len(room.embedder.texts) == embedded
    after = room.retrieve.search(law.id, "unused leave", mode=SearchMode.MEANING)
    assert {passage.text for passage in after} == {passage.text for passage in before}
    hybrid = room.retrieve.search(law.id, "unused leave")
    assert hybrid[0].path.name == "leave.txt"
    assert room.difference().missing == room.difference().surplus == 0


def test_a_change_of_form_is_told_as_such(room: Room, law: Workspace) -> None:
    room.ingest.stop()
    form = EmbeddingForm(HALF_LENGTH, Precision.BYTE)
    room.models.change_embedding_model(law.id, form=form)
    progress = room.models.switching(law.id)
    assert progress is not None
    assert (progress.form, progress.recut) == (form, False)


def test_the_form_outlives_another_rule_for_cutting_and_its_length_no_other_model(
    room: Room, law: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = EmbeddingForm(HALF_LENGTH, Precision.BYTE)
    room.models.change_embedding_model(law.id, form=form)
    room.settle()
    monkeypatch.setattr(models_module, "chunker_name", lambda tokens: f"newer-{tokens}")
    assert room.models.renew_indexes() == 1
    progress = room.models.switching(law.id)
    assert progress is None or progress.recut
    room.settle()
    assert form_of(room, law.id) == form
    room.models.change_embedding_model(law.id, "other")
    room.settle()
    assert form_of(room, law.id) == EmbeddingForm(DIMENSION, Precision.BYTE)


def test_a_length_that_the_model_has_no_more_is_given_up_with_the_next_index(
    room: Room, law: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may come from a file that somebody else made."""
    odd = room.catalog.create_index(
        law.id, "all-MiniLM-L6-v2", 3, "older-1", active=False, precision=Precision.BYTE
    )
    assert odd.form == EmbeddingForm(3, Precision.BYTE)
    assert room.models.renew_indexes() == 1
    room.settle()
    assert form_of(room, law.id) == EmbeddingForm(DIMENSION, Precision.BYTE)


def test_a_length_that_the_model_does_not_have_is_refused(room: Room, law: Workspace) -> None:
    with pytest.raises(EmbeddingModelUnavailable, match="cannot be cut to 3"):
        room.models.change_embedding_model(law.id, form=EmbeddingForm(3))
    with pytest.raises(EmbeddingModelUnavailable, match="cannot be cut"):
        room.models.change_embedding_model(law.id, "other", EmbeddingForm(HALF_LENGTH))
    assert room.models.switching(law.id) is None


def test_a_workspace_in_a_file_keeps_its_form_and_whole_embeddings(
    room: Room, law: Workspace, tmp_path: Path
) -> None:
    form = EmbeddingForm(HALF_LENGTH, Precision.BYTE)
    room.models.change_embedding_model(law.id, form=form)
    room.settle()
    path = tmp_path / "Law.readingroom"
    for _ in room.portability.export(law.id, path, cancel=CancelToken()):
        pass
    room.cache._lane.write(lambda db: db.execute("DELETE FROM embeddings"))
    embedded = len(room.embedder.texts)
    *_, last = room.portability.import_(path, cancel=CancelToken(), name="Copy")
    assert isinstance(last.result, Imported)
    room.settle()
    assert form_of(room, last.result.workspace_id) == form
    assert room.retrieve.search(last.result.workspace_id, "unused leave", mode=SearchMode.MEANING)
    # Back to all numbers, from what came in the file.
    room.models.change_embedding_model(last.result.workspace_id, form=EmbeddingForm(DIMENSION))
    room.settle()
    assert form_of(room, last.result.workspace_id) == EmbeddingForm(DIMENSION)
    assert len(room.embedder.texts) == embedded


class Given:
    """Embeddings of a workspace that need no text."""

    def __init__(self, rows: np.ndarray) -> None:
        self.rows = rows

    def active_index(self, workspace_id: WorkspaceId) -> Index:
        return Index(IndexId(1), workspace_id, "all-MiniLM-L6-v2", self.rows.shape[1], "c", active=True)

    def sampled_hashes(self, _index_id: IndexId, most: int) -> list[str]:
        return [str(number) for number in range(len(self.rows))][:most]

    def get(self, _model: str, hashes: list[str]) -> dict[str, np.ndarray]:
        return {one: self.rows[int(one)] for one in hashes}


def worth(rows: np.ndarray, tmp_path: Path, *forms: EmbeddingForm) -> dict[EmbeddingForm, float]:
    @contextmanager
    def scratch() -> Iterator[EdgeVectorStores]:
        stores = EdgeVectorStores(tmp_path)
        yield stores
        stores.close()

    given = Given(rows)
    service = FormService(given, given, FakeEmbeddingModels(), scratch)  # type: ignore[arg-type]
    found = service.compare(WorkspaceId(1), forms, cancel=CancelToken())
    return {one.form: one.kept for one in found}


def unit(rows: np.ndarray) -> np.ndarray:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def test_what_a_form_loses_is_tried_on_the_embeddings(tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    rows = rng.normal(size=(1000, 64))
    whole, half, byte, cut = (
        EmbeddingForm(64),
        EmbeddingForm(64, Precision.HALF),
        EmbeddingForm(64, Precision.BYTE),
        EmbeddingForm(32),
    )
    # As of a model that was trained for it: the first numbers say the most.
    telling = worth(unit(rows * np.geomspace(1, 0.01, 64)), tmp_path / "a", whole, half, byte, cut)
    assert telling[whole] == 1.0
    assert telling[half] > 0.99
    assert 0.9 < telling[byte] <= 1.0
    assert telling[cut] > 0.9
    # As of any other model.
    even = worth(unit(rows), tmp_path / "b", cut)
    assert even[cut] < 0.6
    assert not list((tmp_path / "a").iterdir()), "nothing is left of the trial"


def test_nothing_is_said_of_few_passages_and_a_trial_can_be_stopped(tmp_path: Path) -> None:
    rows = unit(np.random.default_rng(1).normal(size=(FEWEST, 8)))
    assert worth(rows[1:], tmp_path, EmbeddingForm(8)) == {}
    assert worth(rows, tmp_path, EmbeddingForm(8))
    token = CancelToken()
    given = Given(rows)

    @contextmanager
    def scratch() -> Iterator[EdgeVectorStores]:
        yield EdgeVectorStores(tmp_path / "c")

    service = FormService(given, given, FakeEmbeddingModels(), scratch)  # type: ignore[arg-type]
    work = service.compare(WorkspaceId(1), [EmbeddingForm(8)] * 2, cancel=token)
    next(work)
    token.cancel()
    with pytest.raises(Cancelled):
        next(work)


def test_samples_are_spread_over_documents_and_hold_each_text_once(room: Room, law: Workspace) -> None:
    index = room.catalog.active_index(law.id)
    assert index is not None
    hashes = room.catalog.sampled_hashes(index.id, 100)
    assert len(hashes) == len(set(hashes)) == law_chunks(room, law)
    assert len(room.catalog.sampled_hashes(index.id, 2)) == 2
    assert room.catalog.sampled_hashes(IndexId(99), 100) == []


def law_chunks(room: Room, law: Workspace) -> int:
    return room.workspaces.get(law.name).chunks
