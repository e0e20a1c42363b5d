"""Ollama as the language model: its state, context limits, streamed chat."""

import asyncio
import concurrent.futures
from collections.abc import Callable, Coroutine, Iterator, Sequence
from queue import SimpleQueue

from readingroom.core.addresses import is_local
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import LanguageModelError
from readingroom.core.language_model import (
    ChatPiece,
    ChatTurn,
    LanguageModelCondition,
    LanguageModelStatus,
)
from readingroom.core.suggested_models import QUICK_MODEL
from readingroom.llm.address import parse_address
from readingroom.llm.event_loop import EventLoopThread
from readingroom.llm.facts import ShownModels, runs_elsewhere, served_model
from readingroom.llm.installation import ollama_is_installed
from readingroom.llm.requests import ServerSilent, ask_limits, connect, stream_chat, translated

STATUS_S = 1.8


class OllamaLanguageModel:
    """A `LanguageModel` at one address; no other is ever contacted, and redirects are not followed.

    Every call makes a connection of its own, so a server that was started again is simply there.
    """

    def __init__(self, address: str, *, is_installed: Callable[[], bool] = ollama_is_installed) -> None:
        """Take an address as `resolve_address` gives it; `is_installed` is asked when nobody answers there."""
        self._address = parse_address(address)
        self._is_installed = is_installed
        self._loop = EventLoopThread("ollama")
        self._shown = ShownModels()
        self._limits: dict[tuple[str, str], tuple[int, int | None]] = {}

    @property
    def address(self) -> str:
        return self._address

    def set_address(self, address: str) -> None:
        """Talk to another server from the next call on. Raises `UserFixableError` for nonsense."""
        self._address = parse_address(address)

    def status(self) -> LanguageModelStatus:
        """Ask the server; never raises. Models that only embed, or that run elsewhere, are left out."""
        address = self._address
        try:
            return self._loop.submit(self._ask_status(address)).result()
        except LanguageModelError as error:
            return self._not_ready(address, error)
        except concurrent.futures.CancelledError:  # by `close`
            return LanguageModelStatus(LanguageModelCondition.UNKNOWN, address)

    def context_limit(self, model: str) -> int:
        return self._known_limits(model)[0]

    def context_bytes(self, model: str) -> int | None:
        try:
            return self._known_limits(model)[1]
        except LanguageModelError:
            return None

    def _known_limits(self, model: str) -> tuple[int, int | None]:
        key = (self._address, model)
        if key not in self._limits:
            self._limits[key] = self._loop.submit(ask_limits(*key)).result()
        return self._limits[key]

    def chat(
        self,
        model: str,
        turns: Sequence[ChatTurn],
        *,
        num_ctx: int,
        cancel: CancelToken,
        temperature: float | None = None,
    ) -> Iterator[ChatPiece]:
        """See `LanguageModel`. Drawing the first piece sends the request; leaving the iterator ends it."""
        options = {"num_ctx": num_ctx} | ({} if temperature is None else {"temperature": temperature})
        address, said = self._address, list(turns)

        def work(arrived: "SimpleQueue[ChatPiece | None]") -> Coroutine[None, None, None]:
            return stream_chat(address, model, said, options, arrived)

        pieces: Iterator[ChatPiece] = self._loop.stream(work, cancel)
        yield from pieces

    def close(self) -> None:
        """Drop connections; answers under way end with `Cancelled`."""
        self._loop.close()

    async def _ask_status(self, address: str) -> LanguageModelStatus:
        clock = asyncio.get_running_loop().time
        deadline = clock() + STATUS_S
        with translated(address):
            async with connect(address) as client:
                listed = await asyncio.wait_for(client.list(), STATUS_S)
                entries = [entry for entry in listed.models if entry.model and not runs_elsewhere(entry)]
                shown = await self._shown.ask(client, address, entries, deadline - clock())
        known = [served_model(entry, said) for entry, said in zip(entries, shown, strict=True)]
        facts = tuple(model for model in known if model.chats)
        if facts:
            names = tuple(model.name for model in facts)
            return LanguageModelStatus(LanguageModelCondition.READY, address, models=names, facts=facts)
        return LanguageModelStatus(
            LanguageModelCondition.NO_MODEL,
            address,
            detail="Its models cannot chat, or run on another computer." if listed.models else "",
            hint=f"Run `ollama pull {QUICK_MODEL}`, or pull another model that can chat.",
        )

    def _not_ready(self, address: str, error: LanguageModelError) -> LanguageModelStatus:
        if isinstance(error, ServerSilent) and is_local(address) and not self._is_installed():
            return LanguageModelStatus(
                LanguageModelCondition.NOT_INSTALLED,
                address,
                detail="Ollama is not installed on this computer.",
                hint=f"Install it from ollama.com, then run `ollama pull {QUICK_MODEL}`.",
            )
        return LanguageModelStatus(
            LanguageModelCondition.NOT_RUNNING, address, detail=str(error), hint=error.hint
        )
