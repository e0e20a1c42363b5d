"""What carrying a workspace to another computer costs, beside indexing it there from scratch.

    python benchmarks/portable.py FOLDER...

Each FOLDER becomes a source of a workspace in a fresh data folder, which is indexed through the command line's own
services, asked a question in a thread, exported, and imported into a second data folder. Then copies of the folders,
with other times, are pointed at. The import counts as searchable when a search by words and one by meaning find what
they found before; packing is measured at several levels over the same records.
"""

import argparse
import json
import logging
import os
import resource
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.cancellation import CancelToken
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import SearchMode
from readingroom.services.portability import Exported, Imported

QUERIES = (
    "annual report of the agency",
    "how is the data processed",
    "conditions of the licence",
    "energy and water",
)
LEVELS = (1, 4, 6, 9)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--largest-kb", type=int, default=10**9, help="leave out larger files")
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as scratch:
        top = Path(scratch)
        folders = [
            copied(folder, top / "here" / folder.name, arguments.largest_kb * 1000)
            for folder in arguments.folders
        ]
        file = top / "Papers.readingroom"
        with open_runtime(DataPaths(top / "data")) as room:
            room.services.recognise.hold()
            result, before = exported(room, folders, file)
        (top / "here").rename(top / "gone")
        with open_runtime(DataPaths(top / "elsewhere")) as room:
            room.services.recognise.hold()
            result |= imported(room, file, before)
            result |= relinked(room, top / "gone", top / "there")
        result |= packing(file)
    result["peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(result, indent=1))


def copied(folder: Path, to: Path, largest_bytes: int) -> Path:
    def larger(parent: str, names: list[str]) -> list[str]:
        paths = [Path(parent, name) for name in names]
        return [path.name for path in paths if path.is_file() and path.stat().st_size > largest_bytes]

    return Path(shutil.copytree(folder, to, copy_function=shutil.copy2, ignore=larger))


def exported(room: Runtime, folders: Sequence[Path], file: Path) -> tuple[dict[str, object], list[object]]:
    workspace = room.services.workspaces.create("Papers")
    room.start_indexing()
    began = time.perf_counter()
    room.services.sources.add(workspace.id, folders)
    room.services.ingest.wait_until_idle(workspace.id, cancel=CancelToken(), tick=lambda: None)
    scratch_s = time.perf_counter() - began
    thread = room.services.workspaces.create_thread(workspace.id, "Reports")
    list(room.services.chat.ask(thread.id, QUERIES[0], use_model=False))
    before = hits(room, workspace.id)
    began = time.perf_counter()
    *_, last = room.services.portability.export(workspace.id, file, cancel=CancelToken())
    assert isinstance(last.result, Exported)
    counts = room.services.ingest.counts()
    return {
        "documents": last.result.documents,
        "chunks": last.result.chunks,
        "embeddings": last.result.embeddings,
        "sources_mb": mb(sum(p.stat().st_size for f in folders for p in f.rglob("*") if p.is_file())),
        "data_folder_mb": mb(sum(p.stat().st_size for p in room.paths.root.rglob("*") if p.is_file())),
        "from_scratch_s": round(scratch_s, 2),
        "from_scratch_embedded": counts.embedded,
        "export_s": round(time.perf_counter() - began, 2),
        "file_mb": mb(last.result.size_bytes),
    }, before


def imported(room: Runtime, file: Path, before: list[object]) -> dict[str, object]:
    room.start_indexing()
    began = time.perf_counter()
    *_, last = room.services.portability.import_(file, cancel=CancelToken())
    assert isinstance(last.result, Imported)
    visible_s = time.perf_counter() - began
    room.services.ingest.wait_until_idle(last.result.workspace_id, cancel=CancelToken(), tick=lambda: None)
    after = hits(room, last.result.workspace_id)
    searchable_s = time.perf_counter() - began
    counts = room.services.ingest.counts()
    return {
        "import_s": round(visible_s, 2),
        "import_to_searchable_s": round(searchable_s, 2),
        "import_embedded": counts.embedded,
        "import_reused": counts.reused,
        "import_indexed_by_reading": counts.indexed,
        "same_hits": f"{sum(a == b for a, b in zip(before, after, strict=True))} of {len(before)}",
    }


def relinked(room: Runtime, gone: Path, there: Path) -> dict[str, object]:
    """Everything lies elsewhere now, and every file bears today's date."""
    shutil.copytree(gone, there, copy_function=shutil.copyfile)
    (workspace,) = room.services.workspaces.list()
    first, *_ = room.services.sources.sources(workspace.id)
    before = room.services.ingest.counts()
    began = time.perf_counter()
    done = room.services.sources.relink(first.id, there / first.path.name)
    relink_s = time.perf_counter() - began
    for source in (done.source, *done.also):
        room.services.sources.reconcile(source.id)
    room.services.ingest.wait_until_idle(workspace.id, cancel=CancelToken(), tick=lambda: None)
    counts = room.services.ingest.counts()
    return {
        "relink_s": round(relink_s, 2),
        "relink_to_current_s": round(time.perf_counter() - began, 2),
        "relinked_sources": 1 + len(done.also),
        "relink_unchanged": counts.unchanged - before.unchanged,
        "relink_cut_again": counts.chunks - before.chunks,
        "relink_embedded": counts.embedded - before.embedded,
        "offline_left": sum(not s.path.exists() for s in room.services.sources.sources(workspace.id)),
    }


def hits(room: Runtime, workspace_id: WorkspaceId) -> list[object]:
    return [
        [(p.path.name, p.start, p.end) for p in room.services.retrieve.search(workspace_id, query, mode=mode)]
        for mode in SearchMode
        for query in QUERIES
    ]


def packing(file: Path) -> dict[str, object]:
    """Bytes and seconds of the parts by level of compression."""
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    told: dict[str, object] = {f"{name}_mb": mb(len(data)) for name, data in parts.items()}
    for name in ("documents.jsonl", "embeddings.bin"):
        for level in LEVELS:
            began = time.process_time()
            size = len(zlib.compress(parts[name], level))
            told[f"{name}_level_{level}"] = f"{mb(size)} MB, {time.process_time() - began:.1f} s"
    return told


def mb(size: int) -> float:
    return round(size / 1e6, 2)


if __name__ == "__main__":
    os.nice(5)
    main()
