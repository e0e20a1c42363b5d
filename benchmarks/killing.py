"""Kills the window and its children at random moments while a folder is indexed, then checks that nothing is lost.

    python benchmarks/killing.py FOLDER [--files 500] [--kills 10] [--seed 1]

Copies up to `--files` files of FOLDER to a scratch folder, opens the real window on it (offscreen), and kills in
turn the window's process and one of its children. A killed window is opened again without arguments: it has to
resume by itself. At the end every file has to be current, and `doctor` has to find catalog and index equal.
Prints a line for each kill and a JSON object at the end; exits with 1 when something was lost.
"""

import argparse
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
from pathlib import Path

import psutil

_POLL_S = 0.2
_LIMIT_S = 1800.0


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    chance = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory(prefix="readingroom-killing-") as scratch:
        folder, data = Path(scratch) / "documents", Path(scratch) / "data"
        files = copy_files(arguments.folder, folder, arguments.files)
        result = run(folder, data, arguments.kills, chance)
        result["files"] = files
    print(json.dumps(result))
    lost = result["files"] - result["documents"] or result["not_current"] or not result["doctor_ok"]
    return 1 if lost or result["double_points"] else 0


def copy_files(source: Path, target: Path, most: int) -> int:
    """Copy the first files by name, folders kept."""
    files = sorted(path for path in source.rglob("*") if path.is_file() and not path.name.startswith("."))[
        :most
    ]
    for path in files:
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)
    return len(files)


def run(folder: Path, data: Path, kills: int, chance: random.Random) -> dict[str, object]:
    started = time.monotonic()
    window = open_window(data, [str(folder)])
    wait(lambda: pending(data) is not None and pending(data) != 0, window)
    killed = []
    for number in range(kills):
        time.sleep(chance.uniform(2.0, 10.0))
        left = pending(data)
        if left == 0:
            break
        children = psutil.Process(window.pid).children()
        if number % 2 and children:
            victim = chance.choice(children)
            name = " ".join(victim.cmdline()[-7:])
            victim.kill()
        else:
            name = "window"
            window.kill()
            window.wait()
            window = open_window(data, [])
        killed.append(name)
        print(f"{time.monotonic() - started:6.1f} s  killed {name}, {left} documents in work", flush=True)
    wait(lambda: pending(data) == 0, window)
    window.send_signal(signal.SIGTERM)
    window.wait(timeout=60)
    return {"killed": killed, "seconds": round(time.monotonic() - started, 1), **check(data)}


def open_window(data: Path, paths: list[str]) -> subprocess.Popen[bytes]:
    environment = os.environ | {"QT_QPA_PLATFORM": os.environ.get("QT_QPA_PLATFORM", "offscreen")}
    return subprocess.Popen(
        [sys.executable, "-m", "readingroom", "--data-dir", str(data), *paths], env=environment
    )


def wait(reached, window: subprocess.Popen[bytes]) -> None:  # type: ignore[no-untyped-def]
    deadline = time.monotonic() + _LIMIT_S
    while not reached():
        if window.poll() is not None:
            sys.exit(f"the window ended by itself with {window.returncode}")
        if time.monotonic() > deadline:
            sys.exit("gave up waiting")
        time.sleep(_POLL_S)


def pending(data: Path) -> int | None:
    """Documents in work, read from the catalog beside the running program; None before there are any."""
    try:
        with sqlite3.connect(f"file:{data / 'catalog.sqlite'}?mode=ro", uri=True, timeout=5) as catalog:
            if not catalog.execute("SELECT count(*) FROM documents").fetchone()[0]:
                return None
            row = catalog.execute(
                "SELECT (SELECT count(*) FROM queue) + (SELECT count(*) FROM index_documents WHERE state <> 'ready')"
                " + (SELECT count(*) FROM stale_points)"
            ).fetchone()
    except sqlite3.OperationalError:
        return None
    finally:
        if "catalog" in locals():
            catalog.close()
    return int(row[0])


def check(data: Path) -> dict[str, object]:
    def ask(*command: str) -> list[dict[str, object]]:
        out = subprocess.run(
            [sys.executable, "-m", "readingroom", "--data-dir", str(data), *command, "--json"],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        return [json.loads(line) for line in out.splitlines()]

    (workspace,) = ask("workspace", "list")
    documents = ask("documents", "-w", str(workspace["name"]))
    checks = {str(line["check"]): line for line in ask("doctor")}
    states: dict[str, int] = {}
    for document in documents:
        states[str(document["state"])] = states.get(str(document["state"]), 0) + 1
    index = checks["catalog against index"]
    points = int(str(index["detail"]).split()[0])
    return {
        "documents": len(documents),
        "states": states,
        "not_current": sum(states.get(state, 0) for state in ("queued", "indexing", "words", "quarantined")),
        "failed": [[Path(str(d["path"])).name, d["reason"]] for d in documents if d["state"] == "failed"],
        "points": points,
        "chunks": workspace["chunks"],
        "double_points": points - int(str(workspace["chunks"])),
        "doctor_ok": bool(index["ok"] and checks["catalog integrity"]["ok"]),
        "doctor": index["detail"],
    }


if __name__ == "__main__":
    sys.exit(main())
