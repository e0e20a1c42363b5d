"""`workspace export`, `workspace import` and `relink`."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from shlex import quote
from typing import Any

from readingroom.commands.output import printer
from readingroom.commands.runtime import runtime
from readingroom.composition import Runtime
from readingroom.core.cancellation import CancelToken
from readingroom.core.counting import count_words
from readingroom.core.errors import FolderDiffers, SourceNotFound, UserFixableError
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import IngestCounts, Source
from readingroom.core.portable import SUFFIX
from readingroom.services.portability import Exported, Imported, Transfer
from readingroom.services.sources import added_up


def export(arguments: argparse.Namespace) -> int:
    """Write a workspace to a file; a name without a suffix gets ours."""
    with runtime(arguments) as room:
        started = time.monotonic()
        workspace = room.services.workspaces.get(arguments.name)
        path = (
            arguments.file
            if arguments.file.suffix
            else arguments.file.with_name(arguments.file.name + SUFFIX)
        )
        work = room.services.portability.export(workspace.id, path.absolute(), cancel=CancelToken())
        done = _followed(work, "Writing")
        assert isinstance(done, Exported)  # noqa: S101  (the last of an export)
        show = printer(arguments.json, _exported_line)
        show(asdict(done) | {"seconds": round(time.monotonic() - started, 2)})
    return 0


def import_(arguments: argparse.Namespace) -> int:
    """Make a workspace of a file and index it from what came with it."""
    with runtime(arguments) as room:
        started = time.monotonic()
        room.services.portability.clean_up()
        work = room.services.portability.import_(
            arguments.file.absolute(), cancel=CancelToken(), name=arguments.name
        )
        done = _followed(work, "Importing")
        assert isinstance(done, Imported)  # noqa: S101  (the last of an import)
        counts = _index(room, done.workspace_id)
        sources = room.services.sources.sources(done.workspace_id)
        show = printer(arguments.json, _imported_line)
        show(
            {
                "id": done.workspace_id,
                "name": done.name,
                "documents": done.documents,
                "chunks": done.chunks,
                "threads": done.threads,
                "embedding_model": done.embedding_model,
                "model_missing": done.model_missing,
                "sources": [source.path for source in sources],
                "embedded": counts.embedded,
                "reused": counts.reused,
                "seconds": round(time.monotonic() - started, 2),
            }
        )
        for source in sources:
            _note(
                f"“{source.path.name}” is searchable; to follow it here: "
                f"readingroom relink -w {quote(done.name)} {quote(source.path.name)} FOLDER"
            )
        if done.model_missing:
            _note(
                f"The embedding model {done.embedding_model} is not on this computer, so searches go by words alone. "
                "Download it in Settings, under Models."
            )
    return 0


def relink(arguments: argparse.Namespace) -> int:
    """Point a source at another place, then compare it with what is there."""
    with runtime(arguments) as room:
        started = time.monotonic()
        workspace = room.services.workspaces.get(arguments.workspace)
        source = _source(room.services.sources.sources(workspace.id), arguments.old)
        try:
            done = room.services.sources.relink(source.id, arguments.new, confirmed=arguments.force)
        except FolderDiffers as error:
            raise FolderDiffers(
                str(error), hint=f"{error.hint} With --force it is linked all the same."
            ) from None
        found = IngestCounts()
        for one in (done.source, *done.also):
            found = added_up(found, room.services.sources.reconcile(one.id))
        counts = added_up(found, _index(room, workspace.id))
        show = printer(arguments.json, _relinked_line)
        show(
            {
                "from": done.former,
                "to": done.source.path,
                "also": [one.path for one in done.also],
                "documents": done.documents,
                "unchanged": counts.unchanged,
                "moved": counts.moved,
                "removed": counts.removed,
                "embedded": counts.embedded,
                "reused": counts.reused,
                "seconds": round(time.monotonic() - started, 2),
            }
        )
    return 0


def _source(sources: Sequence[Source], named: str) -> Source:
    """By its path, else by its name where only one is called so. Raises `SourceNotFound`."""
    path = Path(named).expanduser().absolute()
    found = [one for one in sources if one.path == path] or [one for one in sources if one.path.name == named]
    if len(found) == 1:
        return found[0]
    several = f"More than one folder is called “{named}”." if found else f"No folder is linked as “{named}”."
    known = ", ".join(str(one.path) for one in found or sources)
    raise SourceNotFound(several, hint=f"There are: {known}." if known else "This workspace has none.")


def _followed(work: Iterator[Transfer], words: str) -> Exported | Imported | None:
    """Run it to its end under a bar, where somebody watches."""
    from tqdm import tqdm

    result = None
    with tqdm(desc=words, file=sys.stderr, disable=not sys.stderr.isatty(), leave=False) as bar:
        for step in work:
            bar.total, bar.n, result = step.total, step.done, step.result
            bar.refresh()
    return result


def _index(room: Runtime, workspace_id: WorkspaceId) -> IngestCounts:
    """Index what is owed; trouble with it is said and no failure: the workspace is there."""
    room.start_indexing()
    try:
        room.services.ingest.wait_until_idle(workspace_id, cancel=CancelToken(), tick=lambda: None)
    except UserFixableError as error:
        _note(f"{error} {error.hint}".strip())
    return room.services.ingest.counts()


def _note(text: str) -> None:
    print(f"readingroom: {text}", file=sys.stderr)


def _held(value: dict[str, Any]) -> str:
    nouns = {"documents": "document", "chunks": "passage", "threads": "thread"}
    return ", ".join(count_words(value[name], noun) for name, noun in nouns.items())


def _exported_line(value: dict[str, Any]) -> str:
    return f"{value['path']}: {_held(value)}; {value['size_bytes'] / 1e6:.1f} MB; {value['seconds']:.1f} s"


def _imported_line(value: dict[str, Any]) -> str:
    return (
        f"{value['name']}: {_held(value)}; "
        f"{value['embedded']} embedded, {value['reused']} reused; {value['seconds']:.1f} s"
    )


def _relinked_line(value: dict[str, Any]) -> str:
    also = f"; also {', '.join(map(str, value['also']))}" if value["also"] else ""
    return (
        f"{value['to']}: {count_words(value['documents'], 'document')}, {value['unchanged']} unchanged, "
        f"{value['embedded']} embedded; {value['seconds']:.1f} s{also}"
    )
