"""The whole program's services with both kinds of server: switched while it runs, told by the doctor."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from helpers.fake_ollama import FakeOllama
from helpers.fake_openai import FakeOpenAi
from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.cancellation import CancelToken
from readingroom.core.language_model import ChatTurn
from readingroom.core.model_server import ServerKind, ServerSetup

TURNS = [ChatTurn("user", "Hello?")]


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    with FakeOllama(answer=["from Ollama"]) as server:
        yield server


@pytest.fixture
def compatible() -> Iterator[FakeOpenAi]:
    with FakeOpenAi(answer=["from the other"], key="sk-1", usage=False) as server:
        yield server


@pytest.fixture
def runtime(tmp_path: Path, ollama: FakeOllama, monkeypatch: pytest.MonkeyPatch) -> Iterator[Runtime]:
    monkeypatch.setenv("OLLAMA_HOST", ollama.address)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    with open_runtime(DataPaths(tmp_path / "data")) as opened:
        yield opened


def answer(runtime: Runtime, model: str) -> str:
    pieces = runtime.language_model.chat(model, TURNS, num_ctx=2048, cancel=CancelToken())
    return "".join(piece for piece in pieces if isinstance(piece, str))


def test_the_server_is_switched_without_a_new_start(
    runtime: Runtime, ollama: FakeOllama, compatible: FakeOpenAi
) -> None:
    servers = runtime.services.model_server
    assert answer(runtime, "qwen3:4b-instruct") == "from Ollama"
    under_way = runtime.language_model.chat("qwen3:4b-instruct", TURNS, num_ctx=2048, cancel=CancelToken())
    first = next(iter(under_way))
    servers.use(ServerSetup(ServerKind.OPENAI, compatible.base_url, "sk-1"))
    assert answer(runtime, "qwen3-4b") == "from the other"
    assert first == "from Ollama"
    list(under_way)
    runtime.services.models.choose_chat_model("qwen3-4b")
    servers.use(servers.setup(ServerKind.OLLAMA))
    assert answer(runtime, "qwen3:4b-instruct") == "from Ollama"
    settings = runtime.services.preferences.settings
    assert (settings.chat_model, settings.openai_model) == ("", "qwen3-4b"), "each kind keeps its choice"


def test_the_doctor_tells_how_either_kind_of_server_stands(runtime: Runtime, compatible: FakeOpenAi) -> None:
    def check() -> tuple[bool, str]:
        found = runtime.doctor._language_model_check()
        return found.ok, found.detail

    ok, detail = check()
    assert ok
    assert "qwen3:4b-instruct" in detail
    runtime.services.model_server.use(ServerSetup(ServerKind.OPENAI, compatible.base_url, "sk-1"))
    assert check() == (True, f"{compatible.base_url}: qwen3-4b")
    runtime.services.model_server.use(ServerSetup(ServerKind.OPENAI, compatible.base_url, "wrong"))
    ok, detail = check()
    assert not ok
    assert "refuses the key" in detail


def test_the_chosen_server_holds_at_the_next_start(
    tmp_path: Path, runtime: Runtime, compatible: FakeOpenAi
) -> None:
    runtime.services.model_server.use(ServerSetup(ServerKind.OPENAI, compatible.base_url, "", 9000))
    compatible.key = ""
    runtime.close()
    with open_runtime(DataPaths(tmp_path / "data")) as again:
        assert again.services.model_server.address == compatible.base_url
        assert again.language_model.context_limit("qwen3-4b") == 9000
