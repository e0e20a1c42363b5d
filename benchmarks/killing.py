"""Kills the program and its children at random moments while a folder is indexed and changes; nothing may be lost.

    python benchmarks/killing.py FOLDER... [--files 2000] [--kills 300] [--seed 1] [--changes 4] [--sync] [--pause 1 4]

Copies up to `--files` of the smaller files below each FOLDER to a scratch folder and opens the real window on it
(offscreen; with `--sync` the command `sync --watch`). Then it kills, every 1 to 4 seconds, the program or one of its
children, while files are edited, saved, moved, copied and deleted `--changes` times a second. A killed program is
started again without arguments: it has to resume by itself. At the end every file has to be one current document with
the file's own hash, and `doctor` has to find catalog and index equal.
Prints a line for each kill and a JSON object at the end; exits with 1 when something was lost, doubled or stuck.
"""

import argparse
import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from _busy_hands import BusyHands

_POLL_S = 0.2
_LIMIT_S = 3600.0
_WORKSPACE = "Killing"
_VICTIMS = {"program": 4, "read": 2, "embed": 2, "index": 2}
"""Of ten kills."""
_CHILD_S = 10.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--changes", type=float, default=4.0, help="a second; 0 for none")
    parser.add_argument("--pause", type=float, nargs=2, default=(1.0, 4.0), metavar=("FROM", "TO"))
    parser.add_argument("--sync", action="store_true", help="`sync --watch` in place of the window")
    parser.add_argument("--largest-kb", type=int, default=100)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="readingroom-killing-") as scratch:
        folder, data = Path(scratch) / "documents", Path(scratch) / "data"
        copy_files(arguments.folders, folder, arguments.files, arguments.largest_kb * 1024)
        result = Killing(folder, data, arguments).run()
    print(json.dumps(result))
    wrong = result["lost"] or result["duplicated"] or result["stuck"] or not result["doctor_ok"]
    return 1 if wrong else 0


def copy_files(sources: Sequence[Path], target: Path, most: int, largest: int) -> None:
    """Copy files in turn from each folder, the smaller first; folders kept."""
    found = [
        sorted(
            (
                path
                for path in source.rglob("*")
                if path.is_file() and not path.name.startswith(".") and path.stat().st_size <= largest
            ),
            key=lambda path: path.stat().st_size,
        )
        for source in sources
    ]
    copied = 0
    for number in range(max(map(len, found))):
        for source, paths in zip(sources, found, strict=True):
            if number < len(paths) and copied < most:
                place = target / source.name / paths[number].relative_to(source)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(paths[number], place)
                copied += 1


class Killing:
    """One run of it."""

    def __init__(self, folder: Path, data: Path, arguments: argparse.Namespace) -> None:
        self._folder = folder
        self._data = data
        self._arguments = arguments
        self._chance = random.Random(arguments.seed)
        self._killed: Counter[str] = Counter()
        self._started = time.monotonic()
        self._program: subprocess.Popen[bytes] | None = None

    def run(self) -> dict[str, object]:
        self._open(first=True)
        self._wait(lambda: bool(pending(self._data)))
        hands = BusyHands(self._folder, self._arguments.seed, a_second=self._arguments.changes or 1)
        if self._arguments.changes:
            hands.start()
        while sum(self._killed.values()) < self._arguments.kills:
            time.sleep(self._chance.uniform(*self._arguments.pause))
            self._kill_one()
        if self._arguments.changes:
            hands.stop()
        killed_s = time.monotonic() - self._started
        self._wait(
            lambda: not missing(self._data, self._folder) and pending(self._data) == 0, stop_if_idle=True
        )
        assert self._program is not None
        self._program.send_signal(signal.SIGTERM)
        self._program.wait(timeout=60)
        return {
            "kills": sum(self._killed.values()),
            "killed": dict(self._killed),
            "changes": dict(hands.done),
            "kill_seconds": round(killed_s, 1),
            "seconds": round(time.monotonic() - self._started, 1),
            **check(self._data, self._folder),
        }

    def _open(self, *, first: bool = False) -> None:
        if not self._arguments.sync:
            self._program = open_window(self._data, [str(self._folder)] if first else [])
            return
        if first:
            # Linked, and left at once: what is queued is the business of those that follow.
            adding = _start(self._data, "add", "-w", _WORKSPACE, str(self._folder))
            while not pending(self._data):
                time.sleep(_POLL_S)
            adding.kill()
            adding.wait()
        self._program = _start(self._data, "sync", "--watch")

    def _kill_one(self) -> None:
        assert self._program is not None
        (name,) = self._chance.choices(list(_VICTIMS), list(_VICTIMS.values()))
        victim = self._program_process() if name == "program" else self._child(name)
        left = pending(self._data)
        if victim is None:
            return
        with contextlib.suppress(psutil.NoSuchProcess):
            victim.kill()
            self._killed[name] += 1
        if name == "program":
            self._program.wait()
            self._open()
        at = time.monotonic() - self._started
        print(f"{at:6.1f} s  {sum(self._killed.values()):3} killed {name}, {left} in work", flush=True)

    def _program_process(self) -> psutil.Process:
        assert self._program is not None
        if self._program.poll() is not None:
            sys.exit(f"the program ended by itself with {self._program.returncode}")
        return psutil.Process(self._program.pid)

    def _child(self, role: str) -> psutil.Process | None:
        """The child of that role; after a start it takes a moment to come, and some moment more is waited then."""
        deadline = time.monotonic() + _CHILD_S
        waited = False
        while time.monotonic() < deadline:
            for child in self._program_process().children():
                with contextlib.suppress(psutil.NoSuchProcess):
                    if role in child.cmdline():
                        time.sleep(self._chance.uniform(0.0, 1.0) if waited else 0.0)
                        return child
            waited = True
            time.sleep(_POLL_S)
        return None

    def _wait(self, reached: Callable[[], bool], *, stop_if_idle: bool = False) -> None:
        """Until it is so; with `stop_if_idle` also when nothing moves any more, for the check to tell."""
        deadline = time.monotonic() + _LIMIT_S
        idle_since: float | None = None
        while not reached():
            assert self._program is not None
            if self._program.poll() is not None:
                sys.exit(f"the program ended by itself with {self._program.returncode}")
            if time.monotonic() > deadline:
                print("gave up waiting", file=sys.stderr)
                return
            idle = pending(self._data) == 0
            idle_since = (idle_since or time.monotonic()) if idle else None
            if stop_if_idle and idle_since is not None and time.monotonic() - idle_since > 30:
                return
            time.sleep(_POLL_S * 5)


