"""The list of embedding models and their download, in children; one goes online only to download."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import EmbeddingModelUnavailable, WorkerCrashed, WorkerFailure, WorkerTimedOut
from readingroom.core.models import DownloadProgress, EmbeddingModel
from readingroom.worker.process import Bounds, ChildProcess
from readingroom.worker.protocol import Frame
from readingroom.worker.serving import Handler, Request, Send

ROLE = "models"

_BOUNDS = Bounds(stall_s=60.0)
_TRIAL_BOUNDS = Bounds(stall_s=300.0)
"""To load a large model from a slow disk."""
_TRIAL_MEMORY_BYTES = 6 * 1024 * 1024 * 1024
"""A file chosen by a person may be made to take all there is."""
_PROGRESS_S = 0.1


class HostedEmbeddingModels:
    """The `EmbeddingModels` port over child processes that end when they have answered.

    A list waits for no download: each call has a child of its own. Cancelling ends the child, whatever the
    network does at that moment.
    """

    def __init__(self, data_dir: Path, known: Sequence[EmbeddingModel] = ()) -> None:
        """`known` are described without asking: the bundled one, which every start needs."""
        self._data_dir = data_dir
        self._known = {model.name: model for model in known}

    def list(self) -> Sequence[EmbeddingModel]:
        """See `EmbeddingModels.list`. Takes a second: fastembed is imported for it."""
        return [_model(entry) for entry in self._ask(Frame({"call": "list"}))["models"]]

    def describe(self, name: str) -> EmbeddingModel:
        """See `EmbeddingModels.describe`."""
        if name in self._known:
            return self._known[name]
        return _model(self._ask(Frame({"call": "describe", "name": name}))["model"])

    def download(self, name: str, *, cancel: CancelToken) -> Iterator[DownloadProgress]:
        """See `EmbeddingModels.download`."""
        child = ChildProcess(ROLE, self._data_dir, online=True)
        request = Frame({"call": "download", "name": name})
        try:
            for frame in child.stream([request], bounds=_BOUNDS, cancel=cancel):
                if frame.header.get("is") == "progress":
                    yield DownloadProgress(
                        int(frame.header["done_bytes"]), int(frame.header["total_bytes"]), name
                    )
        except WorkerTimedOut as error:
            raise EmbeddingModelUnavailable(
                f"The embedding model {name} could not be downloaded: the model hub does not answer.",
                hint="Check the connection to the internet and try again.",
            ) from error
        except WorkerFailure as error:
            raise EmbeddingModelUnavailable(
                f"The embedding model {name} could not be downloaded: {error}", hint="Try the download again."
            ) from error
        finally:
            child.close()

    def add(self, folder: Path) -> EmbeddingModel:
        """See `EmbeddingModels.add`."""
        child = ChildProcess(ROLE, self._data_dir, memory_limit_bytes=_TRIAL_MEMORY_BYTES)
        try:
            answer = child.call([Frame({"call": "add", "folder": os.fsdecode(folder)})], bounds=_TRIAL_BOUNDS)
            return _model(answer.header["model"])
        except WorkerFailure as error:
            raise EmbeddingModelUnavailable(
                f"No embedding model was taken from {folder.name}: {error}", hint="Choose another folder."
            ) from error
        finally:
            child.close()

    def _ask(self, request: Frame) -> dict[str, Any]:
        child = ChildProcess(ROLE, self._data_dir)
        try:
            return dict(child.call([request], bounds=_BOUNDS).header)
        finally:
            child.close()


def _model(entry: dict[str, Any]) -> EmbeddingModel:
    try:
        # Of JSON a tuple comes back as a list.
        return EmbeddingModel(**entry | {"shorter": tuple(entry.get("shorter", ()))})
    except TypeError as error:
        raise WorkerCrashed(f"The {ROLE} process gave an answer that makes no sense.") from error


def handlers(
    list_models: Callable[[], Sequence[EmbeddingModel]],
    describe_model: Callable[[str], EmbeddingModel],
    fetch_model: Callable[[str, Callable[[int, int], None]], None],
    add_model: Callable[[Path, Callable[[], None]], EmbeddingModel],
) -> dict[str, Handler]:
    """Make the child's handlers."""

    def list_all(_request: Request, _send: Send) -> Frame:
        return Frame({"models": [asdict(model) for model in list_models()]})

    def describe(request: Request, _send: Send) -> Frame:
        return Frame({"model": asdict(describe_model(request.header["name"]))})

    def download(request: Request, send: Send) -> Frame:
        sent_at = 0.0

        def on_bytes(done_bytes: int, total_bytes: int) -> None:
            nonlocal sent_at
            now = time.monotonic()
            if now - sent_at >= _PROGRESS_S or done_bytes == total_bytes:
                sent_at = now
                send(Frame({"is": "progress", "done_bytes": done_bytes, "total_bytes": total_bytes}))

        fetch_model(request.header["name"], on_bytes)
        return Frame({})

    def add(request: Request, send: Send) -> Frame:
        added = add_model(Path(request.header["folder"]), lambda: send(Frame({"is": "progress"})))
        return Frame({"model": asdict(added)})

    return {"list": list_all, "describe": describe, "download": download, "add": add}
