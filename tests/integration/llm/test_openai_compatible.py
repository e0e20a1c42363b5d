"""The OpenAI-compatible adapter against a real local server that speaks as LM Studio, llama.cpp and vLLM do."""

import json
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from helpers.fake_openai import (
    CEASE,
    DROP,
    FakeOpenAi,
    Finish,
    RawEvent,
    Reasoning,
    Refusal,
    Step,
)
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import (
    Cancelled,
    LanguageModelError,
    LanguageModelFailed,
    LanguageModelMissing,
    LanguageModelUnreachable,
)
from readingroom.core.language_model import ChatPiece, ChatTurn, Counted, LanguageModelCondition, Thought
from readingroom.llm.openai_compatible import OpenAiLanguageModel

NAME = "qwen3-4b"
TURNS = [ChatTurn("system", "Be brief."), ChatTurn("user", "Grüße?")]
WAIT_S = 10


@pytest.fixture
def server() -> Iterator[FakeOpenAi]:
    with FakeOpenAi() as fake:
        yield fake


def model_of(server: FakeOpenAi, key: str = "") -> OpenAiLanguageModel:
    return OpenAiLanguageModel(server.base_url, key=lambda _address: key, context_tokens=lambda: 6000)


@pytest.fixture
def model(server: FakeOpenAi) -> Iterator[OpenAiLanguageModel]:
    made = model_of(server)
    yield made
    made.close()


def answer_of(
    model: OpenAiLanguageModel, name: str = NAME, cancel: CancelToken | None = None
) -> Iterator[ChatPiece]:
    return model.chat(name, TURNS, num_ctx=4096, cancel=cancel or CancelToken())


def drawn_until_failure(pieces: Iterator[ChatPiece]) -> tuple[list[ChatPiece], LanguageModelError]:
    got: list[ChatPiece] = []

    def draw() -> None:
        for piece in pieces:
            got.append(piece)  # what came before the failure is wanted

    with pytest.raises(LanguageModelError) as caught:
        draw()
    return got, caught.value


def test_answer_comes_in_pieces_as_they_are_written_and_the_count_last(
    server: FakeOpenAi, model: OpenAiLanguageModel
) -> None:
    gate = threading.Event()
    server.answer = ["Grüße", gate, " 你好\u2028", "."]
    pieces = answer_of(model)
    assert next(pieces) == "Grüße"
    gate.set()
    assert list(pieces) == [" 你好\u2028", ".", Counted(120, 3)]


def test_request_carries_turns_key_and_temperature_only_where_one_is_set(server: FakeOpenAi) -> None:
    server.key = "sk-1"
    model = model_of(server, "sk-1")
    list(answer_of(model))
    list(model.chat(NAME, TURNS, num_ctx=4096, cancel=CancelToken(), temperature=0.2))
    model.close()
    plain, warm = server.chats
    assert plain["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Grüße?"},
    ]
    assert plain["stream"] is True
    assert "temperature" not in plain
    assert warm["temperature"] == 0.2


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_thoughts_come_apart_from_the_answer(
    server: FakeOpenAi, model: OpenAiLanguageModel, name: str
) -> None:
    server.usage = False
    server.answer = [Reasoning("Hm, ", name), Reasoning("so.", name), "Yes."]
    assert list(answer_of(model)) == [Thought("Hm, "), Thought("so."), "Yes."]
    server.answer = ["<think>Hm.", "</think>\n\nYes."]
    assert list(answer_of(model)) == [Thought("Hm."), "Yes."]


def test_a_gateway_that_knows_no_counts_answers_without_them(
    server: FakeOpenAi, model: OpenAiLanguageModel
) -> None:
    server.knows_usage = False
    assert list(answer_of(model)) == ["Hello", " world", "."]


def test_cancel_ends_the_request_while_the_server_is_silent(
    server: FakeOpenAi, model: OpenAiLanguageModel
) -> None:
    server.answer = [threading.Event()]
    cancel = CancelToken()

    def cancel_once_begun() -> None:
        server.chat_started.wait(WAIT_S)
        cancel.cancel()

    threading.Thread(target=cancel_once_begun).start()
    begun = time.monotonic()
    with pytest.raises(Cancelled):
        list(answer_of(model, cancel=cancel))
    assert time.monotonic() - begun < 2
    assert server.client_left.wait(WAIT_S), "the server hears of it, so that it stops computing"


