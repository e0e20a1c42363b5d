"""Starting Ollama: a program of that name that serves, one that ends at once, and an address elsewhere."""

import os
import socket
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled, LanguageModelFailed, UserFixableError
from readingroom.llm import starting
from readingroom.llm.starting import start_ollama

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="the stand-in is a script with a shebang line"
)


@pytest.fixture
def address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture(autouse=True)
def ended() -> Iterator[None]:
    yield
    for process in starting._started:
        process.kill()
        process.wait()
    starting._started.clear()


def program(folder: Path, body: str) -> Path:
    script, path = folder / "served.py", folder / "ollama"
    script.write_text(textwrap.dedent(body), "utf-8")
    # A shebang line bears no blank, and the interpreter may lie in a folder with one.
    path.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n', "utf-8")
    path.chmod(0o755)
    return path


SERVES = """
    import os, sys
    from http.server import BaseHTTPRequestHandler, HTTPServer
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"Ollama is running")
        def log_message(self, *_):
            pass
    assert sys.argv[1:] == ["serve"]
    host, port = os.environ["OLLAMA_HOST"].rsplit(":", 1)
    HTTPServer((host, int(port)), Handler).serve_forever()
"""


def test_it_answers_at_the_address_when_the_call_returns_and_is_detached(
    tmp_path: Path, address: str
) -> None:
    found = program(tmp_path, SERVES)
    start_ollama(address, CancelToken(), find=lambda: found)
    (process,) = starting._started
    assert process.poll() is None
    assert os.getsid(process.pid) == process.pid, "it does not end with our terminal"


def test_one_that_ends_at_once_is_said(tmp_path: Path, address: str) -> None:
    found = program(tmp_path, "raise SystemExit(3)")
    with pytest.raises(LanguageModelFailed, match="exit code 3"):
        start_ollama(address, CancelToken(), find=lambda: found)


def test_waiting_for_a_slow_one_can_be_given_up(tmp_path: Path, address: str) -> None:
    found = program(tmp_path, "import time; time.sleep(60)")
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        start_ollama(address, cancel, find=lambda: found)


def test_nothing_is_started_for_another_computer_or_where_it_is_not_installed(address: str) -> None:
    with pytest.raises(UserFixableError, match="another computer"):
        start_ollama("http://192.168.1.5:11434", CancelToken(), find=lambda: Path("/nowhere"))
    with pytest.raises(UserFixableError, match="not installed"):
        start_ollama(address, CancelToken(), find=lambda: None)
    assert starting._started == []
