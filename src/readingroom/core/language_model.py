"""What services need of a server that writes answers, and the values it speaks in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from readingroom.core.cancellation import CancelToken
from readingroom.core.model_server import ServedModel


class LanguageModelCondition(StrEnum):
    """Whether an answer can be written now."""

    NOT_INSTALLED = "not_installed"
    NOT_RUNNING = "not_running"
    NO_MODEL = "no_model"
    READY = "ready"
    UNKNOWN = "unknown"
    """Not asked yet."""


@dataclass(frozen=True, slots=True)
class LanguageModelStatus:
    """The state of the model server, with the next step for the person."""

    condition: LanguageModelCondition
    address: str
    models: tuple[str, ...] = ()
    """Names of those that write answers, in the server's order."""
    detail: str = ""
    hint: str = ""
    version: str = ""
    server: str = "Ollama"
    """What it is called, as `LM Studio`."""
    facts: tuple[ServedModel, ...] = ()
    """What is known of `models`, in the same order; empty where nothing is."""


@dataclass(frozen=True, slots=True)
class ChatTurn:
    """A message to the model: role `system`, `user` or `assistant`."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class Thought:
    """A piece of what the model thinks before it answers; no part of the answer."""

    piece: str


@dataclass(frozen=True, slots=True)
class Counted:
    """What the server counted with the model's own tokenizer; comes last, from servers that tell."""

    prompt_tokens: int
    answer_tokens: int


ChatPiece = str | Thought | Counted
"""A piece of the answer, a piece of thought, or what was counted at the end."""


class LanguageModel(Protocol):
    """A server that writes answers."""

    @property
    def address(self) -> str:
        """Its base address, as `http://127.0.0.1:11434`."""
        ...

    def set_address(self, address: str) -> None:
        """Talk to another server from now on."""
        ...

    def status(self) -> LanguageModelStatus:
        """Ask the server; never raises. Answers within some two seconds."""
        ...

    def context_limit(self, model: str) -> int:
        """The model's own limit in tokens. Raises `LanguageModelError`."""
        ...

    def context_bytes(self, model: str) -> int | None:
        """Memory that one token of context takes at most; None where the server does not tell. Never raises."""
        ...

    def chat(
        self,
        model: str,
        turns: Sequence[ChatTurn],
        *,
        num_ctx: int,
        cancel: CancelToken,
        temperature: float | None = None,
    ) -> Iterator[ChatPiece]:
        """Stream thoughts, then the answer, in pieces as they come; without a temperature the model's own is used.

        Cancelling ends the request at once, also while the server is silent, and raises `Cancelled`.
        Raises `LanguageModelUnreachable`, `LanguageModelMissing`, `LanguageModelFailed`; what was
        yielded before stays valid.
        """
        ...

    def close(self) -> None:
        """Drop connections."""
        ...
