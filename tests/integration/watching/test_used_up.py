"""The watcher where Linux runs out of watches, observers or room for events."""

import os
import queue
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from readingroom.core.errors import EventsUnavailable
from readingroom.watching import observer as observer_module
from readingroom.watching.observer import FolderWatcher

if not sys.platform.startswith("linux"):
    pytest.skip("inotify is Linux's", allow_module_level=True)

from watchdog.observers.inotify_c import InotifyEvent

from readingroom.watching import inotify
from readingroom.watching.file_systems import silence_of

WAIT_S = 20
FILES = 8_000
"""Three events each: more than the 16,384 that the system keeps."""


@pytest.fixture
def watcher() -> Iterator[FolderWatcher]:
    made = FolderWatcher(debounce_ms=50, root_check_ms=100)
    yield made
    made.close()


def in_a_world_of_its_own(limit: str, number: int, script: str, folder: Path) -> str:
    """Run Python under a lowered limit of a user namespace of its own, so that nobody else feels it."""
    command = shlex.join([sys.executable, "-c", script, str(folder)])
    lowered = f"echo {number} > /proc/sys/user/{limit} && exec {command}"
    if shutil.which("unshare") is None:
        pytest.skip("needs unshare")
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "sh", "-c", lowered],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        check=False,
    )
    if "unshare failed" in done.stderr or "Permission denied" in done.stderr:
        pytest.skip("user namespaces are not allowed here")
    assert done.returncode == 0, done.stderr
    return done.stdout


WATCH_LATER = """
import queue, sys
from pathlib import Path
from readingroom.watching.observer import FolderWatcher
folder, told = Path(sys.argv[1]), queue.Queue()
watcher = FolderWatcher(debounce_ms=50)
watcher.watch(folder, recursive=True, on_changed=lambda paths: None, on_lost=told.put)
for number in range(20):
    (folder / str(number)).mkdir()
print(told.get(timeout=20))
other = folder / "1"
watcher.watch(other, recursive=True, on_changed=told.put)
(other / "a.txt").write_text("x")
print("freed", told.get(timeout=20)[0].name)
watcher.close()
"""

WATCH_NOW = """
import sys
from pathlib import Path
from readingroom.core.errors import EventsUnavailable
from readingroom.watching.observer import FolderWatcher
watcher = FolderWatcher()
try:
    watcher.watch(Path(sys.argv[1]), recursive=True, on_changed=print)
except EventsUnavailable as error:
    print(error)
watcher.close()
"""


def test_watches_used_up_by_a_later_subfolder_are_told_and_given_back(tmp_path: Path) -> None:
    told = in_a_world_of_its_own("max_inotify_watches", 10, WATCH_LATER, tmp_path).splitlines()
    assert "used up" in told[0]
    assert "fs.inotify.max_user_watches" in told[0]
    assert told[1] == "freed a.txt"


def test_watches_used_up_at_once_are_told(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / str(number)).mkdir()
    told = in_a_world_of_its_own("max_inotify_watches", 10, WATCH_NOW, tmp_path)
    assert "watched folders, and they are used up" in told


def test_observers_used_up_are_told(tmp_path: Path) -> None:
    told = in_a_world_of_its_own("max_inotify_instances", 0, WATCH_NOW, tmp_path)
    assert "observers of folders, and they are used up" in told
    assert "fs.inotify.max_user_instances" in told


def test_a_share_of_the_watches_is_left_to_others(
    watcher: FolderWatcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inotify, "_number", {"max_user_watches": 8}.get)
    for number in range(7):
        (tmp_path / str(number)).mkdir()
    with pytest.raises(EventsUnavailable, match="8 watched folders"):
        watcher.watch(tmp_path, recursive=True, on_changed=lambda _: None)


def test_dropped_events_are_told_as_the_folder_itself(
    watcher: FolderWatcher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The reader of events is held up until the system has dropped some; the last ones are lost for certain."""
    go_on = threading.Event()
    handle = inotify._TellingFD.handle_event

    def held(self: inotify._TellingFD, event: InotifyEvent) -> None:
        go_on.wait(WAIT_S)
        handle(self, event)

    monkeypatch.setattr(inotify._TellingFD, "handle_event", held)
    monkeypatch.setattr(observer_module, "MOST_PATHS", 10 * FILES)
    told: queue.Queue[list[Path]] = queue.Queue()
    watcher.watch(tmp_path, recursive=True, on_changed=lambda paths: told.put(list(paths)))
    for number in range(FILES):
        (tmp_path / f"{number}.txt").write_text("x")
    (tmp_path / "late").mkdir()
    go_on.set()
    while tmp_path not in told.get(timeout=WAIT_S):
        pass
    assert "queue overflowed" in caplog.text
    (tmp_path / "late" / "after.txt").write_text("x")
    while tmp_path / "late" / "after.txt" not in told.get(timeout=WAIT_S):
        pass


def test_a_real_folder_announces_that_it_is_opened(tmp_path: Path) -> None:
    assert inotify.announces(tmp_path)
    assert silence_of(tmp_path) == ""


def test_a_folder_whose_opening_is_not_announced_is_looked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inotify, "_PROBE_MS", 1)
    # Opens something else: nothing is announced.
    monkeypatch.setattr(os, "open", lambda *_: os.dup(0))
    assert "does not announce changes" in silence_of(tmp_path)


def test_what_is_used_of_the_limits_can_be_told(watcher: FolderWatcher, tmp_path: Path) -> None:
    before = inotify.read_limits()
    assert before is not None
    for number in range(40):
        (tmp_path / str(number)).mkdir()
    watcher.watch(tmp_path, recursive=True, on_changed=lambda _: None)
    ours = sum(inotify._watches(Path(f"/proc/{os.getpid()}")))
    assert ours >= 41
    during = inotify.read_limits()
    assert during is not None
    assert during.watches_used >= ours
    assert during.instances_used >= 1
