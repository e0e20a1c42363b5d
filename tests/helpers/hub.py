"""A local HTTP server that answers as the model hub does, as far as a download goes."""

import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REVISION = "0123456789abcdef0123456789abcdef01234567"
PIECE = 64 * 1024


class Hub:
    """Serves the files of one repository; can be told to stall, to lie or to refuse."""

    def __init__(self, repository: str, files: dict[str, Path]) -> None:
        self.repository = repository
        self.files = files
        self.requests: list[tuple[str, str]] = []
        self.headers: list[dict[str, str]] = []
        self.stall_after: int | None = None
        """Bytes of a large file after which nothing more comes until `release` is set."""
        self.stalled = threading.Event()
        self.release = threading.Event()
        self.damage = False
        self.refuse_with: int | None = None
        self.address = ""

    def about(self) -> bytes:
        siblings = []
        for name, path in self.files.items():
            data = path.read_bytes()
            entry: dict[str, object] = {"rfilename": name, "size": len(data), "blobId": "0" * 40}
            if len(data) > 1_000_000:
                digest = hashlib.sha256(data).hexdigest()
                entry["lfs"] = {"sha256": digest, "size": len(data), "pointerSize": 133}
            siblings.append(entry)
        about = {"id": self.repository, "modelId": self.repository, "sha": REVISION, "siblings": siblings}
        return json.dumps(about).encode()


def _handler(hub: Hub) -> type[http.server.BaseHTTPRequestHandler]:  # noqa: C901  (one small class)
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def _answer(self, *, body: bool) -> None:
            hub.requests.append((self.command, self.path))
            hub.headers.append(dict(self.headers))
            path = self.path.partition("?")[0]
            if hub.refuse_with is not None:
                self._send(hub.refuse_with, b"{}", body=body)
            elif path.startswith(f"/api/models/{hub.repository}"):
                self._send(200, hub.about(), body=body)
            elif path.startswith(f"/{hub.repository}/resolve/{REVISION}/"):
                self._file(path.partition(f"/resolve/{REVISION}/")[2], body=body)
            else:
                self._send(404, b"{}", body=body)

        def _send(self, status: int, data: bytes, *, body: bool) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            if body:
                self.wfile.write(data)

        def _file(self, name: str, *, body: bool) -> None:
            data = hub.files[name].read_bytes()
            first = 0
            if body and (wanted := self.headers.get("Range")):
                first = int(wanted.removeprefix("bytes=").rstrip("-"))
            self.send_response(206 if first else 200)
            self.send_header("Content-Length", str(len(data) - first))
            if first:
                self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
            self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
            self.send_header("X-Repo-Commit", REVISION)
            self.end_headers()
            if body:
                self._pour(data, first)

        def _pour(self, data: bytes, first: int) -> None:
            if hub.damage and len(data) > 1_000_000:
                data = bytes(reversed(data))
            for start in range(first, len(data), PIECE):
                if hub.stall_after is not None and start >= hub.stall_after:
                    hub.stalled.set()
                    hub.release.wait(30)
                    self.close_connection = True
                    return
                try:
                    self.wfile.write(data[start : start + PIECE])
                except OSError:  # the other side was ended, as tests do
                    self.close_connection = True
                    return

        def log_message(self, *_: object) -> None:
            pass

    return Handler


class _Server(http.server.ThreadingHTTPServer):
    block_on_close = False

    def handle_error(self, *_: object) -> None:
        pass  # connections that tests cut


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """Run the server; `hub.address` is its address."""
    server = _Server(("127.0.0.1", 0), _handler(hub))
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield hub
    finally:
        hub.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
