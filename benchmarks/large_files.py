"""A PDF of 5,000 pages and a text file of 1 GB, made for the purpose: how soon they can be searched, and what it takes.

    python benchmarks/large_files.py [pdf] [text] [--pages 5000] [--text-mb 1024] [--limit-s 1800]

Each is added to a fresh workspace through the real program without its window, in a process of its own. Measured
from there: seconds until `search` finds a word of the first page, until all its words are searchable, peak resident
size and CPU time of the parent and of each child, and the size of the data folder. It stops there, for embedding goes
on for long; how many passages were embedded by then is said. Text: words of this project's own documents, by how often
they occur, in sentences, paragraphs and numbered sections. Prints a line of JSON for each file.
"""

import argparse
import contextlib
import json
import random
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil

_PROJECT = Path(__file__).resolve().parents[1]
_FIRST_WORD = "zephyranthes"
_POLL_S = 0.1
_BLOCKS = 40
_BLOCK_WORDS = 150_000


def main() -> None:
    arguments = _arguments()
    if arguments.measure:
        print(json.dumps(measure(*arguments.measure, limit_s=arguments.limit_s)))
        return
    with tempfile.TemporaryDirectory(prefix="readingroom-large-") as scratch:
        for kind in arguments.kinds or ("pdf", "text"):
            folder = Path(scratch) / kind
            folder.mkdir()
            began = time.monotonic()
            # Not in this process: what making it takes is not to be inherited by what is measured.
            size = str(arguments.pages if kind == "pdf" else arguments.text_mb)
            path = folder / ("report.pdf" if kind == "pdf" else "report.txt")
            subprocess.run([sys.executable, __file__, "--make", kind, path, size], check=True)
            made = {"file": kind, "size_mb": round(path.stat().st_size / 1e6), "made_s": _since(began)}
            command = [sys.executable, __file__, "--limit-s", str(arguments.limit_s)]
            command += ["--measure", str(path), str(folder / "data")]
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            print(json.dumps(made | json.loads(done.stdout)), flush=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kinds", nargs="*", metavar="KIND")
    parser.add_argument("--pages", type=int, default=5000)
    parser.add_argument("--text-mb", type=int, default=1024)
    parser.add_argument("--limit-s", type=float, default=1800.0)
    parser.add_argument("--measure", nargs=2, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--make", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.make:
        kind, path, size = arguments.make
        (make_pdf if kind == "pdf" else make_text)(Path(path), int(size))
        sys.exit()
    return arguments


def measure(path: Path, data: Path, *, limit_s: float) -> dict[str, object]:
    """Add the file to a new workspace and wait until all its words are searchable, or the time is over."""
    from readingroom.composition import open_runtime
    from readingroom.config.paths import DataPaths
    from readingroom.core.models import SEARCHABLE_STATES, Document, SearchMode

    peaks = _Peaks()
    first_s = words_s = None
    document: Document | None = None
    with open_runtime(DataPaths(data)) as room:
        workspace = room.services.workspaces.create("Large")
        began = time.monotonic()
        room.start_indexing()
        room.services.sources.add(workspace.id, [path], watch=False)
        while words_s is None and time.monotonic() - began < limit_s:
            time.sleep(_POLL_S)
            if first_s is None and _found(room.services.retrieve, workspace.id, SearchMode.WORDS):
                first_s = _since(began)
            document = room.catalog.find_document(workspace.id, path)
            if document is not None and document.state in SEARCHABLE_STATES:
                words_s = _since(began)
            elif document is not None and document.state not in {"queued", "indexing"}:
                break
        ended_s = _since(began)
        index = room.catalog.active_index(workspace.id)
        assert index is not None
        embedded = room.stores.open(workspace.id, index.id, index.dimension, index.precision).count(
            embedded_only=True
        )
        peaks.close()
    return {
        "first_page_found_s": first_s,
        "all_words_s": words_s,
        "ended_s": ended_s,
        "state": document and document.state,
        "reason": document and document.reason,
        "pages": document and document.pages,
        "words": document and document.words,
        "chunks": document and document.chunks,
        "embedded": embedded,
        "peak_mb": peaks.megabytes(),
        "cpu_s": peaks.cpu_s(),
        "data_mb": round(sum(one.stat().st_size for one in data.rglob("*") if one.is_file()) / 1e6),
    }


def _found(retrieve, workspace_id, mode) -> bool:  # type: ignore[no-untyped-def]
    return bool(retrieve.search(workspace_id, _FIRST_WORD, mode=mode, limit=1))


def _since(began: float) -> float:
    return round(time.monotonic() - began, 1)


class _Peaks:
    """Watches this process and its children: the largest resident size of each role, and its CPU time."""

    def __init__(self) -> None:
        self._bytes: Counter[str] = Counter()
        self._cpu_s: dict[tuple[str, int], float] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._thread.join()

    def megabytes(self) -> dict[str, int]:
        """By role; `parent` is this process."""
        return {role: round(size / 1e6) for role, size in sorted(self._bytes.items())}

    def cpu_s(self) -> dict[str, float]:
        """By role, of all its processes."""
        spent: dict[str, float] = {}
        for (role, _pid), seconds in sorted(self._cpu_s.items()):
            spent[role] = round(spent.get(role, 0.0) + seconds, 1)
        return spent

    def _watch(self) -> None:
        while not self._ended.wait(_POLL_S):
            for process in [psutil.Process(), *psutil.Process().children(recursive=True)]:
                with contextlib.suppress(psutil.Error, OSError):
                    if not (role := self._role(process)):
                        continue
                    self._bytes[role] = max(self._bytes[role], _peak_bytes(process))
                    times = process.cpu_times()
                    self._cpu_s[role, process.pid] = times.user + times.system

    @staticmethod
    def _role(process: psutil.Process) -> str:
        if process.pid == psutil.Process().pid:
            return "parent"
        words = process.cmdline()
        if "readingroom.child" in words:
            return words[words.index("readingroom.child") + 1]
        # One that has only just forked, or ended, has no words of its own.
        return Path(words[0]).name if words and words != psutil.Process().cmdline() else ""


def _peak_bytes(process: psutil.Process) -> int:
    """The system's own note of the peak where it keeps one, else the size at this moment."""
    with contextlib.suppress(OSError, StopIteration):
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8", errors="replace")
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return int(process.memory_info().rss)


def make_pdf(path: Path, pages: int) -> None:
    """Pages of running text in 10 points, a heading on each, a bookmark every twenty."""
    import pymupdf

    chance = random.Random(1)
    words, weights = _vocabulary()
    with pymupdf.open() as pdf:
        for number in range(1, pages + 1):
            page = pdf.new_page()
            text = f"The first page names the {_FIRST_WORD}. " if number == 1 else ""
            text += " ".join(_sentences(chance, words, weights, 480))
            page.insert_text((72, 72), f"Section {number}", fontsize=14, fontname="hebo")
            page.insert_textbox((72, 90, 523, 800), text, fontsize=10, fontname="helv")
        pdf.set_toc([[1, f"Chapter {at // 20 + 1}", at] for at in range(1, pages + 1, 20)])
        pdf.save(path, deflate=True)


def make_text(path: Path, megabytes: int) -> None:
    """Numbered sections of paragraphs; a few dozen blocks of text in random order, each under its own number."""
    chance = random.Random(1)
    words, weights = _vocabulary()
    blocks = ["".join(_paragraphs(chance, words, weights)) for _ in range(_BLOCKS)]
    with path.open("w", encoding="utf-8") as file:
        written, number = file.write(f"The first page names the {_FIRST_WORD}.\n\n"), 0
        while written < megabytes * 1024 * 1024:
            number += 1
            written += file.write(f"Section {number}\n\n{chance.choice(blocks)}")


def _paragraphs(chance: random.Random, words: list[str], weights: list[int]) -> Iterator[str]:
    sentences = list(_sentences(chance, words, weights, _BLOCK_WORDS))
    while sentences:
        count = chance.randint(2, 8)
        yield " ".join(sentences[:count]) + "\n\n"
        del sentences[:count]


def _sentences(chance: random.Random, words: list[str], weights: list[int], count: int) -> Iterator[str]:
    drawn = chance.choices(words, weights, k=count)
    while drawn:
        length = chance.randint(5, 25)
        yield " ".join(drawn[:length]).capitalize() + "."
        del drawn[:length]


def _vocabulary() -> tuple[list[str], list[int]]:
    """Words of the project's own documents, and how often they occur there."""
    texts = [_PROJECT / "README.md", _PROJECT / "CHANGELOG.md", *sorted((_PROJECT / "docs").rglob("*.md"))]
    counts = Counter(
        word
        for text in texts
        for word in re.findall(r"[A-Za-z][a-z]+(?:'[a-z]+)?", text.read_text(encoding="utf-8"))
    )
    return list(counts), list(counts.values())


if __name__ == "__main__":
    main()
