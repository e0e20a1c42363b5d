"""Reads files through the real ingest child and notes how each ended: outcome, reason, time, memory."""

import contextlib
import re
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.errors import ReadFailure, WorkerCrashed, WorkerOutOfMemory, WorkerTimedOut
from readingroom.core.extraction import ExtractedDocument, FileRef, Member, ReadLimits
from readingroom.worker.reading import ReadWorker

_SAMPLE_S = 0.05
_MEMBERS_READ = 3
_UNWANTED = frozenset({"stray", "WorkerCrashed", "WorkerTimedOut", "WorkerOutOfMemory"})
_QUOTED = re.compile('[“"‘].*[”"’]', re.DOTALL)
_TECHNICAL = re.compile(
    r"traceback|exception|\berrno\b|error\(|\b[A-Za-z]+Error\b|0x[0-9a-f]{4}|\bNoneType\b|::|[{}\[\]\\]"
)


@dataclass(frozen=True, slots=True)
class Ending:
    """How reading one file ended."""

    outcome: str
    """`text`, `no text`, or the failure's kind in plain letters; `stray` for what is no state with a reason."""
    reason: str
    seconds: float
    peak_bytes: int
    """Of the child while it read."""
    odd: tuple[str, ...] = ()
    """Reasons and notes that are not plain sentences."""


class WatchedReader:
    """A reading child with bounds on time and memory, as the program has it. Close it."""

    def __init__(self, data_dir: Path, limits: ReadLimits) -> None:
        self._limits = limits
        self._worker = ReadWorker(data_dir, memory_limit_bytes=limits.memory_bytes)
        self._peak_bytes = 0
        self._closed = threading.Event()
        self._sampler = threading.Thread(target=self._sample, daemon=True)
        self._sampler.start()
        # The child's own start is not to count as the first file's time.
        data_dir.mkdir(parents=True, exist_ok=True)
        first = data_dir / "first.txt"
        first.write_text("Nothing.", encoding="utf-8")
        self._read_one(FileRef(first))

    def read(self, path: Path) -> Ending:
        """Read a file, and the first documents inside it; the worst ending of them stands for all."""
        ending, members = self._read_one(FileRef(path))
        for member in members[:_MEMBERS_READ]:
            inside, _ = self._read_one(FileRef(path, member.locator))
            worse = inside if inside.outcome in _UNWANTED and ending.outcome != "stray" else ending
            ending = Ending(
                worse.outcome,
                worse.reason,
                max(ending.seconds, inside.seconds),
                max(ending.peak_bytes, inside.peak_bytes),
                ending.odd + inside.odd,
            )
        return ending

    def close(self) -> None:
        self._closed.set()
        self._sampler.join()
        self._worker.close()

    def _read_one(self, file: FileRef) -> tuple[Ending, tuple[Member, ...]]:
        self._forget_peak()
        began = time.monotonic()
        document: ExtractedDocument | None = None
        try:
            document = self._worker.read(
                file, embedding_model=BUNDLED_EMBEDDING_MODEL, limits=self._limits
            ).document
            outcome = "text" if document.text.strip() else "no text"
            reason = ""
        except (ReadFailure, WorkerCrashed, WorkerTimedOut, WorkerOutOfMemory) as error:
            outcome, reason = type(error).__name__, str(error)
            if not reason.strip() or "failed unexpectedly" in reason or "makes no sense" in reason:
                outcome = "stray"
        except Exception as error:  # noqa: BLE001  (this is what is looked for)
            outcome, reason = "stray", f"{type(error).__name__}: {error}"
        seconds = time.monotonic() - began
        said = [reason] if reason else []
        said += document.notes if document is not None else ()
        odd = tuple(sentence for sentence in said if not plain(sentence))
        members = document.members if document is not None else ()
        return Ending(outcome, reason, seconds, self._peak(), odd), members

    def _sample(self) -> None:
        while not self._closed.wait(_SAMPLE_S):
            self._peak()

    def _peak(self) -> int:
        """The largest resident size since `_forget_peak`: what the system noted, where it does, or was sampled."""
        pid = self._worker.child.pid
        if pid is not None:
            with contextlib.suppress(OSError, psutil.Error, StopIteration, ValueError):
                self._peak_bytes = max(self._peak_bytes, psutil.Process(pid).memory_info().rss)
                status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
                line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
                self._peak_bytes = max(self._peak_bytes, int(line.split()[1]) * 1024)
        return self._peak_bytes

    def _forget_peak(self) -> None:
        self._peak_bytes = 0
        if (pid := self._worker.child.pid) is not None:
            with contextlib.suppress(OSError):
                Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def plain(sentence: str) -> bool:
    """Whether it reads like a sentence for a person: begins and ends like one, quotes no machinery."""
    bare = _QUOTED.sub("“”", sentence).strip()
    ends = bare.endswith((".", "!", "?", "”"))
    return bool(bare) and not bare[0].islower() and ends and not _TECHNICAL.search(bare)
