"""Damages what the program keeps in every way it should live through, and says what happened each time.

    python benchmarks/damage.py [--files 40] [--full 20] [--seed 1] [--only full|catalog|shard|starts]

The disk that fills up is a small tmpfs, for which one has to be root; elsewhere that part is left out with a line.
Each case begins with the same finished data folder or an empty one, does its damage while the program is closed (the
disk fills up while it runs), and lets the program start again. Afterwards every document has to be current, a word
that stands in one document only has to find it, the thread has to be there, and `doctor` has to find nothing wrong.
Prints a line a case and a JSON object at the end; exits with 1 when something was lost.
"""

import argparse
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from readingroom.composition import open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.models import DocumentState, SearchMode

DISK_MB = 640
_THREAD = "Where does marker7 live?"
_WORDS = "anchor bridge copper dragon ember falcon garnet harbor island jasper kettle lantern meadow nectar".split()


@dataclass
class Report:
    """What was found, a line a case."""

    lines: list[dict[str, object]] = field(default_factory=list)

    def say(self, part: str, case: str, lost: list[str], said: str) -> None:
        self.lines.append({"part": part, "case": case, "lost": lost})
        verdict = "LOST " + "; ".join(lost) if lost else "nothing lost"
        print(f"{part:8} {case:44} {verdict}   {said[:150]}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=40)
    parser.add_argument("--full", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=("full", "catalog", "shard", "starts"))
    arguments = parser.parse_args()
    chance, report = random.Random(arguments.seed), Report()
    with tempfile.TemporaryDirectory(prefix="readingroom-damage-") as scratch:
        place = Path(scratch)
        write_documents(place / "documents", arguments.files, chance)
        base = make_base(place, arguments.files)
        parts: dict[str, Callable[[], None]] = {
            "catalog": lambda: damage_catalog(place, base, arguments.files, chance, report),
            "shard": lambda: damage_shard(place, base, arguments.files, chance, report),
            "starts": lambda: start_at_once(place, arguments.files, report),
            "full": lambda: fill_disk(place, base, arguments.files, arguments.full, chance, report),
        }
        for name, part in parts.items():
            if arguments.only in (None, name):
                part()
    counts = {name: sum(line["part"] == name for line in report.lines) for name in parts}
    lost = [line for line in report.lines if line["lost"]]
    print(json.dumps({"cases": counts, "lost": lost}))
    return 1 if lost else 0


def write_documents(folder: Path, files: int, chance: random.Random) -> None:
    folder.mkdir()
    for number in range(files):
        text = " ".join(chance.choices(_WORDS, k=300))
        (folder / f"{number:04}.txt").write_text(f"The marker{number} lives here. {text}\n")


def make_base(place: Path, files: int) -> Path:
    data = place / "base"
    run(data, "add", "-w", "W", str(place / "documents"))
    run(data, "ask", "-w", "W", _THREAD, "--no-llm")
    # A copy that has the thread.
    shutil.rmtree(data / "backups")
    run(data, "sync")
    if lost := missing(data, files):
        sys.exit(f"the base itself is not whole: {lost}")
    return data


def damage_catalog(place: Path, base: Path, files: int, chance: random.Random, report: Report) -> None:
    for case, damage in CATALOG_DAMAGES.items():
        data = copy_of(base, place)
        damage(data / "catalog.sqlite", chance)
        began = run(data, "sync")
        report.say("catalog", case, missing(data, files), began.stderr.strip() or "used as it was")
    data = copy_of(base, place)
    shutil.rmtree(data / "backups")
    (data / "catalog.sqlite").write_bytes(b"garbage" * 999)
    refused = run(data, "sync")
    begun = run(data, "doctor", "--repair")
    run(data, "add", "-w", "W", str(place / "documents"))
    lost = missing(data, files, thread=False)
    lost += [] if refused.returncode == 1 and any((data / "backups").glob("*damaged*")) else ["refusal"]
    report.say(
        "catalog", "garbage, and no copy of it", lost, f"{refused.stderr.strip()} | {begun.stderr.strip()}"
    )
    data = copy_of(base, place)
    (data / "embeddings.sqlite").write_bytes(b"garbage" * 999)
    run(data, "sync")
    report.say("catalog", "garbage in the embedding cache", missing(data, files), "begun anew")


def _at(
    fraction: float, content: Callable[[random.Random, int], bytes]
) -> Callable[[Path, random.Random], None]:
    def damage(path: Path, chance: random.Random) -> None:
        size = path.stat().st_size
        start = int(size * fraction) // 4096 * 4096
        with path.open("r+b") as file:
            file.seek(start)
            file.write(content(chance, min(4096 * 3, size - start)))

    return damage


def _zeros(_chance: random.Random, size: int) -> bytes:
    return bytes(size)


def _noise(chance: random.Random, size: int) -> bytes:
    return chance.randbytes(size)


def _cut(fraction: float) -> Callable[[Path, random.Random], None]:
    return lambda path, _: os.truncate(path, int(path.stat().st_size * fraction))


CATALOG_DAMAGES: dict[str, Callable[[Path, random.Random], None]] = {
    "deleted": lambda path, _: path.unlink(),
    "empty": _cut(0.0),
    "cut in half": _cut(0.5),
    "last bytes cut": _cut(0.999),
    "header of zeros": _at(0.0, _zeros),
    "header of noise": _at(0.0, _noise),
    **{f"zeros at {part}%": _at(part / 100, _zeros) for part in (10, 25, 50, 75, 95)},
    **{f"noise at {part}%": _at(part / 100, _noise) for part in (10, 25, 50, 75, 95)},
    "a text file": lambda path, _: path.write_text("This was a catalog once.\n" * 99) and None,  # type: ignore[func-returns-value]
    "noise for a log": lambda path, chance: (
        path.with_name("catalog.sqlite-wal").write_bytes(chance.randbytes(9999)) and None
    ),  # type: ignore[func-returns-value]
}


def damage_shard(place: Path, base: Path, files: int, chance: random.Random, report: Report) -> None:
    """Every kind of file below the shard, once each, in turn by one of four ways; then all of it at once."""
    ways: dict[str, Callable[[Path, random.Random], None]] = {
        "cut": _cut(0.4),
        "zeros": lambda path, _: path.write_bytes(bytes(path.stat().st_size)) and None,  # type: ignore[func-returns-value]
        "noise": lambda path, chance: path.write_bytes(chance.randbytes(path.stat().st_size)) and None,  # type: ignore[func-returns-value]
        "deleted": lambda path, _: path.unlink(),
    }
    for number, (kind, name) in enumerate(kinds_of_files(base / "vectors")):
        way = list(ways)[number % len(ways)]
        data = copy_of(base, place)
        ways[way](data / "vectors" / name, chance)
        began = run(data, "sync")
        said = began.stderr.strip() or log_line(data, "made anew") or "used as it was"
        report.say("shard", f"{way}: {kind}", missing(data, files), said)
    data = copy_of(base, place)
    shutil.rmtree(data / "vectors")
    run(data, "sync")
    report.say("shard", "all of it deleted", missing(data, files), "made anew")


def kinds_of_files(folder: Path) -> Iterator[tuple[str, Path]]:
    seen = set()
    for path in sorted(folder.rglob("*")):
        kind = f"{path.parent.name}/{path.name}"
        if path.is_file() and path.name not in seen:
            seen.add(path.name)
            yield kind, path.relative_to(folder)


def start_at_once(place: Path, files: int, report: Report) -> None:
    for number in range(3):
        data = place / f"starts-{number}"
        others = [place / "documents", place / f"more-{number}"]
        others[1].mkdir()
        (others[1] / "one.txt").write_text("The marker9999 lives here.\n")
        windows = [open_window(data, str(path)) for path in others]
        lost: list[str] = []
        if not wait_until(partial(any_ended, windows), 60):
            lost.append("neither ended: two windows on one folder, or none")
        codes = [window.poll() for window in windows]
        if 0 not in codes:
            lost.append(f"exit codes {codes}")
        if not wait_until(partial(both_linked, data), 60):
            lost.append("not both paths linked")
        for window in windows:
            if window.poll() is None:
                window.terminate()
                window.wait(timeout=90)
        run(data, "sync")
        lost += missing(data, files + 1, thread=False, workspace="My documents")
        report.say(
            "starts",
            f"two at once, number {number + 1}",
            lost,
            "the later one handed its paths over and ended with 0",
        )


def fill_disk(
    place: Path, base: Path, files: int, points: int, chance: random.Random, report: Report
) -> None:
    disk = place / "disk"
    disk.mkdir()
    if (
        os.name == "nt"
        or os.geteuid()
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "readingroom", str(disk)], check=False
        ).returncode
    ):
        print("full     left out: a small disk cannot be mounted here")
        return
    try:
        for number in range(points):
            data = disk / "data"
            shutil.rmtree(data, ignore_errors=True)
            if number % 4 == 3:
                lost, said = full_at_start(base, data, files, disk)
                report.say("full", f"{number + 1}: full before the start", lost, said)
            else:
                share = chance.random()
                lost, said = full_while_indexing(data, place / "documents", files, disk, share)
                report.say("full", f"{number + 1}: full at {share:.0%} of the documents", lost, said)
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def full_at_start(base: Path, data: Path, files: int, disk: Path) -> tuple[list[str], str]:
    shutil.copytree(base, data)
    before = (data / "catalog.sqlite").read_bytes()
    ballast = fill(disk)
    refused = run(data, "workspace", "create", "Another")
    lost = (
        []
        if refused.returncode == 1 and refused.stderr.count("\n") == 1
        else [f"exit {refused.returncode}: {refused.stderr}"]
    )
    lost += [] if (data / "catalog.sqlite").read_bytes() == before else ["the catalog was changed"]
    ballast.unlink()
    run(data, "sync")
    return lost + missing(data, files), refused.stderr.strip()


