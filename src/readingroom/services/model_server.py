"""The server of the answering model: which one, its key, whether it runs, and what is fetched to it."""

import os
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from readingroom.config.settings import DEFAULT_OLLAMA_ADDRESS
from readingroom.core.addresses import is_local, origin_of
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import UserFixableError
from readingroom.core.language_model import LanguageModel, LanguageModelStatus
from readingroom.core.model_server import ModelKeeper, ServedModel, ServerKind, ServerSetup
from readingroom.core.suggested_models import Suggestion, suggest
from readingroom.services.passwords import SecretStore
from readingroom.services.preferences import PreferenceService
from readingroom.services.pulling import Pulls
from readingroom.services.server import ServerKey

_NO_KEYRING = (
    "This system offers no keyring: the key is used until Reading Room is closed, and asked for again then."
)
_LEAST_CONTEXT, _MOST_CONTEXT = 1024, 2_000_000
_COMMAND = re.compile(r"\A(?:ollama\s+)?(?:pull|run)\s+|\Ahttps?://(?:www\.)?ollama\.com/(?:library/)?")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]{0,199}\Z")


class ServerKeys:
    """A key for each server, so that none is ever shown to another server than the one it was entered for."""

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets
        self._keys: dict[str, ServerKey] = {}

    def get(self, address: str) -> str:
        """It, or nothing. May block while the system asks the person."""
        return self._of(address).get()

    def set(self, address: str, key: str) -> bool:
        """Keep it; False where it is kept for this run alone."""
        return self._of(address).set(key)

    def _of(self, address: str) -> ServerKey:
        origin = origin_of(address)
        return self._keys.setdefault(origin, ServerKey(self._secrets, f"model server {origin}"))