def open_window(data: Path, paths: list[str]) -> subprocess.Popen[bytes]:
    return _start(data, *paths)


def _start(data: Path, *arguments: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    return subprocess.Popen(
        [sys.executable, "-m", "readingroom", "--data-dir", str(data), *arguments],
        env=environment,
        stdout=subprocess.DEVNULL,
    )


def pending(data: Path) -> int | None:
    """Documents in work, read from the catalog beside the running program; None before there are any."""
    try:
        with sqlite3.connect(f"file:{data / 'catalog.sqlite'}?mode=ro", uri=True, timeout=5) as catalog:
            if not catalog.execute("SELECT count(*) FROM documents").fetchone()[0]:
                return None
            row = catalog.execute(
                "SELECT (SELECT count(*) FROM queue) + (SELECT count(*) FROM index_documents x JOIN documents d"
                " ON d.id = x.document_id JOIN sources s ON s.id = d.source_id AND s.removed_at IS NULL"
                " WHERE x.state <> 'ready')"
                " + (SELECT count(*) FROM stale_points)"
            ).fetchone()
    except sqlite3.OperationalError:
        return None
    finally:
        if "catalog" in locals():
            catalog.close()
    return int(row[0])


def hashes(folder: Path) -> dict[str, str]:
    """Path -> content hash of every file that is to be a document."""
    return {
        str(path): hashlib.blake2b(path.read_bytes(), digest_size=32).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def missing(data: Path, folder: Path) -> int:
    """Files that are no current document; cheap enough to ask for now and then."""
    with sqlite3.connect(f"file:{data / 'catalog.sqlite'}?mode=ro", uri=True, timeout=5) as catalog:
        known = {os.fsdecode(row[0]) for row in catalog.execute("SELECT path FROM documents")}
    catalog.close()
    return sum(1 for path in folder.rglob("*") if path.is_file() and str(path) not in known)


def check(data: Path, folder: Path) -> dict[str, object]:
    def ask(*command: str) -> list[dict[str, object]]:
        out = subprocess.run(
            [sys.executable, "-m", "readingroom", "--data-dir", str(data), *command, "--json"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        return [json.loads(line) for line in out.splitlines()]

    (workspace,) = ask("workspace", "list")
    listed = ask("documents", "-w", str(workspace["name"]))
    wanted = hashes(folder)
    # What lies inside a file (an attachment) is a document of its own, below that file.
    documents = [d for d in listed if not any(str(up) in wanted for up in Path(str(d["path"])).parents)]
    paths = Counter(str(document["path"]) for document in documents)
    doctor = {str(line["check"]): line for line in ask("doctor")}
    index = doctor["catalog against index"]
    points = int(str(index["detail"]).replace(",", "").split()[0])
    stale = [
        str(d["path"])
        for d in documents
        if d["state"] in ("ready", "no_text") and d["content_hash"] != wanted.get(str(d["path"]))
    ]
    lost = sorted(wanted.keys() - paths.keys()) + [path for path in stale if path in wanted]
    doubled = [path for path, times in paths.items() if times > 1] + sorted(paths.keys() - wanted.keys())
    stuck = [
        (d["path"], d["state"], d["reason"])
        for d in listed
        if d["state"] in ("queued", "indexing", "words", "quarantined", "offline")
    ]
    return {
        "files": len(wanted),
        "documents": len(documents),
        "states": dict(Counter(str(document["state"]) for document in listed)),
        "lost": len(lost),
        "duplicated": len(doubled) + abs(points - int(str(workspace["chunks"]))),
        "stuck": len(stuck),
        "examples": [*lost[:3], *doubled[:3], *stuck[:3]],
        "failed": [[Path(str(d["path"])).name, d["reason"]] for d in listed if d["state"] == "failed"],
        "points": points,
        "chunks": workspace["chunks"],
        "doctor_ok": bool(index["ok"] and doctor["catalog integrity"]["ok"]),
        "doctor": index["detail"],
    }


if __name__ == "__main__":
    sys.exit(main())
