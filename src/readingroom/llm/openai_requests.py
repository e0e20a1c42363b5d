"""Single requests to an OpenAI-compatible server, as coroutines, with its failures translated."""

import json
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any

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
    import httpx

CONNECT_S = 5.0
WRITE_S = 30.0
STOPPED = "The model server stopped in the middle of the answer."
_ASK_AGAIN = "Ask again; if it happens every time, look at the server or choose another model."
_START = "Start it (in LM Studio: Developer, Start server), then check again."
_ADDRESS = "Check the address of the model server in Settings; most end in /v1."
_KEY = "Enter the key of this server in Settings, under Models."
_MOST_ERROR_BYTES = 65_536
_BY_MODEL = ("model_not_found", "does not exist", "not found", "no models loaded", "not loaded")


def connect(base_url: str, api_key: str) -> "httpx.AsyncClient":
    """Make a client for a few requests: no redirects, and proxies of the environment for other computers only."""
    import httpx

    local = is_local(base_url)
    return httpx.AsyncClient(
        base_url=base_url,
        headers={"Authorization": f"Bearer {api_key}"} if api_key else {},
        follow_redirects=False,
        trust_env=not local,
        verify=_tls(base_url.startswith("https:")),
        # A model may take minutes to load and to read the prompt before it says anything.
        timeout=httpx.Timeout(None, connect=CONNECT_S, write=WRITE_S),
    )


async def ask(client: "httpx.AsyncClient", path: str) -> dict[str, Any]:
    """Get a JSON object. Raises what `translated` turns into words; `ValueError` for what is none."""
    response = await client.get(path)
    if not response.is_success:
        raise Refused(response.status_code, said_in(response.content[:_MOST_ERROR_BYTES]))
    value = response.json()
    if not isinstance(value, dict):
        raise ValueError("no JSON object")  # noqa: TRY004  (what arrived, not a mistake of ours)
    return value