class ModelServerService:
    """Methods block: call them from a pool. `pulls` are what is being fetched."""

    def __init__(
        self,
        language_model: LanguageModel,
        keeper: ModelKeeper,
        preferences: PreferenceService,
        keys: ServerKeys,
        *,
        resolve_address: Callable[[ServerKind, str], str],
        available_bytes: Callable[[], int],
    ) -> None:
        """`resolve_address` makes what was entered an address, or raises `UserFixableError`."""
        self._language_model = language_model
        self._keeper = keeper
        self._preferences = preferences
        self._keys = keys
        self._resolve_address = resolve_address
        self._available_bytes = available_bytes
        self.pulls = Pulls(keeper)

    @property
    def address(self) -> str:
        """Of the server in use; empty where none is set. Does not block."""
        return self._language_model.address

    @property
    def is_elsewhere(self) -> bool:
        """Whether questions and passages leave this computer. Does not block."""
        return bool(self.address) and not is_local(self.address)

    def setup(self, kind: ServerKind) -> ServerSetup:
        """What is set for servers of that kind, with the key."""
        settings = self._preferences.settings
        if kind is ServerKind.OLLAMA:
            return ServerSetup(kind, settings.ollama_address, named_outside=self._named_outside())
        address = self._resolve_address(kind, settings.openai_address)
        key = self._keys.get(address) if address else ""
        return ServerSetup(kind, settings.openai_address, key, settings.openai_context)

    def _named_outside(self) -> str:
        try:
            usual = self._resolve_address(ServerKind.OLLAMA, "")
        except UserFixableError:
            return ""
        return "" if usual == DEFAULT_OLLAMA_ADDRESS else usual

    def key_for(self, address: str) -> str:
        """The key known for an address as it is entered; empty for nonsense."""
        try:
            resolved = self._resolve_address(ServerKind.OPENAI, address)
        except UserFixableError:
            return ""
        return self._keys.get(resolved) if resolved else ""

    def use(self, setup: ServerSetup) -> str:
        """Answer through this server from now on; what the person should know of it, or nothing.

        Raises `UserFixableError` for a malformed address; then all stays as it was.
        """
        setup = replace(setup, address=setup.address.strip(), api_key=setup.api_key.strip())
        resolved = self._resolve_address(setup.kind, setup.address)
        notice = ""
        if setup.kind is ServerKind.OLLAMA:
            self._preferences.update(model_server=str(setup.kind), ollama_address=setup.address)
        else:
            if resolved and not self._keys.set(resolved, setup.api_key):
                notice = _NO_KEYRING
            tokens = setup.context_tokens or self._preferences.settings.openai_context
            self._preferences.update(
                model_server=str(setup.kind),
                openai_address=setup.address,
                openai_context=min(max(tokens, _LEAST_CONTEXT), _MOST_CONTEXT),
            )
        self._language_model.set_address(resolved)
        # Headers and lists are drawn anew when the address is known.
        self._preferences.changed.publish(self._preferences.settings)
        if resolved.startswith("http://") and not is_local(resolved):
            notice = f"The connection is not encrypted: whoever is on the way can read questions, passages and key. {notice}"
        return notice.strip()

    def status(self) -> LanguageModelStatus:
        """The server's state now; never raises."""
        return self._language_model.status()

    # -- Ollama

    @property
    def can_start(self) -> bool:
        """Whether the chosen server is an Ollama on this computer that is installed. Looks at the disk."""
        ours = self._preferences.settings.server_kind is ServerKind.OLLAMA and not self.is_elsewhere
        return ours and self._keeper.is_installed()

    def start(self, cancel: CancelToken) -> None:
        """Start Ollama on this computer; it answers on return. Only ever at the person's wish.

        Raises `UserFixableError`, `LanguageModelError`, `Cancelled`.
        """
        self._keeper.start(cancel)

    def models(self) -> Sequence[ServedModel]:
        """All that Ollama has on its disk, those in memory first. Raises `LanguageModelError`."""
        return sorted(self._keeper.models(), key=lambda model: (not model.loaded_bytes, not model.chats))

    def suggestions(self, here: Sequence[ServedModel]) -> Sequence[Suggestion]:
        """Models to fetch that this computer has the memory for; what is loaded now would make room."""
        if self.is_elsewhere:
            return suggest(None, [model.name for model in here])
        memory = self._available_bytes() + sum(model.loaded_bytes for model in here)
        return suggest(memory, [model.name for model in here])

    def available_bytes(self) -> int | None:
        """Memory that is free on this computer; None where the server is elsewhere."""
        return None if self.is_elsewhere else self._available_bytes()

    def pull(self, written: str) -> str:
        """Begin to fetch a model in the background; its name. Raises `UserFixableError` for what is no name."""
        name = model_name(written)
        self.pulls.start(name)
        return name

    def delete(self, name: str) -> None:
        """Take a model off the disk for good. Raises `LanguageModelError`."""
        self._keeper.delete(name)

    def unload(self, name: str) -> None:
        """Give its memory back; the next question loads it again. Raises `LanguageModelError`."""
        self._keeper.unload(name)

    def close(self) -> None:
        """Stop what is being fetched."""
        self.pulls.close()
        self._keeper.close()


def model_name(written: str) -> str:
    """The name in what was typed or copied: `ollama pull qwen3:8b`, the address of its page. Raises `UserFixableError`."""
    name = _COMMAND.sub("", written.strip()).strip().rstrip("/")
    if not _NAME.match(name):
        raise UserFixableError(
            f"`{written.strip()[:80]}` is not the name of a model.",
            hint="Names look like qwen3:4b-instruct; ollama.com/library lists them.",
        )
    return name


def resolver(
    ollama: Callable[[str, os._Environ[str]], str], openai: Callable[[str], str]
) -> Callable[[ServerKind, str], str]:
    """Put the two ways of reading an address together."""

    def resolve(kind: ServerKind, written: str) -> str:
        if kind is ServerKind.OLLAMA:
            return ollama(written, os.environ)
        return openai(written) if written.strip() else ""

    return resolve
