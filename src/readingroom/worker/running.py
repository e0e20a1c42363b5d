"""One live child process: its pipes, the threads that serve them, and its end."""

import contextlib
import logging
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import BinaryIO, cast

import readingroom
from readingroom.core.errors import WorkerCrashed
from readingroom.worker.protocol import Frame, ProtocolBroken, read_frame, write_frame

log = logging.getLogger(__name__)

_FRAMES_AHEAD = 64
"""Of small frames some 16 MB; past that the pipe fills and the child waits."""

_LAST_LINES = 30
_LONGEST_LINE = 2000


class RunningChild:
    """A started process. It ends for good: start another for the next request."""

    def __init__(
        self,
        role: str,
        data_dir: Path,
        *,
        online: bool,
        memory_limit_bytes: int | None,
        arguments: Sequence[str],
    ) -> None:
        """Start it. Raises `WorkerCrashed` when the system refuses."""
        self._role = role
        self._frames: queue.Queue[Frame] = queue.Queue(_FRAMES_AHEAD)
        self._outbox: queue.SimpleQueue[Sequence[Frame] | None] = queue.SimpleQueue()
        self._unwanted = threading.Event()
        self._gone = threading.Event()
        self._lines: deque[str] = deque(maxlen=_LAST_LINES)
        self.broken = ""
        """Why the answer could not be understood; empty when it could."""
        command = _command(role, data_dir, memory_limit_bytes, arguments)
        started: Future[subprocess.Popen[bytes]] = Future()
        # The system may tie a child's life to the thread that started it (PR_SET_PDEATHSIG), so it is started
        # by the one thread that lives exactly as long as the child: the one that reads from it.
        self._reader = threading.Thread(
            target=self._read,
            args=(command, _environment(online=online), started),
            name=f"{role}-reader",
            daemon=True,
        )
        self._reader.start()
        try:
            self._process = started.result()
        except OSError as error:
            raise WorkerCrashed(f"The {role} process cannot be started: {error.strerror}.") from error

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether it can take a request."""
        return not self._unwanted.is_set() and not self._gone.is_set()

    @property
    def ended(self) -> bool:
        """Whether it is gone and all that it sent was received."""
        return self._gone.is_set() and self._frames.empty()

    @property
    def returncode(self) -> int:
        """As `subprocess` has it; only once it ended."""
        return cast("int", self._process.returncode)

    def send(self, frames: Sequence[Frame]) -> None:
        """Send in the background: a child that does not read must not hold up the caller."""
        self._outbox.put(frames)

    def receive(self, timeout_s: float) -> Frame | None:
        """Take the next frame; None when there is none in time."""
        if self._gone.is_set():
            timeout_s = 0.0
        with contextlib.suppress(queue.Empty):
            return self._frames.get(timeout=timeout_s) if timeout_s else self._frames.get_nowait()
        return None

    def last_words(self) -> str:
        """Give the last lines it wrote to its standard error, a fault's stack among them."""
        return "\n".join(self._lines)

    def kill(self) -> None:
        """End it at once and wait until it is gone."""
        self._unwanted.set()
        self._process.kill()
        self.wait(10.0)

    def end(self, grace_s: float) -> None:
        """Close its standard input, which tells it to finish up; kill it when that takes too long."""
        self._unwanted.set()
        self._outbox.put(None)
        if not self._gone.wait(grace_s):
            log.warning("The %s process did not end in %g s and is killed", self._role, grace_s)
            self._process.kill()
        self.wait(10.0)

    def wait(self, timeout_s: float) -> None:
        """Wait until process and threads are gone."""
        if threading.current_thread() is not self._reader:
            self._reader.join(timeout_s)

    def _read(
        self, command: Sequence[str], environment: dict[str, str], started: "Future[subprocess.Popen[bytes]]"
    ) -> None:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                # Not the person's folder: on Windows a folder in use cannot be removed or unplugged.
                cwd=Path(sys.executable).parent,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            started.set_exception(error)
            return
        assert process.stdin is not None  # noqa: S101  (asked for above, as the other two)
        assert process.stdout is not None  # noqa: S101
        assert process.stderr is not None  # noqa: S101
        stdin, stdout, stderr = (
            cast("BinaryIO", process.stdin),
            cast("BinaryIO", process.stdout),
            process.stderr,
        )
        writer = threading.Thread(target=self._write, args=(stdin,), name=f"{self._role}-writer", daemon=True)
        listener = threading.Thread(
            target=self._listen, args=(stderr,), name=f"{self._role}-log", daemon=True
        )
        writer.start()
        listener.start()
        started.set_result(process)
        try:
            while (frame := read_frame(stdout)) is not None:
                self._pass_on(frame)
        except ProtocolBroken as error:
            if not self._unwanted.is_set():
                self.broken = str(error)
        self._unwanted.set()
        if self.broken:
            process.kill()
        # It closed its end: from here on it cannot answer, so it is given little time to go.
        try:
            process.wait(2.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._outbox.put(None)
        writer.join()
        listener.join()
        stdout.close()
        self._gone.set()

    def _pass_on(self, frame: Frame) -> None:
        while not self._unwanted.is_set():
            with contextlib.suppress(queue.Full):
                self._frames.put(frame, timeout=0.2)
                return

    def _write(self, stdin: BinaryIO) -> None:
        try:
            while (frames := self._outbox.get()) is not None:
                for frame in frames:
                    write_frame(stdin, frame)
        except ProtocolBroken as error:
            self.broken = str(error)
            self._process.kill()
        except OSError:
            pass  # it is gone, which the reader reports
        with contextlib.suppress(OSError):
            stdin.close()

    def _listen(self, stderr: BinaryIO) -> None:
        with stderr:
            while line := stderr.readline(_LONGEST_LINE):
                said = line.decode("utf-8", "replace").rstrip()
                self._lines.append(said)
                log.debug("%s: %s", self._role, said)


def _command(
    role: str, data_dir: Path, memory_limit_bytes: int | None, arguments: Sequence[str]
) -> list[str]:
    if getattr(sys, "frozen", False):
        base = [sys.executable, "--child", role]
    else:
        # -P: the folder the person happens to stand in holds documents, not modules.
        base = [sys.executable, "-P", "-m", "readingroom.child", role]
    base += ["--data-dir", str(data_dir), "--parent", str(os.getpid())]
    if memory_limit_bytes is not None:
        base += ["--memory-limit", str(memory_limit_bytes)]
    return [*base, *arguments]


def _environment(*, online: bool) -> dict[str, str]:
    environment = dict(os.environ)
    environment.update(
        PYTHONUTF8="1",
        # Threads are ours to count: one a session.
        OMP_NUM_THREADS="1",
        RAYON_NUM_THREADS="1",
        TOKENIZERS_PARALLELISM="false",
        HF_HUB_DISABLE_TELEMETRY="1",
        HF_HUB_DISABLE_PROGRESS_BARS="1",
    )
    if online:
        environment.pop("HF_HUB_OFFLINE", None)
        # Plain HTTP: the faster transport does not tell how far it is, and asks hosts of its own.
        environment["HF_HUB_DISABLE_XET"] = "1"
    else:
        environment["HF_HUB_OFFLINE"] = "1"
    source = Path(readingroom.__file__).parents[1]
    if not getattr(sys, "frozen", False) and source.name != "site-packages":
        # Run from a checkout that is not installed.
        before = environment.get("PYTHONPATH")
        environment["PYTHONPATH"] = f"{source}{os.pathsep}{before}" if before else str(source)
    return environment
