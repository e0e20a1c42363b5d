"""What is done with the models of an Ollama server, against a real local one that speaks its protocol."""

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from helpers.fake_ollama import DIE, ErrorLine, FakeModel, FakeOllama, Library
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import (
    Cancelled,
    LanguageModelError,
    LanguageModelFailed,
    LanguageModelMissing,
    LanguageModelUnreachable,
)
from readingroom.core.model_server import PullProgress
from readingroom.llm.keeping import OllamaKeeper

SMALL = FakeModel("gemma3:1b", 32_768, family="gemma3", size=815_000_000, parameters="1.0B")
WAIT_S = 10


@pytest.fixture
def server() -> Iterator[FakeOllama]:
    with FakeOllama(library=Library({SMALL.name: SMALL})) as fake:
        yield fake


@pytest.fixture
def keeper(server: FakeOllama) -> Iterator[OllamaKeeper]:
    made = OllamaKeeper(lambda: server.address)
    yield made
    made.close()


def pulled(keeper: OllamaKeeper, cancel: CancelToken | None = None) -> Iterator[PullProgress]:
    return keeper.pull(SMALL.name, cancel=cancel or CancelToken())


def test_models_are_listed_with_size_context_and_what_they_take_now(
    server: FakeOllama, keeper: OllamaKeeper
) -> None:
    server.models = (
        FakeModel(context_length=262_144),
        replace(SMALL, quantisation="Q8_0"),
        FakeModel("nomic-embed-text:latest", 2048, ("embedding",), "nomic-bert", 274_000_000),
        FakeModel("gpt-oss:120b-cloud", size=384),
    )
    server.loaded = {SMALL.name: 1_100_000_000}
    qwen, gemma, nomic = keeper.models()
    assert (qwen.size_bytes, qwen.context_limit, qwen.loaded_bytes) == (2_497_293_931, 262_144, 0)
    assert (gemma.parameters, gemma.quantisation, gemma.family) == ("1.0B", "Q8_0", "gemma3")
    assert gemma.loaded_bytes == 1_100_000_000
    assert [model.chats for model in (qwen, gemma, nomic)] == [True, True, False]


def test_a_pull_adds_up_its_layers_and_leaves_the_model_there(
    server: FakeOllama, keeper: OllamaKeeper
) -> None:
    steps = list(pulled(keeper))
    assert steps[0].total_bytes == 0
    assert steps[-1] == PullProgress("success", 2_500_000, 2_500_000)
    assert PullProgress("pulling aaaaaaaaaaaa", 1_000_000, 2_000_000) in steps
    assert PullProgress("pulling bbbbbbbbbbbb", 2_250_000, 2_500_000) in steps
    assert SMALL.name in [model.name for model in keeper.models()]


def test_a_cancelled_pull_ends_at_once_and_the_next_goes_on_from_there(
    server: FakeOllama, keeper: OllamaKeeper
) -> None:
    stuck = threading.Event()
    server.library.hold = lambda done: stuck if done >= 1_500_000 else None
    cancel = CancelToken()
    steps = pulled(keeper, cancel)
    while next(steps).done_bytes < 1_000_000:
        pass
    threading.Timer(0.05, cancel.cancel).start()
    with pytest.raises(Cancelled):
        list(steps)
    assert server.client_left.wait(WAIT_S), "the server hears of it, so that it stops fetching"
    server.library.hold = lambda _done: None
    first = next(step for step in pulled(keeper) if step.total_bytes)
    assert first.done_bytes >= 1_000_000


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (DIE, "stopped while it fetched"),
        (ErrorLine("write blob: no space left on device"), "no room on the disk"),
        (ErrorLine('Get "https://...": dial tcp: lookup registry: no such host'), "cannot be reached"),
        (ErrorLine("max retries exceeded: EOF"), "max retries exceeded"),
    ],
    ids=["dies", "disk full", "no network", "other"],
)
def test_a_pull_that_fails_says_why_and_that_it_goes_on(
    server: FakeOllama, keeper: OllamaKeeper, trouble: ErrorLine, said: str
) -> None:
    server.library.hold = lambda done: trouble if done >= 1_000_000 else None
    with pytest.raises(LanguageModelFailed, match=said) as caught:
        list(pulled(keeper))
    assert "go on from there" in caught.value.hint


def test_a_name_the_library_does_not_know_is_said(keeper: OllamaKeeper) -> None:
    with pytest.raises(LanguageModelMissing, match="has no model `gemma99`"):
        list(keeper.pull("gemma99", cancel=CancelToken()))


def test_a_model_is_deleted_and_a_missing_one_is_said(server: FakeOllama, keeper: OllamaKeeper) -> None:
    server.models = (FakeModel(), SMALL)
    keeper.delete(SMALL.name)
    assert [model.name for model in keeper.models()] == [FakeModel().name]
    with pytest.raises(LanguageModelMissing):
        keeper.delete(SMALL.name)


def test_unloading_gives_memory_back_and_keeps_the_model(server: FakeOllama, keeper: OllamaKeeper) -> None:
    server.loaded = {FakeModel().name: 3_000_000_000}
    keeper.unload(FakeModel().name)
    (model,) = keeper.models()
    assert model.loaded_bytes == 0
    body = server.requests[0].body
    assert (body["model"], body["keep_alive"]) == (FakeModel().name, 0)


def test_a_server_that_is_gone_is_said(server: FakeOllama, keeper: OllamaKeeper) -> None:
    server.stop()
    for call in (keeper.models, lambda: keeper.delete("x"), lambda: list(pulled(keeper))):
        with pytest.raises(LanguageModelUnreachable):
            call()


def test_closing_ends_a_pull_under_way(server: FakeOllama) -> None:
    server.library.hold = lambda done: threading.Event() if done else None
    keeper = OllamaKeeper(lambda: server.address)
    steps = pulled(keeper)
    next(steps)
    threading.Timer(0.05, keeper.close).start()
    with pytest.raises((Cancelled, LanguageModelError)):
        list(steps)
    assert server.client_left.wait(WAIT_S)
