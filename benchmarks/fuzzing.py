"""Damages every file of a folder in many ways, reads all variants through the real ingest child, and counts the ends.

    python benchmarks/fuzzing.py FOLDER [FORMAT ...] [--truncations 20] [--flips 20] [--seed 1] [--limit-s 60]
                                 [--memory-mb 3072] [--journal FILE] [--shard 1/1]

Files of FOLDER/MANIFEST.tsv are copied, cut off at random bytes and given random bytes (1 to 20 in a variant), and
read by two children side by side with the bounds the program has: time, silence, memory. Of files over 5 MB, and of
those that take over 2 s when whole, `--slow` (4) variants of each kind are read instead. Documents inside (messages,
attachments) are read too, the first three of each. Nothing of FOLDER is written to.

Every variant has to end in a state with a reason: text, no text, a failure in plain words, or a child that was ended
at its bounds and said so. Exits with 1 when one did not, with an ordinary exception, say, with no reason, or later
than its limit (time in which the system had no processor for the child does not count, up to four times the limit,
see `worker/process.py`). With `--journal` an interrupted run goes on where it was; `--shard 2/4` takes a quarter of the files.
"""

import argparse
import csv
import re
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from threading import Lock

from _damage import Variant, variants
from _manifest import Row, manifest_rows
from _watched_reading import Ending, WatchedReader

from readingroom.core.extraction import ReadLimits
from readingroom.worker.process import PATIENCE

_LARGE_BYTES = 5_000_000
_SLOW_S = 2.0
_SIDE_BY_SIDE = 2
_GRACE_S = 15.0
"""Past its limit a child is killed; starting the next takes some seconds."""
_REASONS_SHOWN = 40
_LIST_SHOWN = 30


class Journal:
    """Endings by variant, kept in a file of tab-separated lines where one is given."""

    def __init__(self, path: Path | None) -> None:
        self.endings: dict[str, Ending] = {}
        self._lock = Lock()
        if path is not None and path.exists():
            with path.open(encoding="utf-8", newline="") as lines:
                for name, outcome, seconds, peak, reason, *odd in csv.reader(lines, delimiter="\t"):
                    self.endings[name] = Ending(outcome, reason, float(seconds), int(peak), tuple(odd))
        self._file = path.open("a", encoding="utf-8", newline="") if path is not None else None

    def note(self, variant: Variant, ending: Ending) -> None:
        """Keep it, at once; any thread."""
        with self._lock:
            self.endings[variant.name] = ending
            if self._file is not None:
                line = (
                    variant.name,
                    ending.outcome,
                    f"{ending.seconds:.2f}",
                    ending.peak_bytes,
                    ending.reason,
                )
                csv.writer(self._file, delimiter="\t").writerow((*line, *ending.odd))
                self._file.flush()


