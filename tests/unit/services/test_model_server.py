"""Which server writes the answers: what is entered, its key, and what can be done with Ollama."""

from typing import Any

import pytest

from fakes import FakeKeeper, FakeLanguageModel
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import UserFixableError
from readingroom.core.model_server import ServedModel, ServerKind, ServerSetup
from readingroom.llm.address import resolve_address
from readingroom.llm.base_url import parse_base_url
from readingroom.services.model_server import ModelServerService, ServerKeys, model_name, resolver
from readingroom.services.preferences import PreferenceService

REMOTE = "https://api.example.org/v1"


class Values:
    """The part of a catalog that keeps settings."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def setting_values(self) -> dict[str, Any]:
        return self.kept

    def set_setting(self, name: str, value: Any) -> None:
        self.kept[name] = value


class Keyring:
    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.there = True

    def load(self, name: str) -> str | None:
        return self.kept.get(name)

    def save(self, name: str, secret: str | None) -> None:
        if not self.there:
            raise UserFixableError("no keyring")
        if secret is None:
            self.kept.pop(name, None)
        else:
            self.kept[name] = secret


class Rig:
    """A service with all it was handed."""

    def __init__(self) -> None:
        self.values = Values()
        self.keyring = Keyring()
        self.model = FakeLanguageModel()
        self.keeper = FakeKeeper()
        self.preferences = PreferenceService(self.values)  # type: ignore[arg-type]
        self.keys = ServerKeys(self.keyring)
        self.service = ModelServerService(
            self.model,
            self.keeper,
            self.preferences,
            self.keys,
            resolve_address=resolver(resolve_address, parse_base_url),
            available_bytes=lambda: 12_000_000_000,
        )


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Rig:
    monkeypatch.delenv("OLLAMA_HOST", raising=False)
    return Rig()


def test_a_server_elsewhere_is_used_from_now_on_and_its_key_is_in_the_keyring(rig: Rig) -> None:
    assert rig.service.use(ServerSetup(ServerKind.OPENAI, f" {REMOTE} ", " sk-1 ", 32_768)) == ""
    assert rig.model.address == "https://api.example.org:443/v1"
    assert rig.service.is_elsewhere
    assert rig.values.kept == {
        "model_server": "openai",
        "openai_address": REMOTE,
        "openai_context": 32_768,
    }, "the key is nowhere in the catalog"
    assert rig.keyring.kept == {"model server https://api.example.org:443": "sk-1"}
    assert rig.service.setup(ServerKind.OPENAI) == ServerSetup(ServerKind.OPENAI, REMOTE, "sk-1", 32_768)


def test_a_key_stays_with_the_server_it_was_entered_for(rig: Rig) -> None:
    rig.service.use(ServerSetup(ServerKind.OPENAI, REMOTE, "sk-1"))
    rig.service.use(ServerSetup(ServerKind.OPENAI, "http://127.0.0.1:1234/v1", ""))
    assert rig.keys.get("http://127.0.0.1:1234/v1") == ""
    assert rig.keys.get("https://api.example.org:443/other/path") == "sk-1"
    assert rig.service.key_for("api.example.org") == "sk-1"
    assert rig.service.key_for("no nsense") == ""


def test_nonsense_changes_nothing(rig: Rig) -> None:
    with pytest.raises(UserFixableError):
        rig.service.use(ServerSetup(ServerKind.OPENAI, "ftp://x"))
    assert rig.values.kept == {}
    assert rig.model.address == "http://127.0.0.1:11434"


def test_what_the_person_should_know_is_said(rig: Rig) -> None:
    rig.keyring.there = False
    notice = rig.service.use(ServerSetup(ServerKind.OPENAI, "http://192.168.1.5:1234", "sk-1"))
    assert "not encrypted" in notice
    assert "no keyring" in notice
    assert rig.keys.get("http://192.168.1.5:1234/v1") == "sk-1", "for this run it is known all the same"
    assert rig.service.use(ServerSetup(ServerKind.OPENAI, "http://localhost:1234")) == ""


def test_back_to_ollama_keeps_what_was_set_of_the_other(rig: Rig) -> None:
    rig.service.use(ServerSetup(ServerKind.OPENAI, REMOTE, "sk-1"))
    rig.service.use(rig.service.setup(ServerKind.OLLAMA))
    assert rig.model.address == "http://127.0.0.1:11434"
    assert not rig.service.is_elsewhere
    assert rig.service.setup(ServerKind.OPENAI).api_key == "sk-1"


def test_ollama_is_started_only_where_it_is_installed_here_and_chosen(rig: Rig) -> None:
    assert rig.service.can_start
    rig.keeper.installed = False
    assert not rig.service.can_start
    rig.keeper.installed = True
    rig.service.use(ServerSetup(ServerKind.OLLAMA, "192.168.1.5"))
    assert not rig.service.can_start
    rig.service.use(ServerSetup(ServerKind.OPENAI, "localhost:1234"))
    assert not rig.service.can_start
    assert rig.keeper.started == 0
    rig.service.use(ServerSetup(ServerKind.OLLAMA))
    rig.service.start(CancelToken())
    assert rig.keeper.started == 1


def test_where_ollama_host_names_a_server_an_empty_address_stands_for_it(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert rig.service.setup(ServerKind.OLLAMA).named_outside == ""
    monkeypatch.setenv("OLLAMA_HOST", "192.168.1.5:999")
    assert rig.service.setup(ServerKind.OLLAMA).named_outside == "http://192.168.1.5:999"
    monkeypatch.setenv("OLLAMA_HOST", "ftp://nonsense")
    assert rig.service.setup(ServerKind.OLLAMA).named_outside == ""


def test_what_is_loaded_counts_as_room_for_another_and_comes_first(rig: Rig) -> None:
    rig.keeper.served = [
        ServedModel("nomic", chats=False),
        ServedModel("qwen3:4b-instruct"),
        ServedModel("gemma3:12b", loaded_bytes=10_000_000_000),
    ]
    models = rig.service.models()
    assert [model.name for model in models] == ["gemma3:12b", "qwen3:4b-instruct", "nomic"]
    best = next(s.model.name for s in rig.service.suggestions(models) if s.best)
    assert best == "gpt-oss:20b", "15 of 22 GB"


def test_of_another_computers_memory_nothing_is_said(rig: Rig) -> None:
    rig.service.use(ServerSetup(ServerKind.OLLAMA, "192.168.1.5"))
    assert rig.service.available_bytes() is None
    assert not any(s.best for s in rig.service.suggestions(()))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (" qwen3:8b ", "qwen3:8b"),
        ("ollama pull qwen3:8b", "qwen3:8b"),
        ("ollama run gemma3", "gemma3"),
        ("https://ollama.com/library/qwen3:8b", "qwen3:8b"),
        ("https://ollama.com/someone/model/", "someone/model"),
        (
            "hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M",
            "hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M",
        ),
    ],
)
def test_what_is_copied_from_ollamas_pages_becomes_the_name(written: str, name: str) -> None:
    assert model_name(written) == name


@pytest.mark.parametrize("written", ["", "two words", "qwen3; rm -rf /", "-x", "../../etc/passwd\n"])
def test_what_is_no_name_is_refused(written: str) -> None:
    with pytest.raises(UserFixableError):
        model_name(written)
