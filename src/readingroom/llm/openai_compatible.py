"""An OpenAI-compatible server as the language model: LM Studio, llama.cpp, vLLM, OpenAI and their like."""

import asyncio
import concurrent.futures
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from queue import SimpleQueue
from typing import Any

from readingroom.core.addresses import host_of, is_local
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import (
    Cancelled,
    LanguageModelError,
    LanguageModelMissing,
    LanguageModelUnreachable,
)
from readingroom.core.language_model import ChatPiece, ChatTurn, LanguageModelCondition, LanguageModelStatus
from readingroom.core.model_server import ServedModel
from readingroom.llm.base_url import parse_base_url
from readingroom.llm.event_loop import EventLoopThread
from readingroom.llm.openai_facts import Told, ask_models
from readingroom.llm.openai_requests import connect, stream_chat, translated

STATUS_S = 1.8
REMOTE_STATUS_S = 6.0
"""A name is looked up and a connection encrypted first."""
_FRESH_S = 5.0
"""A question asks for the state first, and for the context at once after it."""


class OpenAiLanguageModel:
    """A `LanguageModel` at one address; no other is ever contacted, and redirects are not followed."""

    def __init__(self, address: str, *, key: Callable[[str], str], context_tokens: Callable[[], int]) -> None:
        """`key` gives the one for an address; `context_tokens` what a model takes where the server does not tell.

        An empty address is one that was not set yet.
        """
        self._address = parse_base_url(address) if address else ""
        self._key = key
        self._context_tokens = context_tokens
        self._loop = EventLoopThread("openai")
        self._last: tuple[float, str, Told] | None = None
        """When which address told what."""

    @property
    def address(self) -> str:
        return self._address

    def set_address(self, address: str) -> None:
        """Talk to another server from the next call on; none with an empty one. Raises `UserFixableError`."""
        self._address = parse_base_url(address) if address else ""

    def status(self) -> LanguageModelStatus:
        """Ask the server; never raises. Models that only embed, speak or draw are left out."""
        address = self._address
        server = host_of(address) or "The server"
        try:
            told = self._ask()
        except LanguageModelError as error:
            return LanguageModelStatus(
                LanguageModelCondition.NOT_RUNNING, address, (), str(error), error.hint, server=server
            )
        except Cancelled:
            return LanguageModelStatus(LanguageModelCondition.UNKNOWN, address, server=server)
        server = told.server or server
        facts = tuple(model for model in told.models if model.chats)
        if facts:
            names = tuple(model.name for model in facts)
            return LanguageModelStatus(
                LanguageModelCondition.READY, address, names, server=server, facts=facts
            )
        return LanguageModelStatus(
            LanguageModelCondition.NO_MODEL,
            address,
            detail=f"{server} lists no model that writes answers.",
            hint="Load one there, then check again.",
            server=server,
        )

    def context_limit(self, model: str) -> int:
        """As just told, else asked anew: a model may have been loaded with another one since."""
        found = self._find(model)
        return found.context_limit or self._context_tokens()

    def context_bytes(self, model: str) -> int | None:  # noqa: ARG002  (the same for all)
        """No server tells."""
        return None

    def chat(
        self,
        model: str,
        turns: Sequence[ChatTurn],
        *,
        num_ctx: int,  # noqa: ARG002  (there is no such field)
        cancel: CancelToken,
        temperature: float | None = None,
    ) -> Iterator[ChatPiece]:
        """See `LanguageModel`. The server sizes its own context, so `num_ctx` is not sent."""
        address, said = self._need_address(), list(turns)
        key = self._key(address)
        options = {} if temperature is None else {"temperature": temperature}

        def work(arrived: "SimpleQueue[ChatPiece | None]") -> Coroutine[None, None, None]:
            return stream_chat(address, key, model, said, options, arrived)

        pieces: Iterator[ChatPiece] = self._loop.stream(work, cancel)
        yield from pieces

    def close(self) -> None:
        """Drop connections; answers under way end with `Cancelled`."""
        self._loop.close()

    def _find(self, model: str) -> ServedModel:
        last = self._last
        fresh = last is not None and last[1] == self._address and time.monotonic() - last[0] < _FRESH_S
        told = last[2] if fresh and last is not None else self._ask()
        found = next((known for known in told.models if known.name == model), None)
        if found is None:
            raise LanguageModelMissing(f"The model server has no model `{model}`.", hint="Choose another.")
        return found

    def _ask(self) -> Told:
        address = self._need_address()
        told = self._run(_ask(address, self._key(address)))
        self._last = time.monotonic(), address, told
        return told

    def _need_address(self) -> str:
        if not self._address:
            raise LanguageModelUnreachable(
                "No model server is set.", hint="Enter its address in Settings, under Models."
            )
        return self._address

    def _run(self, work: Coroutine[Any, Any, Told]) -> Told:
        try:
            return self._loop.submit(work).result()
        except concurrent.futures.CancelledError as error:  # by `close`
            raise Cancelled from error


async def _ask(address: str, key: str) -> Told:
    with translated(address):
        async with (
            connect(address, key) as client,
            asyncio.timeout(STATUS_S if is_local(address) else REMOTE_STATUS_S),
        ):
            return await ask_models(client, address)
