"""Ollama as the language model: its state, context limits, streamed chat."""

import asyncio
import concurrent.futures
from collections.abc import Callable, Iterator, Sequence
from queue import SimpleQueue
from typing import TYPE_CHECKING

from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled, LanguageModelError
from readingroom.core.language_model import (
    ChatPiece,
    ChatTurn,
    LanguageModelCondition,
    LanguageModelStatus,
)
from readingroom.llm.address import is_local, parse_address
from readingroom.llm.event_loop import EventLoopThread
from readingroom.llm.installation import ollama_is_installed
from readingroom.llm.requests import ServerSilent, ask_limits, connect, stream_chat, translated

if TYPE_CHECKING:
    from ollama import AsyncClient, ListResponse, ShowResponse

SUGGESTED_MODEL = "qwen3:4b-instruct"
"""2.5 GB, and answers at once; the plain `qwen3:4b` thinks first and cannot be kept from it."""
STATUS_S = 1.8

# Models that a local Ollama passes on to a computer elsewhere: they have a manifest and no weights.
_CLOUD_SUFFIXES = ("-cloud", ":cloud")
_LEAST_MODEL_BYTES = 1_000_000
_EMBEDDING_FAMILIES = frozenset({"bert", "nomic-bert", "nomic-bert-moe"})


class OllamaLanguageModel:
    """A `LanguageModel` at one address; no other is ever contacted, and redirects are not followed.

    Every call makes a connection of its own, so a server that was started again is simply there.
    """

    def __init__(self, address: str, *, is_installed: Callable[[], bool] = ollama_is_installed) -> None:
        """Take an address as `resolve_address` gives it; `is_installed` is asked when nobody answers there."""
        self._address = parse_address(address)
        self._is_installed = is_installed
        self._loop = EventLoopThread("ollama")
        self._shown: dict[tuple[str, str, str], ShowResponse] = {}
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
        self, model: str, turns: Sequence[ChatTurn], *, num_ctx: int, cancel: CancelToken
    ) -> Iterator[ChatPiece]:
        """See `LanguageModel`. Drawing the first piece sends the request; leaving the iterator ends it."""
        cancel.raise_if_cancelled()
        arrived: SimpleQueue[ChatPiece | None] = SimpleQueue()
        request = self._loop.submit(stream_chat(self._address, model, list(turns), num_ctx, arrived))
        request.add_done_callback(lambda _: arrived.put(None))
        cancel.when_cancelled(lambda: _abandon(request))
        try:
            while (piece := arrived.get()) is not None:
                cancel.raise_if_cancelled()
                yield piece
            cancel.raise_if_cancelled()
            try:
                request.result()
            except concurrent.futures.CancelledError as error:  # by `close`
                raise Cancelled from error
        finally:
            request.cancel()

    def close(self) -> None:
        """Drop connections; answers under way end with `Cancelled`."""
        self._loop.close()

    async def _ask_status(self, address: str) -> LanguageModelStatus:
        clock = asyncio.get_running_loop().time
        deadline = clock() + STATUS_S
        with translated(address):
            async with connect(address) as client:
                listed = await asyncio.wait_for(client.list(), STATUS_S)
                models = await self._chat_models(client, address, listed, deadline - clock())
        if models:
            return LanguageModelStatus(LanguageModelCondition.READY, address, models=models)
        return LanguageModelStatus(
            LanguageModelCondition.NO_MODEL,
            address,
            detail="Its models cannot chat, or run on another computer." if listed.models else "",
            hint=f"Run `ollama pull {SUGGESTED_MODEL}`, or pull another model that can chat.",
        )

    async def _chat_models(
        self, client: "AsyncClient", address: str, listed: "ListResponse", left_s: float
    ) -> tuple[str, ...]:
        entries = [entry for entry in listed.models if entry.model and not _runs_elsewhere(entry)]
        asked = [asyncio.create_task(self._show(client, address, entry)) for entry in entries]
        if asked:
            _, late = await asyncio.wait(asked, timeout=max(left_s, 0.05))
            for task in late:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
        # A model of which the server says nothing in time is taken for one that chats.
        shown = [None if task.cancelled() or task.exception() else task.result() for task in asked]
        return tuple(
            str(entry.model)
            for entry, known in zip(entries, shown, strict=True)
            if _writes_answers(entry, known)
        )

    async def _show(self, client: "AsyncClient", address: str, entry: "ListResponse.Model") -> "ShowResponse":
        key = (address, str(entry.model), str(entry.digest))
        if key not in self._shown:
            self._shown[key] = await client.show(key[1])
        return self._shown[key]

    def _not_ready(self, address: str, error: LanguageModelError) -> LanguageModelStatus:
        if isinstance(error, ServerSilent) and is_local(address) and not self._is_installed():
            return LanguageModelStatus(
                LanguageModelCondition.NOT_INSTALLED,
                address,
                detail="Ollama is not installed on this computer.",
                hint=f"Install it from ollama.com, then run `ollama pull {SUGGESTED_MODEL}`.",
            )
        return LanguageModelStatus(
            LanguageModelCondition.NOT_RUNNING, address, detail=str(error), hint=error.hint
        )


def _abandon(request: "concurrent.futures.Future[None]") -> None:
    request.cancel()


def _runs_elsewhere(entry: "ListResponse.Model") -> bool:
    """Whether a prompt for it would leave the server's computer."""
    small = entry.size is not None and entry.size < _LEAST_MODEL_BYTES
    return small or str(entry.model).endswith(_CLOUD_SUFFIXES)


def _writes_answers(entry: "ListResponse.Model", shown: "ShowResponse | None") -> bool:
    if shown is not None and shown.capabilities:
        return "completion" in shown.capabilities
    details = entry.details
    families = {*(details.families or ()), details.family} if details else set()
    return not families & _EMBEDDING_FAMILIES