def full_while_indexing(
    data: Path, documents: Path, files: int, disk: Path, share: float
) -> tuple[list[str], str]:
    work = subprocess.Popen(
        command(data, "add", "-w", "W", str(documents)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(lambda: work.poll() is not None or read_documents(data) >= share * files, 90)
    ballast = fill(disk)
    time.sleep(3.0)
    ballast.unlink()
    said = work.communicate(timeout=300)[1].strip()
    run(data, "sync")
    return missing(data, files, thread=False), f"exit {work.returncode} {said}"


def fill(disk: Path) -> Path:
    """Take every byte that is left."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue
    return ballast


def missing(data: Path, files: int, *, thread: bool = True, workspace: str = "W") -> list[str]:
    """What is lost: empty when everything is there. In this process, as one for each question would take minutes."""
    lost = []
    with open_runtime(DataPaths(data)) as room:
        services = room.services
        place = services.workspaces.get(workspace)
        documents = services.documents.list(place.id)
        if len(documents) != files:
            lost.append(f"{len(documents)} of {files} documents")
        if late := [document for document in documents if document.state is not DocumentState.READY]:
            lost.append(f"{len(late)} documents not ready")
        for mode in SearchMode:
            found = services.retrieve.search(place.id, "marker7 lives here", limit=files * 9, mode=mode)
            if not any(passage.path.name == "0007.txt" for passage in found):
                lost.append(f"a passage by {mode}")
        lost += [
            f"{check.check}: {check.detail}"
            for check in room.doctor.run()
            if check.check in ("catalog integrity", "catalog against index") and not check.ok
        ]
        if thread and not any(
            services.workspaces.messages(t.id) for t in services.workspaces.threads(place.id)
        ):
            lost.append("the thread")
    return lost


def read_documents(data: Path) -> int:
    return _query(data, "SELECT count(*) FROM documents WHERE state IN ('indexing', 'words', 'ready')")


def any_ended(windows: list[subprocess.Popen[bytes]]) -> bool:
    return any(window.poll() is not None for window in windows)


def both_linked(data: Path) -> bool:
    return _query(data, "SELECT count(*) FROM sources") == 2


def _query(data: Path, question: str) -> int:
    try:
        with closing(
            sqlite3.connect(f"file:{data / 'catalog.sqlite'}?mode=ro", uri=True, timeout=5)
        ) as catalog:
            return int(catalog.execute(question).fetchone()[0])
    except sqlite3.DatabaseError:
        return 0


def log_line(data: Path, words: str) -> str:
    try:
        lines = (data / "logs" / "readingroom.log").read_text("utf-8").splitlines()
    except OSError:
        return ""
    return next((line.split(": ", 1)[-1] for line in reversed(lines) if words in line), "")


def copy_of(base: Path, place: Path) -> Path:
    data = place / "copy"
    shutil.rmtree(data, ignore_errors=True)
    subprocess.run(["cp", "-a", "--sparse=always", str(base), str(data)], check=True)
    return data


def command(data: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "readingroom", "--data-dir", str(data), *words]


def run(data: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command(data, *words), capture_output=True, text=True, check=False, timeout=300)


def open_window(data: Path, *paths: str) -> subprocess.Popen[bytes]:
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    return subprocess.Popen(command(data, *paths), env=environment)


def wait_until(reached: Callable[[], bool], limit_s: float) -> bool:
    deadline = time.monotonic() + limit_s
    while not reached():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


if __name__ == "__main__":
    sys.exit(main())
