"""A real local HTTP server that speaks the OpenAI protocol as LM Studio, llama.cpp or vLLM do, from a script.

    gate = threading.Event()
    with FakeOpenAi(answer=["Hello", gate, " world"]) as server:
        model = OpenAiLanguageModel(server.base_url, key=lambda _: "", context_tokens=lambda: 8192)

By hand: `python tests/helpers/fake_openai.py --port 1234`.
"""

import argparse
import contextlib
import json
import re
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Reasoning:
    """What the model thinks, in a field of its own."""

    text: str
    name: str = "reasoning_content"


@dataclass(frozen=True)
class Refusal:
    """An error instead of an answer; only as the first step."""

    status: int
    body: Any


@dataclass(frozen=True)
class RawEvent:
    """An event of the stream as it stands."""

    data: str


@dataclass(frozen=True)
class Finish:
    """The end of the answer for this reason."""

    reason: str


@dataclass(frozen=True)
class Wait:
    """Time passes, as between tokens."""

    seconds: float


class Drop:
    """The connection is reset in the middle of the answer."""


class Cease:
    """The stream ends in good order, but nothing says that the answer does."""


DROP = Drop()
CEASE = Cease()
Step = str | threading.Event | Reasoning | Refusal | RawEvent | Finish | Wait | Drop | Cease
Answer = Iterable[Step] | Callable[[dict[str, Any]], Iterable[Step]]


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass
class FakeOpenAi:
    """The server; `start` after `stop` takes the same port again."""

    models: tuple[dict[str, Any], ...] = ({"id": "qwen3-4b", "object": "model"},)
    """Entries of `/v1/models`."""
    answer: Answer = ("Hello", " world", ".")
    port: int = 0
    key: str = ""
    """The one it wants; empty: none."""
    pages: dict[str, Any] = field(default_factory=dict)
    """Further paths with their JSON, as `/props`."""
    usage: bool = True
    knows_usage: bool = True
    """Whether it takes `stream_options`."""
    hang: bool = False
    requests: list[Asked] = field(default_factory=list)
    chat_started: threading.Event = field(default_factory=threading.Event)
    client_left: threading.Event = field(default_factory=threading.Event)
    redirect_to: str = ""
    _server: "_Server | None" = None
    _thread: threading.Thread | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def chats(self) -> list[dict[str, Any]]:
        return [asked.body for asked in self.requests if asked.path == "/v1/chat/completions"]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.fake = self
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="fake-openai"
        )
        self._thread.start()

    def stop(self) -> None:
        """Close everything and wait for all threads. Harmless when repeated."""
        server, self._server = self._server, None
        if server is not None and self._thread is not None:
            server.stopping.set()
            server.shutdown()
            for connection in list(server.connections):
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
            server.server_close()
            self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    fake: FakeOpenAi

    def __init__(self, *args: Any) -> None:
        self.stopping = threading.Event()
        self.connections: set[socket.socket] = set()
        super().__init__(*args)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away are part of the play."""
        if not isinstance(sys.exception(), OSError | _Gone):
            super().handle_error(request, client_address)


class _Gone(Exception):
    """The client or the server went away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name it is called by)
        """Stay silent."""

    def do_GET(self) -> None:
        if not self._let_in({}):
            return
        fake = self.server.fake
        if self.path == "/v1/models":
            self._json(200, {"object": "list", "data": list(fake.models)})
        elif self.path in fake.pages:
            self._json(200, fake.pages[self.path])
        else:
            self._json(404, {"error": {"message": f"Unexpected endpoint {self.path}"}})

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        body = dict(json.loads(self.rfile.read(length) or b"{}"))
        if not self._let_in(body):
            return
        fake = self.server.fake
        if self.path != "/v1/chat/completions":
            self._json(404, {"error": {"message": "Not Found"}})
        elif "stream_options" in body and not fake.knows_usage:
            self._json(400, {"error": {"message": "Unknown parameter: 'stream_options'.", "code": "x"}})
        elif body.get("model") not in [entry["id"] for entry in fake.models]:
            said = f"The model `{body.get('model')}` does not exist"
            self._json(404, {"error": {"message": said, "code": "model_not_found"}})
        else:
            self._chat(fake, body)

    def _let_in(self, body: dict[str, Any]) -> bool:
        fake = self.server.fake
        fake.requests.append(Asked(self.command, self.path, body, dict(self.headers)))
        if fake.hang:
            self._wait(threading.Event())
        if fake.redirect_to:
            self.send_response(307)
            self.send_header("Location", fake.redirect_to)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return False
        if fake.key and self.headers.get("Authorization") != f"Bearer {fake.key}":
            self._json(401, {"error": {"message": "Incorrect API key provided."}})
            return False
        return True

    def _chat(self, fake: FakeOpenAi, body: dict[str, Any]) -> None:
        fake.chat_started.set()
        steps = list(fake.answer(body)) if callable(fake.answer) else list(fake.answer)
        if steps and isinstance(steps[0], Refusal):
            self._json(steps[0].status, steps[0].body)
            return
        try:
            self._stream(fake, body, steps)
        except (OSError, _Gone):
            fake.client_left.set()
            raise

    def _stream(self, fake: FakeOpenAi, body: dict[str, Any], steps: Iterable[Step]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self._delta(body, {"role": "assistant", "content": ""})
        reason, count = "stop", 0
        for step in steps:
            match step:
                case threading.Event():
                    self._wait(step)
                case Wait():
                    self._wait(threading.Event(), step.seconds)
                case Drop():
                    _reset(self.connection)
                    raise _Gone
                case Cease():
                    self._send_chunk(b"")
                    return
                case RawEvent():
                    self._event(step.data)
                case Reasoning():
                    self._delta(body, {step.name: step.text, "content": None})
                case Finish():
                    reason = step.reason
                case str():
                    self._delta(body, {"content": step})
                    count += 1
        self._delta(body, {}, reason)
        if fake.usage and body.get("stream_options"):
            usage = {"prompt_tokens": 120, "completion_tokens": count, "total_tokens": 120 + count}
            self._event(json.dumps({**_chunk(body), "choices": [], "usage": usage}))
        self._event("[DONE]")
        self._send_chunk(b"")

    def _delta(self, body: dict[str, Any], delta: dict[str, Any], reason: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "finish_reason": reason}
        self._event(json.dumps({**_chunk(body), "choices": [choice], "usage": None}, ensure_ascii=False))

    def _event(self, data: str) -> None:
        self._send_chunk(f"data: {data}\n\n".encode())

    def _send_chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _wait(self, event: threading.Event, seconds: float | None = None) -> None:
        """Wait for the event, or some time, unless the client or the server goes away first."""
        until = None if seconds is None else time.monotonic() + seconds
        while not event.wait(0.01):
            if until is not None and time.monotonic() >= until:
                return
            if self.server.stopping.is_set():
                raise _Gone
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                self.server.fake.client_left.set()
                raise _Gone

    def _json(self, status: int, value: Any) -> None:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(value, bytes) else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _chunk(body: dict[str, Any]) -> dict[str, Any]:
    return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "model": body.get("model")}


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        connection.close()


def main() -> None:
    """Serve until interrupted, as LM Studio would."""
    parser = argparse.ArgumentParser(description="A stand-in for LM Studio.")
    parser.add_argument("--port", type=int, default=1234)
    parser.add_argument("--key", default="")
    parser.add_argument("--answer", default="The passages say so [1].")
    options = parser.parse_args()
    names = ("qwen3-4b-instruct-2507", "gemma-3-12b-it")
    studio = [
        {"id": name, "type": "llm", "arch": name.split("-")[0], "quantization": "Q4_K_M",
         "state": "loaded", "max_context_length": 131_072, "loaded_context_length": 16_384}
        for name in names
    ]  # fmt: skip

    def answer(_body: dict[str, Any]) -> Iterator[Step]:
        yield from re.findall(r"\s*\S+", options.answer)

    models = tuple({"id": name, "object": "model", "owned_by": "organization_owner"} for name in names)
    pages = {"/api/v0/models": {"object": "list", "data": studio}}
    with FakeOpenAi(models, answer, options.port, options.key, pages) as server:
        sys.stdout.write(f"Serving at {server.base_url}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
