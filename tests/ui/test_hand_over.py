"""A second start hands its paths to the first window over a local socket that trusts nobody."""

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from helpers.program import environment
from readingroom.ui.hand_over import Answer, HandOverServer, hand_over, read_message

LONG_MS = 30_000
pytestmark = pytest.mark.skipif(os.name == "nt", reason="speaks to a socket that is a file")


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # A short name: a socket's path has an end.
    return tmp_path_factory.mktemp("d")


@pytest.fixture
def server(qtbot: QtBot, folder: Path) -> Iterator[HandOverServer]:
    opened = HandOverServer(folder)
    yield opened
    opened.close()


def second_start(folder: Path, *names: bytes) -> "subprocess.Popen[bytes]":
    """In a process of its own: waiting for the answer holds the interpreter."""
    code = (
        "import os, sys; from pathlib import Path; from readingroom.ui.hand_over import hand_over;"
        "print(hand_over(Path(sys.argv[1]), [Path(n) for n in sys.argv[2:]]).value)"
    )
    words: list[str] = [sys.executable, "-c", code, str(folder), *map(str, names)]
    return subprocess.Popen(words, env=environment(), stdout=subprocess.PIPE)


def test_paths_reach_the_first_window_and_the_second_start_knows(
    qtbot: QtBot, server: HandOverServer, folder: Path
) -> None:
    name = b"/somewhere/a file\xff.pdf"
    with qtbot.waitSignal(server.handed_over, timeout=LONG_MS) as heard:
        second = second_start(folder, name)
    assert heard.args == [(Path(os.fsdecode(name)),)]
    assert second.communicate()[0].strip() == b"taken"


def test_nobody_takes_the_paths_where_no_window_is_open(folder: Path) -> None:
    assert hand_over(folder, ()) is Answer.NOBODY


def test_a_socket_left_behind_by_a_crash_is_replaced(qtbot: QtBot, folder: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(folder / "window.socket"))
    left.close()
    assert hand_over(folder, ()) is Answer.NOBODY
    server = HandOverServer(folder)
    with qtbot.waitSignal(server.handed_over, timeout=LONG_MS):
        second = second_start(folder)
    assert second.communicate()[0].strip() == b"taken"
    server.close()


def test_a_window_that_hangs_is_not_waited_for_without_end(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("readingroom.ui.hand_over._ANSWER_S", 0.1)
    with socket.socket(socket.AF_UNIX) as hung:
        hung.bind(str(folder / "window.socket"))
        hung.listen()
        assert hand_over(folder, ()) is Answer.SILENT


def test_only_the_owner_may_speak_to_the_window(server: HandOverServer, folder: Path) -> None:
    assert stat.S_IMODE((folder / "window.socket").stat().st_mode) & 0o077 == 0


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"no json",
        b"[" * 100_000,
        b"[]",
        b'{"paths": "/a"}',
        b'{"paths": [1]}',
        b'{"paths": ["relative"]}',
        b'{"paths": ["/a\\u0000b"]}',
        json.dumps({"paths": ["/a"] * 10_001}).encode(),
    ],
)
def test_what_is_no_list_of_absolute_paths_is_refused(line: bytes) -> None:
    assert read_message(line) is None


def test_a_word_for_the_compositor_must_be_short_and_plain() -> None:
    assert read_message(b'{"paths": ["/a"], "activation": "abc-1"}') == ((Path("/a"),), "abc-1")
    for word in ("x" * 300, "a\nb", "\u00e9", 7):
        assert read_message(json.dumps({"paths": [], "activation": word}).encode()) == ((), "")


def test_more_than_a_message_may_hold_ends_the_talk(
    qtbot: QtBot, server: HandOverServer, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.socket(socket.AF_UNIX) as talker:
        talker.connect(str(folder / "window.socket"))
        talker.setblocking(False)
        closed = False

        def over() -> bool:
            nonlocal closed
            try:
                talker.send(b"x" * 65536)
            except BlockingIOError:
                pass
            except OSError:
                closed = True
            return closed

        qtbot.waitUntil(over)
    assert "more than is taken" in caplog.text
