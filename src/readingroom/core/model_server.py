"""What is known of a model server, what is set of it, and what can be done with one that keeps its models itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from readingroom.core.cancellation import CancelToken


class ServerKind(StrEnum):
    """The protocol it speaks."""

    OLLAMA = "ollama"
    OPENAI = "openai"
    """LM Studio, llama.cpp, vLLM, OpenAI and many others."""


@dataclass(frozen=True, slots=True)
class ServerSetup:
    """Which server is to be used, as the person entered it."""

    kind: ServerKind
    address: str = ""
    """Empty for Ollama: `OLLAMA_HOST`, else this computer."""
    api_key: str = field(default="", repr=False)
    context_tokens: int = 0
    """What a model takes where the server does not tell; 0 leaves it as it is."""
    named_outside: str = ""
    """The address that an empty one stands for, where the environment names one."""


@dataclass(frozen=True, slots=True)
class ServedModel:
    """A model that a server has, as far as the server tells."""

    name: str
    size_bytes: int = 0
    """On its disk."""
    context_limit: int = 0
    """In tokens."""
    parameters: str = ""
    """As `4.0B`."""
    quantisation: str = ""
    family: str = ""
    chats: bool = True
    """Whether it writes answers; some only embed."""
    loaded_bytes: int = 0
    """Memory that it takes now; 0 while it is not loaded."""


@dataclass(frozen=True, slots=True)
class PullProgress:
    """How far a model is fetched: all its layers together, as far as they are announced."""

    status: str
    """What the server does, in its words: `pulling 163553aea1b1`, `verifying sha256 digest`."""
    done_bytes: int = 0
    total_bytes: int = 0
    """0 until the first layer is announced."""


class ModelKeeper(Protocol):
    """A server that keeps its models itself and fetches them: Ollama. Methods block; all raise `LanguageModelError`."""

    def is_installed(self) -> bool:
        """Whether it could be started on this computer."""
        ...

    def start(self, cancel: CancelToken) -> None:
        """Start it on this computer and return when it answers; it goes on when this program ends."""
        ...

    def models(self) -> Sequence[ServedModel]:
        """All that are on its disk, with what they take of memory now."""
        ...

    def pull(self, name: str, *, cancel: CancelToken) -> Iterator[PullProgress]:
        """Fetch a model. Leaving the iterator or `cancel` stops it; another pull goes on from there."""
        ...

    def delete(self, name: str) -> None:
        """Take it off the disk."""
        ...

    def unload(self, name: str) -> None:
        """Give its memory back."""
        ...

    def close(self) -> None:
        """Drop connections."""
        ...
