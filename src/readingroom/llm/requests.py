"""Single requests to an Ollama server, as coroutines, with its failures translated."""

import logging
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from queue import SimpleQueue
from typing import TYPE_CHECKING

from readingroom.core.addresses import is_local
from readingroom.core.errors import (
    LanguageModelError,
    LanguageModelFailed,
    LanguageModelMissing,
    LanguageModelUnreachable,
)
from readingroom.core.language_model import ChatPiece, ChatTurn, Counted, Thought
from readingroom.llm.thinking import ThinkingSplitter

if TYPE_CHECKING:
    from ollama import AsyncClient, ChatResponse, ResponseError

log = logging.getLogger(__name__)

CONNECT_S = 5.0
WRITE_S = 30.0
UNKNOWN_CONTEXT = 4096
"""What Ollama itself assumes of a model that does not say."""

STOPPED = "The model server stopped in the middle of the answer."
_ASK_AGAIN = "Ask again; if it happens every time, restart Ollama or choose a smaller model."
_START = "Start it with `ollama serve` or open the Ollama app."
_START_THERE = "Check that it is running on that computer, and its address in Settings."
_ADDRESS = "Check the address of the model server in Settings."


class ServerSilent(LanguageModelUnreachable):
    """Nothing accepts connections at the address."""


def connect(address: str) -> "AsyncClient":
    """Make a client for a few requests. Proxies from the environment are for other computers only."""
    import httpx
    from ollama import AsyncClient

    return AsyncClient(
        host=address,
        follow_redirects=False,
        trust_env=not is_local(address),
        verify=_tls(address.startswith("https:")),
        # A model may take minutes to load and to read the prompt before it says anything.
        timeout=httpx.Timeout(None, connect=CONNECT_S, write=WRITE_S),
    )


async def ask_limits(address: str, model: str) -> tuple[int, int | None]:
    """Ask for the model's own context limit in tokens, and the bytes that each takes."""
    with translated(address, model):
        async with connect(address) as client:
            shown = await client.show(model)
    known = {
        # `qwen3.context_length`: the architecture comes first, and there is one a model.
        name.partition(".")[2]: value
        for name, value in (shown.modelinfo or {}).items()
        if isinstance(value, int) and value > 0
    }
    return known.get("context_length", UNKNOWN_CONTEXT), _context_bytes(known)


def _context_bytes(known: Mapping[str, int]) -> int | None:
    """Keys and values of all layers, 2 bytes a number: as if no layer's window were limited, so rather too much."""
    layers, heads = known.get("block_count"), known.get("attention.head_count")
    if not layers or not heads:
        return None
    width = known.get("embedding_length", 0) // heads
    keys, values = known.get("attention.key_length", width), known.get("attention.value_length", width)
    return layers * known.get("attention.head_count_kv", heads) * (keys + values) * 2 or None


async def stream_chat(
    address: str,
    model: str,
    turns: Sequence[ChatTurn],
    options: Mapping[str, float],
    arrived: "SimpleQueue[ChatPiece | None]",
) -> None:
    """Put what the model thinks and answers into `arrived`, and last what the server counted."""
    import httpx

    messages = [{"role": turn.role, "content": turn.content} for turn in turns]
    splitter = ThinkingSplitter()
    done = False
    counted: Counted | None = None
    with translated(address, model):
        async with connect(address) as client:
            try:
                parts = await client.chat(model, messages, stream=True, options=options)
                async for part in parts:
                    if part.message.thinking:
                        arrived.put(Thought(part.message.thinking))
                    for piece in splitter.feed(part.message.content or ""):
                        arrived.put(piece)
                    done = bool(part.done)
                    counted = _counted(part)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                raise
            except httpx.TransportError as error:
                raise LanguageModelFailed(STOPPED, hint=_ASK_AGAIN) from error
    if not done:
        raise LanguageModelFailed(STOPPED, hint=_ASK_AGAIN)
    for piece in splitter.end():
        arrived.put(piece)
    if counted is not None:
        arrived.put(counted)


def _counted(part: "ChatResponse") -> Counted | None:
    """A server that had the prompt from before may not count it again."""
    if not part.prompt_eval_count:
        return None
    return Counted(part.prompt_eval_count, part.eval_count or 0)


@contextmanager
def translated(address: str, model: str = "") -> Iterator[None]:
    """Turn what the libraries raise into what the person can mend."""
    import httpx
    from ollama import ResponseError

    try:
        yield
    except LanguageModelError:
        raise
    except ResponseError as error:
        raise _refusal(address, model, error) from error
    except (ConnectionError, httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise ServerSilent(
            f"No model server answers at {address}.", hint=_START if is_local(address) else _START_THERE
        ) from error
    except (TimeoutError, httpx.TransportError) as error:
        raise LanguageModelUnreachable(
            f"The model server at {address} does not answer.", hint=_ADDRESS
        ) from error
    except (ValueError, TypeError, AttributeError) as error:
        # What is not JSON, or JSON of another shape, fails in the ollama package's parsing in these ways.
        raise LanguageModelFailed(
            f"What answers at {address} does not speak like Ollama.", hint=_ADDRESS
        ) from error


def _refusal(address: str, model: str, error: "ResponseError") -> LanguageModelError:
    said = " ".join(str(error.error).split())[:300]
    code = error.status_code
    if code == -1:  # an error line within the stream
        return LanguageModelFailed(f"{STOPPED} It said: {said}", hint=_ASK_AGAIN)
    if code == 404 and model and "not found" in said and "model" in said:
        return LanguageModelMissing(
            f"The model server has no model `{model}`.", hint=f"Run `ollama pull {model}`, or choose another."
        )
    if 300 <= code < 400 or code in (404, 405):
        return LanguageModelUnreachable(
            f"What answers at {address} is not an Ollama server ({code}).", hint=_ADDRESS
        )
    if "memory" in said:
        return LanguageModelFailed(
            f"The model server has too little memory for `{model}`: {said}", hint="Choose a smaller model."
        )
    return LanguageModelFailed(f"The model server reported an error ({code}): {said}", hint=_ASK_AGAIN)


@cache
def _tls(used: bool) -> ssl.SSLContext:
    """The system's certificates; for plain http an empty context, since loading them takes 20 ms a client."""
    return ssl.create_default_context() if used else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
