"""Memory and handles of the program over a day of changes, compressed: wanted flat.

    python benchmarks/churn.py [--changes 10000] [--hours 24] [--files 200] [--seed 1]

Changes come in bursts, one for each ten minutes of the day; after each the program has to have caught up, everything
is compared with the disk, and some questions are asked. Prints a line for each tenth of the run: megabytes of each
process, open files, inotify watches and threads of the program; and what each gains in the second half, by the
line through its samples. `MB` is what a process holds for itself (resident and no file's); `mapped` are the pages
of files it has touched, which the system takes back when it needs them: the index child's write-ahead log is two
files of 32 MB, filled one after the other and begun again.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import psutil
from _folders import rare_word, text, write_texts

from helpers.driven import DrivenProgram

_POLL_S = 0.05
_LIMIT_S = 300.0
_QUESTIONS = 3


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--changes", type=int, default=10_000)
    parser.add_argument("--hours", type=int, default=24)
    parser.add_argument("--files", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    bursts = arguments.hours * 6
    with tempfile.TemporaryDirectory(prefix="readingroom-churn-") as scratch:
        folder = Path(scratch) / "tree"
        write_texts(folder, arguments.files, words=60, seed=arguments.seed)
        program = DrivenProgram(Path(scratch) / "data")
        program.start()
        program.ask("link", paths=[str(folder)])
        _settle(program)
        samples = _run(program, folder, bursts, arguments.changes // bursts, random.Random(arguments.seed))
        program.quit()
    _print_table(samples)
    gains = {name: _gain(values[len(values) // 2 :]) for name, values in samples.items()}
    print(json.dumps({"bursts": bursts, "changes": arguments.changes, "gained_in_the_second_half": gains}))
    return 0


def _run(
    program: DrivenProgram, folder: Path, bursts: int, changes: int, chance: random.Random
) -> dict[str, list[float]]:
    samples: dict[str, list[float]] = defaultdict(list)
    for burst in range(bursts):
        for number in range(changes):
            _change(folder, burst * changes + number, chance)
        _settle(program)
        program.ask("reconcile")
        _settle(program)
        for _ in range(_QUESTIONS):
            program.ask("search", words=[text(chance, 4)], mode="hybrid")
        for name, value in _sample(program.pid).items():
            samples[name].append(value)
        if (burst + 1) % max(1, bursts // 10) == 0:
            print({name: values[-1] for name, values in samples.items()}, file=sys.stderr, flush=True)
    return samples


def _change(folder: Path, number: int, chance: random.Random) -> None:
    files = sorted(path for path in folder.rglob("*.txt"))
    path = chance.choice(files)
    match chance.randrange(6):
        case 0 | 1:
            path.write_text(f"{rare_word(number)} {text(chance, 60)}")
        case 2:
            beside = path.with_name(".saving")
            beside.write_text(f"{rare_word(number)} {text(chance, 60)}")
            beside.replace(path)
        case 3:
            path.rename(path.with_name(f"{number:06}.txt"))
        case 4:
            place = folder / f"new {number % 40}" / f"{number:06}.txt"
            place.parent.mkdir(exist_ok=True)
            path.rename(place)
            if not any(path.parent.iterdir()) and path.parent != folder:
                path.parent.rmdir()
        case 5:
            # As many come as go.
            path.unlink()
            path.with_name(f"{number:06}.txt").write_text(f"{rare_word(number)} {text(chance, 60)}")


def _settle(program: DrivenProgram) -> None:
    """Until it has caught up: idle, and still so after the watcher's patience."""
    deadline = time.monotonic() + _LIMIT_S
    calm = 0
    while calm < 4:
        if time.monotonic() > deadline:
            sys.exit("gave up waiting")
        calm = 0 if program.ask("state", brief=True)["busy"] else calm + 1
        time.sleep(_POLL_S)


def _sample(pid: int) -> dict[str, float]:
    parent = psutil.Process(pid)
    found = _megabytes("program", parent)
    for child in parent.children():
        words = child.cmdline()
        role = next((word for word in ("read", "embed", "index", "query") if word in words), words[-1])
        found |= _megabytes(role, child)
        found[f"{role} files"] = child.num_fds()
    handles = Path(f"/proc/{pid}/fdinfo")
    found["open files"] = parent.num_fds()
    found["threads"] = parent.num_threads()
    found["watches"] = sum(
        line.startswith("inotify") for handle in handles.iterdir() for line in _lines(handle)
    )
    return {name: round(value, 1) for name, value in found.items()}


def _megabytes(role: str, process: psutil.Process) -> dict[str, float]:
    memory = process.memory_info()
    return {f"{role} MB": (memory.rss - memory.shared) / 2**20, f"{role} mapped": memory.shared / 2**20}


def _lines(path: Path) -> Sequence[str]:
    try:
        return path.read_text().splitlines()
    except OSError:  # closed meanwhile
        return ()


def _gain(values: Sequence[float]) -> float:
    """What the straight line through the samples gains from the first to the last of them."""
    if len(values) < 2:
        return 0.0
    slope, _ = statistics.linear_regression(range(len(values)), values)
    return round(slope * (len(values) - 1), 2)


def _print_table(samples: dict[str, list[float]]) -> None:
    print(f"{'tenth':14}" + "".join(f"{number:>8}" for number in range(1, 11)))
    for name, values in samples.items():
        tenths = [values[min(len(values) - 1, (number + 1) * len(values) // 10 - 1)] for number in range(10)]
        print(f"{name:14}" + "".join(f"{value:8.1f}" for value in tenths))


if __name__ == "__main__":
    sys.exit(main())
