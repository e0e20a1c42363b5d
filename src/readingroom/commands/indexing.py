"""`add`, `sync` and `reindex`: work that goes on until everything is current."""

import argparse
import signal
import sys
import threading
import time
from dataclasses import replace

from readingroom.commands.output import ProgressBar, emit, minutes, rounded
from readingroom.commands.runtime import runtime
from readingroom.composition import Runtime
from readingroom.core.cancellation import CancelToken
from readingroom.core.counting import count_words
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import DocumentState, IngestCounts, SourceState
from readingroom.core.recognition import RecognitionStatus
from readingroom.services.sources import added_up

_SETTLE_S = 0.3
_LOOK_S = 0.5
"""How long an interruption waits at most."""
_FAILED = frozenset({DocumentState.FAILED, DocumentState.QUARANTINED})


def add(arguments: argparse.Namespace) -> int:
    """Add sources, read and index them; 1 where a file failed."""
    with runtime(arguments) as room:
        _hold_recognition(arguments, room)
        workspace = room.services.workspaces.get_or_create(arguments.workspace)
        started = time.monotonic()
        sources = room.services.sources.link(workspace.id, arguments.paths)
        found = IngestCounts()
        for source in sources:
            if source.state is SourceState.PAUSED:
                room.services.sources.resume(source.id)
            found = added_up(found, room.services.sources.reconcile(source.id))
        done = _index(room, workspace.id)
        room.services.backups.back_up_if_due()
        total = replace(added_up(found, done), seconds=time.monotonic() - started)
        return _report(arguments, room, total, sync=False, workspace_id=workspace.id)


def sync(arguments: argparse.Namespace) -> int:
    """Reconcile every source; with `--watch` stay and follow."""
    with runtime(arguments) as room:
        _hold_recognition(arguments, room)
        name = arguments.workspace
        workspace_id = room.services.workspaces.get(name).id if name else None
        if arguments.watch:
            return _follow(arguments, room, workspace_id)
        started = time.monotonic()
        found = room.services.sources.reconcile_all(workspace_id)
        found = added_up(found, _answer_vanished(arguments, room, workspace_id))
        total = replace(added_up(found, _index(room, workspace_id)), seconds=time.monotonic() - started)
        room.services.backups.back_up_if_due()
        return _report(arguments, room, total, sync=True, workspace_id=workspace_id)


def reindex(arguments: argparse.Namespace) -> int:
    """Build a new index beside the old one and switch when it is complete."""
    with runtime(arguments) as room:
        workspace = room.services.workspaces.get(arguments.workspace)
        started = time.monotonic()
        room.services.models.change_embedding_model(workspace.id, arguments.embedding_model)
        total = replace(_index(room, workspace.id), seconds=time.monotonic() - started)
        return _report(arguments, room, total, sync=False, workspace_id=workspace.id)


def _answer_vanished(
    arguments: argparse.Namespace, room: Runtime, workspace_id: WorkspaceId | None
) -> IngestCounts:
    """Do with what vanished as the person says, or ask what that is."""
    total = IngestCounts()
    ids = [workspace_id] if workspace_id else [workspace.id for workspace in room.services.workspaces.list()]
    for source in [source for id_ in ids for source in room.services.sources.sources(id_) if source.vanished]:
        if arguments.vanished == "remove":
            gone = room.services.sources.confirm_removal(source.id)
            total = added_up(total, IngestCounts(removed=gone))
        elif arguments.vanished == "keep":
            room.services.sources.keep_vanished(source.id)
        else:
            print(
                f"readingroom: {source.vanished:,} documents of {source.path} are gone all at once; they stay searchable"
                " until you say `readingroom sync --vanished remove` or `--vanished keep`.",
                file=sys.stderr,
            )
    return total


def _index(room: Runtime, workspace_id: WorkspaceId | None) -> IngestCounts:
    """Work until all is current; returns what was done."""
    before = room.services.ingest.counts()
    bar = ProgressBar()
    recognise = room.services.recognise
    forget = recognise.beginning.subscribe(
        lambda _: bar.say(_recognition_ahead(recognise.status(workspace_id)))
    )
    room.start_indexing()

    def tick() -> None:
        ids = (
            [workspace_id]
            if workspace_id
            else [workspace.id for workspace in room.services.workspaces.list()]
        )
        bar.show(
            [one for id_ in ids for one in room.services.ingest.progress(id_)], recognise.status(workspace_id)
        )

    try:
        room.services.ingest.wait_until_idle(workspace_id, cancel=CancelToken(), tick=tick)
    finally:
        forget()
        bar.close()
    return since(before, room.services.ingest.counts())


