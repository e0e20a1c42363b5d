"""The watcher on real folders."""

import ctypes
import errno
import os
import queue
import shutil
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from readingroom.core.errors import EventsUnavailable
from readingroom.watching import observer as observer_module
from readingroom.watching.observer import FolderWatcher

WAIT_S = 10


class Heard:
    """What was told so far; `until` waits for more."""

    def __init__(self) -> None:
        self.calls: queue.Queue[list[Path]] = queue.Queue()
        self.paths: list[Path] = []
        self.sizes: list[int] = []
        self.threads: set[str] = set()

    def __call__(self, paths: Iterable[Path]) -> None:
        self.threads.add(threading.current_thread().name)
        self.calls.put(list(paths))

    def until(self, *wanted: Path) -> list[Path]:
        """Wait until all of these were told; everything told up to then."""
        while not set(wanted) <= set(self.paths):
            batch = self.calls.get(timeout=WAIT_S)
            self.sizes.append(len(batch))
            self.paths += batch
        told, self.paths = self.paths, []
        return told


@pytest.fixture
def watcher() -> Iterator[FolderWatcher]:
    made = FolderWatcher(debounce_ms=50, root_check_ms=100)
    yield made
    made.close()
    assert not [thread for thread in threading.enumerate() if "folder-changes" in thread.name]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "Docs"
    made.mkdir()
    (made / "old.txt").write_text("old")
    (made / "sub" / "deep").mkdir(parents=True)
    (made / "sub" / "deep" / "inner.txt").write_text("inner")
    return made


@pytest.fixture
def heard(watcher: FolderWatcher, folder: Path) -> Heard:
    listener = Heard()
    watcher.watch(folder, recursive=True, on_changed=listener)
    return listener


def settle(heard: Heard, folder: Path) -> list[Path]:
    """Everything told before a last file, which is written to mark the end."""
    marker = folder / "marker"
    marker.write_text(os.urandom(4).hex())
    return [path for path in heard.until(marker) if path != marker]


def test_new_file_is_told(heard: Heard, folder: Path) -> None:
    (folder / "new.txt").write_text("x")
    assert set(heard.until(folder / "new.txt")) == {folder / "new.txt"}


def test_save_in_place_is_told(heard: Heard, folder: Path) -> None:
    with (folder / "old.txt").open("r+") as file:
        file.write("new")
    assert settle(heard, folder) == [folder / "old.txt"]


def test_append_in_a_subfolder_is_told(heard: Heard, folder: Path) -> None:
    with (folder / "sub" / "deep" / "inner.txt").open("a") as file:
        file.write("more")
    assert settle(heard, folder) == [folder / "sub" / "deep" / "inner.txt"]


def test_save_by_renaming_over_is_told(heard: Heard, folder: Path) -> None:
    (folder / ".old.txt.tmp").write_text("new")
    (folder / ".old.txt.tmp").replace(folder / "old.txt")
    assert folder / "old.txt" in heard.until(folder / "old.txt")


def test_deletion_is_told(heard: Heard, folder: Path) -> None:
    (folder / "old.txt").unlink()
    assert settle(heard, folder) == [folder / "old.txt"]


def test_move_within_is_told_with_both_paths(heard: Heard, folder: Path) -> None:
    (folder / "old.txt").rename(folder / "sub" / "moved.txt")
    heard.until(folder / "old.txt", folder / "sub" / "moved.txt")


def test_renamed_subfolder_is_told_with_what_is_in_it(heard: Heard, folder: Path) -> None:
    (folder / "sub").rename(folder / "other")
    heard.until(folder / "sub", folder / "other", folder / "other" / "deep" / "inner.txt")
    (folder / "other" / "deep" / "later.txt").write_text("x")
    heard.until(folder / "other" / "deep" / "later.txt")


def test_move_in_and_out_of_the_folder_is_told(heard: Heard, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("x")
    (tmp_path / "outside.txt").rename(folder / "inside.txt")
    heard.until(folder / "inside.txt")
    (folder / "old.txt").rename(tmp_path / "gone.txt")
    heard.until(folder / "old.txt")


def test_files_in_a_new_subfolder_are_told(heard: Heard, folder: Path) -> None:
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "c.txt").write_text("x")
    heard.until(folder / "a" / "b" / "c.txt")


def test_reading_and_listing_is_no_change(heard: Heard, folder: Path) -> None:
    (folder / "old.txt").read_text()
    list(folder.rglob("*"))
    with (folder / "sub" / "deep" / "inner.txt").open("rb") as file:
        file.read(1)
    assert settle(heard, folder) == []


def test_many_writes_to_a_file_are_told_once(heard: Heard, folder: Path) -> None:
    with (folder / "old.txt").open("a") as file:
        for _ in range(200):
            file.write("x")
            file.flush()
    assert settle(heard, folder) == [folder / "old.txt"]


