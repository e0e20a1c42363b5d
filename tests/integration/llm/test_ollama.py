"""The Ollama adapter against a real local server that speaks its protocol."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from helpers.fake_ollama import (
    DIE,
    END_EARLY,
    ErrorLine,
    FakeModel,
    FakeOllama,
    RawLine,
    Refuse,
    Step,
    Thinking,
)
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import (
    Cancelled,
    LanguageModelError,
    LanguageModelFailed,
    LanguageModelMissing,
    LanguageModelUnreachable,
    UserFixableError,
)
from readingroom.core.language_model import ChatTurn, Counted, LanguageModelCondition, Thought
from readingroom.llm.ollama import OllamaLanguageModel

MODEL = FakeModel().name
TURNS = [ChatTurn("system", "Be brief."), ChatTurn("user", "Grüße?")]
WAIT_S = 10


@pytest.fixture
def server() -> Iterator[FakeOllama]:
    with FakeOllama() as fake:
        yield fake


@pytest.fixture
def model(server: FakeOllama) -> Iterator[OllamaLanguageModel]:
    made = OllamaLanguageModel(server.address, is_installed=lambda: True)
    yield made
    made.close()


@pytest.fixture
def silent_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


def answer_of(
    model: OllamaLanguageModel, name: str = MODEL, cancel: CancelToken | None = None
) -> Iterator[str]:
    pieces = model.chat(name, TURNS, num_ctx=4096, cancel=cancel or CancelToken())
    return (piece for piece in pieces if isinstance(piece, str))


def drawn_until_failure(pieces: Iterator[str]) -> tuple[list[str], LanguageModelError]:
    got: list[str] = []

    def draw() -> None:
        for piece in pieces:
            got.append(piece)  # what came before the failure is wanted

    with pytest.raises(LanguageModelError) as caught:
        draw()
    return got, caught.value


def test_answer_comes_in_pieces_as_they_are_written(server: FakeOllama, model: OllamaLanguageModel) -> None:
    gate = threading.Event()
    server.answer = ["Grüße", gate, " 你好", "."]
    pieces = answer_of(model)
    assert next(pieces) == "Grüße"
    gate.set()
    assert list(pieces) == [" 你好", "."]


def test_request_carries_turns_context_size_and_streaming(
    server: FakeOllama, model: OllamaLanguageModel
) -> None:
    assert "".join(answer_of(model)) == "Hello world."
    (body,) = server.chats
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Grüße?"},
    ]
    assert body["options"] == {"num_ctx": 4096}
    assert body["stream"] is True
    assert body["model"] == MODEL


def test_nothing_is_sent_before_the_first_piece_is_drawn(
    server: FakeOllama, model: OllamaLanguageModel
) -> None:
    answer_of(model)
    assert server.requests == []


def test_thoughts_are_told_from_the_answer(server: FakeOllama, model: OllamaLanguageModel) -> None:
    server.answer = [Thinking("Hm, "), Thinking("let me see."), "<think>old style</think>\n", "Yes."]
    pieces = list(model.chat(MODEL, TURNS, num_ctx=4096, cancel=CancelToken()))
    assert "".join(piece for piece in pieces if isinstance(piece, str)) == "Yes."
    thoughts = [piece.piece for piece in pieces if isinstance(piece, Thought)]
    assert "".join(thoughts) == "Hm, let me see.old style"


def test_the_servers_own_count_of_the_prompt_comes_last(
    server: FakeOllama, model: OllamaLanguageModel
) -> None:
    *_, last = model.chat(MODEL, TURNS, num_ctx=4096, cancel=CancelToken())
    assert last == Counted(prompt_tokens=sum(len(turn.content) for turn in TURNS) // 4, answer_tokens=3)


def test_cancel_ends_the_request_while_the_server_is_silent(
    server: FakeOllama, model: OllamaLanguageModel
) -> None:
    server.answer = [threading.Event()]
    cancel = CancelToken()
    outcome: list[BaseException] = []

    def draw() -> None:
        try:
            list(answer_of(model, cancel=cancel))
        except Cancelled as error:
            outcome.append(error)

    reader = threading.Thread(target=draw)
    reader.start()
    assert server.chat_started.wait(WAIT_S)
    begun = time.monotonic()
    cancel.cancel()
    reader.join(WAIT_S)
    assert time.monotonic() - begun < 1
    assert len(outcome) == 1
    assert server.client_left.wait(WAIT_S), "the server hears of it, so that it stops computing"


def test_cancel_in_the_middle_keeps_what_came(server: FakeOllama, model: OllamaLanguageModel) -> None:
    server.answer = ["One", threading.Event(), " two"]
    cancel = CancelToken()
    pieces = answer_of(model, cancel=cancel)
    assert next(pieces) == "One"
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(pieces)
    assert server.client_left.wait(WAIT_S)


def test_cancelled_beforehand_asks_nobody(server: FakeOllama, model: OllamaLanguageModel) -> None:
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(answer_of(model, cancel=cancel))
    assert server.requests == []


def test_leaving_the_iterator_ends_the_request(server: FakeOllama, model: OllamaLanguageModel) -> None:
    server.answer = ["One", threading.Event()]
    pieces = answer_of(model)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]  # it is a generator
    assert server.client_left.wait(WAIT_S)


def test_closing_ends_an_answer_under_way(server: FakeOllama) -> None:
    server.answer = ["One", threading.Event()]
    model = OllamaLanguageModel(server.address)
    pieces = answer_of(model)
    next(pieces)
    model.close()
    with pytest.raises(Cancelled):
        next(pieces)


@pytest.mark.parametrize(
    "trouble",
    [DIE, END_EARLY, ErrorLine("llama runner process no longer running"), RawLine("{not json")],
    ids=["connection dropped", "no last line", "error line", "garbage"],
)
def test_end_in_the_middle_is_told_and_what_came_stays(
    server: FakeOllama, model: OllamaLanguageModel, trouble: Step
) -> None:
    server.answer = ["One", " two", trouble]
    got, error = drawn_until_failure(answer_of(model))
    assert got == ["One", " two"]
    assert isinstance(error, LanguageModelFailed)
    if not isinstance(trouble, RawLine):
        assert str(error).startswith("The model server stopped in the middle of the answer.")
    assert error.hint


def test_killed_server_is_told_and_a_restarted_one_works(
    server: FakeOllama, model: OllamaLanguageModel
) -> None:
    server.answer = ["One", threading.Event()]
    pieces = answer_of(model)
    assert next(pieces) == "One"
    server.kill()
    got, error = drawn_until_failure(pieces)
    assert got == []
    assert isinstance(error, LanguageModelFailed)
    _, error = drawn_until_failure(answer_of(model))
    assert isinstance(error, LanguageModelUnreachable)
    assert model.status().condition is LanguageModelCondition.NOT_RUNNING
    server.answer = ["Back", "."]
    server.start()
    assert "".join(answer_of(model)) == "Back."
    assert model.status().condition is LanguageModelCondition.READY


def test_missing_model_is_named_with_the_command_that_fetches_it(model: OllamaLanguageModel) -> None:
    _, error = drawn_until_failure(answer_of(model, "gemma3:4b"))
    assert isinstance(error, LanguageModelMissing)
    assert "ollama pull gemma3:4b" in error.hint


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (Refuse(500, "llama runner process has terminated: exit status 2"), "exit status 2"),
        (Refuse(500, "model requires more system memory (5.6 GiB) than is available"), "too little memory"),
        (Refuse(503, "server busy, please try again"), "busy"),
    ],
)
def test_refusal_is_shown_in_the_servers_words(
    server: FakeOllama, model: OllamaLanguageModel, refusal: Refuse, said: str
) -> None:
    server.answer = [refusal]
    _, error = drawn_until_failure(answer_of(model))
    assert isinstance(error, LanguageModelFailed)
    assert said in str(error)


def test_two_answers_at_once_do_not_wait_for_each_other(
    server: FakeOllama, model: OllamaLanguageModel
) -> None:
    gate = threading.Event()
    server.answer = lambda body: ["slow", gate] if len(server.chats) == 1 else ["quick"]
    slow = answer_of(model)
    assert next(slow) == "slow"
    assert list(answer_of(model)) == ["quick"]
    gate.set()
    assert list(slow) == []


def test_nothing_there_and_nothing_installed(silent_address: str) -> None:
    model = OllamaLanguageModel(silent_address, is_installed=lambda: False)
    status = model.status()
    assert status.condition is LanguageModelCondition.NOT_INSTALLED
    assert "ollama.com" in status.hint
    model.close()


def test_installed_but_not_running(silent_address: str) -> None:
    model = OllamaLanguageModel(silent_address, is_installed=lambda: True)
    status = model.status()
    assert status.condition is LanguageModelCondition.NOT_RUNNING
    assert status.hint == "Start it with `ollama serve` or open the Ollama app."
    with pytest.raises(LanguageModelUnreachable):
        model.context_limit(MODEL)
    model.close()


def test_server_that_accepts_and_says_nothing_is_given_up_in_time(
    server: FakeOllama, model: OllamaLanguageModel
) -> None:
    server.hang = True
    begun = time.monotonic()
    status = model.status()
    assert time.monotonic() - begun < 3
    assert status.condition is LanguageModelCondition.NOT_RUNNING
    assert status.detail


def test_ready_server_lists_its_chat_models_in_its_order(
    server: FakeOllama, model: OllamaLanguageModel
) -> None:
    server.models = (
        FakeModel("nomic-embed-text:latest", capabilities=("embedding",), family="nomic-bert"),
        FakeModel("qwen3:4b"),
        FakeModel("old-bert:latest", capabilities=None, family="bert"),
        FakeModel("llama3.2:3b", capabilities=None, family="llama"),
        FakeModel("gpt-oss:120b-cloud", size=384),
        FakeModel("renamed-cloud-model:latest", size=384),
    )
    status = model.status()
    assert status.condition is LanguageModelCondition.READY
    assert status.models == ("qwen3:4b", "llama3.2:3b")
    assert status.address == server.address


@pytest.mark.parametrize(
    "models", [(), (FakeModel("nomic-embed-text", capabilities=("embedding",), family="nomic-bert"),)]
)
def test_server_without_a_chat_model_says_how_to_get_one(
    server: FakeOllama, model: OllamaLanguageModel, models: tuple[FakeModel, ...]
) -> None:
    server.models = models
    status = model.status()
    assert status.condition is LanguageModelCondition.NO_MODEL
    assert "ollama pull" in status.hint


def test_context_limit_is_the_models_own_and_asked_once(
    server: FakeOllama, model: OllamaLanguageModel
) -> None:
    server.models = (FakeModel(context_length=40960),)
    assert model.context_limit(MODEL) == 40960
    assert model.context_limit(MODEL) == 40960
    assert len(server.requests) == 1
    with pytest.raises(LanguageModelMissing):
        model.context_limit("unknown:1b")


def test_another_address_is_used_from_the_next_call_on(
    server: FakeOllama, model: OllamaLanguageModel
) -> None:
    with FakeOllama(answer=["other"]) as other:
        model.set_address(f"127.0.0.1:{other.port}/")
        assert model.address == other.address
        assert list(answer_of(model)) == ["other"]
    assert server.requests == []
    with pytest.raises(UserFixableError):
        model.set_address("http://")


def test_proxies_of_the_environment_are_not_asked_about_this_computer(
    server: FakeOllama,
    model: OllamaLanguageModel,
    monkeypatch: pytest.MonkeyPatch,
    silent_address: str,
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, silent_address)
    assert model.status().condition is LanguageModelCondition.READY
    assert "".join(answer_of(model)) == "Hello world."


def test_redirects_are_not_followed(server: FakeOllama, model: OllamaLanguageModel) -> None:
    with FakeOllama() as elsewhere:

        def redirect(handler: object) -> bool:
            handler.send_response(307)  # type: ignore[attr-defined]
            handler.send_header("Location", f"{elsewhere.address}/api/tags")  # type: ignore[attr-defined]
            handler.send_header("Content-Length", "0")  # type: ignore[attr-defined]
            handler.end_headers()  # type: ignore[attr-defined]
            return True

        server.on_get = redirect
        status = model.status()
        assert status.condition is LanguageModelCondition.NOT_RUNNING
        assert "not an Ollama server" in status.detail
        assert elsewhere.requests == []


def test_another_kind_of_server_is_told_apart(server: FakeOllama, model: OllamaLanguageModel) -> None:
    def page(handler: object) -> bool:
        handler._send(200, b"<html>hello</html>", "text/html")  # type: ignore[attr-defined]
        return True

    server.on_get = page
    status = model.status()
    assert status.condition is LanguageModelCondition.NOT_RUNNING
    assert "does not speak like Ollama" in status.detail


def test_no_thread_is_left_after_closing(server: FakeOllama) -> None:
    model = OllamaLanguageModel(server.address)
    model.status()
    assert "ollama" in {thread.name for thread in threading.enumerate()}
    model.close()
    assert "ollama" not in {thread.name for thread in threading.enumerate()}
    assert model.status().condition is LanguageModelCondition.READY, "closed means idle, not broken"
    model.close()