def main() -> int:
    arguments = _arguments()
    shard, shards = map(int, arguments.shard.split("/"))
    rows = manifest_rows(arguments.folder, arguments.formats)[shard - 1 :: shards]
    limits = ReadLimits(
        timeout_s=arguments.limit_s,
        stall_s=min(arguments.limit_s, ReadLimits().stall_s),
        memory_bytes=arguments.memory_mb * 1024 * 1024,
    )
    journal = Journal(arguments.journal)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="readingroom-fuzzing-") as scratch:
        fewer = _run(rows, arguments, limits, journal, Path(scratch))
    print(f"{len(rows)} files, {len(journal.endings)} readings in {time.monotonic() - began:.0f} s")
    if fewer:
        print(
            f"{len(fewer)} large or slow files with {arguments.slow} variants of each kind: {', '.join(fewer)}"
        )
    return _report(journal.endings, limits)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("formats", nargs="*", metavar="FORMAT")
    parser.add_argument("--truncations", type=int, default=20)
    parser.add_argument("--flips", type=int, default=20)
    parser.add_argument("--slow", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit-s", type=float, default=60.0)
    parser.add_argument("--memory-mb", type=int, default=3072)
    parser.add_argument("--journal", type=Path)
    parser.add_argument("--shard", default="1/1")
    return parser.parse_args()


def _run(
    rows: Iterable[Row], arguments: argparse.Namespace, limits: ReadLimits, journal: Journal, scratch: Path
) -> list[str]:
    """Read all variants not yet in the journal; returns the files that got fewer."""
    readers: SimpleQueue[WatchedReader] = SimpleQueue()
    opened = [WatchedReader(scratch / f"data {number}", limits) for number in range(_SIDE_BY_SIDE)]
    for reader in opened:
        readers.put(reader)

    def work(row: Row) -> str:
        reader = readers.get()
        try:
            return _read_variants(row, arguments, journal, reader, scratch)
        finally:
            readers.put(reader)

    with ThreadPoolExecutor(_SIDE_BY_SIDE) as pool:
        fewer = list(pool.map(work, rows))
    for reader in opened:
        reader.close()
    return [file for file in fewer if file]


def _read_variants(
    row: Row, arguments: argparse.Namespace, journal: Journal, reader: WatchedReader, scratch: Path
) -> str:
    """Read a file's variants; its name when there were fewer, else nothing."""
    data = (arguments.folder / row.file).read_bytes()
    place = scratch / row.file.replace("/", "~")
    place.mkdir()
    slow = len(data) > _LARGE_BYTES
    all_of_it = variants(
        row.file, truncations=arguments.truncations, flips=arguments.flips, seed=arguments.seed
    )
    for variant in all_of_it:
        if slow and variant.number >= arguments.slow:
            continue
        if variant.name not in journal.endings:
            copy = place / Path(row.file).name
            copy.write_bytes(variant.applied(data))
            journal.note(variant, reader.read(copy))
        slow = slow or (variant.kind == "intact" and journal.endings[variant.name].seconds > _SLOW_S)
    shutil.rmtree(place)
    if sys.stderr.isatty():
        print(f"\r{len(journal.endings)} {row.file[:70]:70}", end="", file=sys.stderr)
    return row.file if slow else ""


def _report(endings: dict[str, Ending], limits: ReadLimits) -> int:
    """Print counts and worst cases; 1 when something ended without a state with a reason, else 0."""
    kinds = sorted({name.split()[-2] for name in endings})
    print(f"\n{'outcome':22}" + "".join(f"{kind:>11}" for kind in kinds) + f"{'all':>11}")
    outcomes = Counter((ending.outcome, name.split()[-2]) for name, ending in endings.items())
    for outcome, count in Counter(ending.outcome for ending in endings.values()).most_common():
        print(f"{outcome:22}" + "".join(f"{outcomes[outcome, kind]:11}" for kind in kinds) + f"{count:11}")
    print("\nReasons (numbers and quotations left out)")
    reasons = Counter(
        (ending.outcome, _general(ending.reason)) for ending in endings.values() if ending.reason
    )
    for (outcome, reason), count in reasons.most_common(_REASONS_SHOWN):
        print(f"{count:6}  {outcome}: {reason}")
    print("\nSlowest, and most memory")
    for name, ending in sorted(endings.items(), key=lambda item: -item[1].seconds)[:5]:
        print(f"{ending.seconds:7.1f} s   {name}: {ending.outcome} {ending.reason}")
    for name, ending in sorted(endings.items(), key=lambda item: -item[1].peak_bytes)[:5]:
        print(f"{ending.peak_bytes / 1e6:7.0f} MB  {name}: {ending.outcome} {ending.reason}")
    bounded = {"WorkerCrashed", "WorkerTimedOut", "WorkerOutOfMemory"}
    _list("Ended by crash or at a bound", (n for n, e in endings.items() if e.outcome in bounded), endings)
    odd = {name: Ending("", "; ".join(ending.odd), 0, 0) for name, ending in endings.items() if ending.odd}
    _list("Reasons and notes that are not plain sentences", odd, odd)
    stray = [name for name, ending in endings.items() if ending.outcome == "stray"]
    latest_s = PATIENCE * limits.timeout_s + _GRACE_S
    late = [name for name, ending in endings.items() if ending.seconds > latest_s]
    over = [name for name, ending in endings.items() if ending.peak_bytes > 1.1 * limits.memory_bytes]
    _list("Without a state with a reason", stray, endings)
    _list("Later than the limit", late, endings)
    _list("More memory than the limit, by over a tenth", over, endings)
    print(f"\n{len(stray)} without a state with a reason, {len(late)} late, {len(over)} over their memory")
    return 1 if stray or late or over else 0


def _list(title: str, names: Iterable[str], endings: dict[str, Ending]) -> None:
    found = list(names)
    print(f"\n{title}: {len(found)}")
    for name in found[:_LIST_SHOWN]:
        print(f"  {name}: {endings[name].outcome} {endings[name].reason}")
    if len(found) > _LIST_SHOWN:
        print(f"  and {len(found) - _LIST_SHOWN} more")


def _general(reason: str) -> str:
    return re.sub(r"\d[\d,.]*\d|\d", "N", re.sub("“.*”", "“…”", reason, flags=re.DOTALL))


if __name__ == "__main__":
    sys.exit(main())