def test_huge_burst_is_told_as_the_folder_itself(
    watcher: FolderWatcher, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(observer_module, "MOST_PATHS", 50)
    heard = Heard()
    watcher.watch(folder, recursive=True, on_changed=heard)
    for number in range(400):
        (folder / f"{number}.txt").write_text("x")
    heard.until(folder)
    assert max(heard.sizes) <= 51


def test_calls_come_on_one_thread_of_the_watchers(heard: Heard, folder: Path) -> None:
    for name in ("a", "b"):
        (folder / name).write_text("x")
        heard.until(folder / name)
    assert heard.threads == {"folder-changes"}


def test_single_file_is_watched_alone_and_survives_atomic_saves(watcher: FolderWatcher, folder: Path) -> None:
    heard = Heard()
    target = folder / "old.txt"
    watcher.watch(target, recursive=False, on_changed=heard)
    for text in ("one", "two"):
        (folder / "new.tmp").write_text(text)
        (folder / "new.tmp").replace(target)
        assert set(heard.until(target)) == {target}
    target.unlink()
    assert set(heard.until(target)) == {target}
    target.write_text("back")
    assert set(heard.until(target)) == {target}


def test_neighbours_of_a_single_file_are_not_told(watcher: FolderWatcher, folder: Path) -> None:
    heard, witness = Heard(), Heard()
    watcher.watch(folder / "old.txt", recursive=False, on_changed=heard)
    watcher.watch(folder, recursive=False, on_changed=witness)
    settle(witness, folder)
    settle(witness, folder)
    assert heard.calls.empty()


def test_not_recursive_hears_nothing_from_below(watcher: FolderWatcher, folder: Path) -> None:
    heard = Heard()
    watcher.watch(folder, recursive=False, on_changed=heard)
    (folder / "sub" / "deep" / "inner.txt").write_text("changed")
    assert settle(heard, folder) == []


@pytest.mark.parametrize("way", ["deleted", "renamed"])
def test_vanished_folder_is_told_as_itself_and_again_when_it_is_back(
    heard: Heard, folder: Path, tmp_path: Path, way: str
) -> None:
    if way == "deleted":
        shutil.rmtree(folder)
    else:
        folder.rename(tmp_path / "away")
    heard.until(folder)
    while not heard.calls.empty():
        heard.calls.get()
    if way == "deleted":
        folder.mkdir()
    else:
        (tmp_path / "away").rename(folder)
    heard.until(folder)
    (folder / "after.txt").write_text("x")
    heard.until(folder / "after.txt")


def test_watch_through_a_link_names_paths_as_asked(
    watcher: FolderWatcher, folder: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(folder)
    heard = Heard()
    watcher.watch(link, recursive=True, on_changed=heard)
    (folder / "new.txt").write_text("x")
    heard.until(link / "new.txt")


def test_missing_folder_is_an_os_error(watcher: FolderWatcher, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        watcher.watch(tmp_path / "nowhere", recursive=True, on_changed=Heard())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify is Linux's")
def test_exhausted_watches_are_an_os_error_even_below_the_root(
    watcher: FolderWatcher, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from watchdog.observers import inotify_c

    real: Callable[[int, bytes, int], int] = inotify_c.inotify_add_watch
    left = iter([True])

    def limited(fd: int, path: bytes, mask: int) -> int:
        if next(left, False):
            return real(fd, path, mask)
        ctypes.set_errno(errno.ENOSPC)
        return -1

    monkeypatch.setattr(inotify_c, "inotify_add_watch", limited)
    with pytest.raises(EventsUnavailable, match=r"watched folders, and they are used up.*max_user_watches"):
        watcher.watch(folder, recursive=True, on_changed=Heard())


def test_unwatched_folder_is_not_heard_of(watcher: FolderWatcher, heard: Heard, folder: Path) -> None:
    other = folder.parent / "other"
    other.mkdir()
    witness = Heard()
    watcher.watch(other, recursive=True, on_changed=witness)
    watcher.unwatch(folder)
    watcher.unwatch(folder / "never watched")
    (folder / "new.txt").write_text("x")
    (other / "seen.txt").write_text("x")
    witness.until(other / "seen.txt")
    assert heard.calls.empty()


def test_failing_listener_does_not_silence_the_others(
    watcher: FolderWatcher, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    called = threading.Event()

    def fail(_: Iterable[Path]) -> None:
        called.set()
        raise RuntimeError("listener")

    watcher.watch(folder / "sub", recursive=True, on_changed=fail)
    heard = Heard()
    watcher.watch(folder, recursive=True, on_changed=heard)
    (folder / "sub" / "a.txt").write_text("x")
    heard.until(folder / "sub" / "a.txt")
    assert called.wait(WAIT_S)
    (folder / "sub" / "b.txt").write_text("x")
    heard.until(folder / "sub" / "b.txt")
    assert "A listener to folder changes failed" in caplog.text


def test_closing_joins_all_threads_and_can_be_repeated(folder: Path) -> None:
    before = set(threading.enumerate())
    watcher = FolderWatcher(debounce_ms=50)
    watcher.watch(folder, recursive=True, on_changed=Heard())
    assert set(threading.enumerate()) > before
    watcher.close()
    assert set(threading.enumerate()) == before
    watcher.close()


def _linked(folder: Path, *names: str) -> list[Path]:
    links = [folder.with_name(name) for name in names]
    for link in links:
        link.symlink_to(folder)
    return links


def test_of_two_links_to_one_folder_the_other_is_heard_on_when_one_goes(
    watcher: FolderWatcher, folder: Path
) -> None:
    stays, goes = _linked(folder, "stays", "goes")
    listener = Heard()
    watcher.watch(stays, recursive=True, on_changed=listener)
    watcher.watch(goes, recursive=True, on_changed=Heard())
    watcher.unwatch(goes)
    (folder / "old.txt").write_text("new")
    listener.until(stays / "old.txt")


def test_both_links_to_a_folder_that_was_made_anew_are_heard(watcher: FolderWatcher, folder: Path) -> None:
    links = _linked(folder, "one", "other")
    listeners = [Heard(), Heard()]
    for link, listener in zip(links, listeners, strict=True):
        watcher.watch(link, recursive=True, on_changed=listener)
    folder.rename(folder.with_name("former"))
    folder.mkdir()
    for link, listener in zip(links, listeners, strict=True):
        listener.until(link)  # told whole when it is observed again
    (folder / "new.txt").write_text("x")
    for link, listener in zip(links, listeners, strict=True):
        listener.until(link / "new.txt")