class Refused(Exception):
    """The server said no, with a status and words of its own."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status = status
        self.said = said


async def stream_chat(
    base_url: str,
    api_key: str,
    model: str,
    turns: Sequence[ChatTurn],
    options: Mapping[str, Any],
    arrived: "SimpleQueue[ChatPiece | None]",
) -> None:
    """Put what the model thinks and answers into `arrived`, and last what the server counted."""
    body = {
        "model": model,
        "messages": [{"role": turn.role, "content": turn.content} for turn in turns],
        "stream": True,
        **options,
    }
    with translated(base_url, model):
        async with connect(base_url, api_key) as client:
            try:
                await _stream(client, {**body, "stream_options": {"include_usage": True}}, arrived)
            except Refused as error:
                # Some gateways know no such option and say so (Azure, Databricks): the counts are not worth an answer.
                if error.status not in (400, 422) or "stream_options" not in error.said:
                    raise
                await _stream(client, body, arrived)


async def _stream(
    client: "httpx.AsyncClient", body: Mapping[str, Any], arrived: "SimpleQueue[ChatPiece | None]"
) -> None:
    import httpx
    from httpx_sse import aconnect_sse

    answer = _Answer()
    try:
        async with aconnect_sse(client, "POST", "chat/completions", json=body) as events:
            if not events.response.is_success:
                raise Refused(events.response.status_code, said_in(await _beginning(events.response)))
            async for event in events.aiter_sse():
                if event.data.strip() == "[DONE]":
                    answer.done = True
                    break
                for piece in answer.take(json.loads(event.data)):
                    arrived.put(piece)
    except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError) as error:
        raise LanguageModelFailed(STOPPED, hint=_ASK_AGAIN) from error
    if not answer.done:
        raise LanguageModelFailed(STOPPED, hint=_ASK_AGAIN)
    for piece in answer.end():
        arrived.put(piece)


class _Answer:
    """Takes the chunks of one answer."""

    def __init__(self) -> None:
        self._splitter = ThinkingSplitter()
        self._counted: Counted | None = None
        self.done = False

    def take(self, chunk: Any) -> Iterator[ChatPiece]:
        """Yield what is in a chunk. Raises `LanguageModelFailed` for an error in the stream."""
        if error := chunk.get("error"):
            raise LanguageModelFailed(f"{STOPPED} It said: {_words(error)}", hint=_ASK_AGAIN)
        if usage := chunk.get("usage"):
            prompt, written = usage.get("prompt_tokens"), usage.get("completion_tokens")
            if isinstance(prompt, int) and prompt > 0:
                self._counted = Counted(prompt, written if isinstance(written, int) else 0)
        for choice in chunk.get("choices") or ():
            delta = choice.get("delta") or {}
            # `reasoning_content` is what DeepSeek, LM Studio and llama.cpp say, `reasoning` vLLM and OpenRouter.
            thought = delta.get("reasoning_content") or delta.get("reasoning")
            if isinstance(thought, str):
                yield Thought(thought)
            if isinstance(content := delta.get("content"), str):
                yield from self._splitter.feed(content)
            reason = choice.get("finish_reason")
            if reason == "content_filter":
                raise LanguageModelFailed(
                    "The model server withheld the rest of the answer (its content filter)."
                )
            self.done = self.done or bool(reason)

    def end(self) -> Iterator[ChatPiece]:
        """Yield what was held back, then what was counted."""
        yield from self._splitter.end()
        if self._counted is not None:
            yield self._counted


@contextmanager
def translated(base_url: str, model: str = "") -> Iterator[None]:
    """Turn what the libraries raise, and what the server says, into what the person can mend."""
    import httpx

    try:
        yield
    except LanguageModelError:
        raise
    except Refused as error:
        raise _refusal(base_url, model, error) from error
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise LanguageModelUnreachable(
            f"No model server answers at {base_url}.", hint=_START if is_local(base_url) else _ADDRESS
        ) from error
    except (TimeoutError, httpx.TransportError, httpx.InvalidURL) as error:
        raise LanguageModelUnreachable(
            f"The model server at {base_url} does not answer like one.", hint=_ADDRESS
        ) from error
    except (ValueError, TypeError, AttributeError, KeyError, httpx.DecodingError) as error:
        # What is not JSON, or JSON of another shape.
        raise LanguageModelFailed(
            f"What answers at {base_url} does not speak like an OpenAI-compatible server.", hint=_ADDRESS
        ) from error


def _refusal(base_url: str, model: str, error: Refused) -> LanguageModelError:
    status, said = error.status, error.said
    small = said.casefold()
    if status in (401, 403):
        return LanguageModelUnreachable(
            f"The model server at {base_url} refuses the key. {said}".strip(), hint=_KEY
        )
    if model and status in (400, 404) and "model" in small and any(part in small for part in _BY_MODEL):
        return LanguageModelMissing(
            f"The model server has no model `{model}`: {said}", hint="Choose another."
        )
    if 300 <= status < 400 or status in (404, 405):
        return LanguageModelUnreachable(
            f"What answers at {base_url} is not an OpenAI-compatible server ({status}).", hint=_ADDRESS
        )
    if status == 429:
        return LanguageModelFailed(
            f"The model server takes no more questions for now: {said}", hint="Wait, or see your quota there."
        )
    if status == 503:
        return LanguageModelFailed(
            f"The model server is not ready yet: {said}", hint="Ask again in a moment."
        )
    if status in (400, 413) and "context" in small:
        return LanguageModelFailed(
            f"Question and passages are too long for `{model}`: {said}",
            hint="Set a smaller context length for this server in Settings, or load the model with a larger one.",
        )
    return LanguageModelFailed(f"The model server reported an error ({status}): {said}", hint=_ASK_AGAIN)


def said_in(body: bytes) -> str:
    """The words of an error's body: `{"error": {"message": ...}}` in its many forms, else the text; in one line."""
    try:
        value = json.loads(body)
    except ValueError:
        text = body.decode("utf-8", "replace")
        return "" if "<html" in text.casefold() else " ".join(text.split())[:300]
    if isinstance(value, dict):
        value = value.get("error") or value
    return _words(value)


def _words(error: Any) -> str:
    said = (error.get("message") or error.get("detail") or error) if isinstance(error, dict) else error
    return " ".join(str(said).split())[:300]


async def _beginning(response: "httpx.Response") -> bytes:
    body = b""
    async for part in response.aiter_bytes():
        body += part
        if len(body) >= _MOST_ERROR_BYTES:
            break
    return body[:_MOST_ERROR_BYTES]


@cache
def _tls(used: bool) -> ssl.SSLContext:
    """The system's certificates; for plain http an empty context, since loading them takes 20 ms a client."""
    return ssl.create_default_context() if used else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
