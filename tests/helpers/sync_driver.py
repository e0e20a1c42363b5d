"""The program without a window, driven by JSON lines: for tests that end it by force.

    python sync_driver.py DATA [--debounce-ms 60] [--root-check-ms 150]

Each line on standard input is a request, each on standard output its answer, in order.
"""

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import DataPaths
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled
from readingroom.core.ids import DocumentId, SourceId
from readingroom.core.models import Document, SearchMode
from readingroom.watching.observer import FolderWatcher

Answer = dict[str, Any]
_WORKSPACE = "Machine"
_NO_WAITING = CancelToken()
_NO_WAITING.cancel()


class Driver:
    """Answers requests on one data folder."""

    def __init__(self, room: Runtime) -> None:
        self._room = room
        self._workspace = room.services.workspaces.get_or_create(_WORKSPACE).id
        self.requests: dict[str, Callable[[Answer], Answer]] = {
            "link": self._link,
            "state": self._state,
            "search": self._search,
            "confirm": self._confirm,
            "reconcile": self._reconcile,
        }

    def _link(self, request: Answer) -> Answer:
        self._room.services.sources.add(self._workspace, [Path(path) for path in request["paths"]])
        return {}

    def _state(self, request: Answer) -> Answer:
        """Everything that is to agree with the disk; `busy` alone while there is work, or where `brief` is asked."""
        try:
            self._room.services.ingest.wait_until_idle(None, cancel=_NO_WAITING, tick=lambda: None)
        except Cancelled:
            return {"busy": True}
        if request.get("brief"):
            return {"busy": False}
        sources = self._room.catalog.sources(self._workspace)
        return {
            "busy": False,
            "sources": [{"id": s.id, "path": str(s.path), "state": s.state.value} for s in sources],
            "documents": [self._told(document) for document in self._room.catalog.documents(self._workspace)],
            **self._points(),
            "problem": str(self._room.services.ingest.problem or ""),
            "counts": {
                name: getattr(self._room.services.ingest.counts(), name) for name in ("embedded", "reused")
            },
        }

    def _told(self, document: Document) -> Answer:
        return {
            "id": document.id,
            "path": str(document.path),
            "state": document.state.value,
            "reason": document.reason,
            "hash": document.content_hash,
            "chunks": document.chunks,
            "text": "".join(page.text for page in self._room.catalog.pages(DocumentId(document.id))),
        }

    def _points(self) -> Answer:
        index = self._room.catalog.active_index(self._workspace)
        assert index is not None
        expected = {
            id_
            for batch in self._room.catalog.expected_points(index.id)
            for id_, embedded in batch
            if embedded
        }
        store = self._room.stores.open(index.workspace_id, index.id, index.dimension)
        points = [point for batch in store.ids() for point in batch]
        embedded = [id_ for id_, has_embedding in points if has_embedding]
        return {
            "points": len(points),
            "embedded": len(embedded),
            "missing": sorted(expected - set(embedded)),
            "surplus": sorted({id_ for id_, _ in points} - expected),
        }

    def _search(self, request: Answer) -> Answer:
        return {
            "found": {
                word: [
                    str(passage.path)
                    for passage in self._room.services.retrieve.search(
                        self._workspace, word, limit=100, mode=SearchMode(request.get("mode", "words"))
                    )
                ]
                for word in request["words"]
            }
        }

    def _confirm(self, request: Answer) -> Answer:
        self._room.services.sources.confirm_removal(SourceId(request["source"]))
        return {}

    def _reconcile(self, _request: Answer) -> Answer:
        self._room.services.sources.reconcile_all()
        return {}


def main() -> None:
    """Serve until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--debounce-ms", type=int, default=60)
    parser.add_argument("--root-check-ms", type=int, default=150)
    arguments = parser.parse_args()
    answers = os.fdopen(os.dup(1), "w", encoding="ascii", buffering=1)
    sys.stdout = sys.stderr  # whatever else is printed must not stand between the answers
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    watcher = FolderWatcher(arguments.debounce_ms, root_check_ms=arguments.root_check_ms)
    with open_runtime(DataPaths(arguments.data), watcher=watcher) as room:
        driver = Driver(room)
        room.start_indexing()
        room.start_following()
        print("{}", file=answers)
        for line in sys.stdin:
            request = json.loads(line)
            print(json.dumps(driver.requests[request["do"]](request)), file=answers)


if __name__ == "__main__":
    main()
