"""The language model that is chosen in Settings, whichever kind of server it is on."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from readingroom.core.cancellation import CancelToken
from readingroom.core.language_model import ChatPiece, ChatTurn, LanguageModel, LanguageModelStatus
from readingroom.core.model_server import ServerKind


class ChosenLanguageModel:
    """A `LanguageModel` that passes each call on to the one chosen now; an answer under way stays where it began."""

    def __init__(self, adapters: Mapping[ServerKind, LanguageModel], kind: Callable[[], ServerKind]) -> None:
        """`kind` is asked with each call."""
        self._adapters = adapters
        self._kind = kind

    @property
    def address(self) -> str:
        return self._chosen.address

    def set_address(self, address: str) -> None:
        """Of the one chosen now."""
        self._chosen.set_address(address)

    def status(self) -> LanguageModelStatus:
        return self._chosen.status()

    def context_limit(self, model: str) -> int:
        return self._chosen.context_limit(model)

    def context_bytes(self, model: str) -> int | None:
        return self._chosen.context_bytes(model)

    def chat(
        self,
        model: str,
        turns: Sequence[ChatTurn],
        *,
        num_ctx: int,
        cancel: CancelToken,
        temperature: float | None = None,
    ) -> Iterator[ChatPiece]:
        return self._chosen.chat(model, turns, num_ctx=num_ctx, cancel=cancel, temperature=temperature)

    def close(self) -> None:
        """Drop the connections of all."""
        for adapter in self._adapters.values():
            adapter.close()

    @property
    def _chosen(self) -> LanguageModel:
        return self._adapters[self._kind()]
