"""Seconds from dropping a thousand mixed real files to finding what stands in the last of them.

    python benchmarks/dropping.py FOLDER... [--files 1000] [--largest-kb 400]

Copies files below each FOLDER in turns, and behind all others by name a short text about leave. Then the copy is added
as a drop adds it. Prints a line at each of these moments: the first passage of any file is found by words; the words of
the last file are found; a question that shares no word with it finds it by meaning; everything that is not a picture of
text is ready. Asked every tenth of a second, in the same process.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psutil
from killing import copy_files

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import data_paths
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import DocumentState, SearchMode

_LAST = "zz/zz last.txt"
_TEXT = "Unused vacation days of the quokka keepers lapse at the end of March of the following year."
_WORD, _QUESTION = "quokka", "When do employees lose their leftover holidays?"
_COMMON = "the of and to in a is that for it as was with be by on not are this have from or had which one you"
_POLL_S = 0.1


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--largest-kb", type=int, default=400)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="readingroom-dropping-") as scratch:
        folder = Path(scratch) / "documents"
        copy_files(arguments.folders, folder, arguments.files - 1, arguments.largest_kb * 1024)
        last = folder / _LAST
        last.parent.mkdir()
        last.write_text(_TEXT, encoding="utf-8")
        with open_runtime(data_paths(Path(scratch) / "data")) as room:
            room.services.recognise.hold()
            workspace_id = room.services.workspaces.create("Dropped").id
            room.start_indexing()
            room.services.retrieve.warm(workspace_id)
            drop(room, workspace_id, folder, last)


def drop(room: Runtime, workspace_id: WorkspaceId, folder: Path, last: Path) -> None:
    """Add the folder and print what was found when."""
    began = time.monotonic()
    room.services.sources.add(workspace_id, [folder], watch=False)

    def finds_last(words: str, mode: SearchMode) -> bool:
        found = room.services.retrieve.search(workspace_id, words, limit=3, mode=mode)
        return any(passage.path == last for passage in found)

    moments: dict[str, Callable[[], bool]] = {
        "first hit": lambda: bool(
            room.services.retrieve.search(workspace_id, _COMMON, mode=SearchMode.WORDS)
        ),
        "last file by words": lambda: finds_last(_WORD, SearchMode.WORDS),
        "last file by meaning": lambda: finds_last(_QUESTION, SearchMode.MEANING),
        "all ready": lambda: not room.catalog.has_pending_work(),
    }
    peak = 0
    while moments:
        for name in [name for name, reached in moments.items() if reached()]:
            del moments[name]
            print(json.dumps({"moment": name, "seconds": round(time.monotonic() - began, 1)}), flush=True)
        peak = max(peak, _memory_bytes())
        time.sleep(_POLL_S)
    states = {
        state.value: count
        for source in room.catalog.sources(workspace_id)
        for state, (count, _) in room.catalog.state_counts(source.id).items()
    }
    chunks = room.catalog.chunk_counts(workspace_id)[1]
    assert DocumentState.QUEUED.value not in states
    print(json.dumps({"states": states, "chunks": chunks, "peak_mb_all_processes": round(peak / 2**20)}))


def _memory_bytes() -> int:
    """Proportional set size of this process and its children: shared pages are counted once."""
    total = 0
    for process in (psutil.Process(), *psutil.Process().children(recursive=True)):
        try:
            full = process.memory_full_info()
        except psutil.Error:  # ended meanwhile
            continue
        total += getattr(full, "pss", full.uss)
    return total


if __name__ == "__main__":
    main()