def _hold_recognition(arguments: argparse.Namespace, room: Runtime) -> None:
    if arguments.no_recognise:
        room.services.recognise.hold()


def _recognition_ahead(status: RecognitionStatus) -> str:
    """What is to be recognised and how long that takes; empty where nothing is."""
    if not status.pages_left:
        return ""
    pages = count_words(status.pages_left, "page")
    documents = count_words(status.documents, "document")
    verb = "has" if status.pages_left == 1 else "have"
    return f"{pages} in {documents} {verb} no text; recognising it takes about {minutes(status.seconds_left)}"


def since(before: IngestCounts, after: IngestCounts) -> IngestCounts:
    """What came on top."""
    return IngestCounts(
        *(getattr(after, name) - getattr(before, name) for name in IngestCounts.__dataclass_fields__)
    )


def _follow(arguments: argparse.Namespace, room: Runtime, workspace_id: WorkspaceId | None) -> int:
    """Print an object after each settled burst of changes, until interrupted."""
    changed = threading.Event()
    lock = threading.Lock()
    pending = [IngestCounts()]

    def settled(counts: IngestCounts) -> None:
        with lock:
            pending[0] = added_up(pending[0], counts)
        changed.set()

    room.services.sources.settled.subscribe(settled)
    before = room.services.ingest.counts()
    room.start_indexing()
    room.start_following()
    room.start_keeping_copies()
    started = time.monotonic()
    interruption = Interruption()
    while True:
        while not changed.wait(_LOOK_S):
            interruption.raise_if_asked()
        # Further bursts join this one while there is work.
        while changed.is_set():
            changed.clear()
            room.services.ingest.wait_until_idle(
                workspace_id, cancel=CancelToken(), tick=interruption.raise_if_asked
            )
            changed.wait(_SETTLE_S)
        interruption.raise_if_asked()
        with lock:
            found, pending[0] = pending[0], IngestCounts()
        after = room.services.ingest.counts()
        total = replace(added_up(found, since(before, after)), seconds=time.monotonic() - started)
        before = after
        if (
            total.indexed
            or total.removed
            or total.moved
            or total.failed
            or total.skipped
            or total.offline
            or not arguments.json
        ):
            _print_counts(arguments, total, sync=True)
        started = time.monotonic()


class Interruption:
    """Ctrl+C and SIGTERM noted, and raised as `KeyboardInterrupt` only where nothing is held.

    Raised wherever the main thread happens to be it may leave a lock taken that another thread waits for, or be lost in a
    destructor; the program then never ended.
    """

    def __init__(self) -> None:
        self._asked = False
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._note)

    def raise_if_asked(self) -> None:
        """Raise `KeyboardInterrupt` where the person wants to end; once more interrupts at once."""
        if self._asked:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            raise KeyboardInterrupt

    def _note(self, _signal: int, _frame: object) -> None:
        self._asked = True


def _report(
    arguments: argparse.Namespace,
    room: Runtime,
    total: IngestCounts,
    *,
    sync: bool,
    workspace_id: WorkspaceId | None,
) -> int:
    _print_counts(arguments, total, sync=sync)
    if not total.failed:
        return 0
    ids = [workspace_id] if workspace_id else [workspace.id for workspace in room.services.workspaces.list()]
    failed = [d for id_ in ids for d in room.services.documents.list(id_) if d.state in _FAILED]
    example = f" First: {failed[0].path}: {failed[0].reason}" if failed else ""
    files = count_words(total.failed, "file")
    print(
        f"readingroom: {files} could not be read; `readingroom documents` says why.{example}",
        file=sys.stderr,
    )
    return 1


def _print_counts(arguments: argparse.Namespace, counts: IngestCounts, *, sync: bool) -> None:
    if arguments.json:
        emit(rounded(counts, sync=sync))
        return
    files = count_words(counts.found, "file")
    line = (
        f"{files} found: {counts.indexed} indexed, {counts.unchanged} unchanged, {counts.skipped} skipped, "
        f"{counts.failed} failed; {count_words(counts.chunks, 'passage')}, {counts.embedded} embedded, {counts.reused} reused; "
        f"{counts.seconds:.1f} s"
    )
    if sync:
        line += f"; {counts.removed} removed, {counts.moved} moved, {counts.offline} offline"
    print(line, flush=True)
