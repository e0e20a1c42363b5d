"""Building what a large index needs in a child of its own, so that the index child answers meanwhile: both sides."""

from collections.abc import Callable
from pathlib import Path

from readingroom.core.cancellation import CancelToken
from readingroom.core.ids import IndexId, WorkspaceId
from readingroom.worker.process import Bounds, ChildProcess
from readingroom.worker.protocol import Frame
from readingroom.worker.serving import Handler, Request, Send

ROLE = "optimise"

_BOUNDS = Bounds(stall_s=12 * 3600.0)
"""The engine tells nothing while it builds: a million points take the better part of an hour on one old core."""

Work = Callable[[WorkspaceId, IndexId], None]


class Optimiser:
    """Works on the copy of one index's shard. Ended whenever it has nothing to do: it would hold memory for nothing."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self.child = ChildProcess(ROLE, data_dir)

    def copy(self, workspace_id: WorkspaceId, index_id: IndexId, cancel: CancelToken | None) -> None:
        """Copy the shard in use. Raises `DiskFull`, `WorkerFailure`, `Cancelled`."""
        self._call("copy", workspace_id, index_id, cancel)

    def build(self, workspace_id: WorkspaceId, index_id: IndexId, cancel: CancelToken | None) -> None:
        """Build the copy. Raises `WorkerFailure`, `Cancelled`."""
        self._call("build", workspace_id, index_id, cancel)

    def sweep(self, workspace_id: WorkspaceId, index_id: IndexId) -> None:
        """Delete what is no longer used."""
        self._call("sweep", workspace_id, index_id, None)

    def rest(self) -> None:
        """End the child; the next call starts another."""
        self.child.close()
        self.child = ChildProcess(ROLE, self._data_dir)

    def close(self) -> None:
        """End the child for good, at once when it is at work."""
        self.child.close()

    def _call(
        self, call: str, workspace_id: WorkspaceId, index_id: IndexId, cancel: CancelToken | None
    ) -> None:
        request = Frame({"call": call, "store": [workspace_id, index_id]})
        self.child.call([request], bounds=_BOUNDS, cancel=cancel)


def handlers(copy: Work, build: Work, sweep: Work) -> dict[str, Handler]:
    """Make the child's handlers."""

    def serving(work: Work) -> Handler:
        def handle(request: Request, _send: Send) -> Frame:
            workspace, index = request.header["store"]
            work(WorkspaceId(workspace), IndexId(index))
            return Frame({})

        return handle

    return {"copy": serving(copy), "build": serving(build), "sweep": serving(sweep)}
