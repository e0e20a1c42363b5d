"""A real local HTTP server that speaks the part of Qdrant's REST interface we use; qdrant-client's in-memory mode answers.

with FakeQdrant(api_key="secret") as server:
    stores = ClientVectorStores(server.address, api_key="secret")
"""

import json
import re
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, TypeAdapter
from qdrant_client import QdrantClient, models


@dataclass
class FakeQdrant:
    """The server; `stop` and `start` again takes the same port, and what was stored is there."""

    version: str = "1.16.0"
    api_key: str = ""
    certificate: tuple[Path, Path] | None = None
    """Certificate and key files: it then speaks TLS."""
    front_page: str | None = None
    """Something else than Qdrant."""
    port: int = 0
    requests: list[tuple[str, str]] = field(default_factory=list)
    fail_after_upserts: int | None = None
    """Refuse upserts from then on."""
    upserts: int = 0
    _client: QdrantClient = field(default_factory=lambda: QdrantClient(":memory:"))
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _server: "_Server | None" = None
    _thread: threading.Thread | None = None

    @property
    def _version(self) -> tuple[int, ...]:
        return tuple(int(part) for part in self.version.split("."))

    @property
    def address(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._client.close()

    def start(self) -> None:
        self._server = _Server(("127.0.0.1", self.port), _Handler)
        self._server.fake = self
        self.port = self._server.server_address[1]
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, name="fake-qdrant"
        )
        self._thread.start()

    def stop(self) -> None:
        server, self._server = self._server, None
        if server is not None and self._thread is not None:
            server.shutdown()
            server.server_close()
            self._thread.join()

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """What the interface returns as `result`."""
        with self._turn:
            self.requests.append((method, path))
            return self._answer(method, path, body)

    def _answer(self, method: str, path: str, body: dict[str, Any]) -> Any:  # noqa: C901  (a table)
        client = self._client
        if (method, path) == ("GET", "/collections"):
            return client.get_collections()
        found = re.fullmatch(r"/collections/([^/]+)(/.*)?", path)
        if found is None:
            raise _NotFound
        name, rest = found[1], found[2] or ""
        known = client.collection_exists(name)
        match method, rest:
            case "GET", "/exists":
                return {"exists": known}
            case "PUT", "":
                return client.create_collection(
                    name,
                    vectors_config={
                        key: models.VectorParams(**value) for key, value in body["vectors"].items()
                    },
                    sparse_vectors_config={
                        key: models.SparseVectorParams(**value)
                        for key, value in body["sparse_vectors"].items()
                    },
                    # Servers before 1.16 pass over it.
                    metadata=body.get("metadata") if self._version >= (1, 16) else None,
                )
            case "DELETE", "":
                return client.delete_collection(name)
        if not known:
            raise _NotFound
        match method, rest:
            case "GET", "":
                return client.get_collection(name)
            case "PUT", "/index":
                return _DONE
            case "PUT", "/points":
                self._count_upsert()
                points = [models.PointStruct(**point) for point in body["points"]]
                client.upsert(name, points)
                return _DONE
            case "POST", "/points/delete":
                client.delete(name, models.PointIdsList(points=body["points"]))
                return _DONE
            case "POST", "/points/query/batch":
                asked = [models.QueryRequest(**search) for search in body["searches"]]
                return client.query_batch_points(name, asked)
            case "POST", "/points/count":
                return client.count(name, count_filter=_filter(body), exact=True)
            case "POST", "/points/scroll":
                page, following = client.scroll(
                    name,
                    scroll_filter=_filter(body),
                    limit=body["limit"],
                    offset=body.get("offset"),
                    with_payload=False,
                    with_vectors=False,
                )
                return {"points": [_plain(point) for point in page], "next_page_offset": following}
        raise _NotFound

    def _count_upsert(self) -> None:
        if self.fail_after_upserts is not None and self.upserts >= self.fail_after_upserts:
            raise _Broken
        self.upserts += 1


_DONE = {"operation_id": 1, "status": "completed"}


class _NotFound(Exception):
    """404."""


class _Broken(Exception):
    """500."""


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    fake: FakeQdrant

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that go away, or do not trust us, are part of the play."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 10

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (the name it is called by)
        """Stay silent."""

    def _serve(self) -> None:
        fake = self.server.fake
        length = int(self.headers.get("Content-Length", "0"))
        body = json.loads(self.rfile.read(length) or b"{}")
        path = self.path.partition("?")[0]
        if path == "/":
            if fake.front_page is not None:
                self._send(200, fake.front_page.encode())
            else:
                self._send(200, _json({"title": "qdrant - vector search engine", "version": fake.version}))
            return
        if fake.api_key and self.headers.get("api-key") != fake.api_key:
            self._send(401, b"Must provide an API key or an Authorization bearer token")
            return
        try:
            result = fake.answer(self.command, path, body)
        except _NotFound:
            self._send(404, _json({"status": {"error": f"Not found: {path}"}, "time": 0.0}))
        except _Broken:
            self._send(500, _json({"status": {"error": "Service internal error"}, "time": 0.0}))
        else:
            self._send(200, _json({"result": _plain(result), "status": "ok", "time": 0.0}))

    do_GET = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815  (the names they are called by)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _filter(body: dict[str, Any]) -> models.Filter | None:
    found = body.get("filter")
    return None if found is None else TypeAdapter(models.Filter).validate_python(found)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
