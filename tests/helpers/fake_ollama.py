"""A real local HTTP server that speaks Ollama's protocol and answers from a script.

In tests it is a context manager:

    gate = threading.Event()
    with FakeOllama(answer=["Hello", gate, " world"]) as server:
        model = OllamaLanguageModel(server.address)

By hand it stands in for Ollama, quoting the passages of each prompt:

    python tests/helpers/fake_ollama.py --port 11434 --delay-ms 30
"""

import argparse
import contextlib
import itertools
import json
import re
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Thinking:
    """What the model thinks; sent apart from the answer."""

    text: str


@dataclass(frozen=True)
class ErrorLine:
    """An error after the answer has begun, as a line of the stream; it ends there."""

    error: str


@dataclass(frozen=True)
class Refuse:
    """An error instead of an answer; only as the first step."""

    status: int
    error: str


@dataclass(frozen=True)
class Pause:
    """Time passes, as between tokens."""

    seconds: float


class Die:
    """The connection is reset in the middle of the answer."""


class EndEarly:
    """The stream ends in good order, but without the line that says `done`."""


@dataclass(frozen=True)
class RawLine:
    """A line of the stream as it stands, whether it is JSON or not."""

    text: str


DIE = Die()
END_EARLY = EndEarly()

Step = str | threading.Event | Thinking | ErrorLine | Refuse | Pause | Die | EndEarly | RawLine
"""A piece of the answer, or an event to wait for, or something that goes wrong."""
Answer = Iterable[Step] | Callable[[dict[str, Any]], Iterable[Step]]
"""Steps, or what makes them from the body of the request."""


@dataclass(frozen=True)
class FakeModel:
    """A model the server lists."""

    name: str = "qwen3:4b-instruct"
    context_length: int = 8192
    capabilities: tuple[str, ...] | None = ("completion", "tools")
    """None: a server too old to tell."""
    family: str = "qwen3"
    size: int = 2_497_293_931
    parameters: str = "4.0B"
    quantisation: str = "Q4_K_M"


@dataclass(frozen=True)
class Layer:
    """A part of a model that is fetched; as the real server does, it tells how far it is now and then."""

    digest: str
    total: int
    told: int = 4
    """How many times on the way."""


@dataclass
class Library:
    """What can be fetched. A pull that was broken off goes on from what `fetched` holds of each layer."""

    models: dict[str, FakeModel] = field(default_factory=dict)
    layers: tuple[Layer, ...] = (Layer("sha256:" + "a" * 64, 2_000_000), Layer("sha256:" + "b" * 64, 500_000))
    hold: Callable[[int], "threading.Event | Pause | ErrorLine | Die | None"] = lambda _done: None
    """Called with all bytes fetched so far before each line: what happens then."""
    fetched: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Recorded:
    """A request as it came."""

    method: str
    path: str
    body: dict[str, Any]
    headers: dict[str, str]


