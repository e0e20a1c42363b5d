"""The child's side: takes the protocol off standard input and output, serves, dies with its parent."""

import contextlib
import faulthandler
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from readingroom.worker.protocol import Frame, ProtocolBroken, error_frame, read_frame, write_frame

log = logging.getLogger(__name__)

_LOW_PRIORITY = 10
_PR_SET_PDEATHSIG = 1

_DATA_HEADROOM_BYTES = 1024 * 1024 * 1024
"""Above the watched limit: what is reserved but not used counts here as well (stacks, arenas)."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, all its frames."""

    frames: Sequence[Frame]

    @property
    def header(self) -> Mapping[str, Any]:
        """The first frame's header."""
        return self.frames[0].header


Send = Callable[[Frame], None]
"""Sends a frame ahead of the last one; any thread."""

Handler = Callable[[Request, Send], Frame]
"""Serves one kind of request; what it returns is the last frame of the answer."""


class Channel:
    """The two pipes to the parent, out of reach of libraries that print or read."""

    def __init__(self) -> None:
        """Take descriptors 0 and 1 over; from now on standard output is standard error."""
        self._incoming = _private_stream(0, "rb")
        self._outgoing = _private_stream(1, "wb")
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        self._lock = threading.Lock()

    def send(self, frame: Frame) -> None:
        """Send; any thread."""
        with self._lock:
            write_frame(self._outgoing, frame)

    def receive(self) -> Frame | None:
        """Wait for the next frame; None when the parent closed its end or is gone."""
        return read_frame(self._incoming)


def _private_stream(descriptor: int, mode: str) -> BinaryIO:
    private = os.dup(descriptor)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(private, os.O_BINARY)
    return open(private, mode)  # type: ignore[return-value]  # noqa: PTH123  (a descriptor)


def serve(channel: Channel, handlers: Mapping[str, Handler], finish: Callable[[], None]) -> None:
    """Answer requests until the parent closes its end; then `finish`.

    When that happens in the middle of a request, the process ends on the spot.
    """
    waiting: queue.SimpleQueue[Request | None] = queue.SimpleQueue()
    busy = threading.Event()

    def listen() -> None:
        frames: list[Frame] = []
        try:
            while (frame := channel.receive()) is not None:
                frames.append(frame)
                if not frame.header.get("more"):
                    busy.set()
                    waiting.put(Request(frames))
                    frames = []
        except (ProtocolBroken, OSError):
            log.warning("The parent's messages cannot be read")
        if busy.is_set():
            # Nobody waits for the answer; a parser that hangs would outlive the program.
            os._exit(0)
        waiting.put(None)

    threading.Thread(target=listen, name="requests", daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        while (request := waiting.get()) is not None:
            answer = _answer(handlers, request, channel.send)
            # Before the parent hears of it: it may close its end at once, and `finish` is to run then.
            busy.clear()
            channel.send(answer)
    finish()


def _answer(handlers: Mapping[str, Handler], request: Request, send: Send) -> Frame:
    try:
        frame = handlers[str(request.header.get("call"))](request, send)
    except BrokenPipeError:
        raise
    except Exception as error:  # whatever a parser makes of a hostile file is that request's outcome
        log.debug("A request failed", exc_info=True)
        return error_frame(error)
    return Frame({**frame.header, "done": True}, frame.blob)


def die_with_parent(parent_pid: int) -> None:
    """Have the system end this process with its parent, also while native code holds the interpreter."""
    if sys.platform != "linux":
        return
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent_pid:  # it died before the call
        os._exit(0)


def _lower_priority() -> None:
    with contextlib.suppress(OSError):  # a courtesy
        if sys.platform == "win32":
            import psutil

            psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        else:
            os.nice(_LOW_PRIORITY)


def settle(*, low_priority: bool, memory_limit_bytes: int | None) -> None:
    """Make this process a good neighbour: its priority, its memory, and Ctrl-C left to the parent."""
    faulthandler.enable(sys.stderr)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if low_priority:
        _lower_priority()
    if memory_limit_bytes is not None and sys.platform == "linux":
        import resource

        # Data rather than address space: libraries map far more than they use.
        limit = memory_limit_bytes + _DATA_HEADROOM_BYTES
        with contextlib.suppress(OSError, ValueError):  # a lower hard limit stands already
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