@pytest.mark.parametrize(
    "trouble",
    [DROP, CEASE, RawEvent(json.dumps({"error": {"message": "CUDA out of memory"}})), RawEvent("{not json")],
    ids=["connection dropped", "no end", "error event", "garbage"],
)
def test_end_in_the_middle_is_told_and_what_came_stays(
    server: FakeOpenAi, model: OpenAiLanguageModel, trouble: Step
) -> None:
    server.answer = ["One", " two", trouble]
    got, error = drawn_until_failure(answer_of(model))
    assert got == ["One", " two"]
    assert isinstance(error, LanguageModelFailed)
    assert error.hint


def test_an_answer_withheld_by_a_filter_is_told(server: FakeOpenAi, model: OpenAiLanguageModel) -> None:
    server.answer = ["One", Finish("content_filter")]
    got, error = drawn_until_failure(answer_of(model))
    assert got == ["One"]
    assert "withheld" in str(error)


@pytest.mark.parametrize(
    ("refusal", "kind", "said"),
    [
        (
            Refusal(401, {"error": {"message": "Bad key."}}),
            LanguageModelUnreachable,
            "refuses the key. Bad key.",
        ),
        (Refusal(429, {"error": {"message": "Quota spent"}}), LanguageModelFailed, "Quota spent"),
        (
            Refusal(503, {"error": {"message": "Loading model"}}),
            LanguageModelFailed,
            "not ready yet: Loading",
        ),
        (
            Refusal(400, {"object": "error", "message": "maximum context length is 4096 tokens"}),
            LanguageModelFailed,
            "too long",
        ),
        (Refusal(500, {"error": "boom"}), LanguageModelFailed, "(500): boom"),
        (Refusal(502, b"<html>Bad gateway</html>"), LanguageModelFailed, "(502)"),
        (Refusal(404, {"error": {"message": "Not here"}}), LanguageModelUnreachable, "not an OpenAI"),
    ],
)
def test_refusals_are_said_in_words(
    server: FakeOpenAi, model: OpenAiLanguageModel, refusal: Refusal, kind: type, said: str
) -> None:
    server.answer = [refusal]
    got, error = drawn_until_failure(answer_of(model))
    assert got == []
    assert isinstance(error, kind)
    assert said in str(error)
    assert "<html" not in str(error)


def test_a_missing_model_is_named(model: OpenAiLanguageModel) -> None:
    _, error = drawn_until_failure(answer_of(model, "other"))
    assert isinstance(error, LanguageModelMissing)
    with pytest.raises(LanguageModelMissing):
        model.context_limit("other")


def test_models_that_do_not_write_are_left_out(server: FakeOpenAi, model: OpenAiLanguageModel) -> None:
    names = (
        "gpt-4.1-mini",
        "text-embedding-3-small",
        "whisper-1",
        "gpt-4o-audio-preview",
        "dall-e-3",
        "o4-mini",
    )
    server.models = tuple({"id": name, "owned_by": "openai"} for name in names)
    status = model.status()
    assert status.condition is LanguageModelCondition.READY
    assert status.models == ("gpt-4.1-mini", "o4-mini")
    assert status.server == "OpenAI"