@dataclass
class FakeOllama:
    """The server; `start` after `stop` or `kill` takes the same port again."""

    models: tuple[FakeModel, ...] = (FakeModel(),)
    answer: Answer = ("Hello", " world", ".")
    port: int = 0
    version: str = "0.12.6"
    library: Library = field(default_factory=Library)
    loaded: dict[str, int] = field(default_factory=dict)
    """Models in memory, with the bytes they take."""
    hang: bool = False
    """Accept requests and never answer them."""
    on_get: Callable[["_Handler"], bool] | None = None
    """Called first for every GET; True when it has answered."""
    requests: list[Recorded] = field(default_factory=list)
    chat_started: threading.Event = field(default_factory=threading.Event)
    client_left: threading.Event = field(default_factory=threading.Event)
    """Set when a client goes away in the middle of an answer."""
    _server: "_Server | None" = None
    _thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def chats(self) -> list[dict[str, Any]]:
        """Bodies of the chat requests so far."""
        return [request.body for request in self.requests if request.path == "/api/chat"]

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
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="fake-ollama"
        )
        self._thread.start()

    def stop(self) -> None:
        """End answers under way, close everything, wait for all threads. Harmless when repeated."""
        server, self._server = self._server, None
        if server is not None and self._thread is not None:
            server.stopping.set()
            server.shutdown()
            server.wake_idle()
            server.server_close()
            self._thread.join()

    def kill(self) -> None:
        """Like `stop`, but every connection is reset at once, as when the process is killed."""
        if self._server is not None:
            self._server.reset_all()
        self.stop()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    fake: FakeOllama

    def __init__(self, *args: Any) -> None:
        self.stopping = threading.Event()
        self.connections: set[socket.socket] = set()
        super().__init__(*args)

    def reset_all(self) -> None:
        self.stopping.set()
        for connection in list(self.connections):
            _reset(connection)

    def wake_idle(self) -> None:
        """Let handlers that wait for a further request on an open connection see its end."""
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)

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

    def do_HEAD(self) -> None:
        self._json(200, {})

    def do_GET(self) -> None:
        fake = self._record({})
        if fake.on_get is not None and fake.on_get(self):
            return
        if self.path == "/":
            self._send(200, b"Ollama is running", "text/plain; charset=utf-8")
        elif self.path == "/api/version":
            self._json(200, {"version": fake.version})
        elif self.path == "/api/tags":
            self._json(200, {"models": [_listed(model) for model in fake.models]})
        elif self.path == "/api/ps":
            here = [model for model in fake.models if model.name in fake.loaded]
            self._json(200, {"models": [_running(model, fake.loaded[model.name]) for model in here]})
        else:
            self._send(404, b"404 page not found", "text/plain")

    def do_DELETE(self) -> None:
        body = self._body()
        if body is None:
            return
        fake = self._record(body)
        name = str(body.get("model", ""))
        kept = tuple(model for model in fake.models if not _same(model.name, name))
        if self.path != "/api/delete" or len(kept) == len(fake.models):
            self._json(404, {"error": f"model '{name}' not found"})
            return
        fake.models = kept
        fake.loaded.pop(name, None)
        self._send(200, b"", "text/plain")

    def _body(self) -> dict[str, Any] | None:
        length = int(self.headers.get("Content-Length", "0"))
        try:
            return dict(json.loads(self.rfile.read(length) or b"{}"))
        except ValueError:
            self._json(400, {"error": "invalid JSON"})
            return None

    def do_POST(self) -> None:
        body = self._body()
        if body is None:
            return
        fake = self._record(body)
        if self.path == "/api/pull":
            self._pull(fake, str(body.get("model", "")))
            return
        if self.path not in {"/api/show", "/api/chat", "/api/generate"}:
            self._send(404, b"404 page not found", "text/plain")
            return
        name = str(body.get("model", ""))
        model = next((model for model in fake.models if _same(model.name, name)), None)
        if model is None:
            self._json(404, {"error": f"model '{name}' not found"})
        elif self.path == "/api/show":
            self._json(200, _shown(model))
        elif self.path == "/api/generate":
            # Only for its memory: loaded with an empty prompt, given back with `keep_alive` 0.
            if body.get("keep_alive") == 0:
                fake.loaded.pop(model.name, None)
            else:
                fake.loaded[model.name] = model.size
            self._json(200, {"model": name, "created_at": _now(), "response": "", "done": True})
        elif model.capabilities is not None and "completion" not in model.capabilities:
            self._json(400, {"error": f'"{name}" does not support chat'})
        else:
            self._chat(fake, body)

    def _record(self, body: dict[str, Any]) -> FakeOllama:
        fake = self.server.fake
        fake.requests.append(Recorded(self.command, self.path, body, dict(self.headers)))
        if fake.hang:
            self._wait(threading.Event())
        return fake

    def _chat(self, fake: FakeOllama, body: dict[str, Any]) -> None:
        fake.chat_started.set()
        steps = iter(fake.answer(body) if callable(fake.answer) else fake.answer)
        first = next(steps, None)
        if isinstance(first, Refuse):
            self._json(first.status, {"error": first.error})
            return
        try:
            if body.get("stream", True):
                self._stream(body, itertools.chain([] if first is None else [first], steps))
            else:
                text = "".join(step for step in (first, *steps) if isinstance(step, str))
                self._json(200, _final(body, text, 1))
        except (OSError, _Gone):
            fake.client_left.set()
            raise

    def _pull(self, fake: FakeOllama, name: str) -> None:
        self._begin_stream()
        self._line(json.dumps({"status": "pulling manifest"}))
        library = fake.library
        wanted = library.models.get(name)
        if wanted is None:
            self._line(json.dumps({"error": "pull model manifest: file does not exist"}))
            self._end_stream()
            return
        try:
            for layer in library.layers:
                if not self._pull_layer(library, layer):
                    return
        except (OSError, _Gone):
            fake.client_left.set()
            raise
        for status in ("verifying sha256 digest", "writing manifest", "success"):
            if status == "success":
                fake.models = (*(m for m in fake.models if m.name != name), wanted)
            self._line(json.dumps({"status": status}))
        self._end_stream()

    def _pull_layer(self, library: Library, layer: Layer) -> bool:
        """Tell how far it is, up to its end; False where the stream ended."""
        step = max(1, layer.total // layer.told)
        done = library.fetched.get(layer.digest, 0)
        while True:
            happens = library.hold(sum(library.fetched.values()))
            if isinstance(happens, threading.Event):
                self._wait(happens)
            elif isinstance(happens, Pause):
                self._wait(threading.Event(), happens.seconds)
            elif isinstance(happens, Die):
                _reset(self.connection)
                raise _Gone
            elif isinstance(happens, ErrorLine):
                self._line(json.dumps({"error": happens.error}))
                self._end_stream()
                return False
            line: dict[str, Any] = {"status": f"pulling {layer.digest[7:19]}", "digest": layer.digest}
            line["total"] = layer.total
            if done:  # the real server leaves out a zero
                line["completed"] = done
            self._line(json.dumps(line))
            if done >= layer.total:
                return True
            done = min(layer.total, done + step)
            library.fetched[layer.digest] = done

    def _stream(self, body: dict[str, Any], steps: Iterator[Step]) -> None:
        # Ollama sends the head with the first token, after the model has been loaded and the prompt read.
        begun = False
        count = 0
        for step in steps:
            if isinstance(step, threading.Event):
                self._wait(step)
                continue
            if isinstance(step, Pause):
                self._wait(threading.Event(), step.seconds)
                continue
            if not begun:
                self._begin_stream()
                begun = True
            if isinstance(step, Die):
                _reset(self.connection)
                raise _Gone
            if isinstance(step, EndEarly | ErrorLine):
                if isinstance(step, ErrorLine):
                    self._line(json.dumps({"error": step.error}))
                self._end_stream()
                return
            if isinstance(step, RawLine):
                self._line(step.text)
            elif isinstance(step, Thinking):
                self._line(json.dumps(_part(body, "", thinking=step.text), ensure_ascii=False))
            elif isinstance(step, str):
                self._line(json.dumps(_part(body, step), ensure_ascii=False))
                count += 1
        if not begun:
            self._begin_stream()
        self._line(json.dumps(_final(body, "", count)))
        self._end_stream()

    def _begin_stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def _line(self, text: str) -> None:
        data = text.encode() + b"\n"
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _end_stream(self) -> None:
        self.wfile.write(b"0\r\n\r\n")

    def _wait(self, event: threading.Event, seconds: float | None = None) -> None:
        """Wait for the event, or some time, unless the client or the server goes away first."""
        until = None if seconds is None else time.monotonic() + seconds
        while not event.wait(0.01 if until is None else max(0.0, min(0.01, until - time.monotonic()))):
            if until is not None and time.monotonic() >= until:
                return
            if self.server.stopping.is_set():
                raise _Gone
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1, socket.MSG_PEEK):
                self.server.fake.client_left.set()
                raise _Gone

    def _json(self, status: int, value: dict[str, Any]) -> None:
        self._send(status, json.dumps(value).encode(), "application/json; charset=utf-8")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _reset(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(OSError):
        connection.close()


def _same(listed: str, asked: str) -> bool:
    return listed == (asked if ":" in asked else f"{asked}:latest") or listed == asked


def _now() -> str:
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


def _running(model: FakeModel, size: int) -> dict[str, Any]:
    return {
        "name": model.name,
        "model": model.name,
        "size": size,
        "size_vram": 0,
        "digest": f"{abs(hash(model)):064x}"[-64:],
        "details": _details(model),
        "expires_at": _now(),
        "context_length": 4096,
    }


def _details(model: FakeModel) -> dict[str, Any]:
    return {
        "parent_model": "",
        "format": "gguf",
        "family": model.family,
        "families": [model.family],
        "parameter_size": model.parameters,
        "quantization_level": model.quantisation,
    }


def _listed(model: FakeModel) -> dict[str, Any]:
    return {
        "name": model.name,
        "model": model.name,
        "modified_at": _now(),
        "size": model.size,
        "digest": f"{abs(hash(model)):064x}"[-64:],
        "details": _details(model),
    }


def _shown(model: FakeModel) -> dict[str, Any]:
    shown = {
        "modelfile": f"FROM {model.name}",
        "parameters": "temperature 0.7",
        "template": "{{ .Prompt }}",
        "details": _details(model),
        "model_info": {
            "general.architecture": model.family,
            f"{model.family}.context_length": model.context_length,
            f"{model.family}.embedding_length": 2560,
        },
        "modified_at": _now(),
    }
    if model.capabilities is not None:
        shown["capabilities"] = list(model.capabilities)
    return shown


def _part(body: dict[str, Any], content: str, *, thinking: str = "") -> dict[str, Any]:
    message = {"role": "assistant", "content": content}
    if thinking:
        message["thinking"] = thinking
    return {"model": body.get("model"), "created_at": _now(), "message": message, "done": False}


def _final(body: dict[str, Any], content: str, count: int) -> dict[str, Any]:
    prompt = sum(len(str(message.get("content", ""))) for message in body.get("messages", [])) // 4
    return {
        **_part(body, content),
        "done": True,
        "done_reason": "stop",
        "total_duration": 1_000_000_000,
        "load_duration": 50_000_000,
        "prompt_eval_count": prompt,
        "prompt_eval_duration": 200_000_000,
        "eval_count": count,
        "eval_duration": 700_000_000,
    }


_PASSAGE = re.compile(r"^\[(\d+)\][^\n]*\n<passage (\w+)>\n(.*?)\n</passage \2>$", re.MULTILINE | re.DOTALL)
_SENTENCE = re.compile(r"[^.!?。！？]{20,400}?[.!?。！？](?=\s|$)|[^。！？]{8,200}[。！？]")


def quoting_answer(body: dict[str, Any]) -> list[Step]:
    """Answer as a model might: the first sentences of passages [1] and [2], quoted and cited."""
    messages = body.get("messages", [])
    prompt = str(messages[-1].get("content", "")) if messages else ""
    if "Sum up this text" in prompt or "Notes on the sections" in prompt:
        return list(re.findall(r"\s*\S+", _summing_up(prompt)))
    said: list[str] = []
    for number, _, text in _PASSAGE.findall(prompt)[:2]:
        found = _SENTENCE.search(text.strip())
        quote = found.group().strip() if found else text.strip()[:160]
        opening = "The passages say" if not said else "Another one adds"
        said.append(f'{opening}: "{quote}" [{number}]')
    answer = "\n\n".join(said) if said else "There are no passages from which I could answer."
    return list(re.findall(r"\s*\S+", answer))


def _summing_up(prompt: str) -> str:
    """The first two sentences of a section; of notes, the first sentence of each, with its number."""
    if "Sum up this text" in prompt:
        text = prompt.partition("<<<")[2].partition(">>>")[0]
        return " ".join(_SENTENCE.findall(text)[:2]).strip() or text.strip()[:160]
    notes = re.findall(r"^\[(\d+)\] (.*?)(?=^\[\d+\]|\Z)", prompt, re.MULTILINE | re.DOTALL)
    firsts = [(n, found.group().strip()) for n, note in notes if (found := _SENTENCE.search(note))]
    return "In short:\n\n" + "\n".join(f"- {sentence} [{n}]" for n, sentence in firsts)


def _named(text: str) -> FakeModel:
    name, _, size = text.partition("=")
    parameters = re.search(r"[\d.]+b\b", name)
    known = FakeModel(name, 262_144 if "qwen3" in name else 131_072, family=re.split(r"[:\d]", name)[0])
    return replace(
        known,
        size=int(size) if size else known.size,
        parameters=parameters[0].upper() if parameters else known.parameters,
    )


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(
        description="A stand-in for Ollama that quotes the passages it is given."
    )
    parser.add_argument("--port", type=int, default=11434)
    parser.add_argument("--delay-ms", type=float, default=30.0, help="between two words of the answer")
    parser.add_argument("--answer", help="always answer this")
    parser.add_argument("--model", action="append", help="`name` or `name=bytes`; may be given several times")
    parser.add_argument("--loaded", action="append", default=[], help="the name of a model in memory")
    parser.add_argument(
        "--fetchable", action="append", default=[], help="`name=bytes`: what can be pulled, in a minute"
    )
    options = parser.parse_args()
    models = tuple(map(_named, options.model or [FakeModel().name]))
    fetchable = {model.name: model for model in map(_named, options.fetchable)}
    largest = max((model.size for model in fetchable.values()), default=1)
    library = Library(fetchable, (Layer("sha256:" + "a" * 64, largest, told=300),), lambda _: Pause(0.2))

    def answer(body: dict[str, Any]) -> Iterator[Step]:
        pieces = quoting_answer(body) if options.answer is None else re.findall(r"\s*\S+", options.answer)
        for piece in pieces:
            yield Pause(options.delay_ms / 1000)
            yield piece

    loaded = {model.name: round(model.size * 1.4) for model in models if model.name in options.loaded}
    with FakeOllama(models, answer, options.port, library=library, loaded=loaded) as server:
        sys.stdout.write(f"Serving at {server.address}\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()


if __name__ == "__main__":
    main()
