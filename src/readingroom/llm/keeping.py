"""What can be done with the models of an Ollama server: list, fetch, delete, give their memory back."""

import asyncio
import concurrent.futures
from collections.abc import Callable, Coroutine, Iterator, Sequence
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, TypeVar

from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled, LanguageModelError, LanguageModelFailed, LanguageModelMissing
from readingroom.core.model_server import PullProgress, ServedModel
from readingroom.llm.event_loop import EventLoopThread
from readingroom.llm.facts import ShownModels, runs_elsewhere, served_model
from readingroom.llm.installation import find_ollama
from readingroom.llm.requests import connect, translated
from readingroom.llm.starting import start_ollama

if TYPE_CHECKING:
    from ollama import ProgressResponse

T = TypeVar("T")

_LIST_S = 10.0
_CHANGE_S = 30.0
"""A server that reads a model from a slow disk answers nothing meanwhile."""
_GOES_ON = "What was fetched is kept while Ollama runs; fetch it again to go on from there."
_NO_SUCH = ("does not exist", "not found")
_NO_ROOM = ("no space left", "not enough space", "disk full")
_NO_NETWORK = ("no such host", "dial tcp", "connection refused", "i/o timeout", "tls handshake")


class OllamaKeeper:
    """A `ModelKeeper`. `address` is asked with each call, so that it follows the setting."""

    def __init__(self, address: Callable[[], str]) -> None:
        self._address = address
        self._loop = EventLoopThread("ollama-models")
        self._shown = ShownModels()

    def is_installed(self) -> bool:
        return find_ollama() is not None

    def start(self, cancel: CancelToken) -> None:
        """Start `ollama serve` on this computer; see `start_ollama`."""
        start_ollama(self._address(), cancel)

    def models(self) -> Sequence[ServedModel]:
        """All but those that run elsewhere."""
        return self._run(_listed(self._address(), self._shown))

    def pull(self, name: str, *, cancel: CancelToken) -> Iterator[PullProgress]:
        """See `ModelKeeper`. Raises `LanguageModelMissing` for a name that Ollama's library does not know."""
        address = self._address()

        def work(arrived: "SimpleQueue[PullProgress | None]") -> Coroutine[None, None, None]:
            return _pull(address, name, arrived)

        yield from self._loop.stream(work, cancel)

    def delete(self, name: str) -> None:
        """Raises `LanguageModelMissing`."""
        self._run(_delete(self._address(), name))

    def unload(self, name: str) -> None:
        """One that is not loaded is left as it is."""
        self._run(_unload(self._address(), name))

    def close(self) -> None:
        """End what is under way with `Cancelled`."""
        self._loop.close()

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return self._loop.submit(work).result()
        except concurrent.futures.CancelledError as error:
            raise Cancelled from error


async def _listed(address: str, shown: ShownModels) -> list[ServedModel]:
    with translated(address):
        async with connect(address) as client, asyncio.timeout(_LIST_S):
            entries = [e for e in (await client.list()).models if e.model and not runs_elsewhere(e)]
            loaded = {str(running.model): running.size or 0 for running in (await client.ps()).models}
            known = await shown.ask(client, address, entries, _LIST_S / 2)
    return [
        served_model(entry, said, loaded.get(str(entry.model), 0))
        for entry, said in zip(entries, known, strict=True)
    ]


async def _pull(address: str, name: str, arrived: "SimpleQueue[PullProgress | None]") -> None:
    import httpx
    from ollama import ResponseError

    layers = _Layers()
    with translated(address, name):
        async with connect(address) as client:
            try:
                async for said in await client.pull(name, stream=True):
                    arrived.put(layers.take(said))
            except ResponseError as error:
                raise _pull_failure(name, str(error.error)) from error
            except (httpx.ConnectError, httpx.ConnectTimeout):
                raise
            except httpx.TransportError as error:
                raise LanguageModelFailed(
                    f"Ollama stopped while it fetched `{name}`.", hint=_GOES_ON
                ) from error
    if layers.status != "success":
        raise LanguageModelFailed(f"Ollama stopped while it fetched `{name}`.", hint=_GOES_ON)


class _Layers:
    """Adds up what is told of the layers one by one."""

    def __init__(self) -> None:
        self._done: dict[str, int] = {}
        self._total: dict[str, int] = {}
        self.status = ""

    def take(self, said: "ProgressResponse") -> PullProgress:
        self.status = said.status or ""
        if said.digest:
            self._total[said.digest] = max(said.total or 0, 0)
            # A part that is fetched again makes it smaller for a moment.
            self._done[said.digest] = min(max(said.completed or 0, 0), self._total[said.digest])
        return PullProgress(self.status, sum(self._done.values()), sum(self._total.values()))


def _pull_failure(name: str, said: str) -> LanguageModelError:
    words = " ".join(said.split())[:300]
    small = words.casefold()
    if any(part in small for part in _NO_SUCH):
        return LanguageModelMissing(
            f"Ollama's library has no model `{name}`.",
            hint="Names look like qwen3:4b-instruct; ollama.com/library lists them.",
        )
    if any(part in small for part in _NO_ROOM):
        return LanguageModelFailed(
            f"There is no room on the disk for `{name}`.", hint=f"Make room. {_GOES_ON}"
        )
    if any(part in small for part in _NO_NETWORK):
        return LanguageModelFailed(
            f"Ollama's library cannot be reached: {words}", hint=f"Check the network. {_GOES_ON}"
        )
    return LanguageModelFailed(f"`{name}` could not be fetched: {words}", hint=_GOES_ON)


async def _delete(address: str, name: str) -> None:
    with translated(address, name):
        async with connect(address) as client, asyncio.timeout(_CHANGE_S):
            await client.delete(name)


async def _unload(address: str, name: str) -> None:
    with translated(address, name):
        async with connect(address) as client, asyncio.timeout(_CHANGE_S):
            await client.generate(model=name, keep_alive=0)