@pytest.mark.parametrize(
    ("entry", "pages", "server_name", "limit"),
    [
        ({"owned_by": "vllm", "max_model_len": 32_768}, {}, "vLLM", 32_768),
        (
            {"owned_by": "llamacpp", "meta": {"n_ctx_train": 131_072, "size": 2_500_000_000}},
            {"/props": {"default_generation_settings": {"n_ctx": 8192}}},
            "llama.cpp",
            8192,
        ),
        ({"owned_by": "llamacpp", "meta": {"n_ctx_train": 131_072}}, {}, "llama.cpp", 131_072),
        (
            {"owned_by": "organization_owner"},
            {"/api/v0/models": {"data": [{"id": NAME, "type": "llm", "loaded_context_length": 16_384}]}},
            "LM Studio",
            16_384,
        ),
        (
            {},
            {"/api/v0/models": {"data": [{"id": NAME, "type": "llm", "max_context_length": 131_072}]}},
            "LM Studio",
            4096,
        ),
        ({}, {"/api/v0/models": {"data": "nonsense"}}, "127.0.0.1", 6000),
        ({"max_model_len": "many"}, {"/props": []}, "127.0.0.1", 6000),
    ],
    ids=["vllm", "llama.cpp", "llama.cpp untold", "lm studio", "lm studio unloaded", "unknown", "nonsense"],
)
def test_the_context_is_what_the_server_tells_else_what_is_set(
    server: FakeOpenAi,
    model: OpenAiLanguageModel,
    entry: dict[str, object],
    pages: dict[str, object],
    server_name: str,
    limit: int,
) -> None:
    server.models = ({"id": NAME, **entry},)
    server.pages = pages
    assert model.status().server == server_name
    assert model.context_limit(NAME) == limit


def test_a_question_asks_for_the_list_of_models_once(server: FakeOpenAi, model: OpenAiLanguageModel) -> None:
    server.models = ({"id": NAME, "max_model_len": 4096},)
    model.status()
    assert model.context_limit(NAME) == 4096
    assert [asked.path for asked in server.requests] == ["/v1/models"]
    server.models = ({"id": NAME, "max_model_len": 8192},)
    model.status()
    assert model.context_limit(NAME) == 8192, "what was told last holds"


def test_a_wrong_key_is_said_before_a_question_is_asked(server: FakeOpenAi) -> None:
    server.key = "right"
    model = model_of(server, "wrong")
    status = model.status()
    model.close()
    assert status.condition is LanguageModelCondition.NOT_RUNNING
    assert "refuses the key" in status.detail
    assert "Settings" in status.hint


def test_nothing_there_and_nothing_set() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{probe.getsockname()[1]}/v1"
    model = OpenAiLanguageModel(address, key=lambda _: "", context_tokens=lambda: 1)
    assert "No model server answers" in model.status().detail
    model.set_address("")
    assert model.status().detail == "No model server is set."
    with pytest.raises(LanguageModelUnreachable):
        list(answer_of(model))
    model.close()


def test_a_server_that_accepts_and_says_nothing_is_given_up_in_time(
    server: FakeOpenAi, model: OpenAiLanguageModel
) -> None:
    server.hang = True
    begun = time.monotonic()
    status = model.status()
    assert time.monotonic() - begun < 3
    assert status.condition is LanguageModelCondition.NOT_RUNNING


def test_redirects_are_not_followed_with_or_without_a_key(server: FakeOpenAi) -> None:
    with FakeOpenAi() as elsewhere:
        server.redirect_to = f"{elsewhere.base_url}/models"
        model = model_of(server, "secret")
        assert "not an OpenAI-compatible server (307)" in model.status().detail
        _, error = drawn_until_failure(answer_of(model))
        model.close()
        assert isinstance(error, LanguageModelUnreachable)
        assert elsewhere.requests == []


def test_a_key_is_asked_for_with_its_own_address_and_sent_nowhere_else(server: FakeOpenAi) -> None:
    with FakeOpenAi() as other:
        keys = {server.base_url: "sk-server"}
        model = OpenAiLanguageModel(
            server.base_url, key=lambda address: keys.get(address, ""), context_tokens=lambda: 1
        )
        model.status()
        model.set_address(other.base_url)
        model.status()
        list(answer_of(model))
        model.close()
        assert server.requests[0].headers["Authorization"] == "Bearer sk-server"
        assert not any("Authorization" in asked.headers for asked in other.requests)


def test_proxies_of_the_environment_are_not_asked_about_this_computer(
    model: OpenAiLanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert model.status().condition is LanguageModelCondition.READY


def test_another_kind_of_server_is_told_apart(server: FakeOpenAi, model: OpenAiLanguageModel) -> None:
    server.models = ()
    assert model.status().condition is LanguageModelCondition.NO_MODEL
    model.set_address(f"http://127.0.0.1:{server.port}/other")
    assert "not an OpenAI-compatible server (404)" in model.status().detail
