"""One window a data folder: a second start hands its paths to the first over a local socket and ends.

The socket is a file only its owner may open, in the data folder itself; nothing of this listens on a network. What
comes through it is taken for hostile all the same: of bounded length, a list of paths and nothing else.
"""

import hashlib
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

log = logging.getLogger(__name__)

_ANSWER_S = 5.0
"""How long a window may take to answer: it may just be starting."""
_CONNECT_MS = 1000
_MOST_BYTES = 1 << 20
_MOST_PATHS = 10_000
_MOST_TALKING = 8
_TALK_MS = 5000
_MOST_NAME_BYTES = 70
"""A socket's path may have some 104 bytes; Qt makes it in a temporary folder beside its place first."""
_ACTIVATION = "XDG_ACTIVATION_TOKEN"
_MOST_ACTIVATION_CHARS = 256
_TAKEN = b"taken\n"


class Answer(Enum):
    """What came of handing over."""

    TAKEN = "taken"
    SILENT = "silent"
    """A window holds the socket but does not answer."""
    NOBODY = "nobody"


def hand_over(folder: Path, paths: Sequence[Path]) -> Answer:
    """Give the paths to the window on this data folder. Needs no application object; blocks for some seconds at most."""
    name = _server_name(folder, make=False)
    if not name:
        return Answer.NOBODY
    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_CONNECT_MS):
        return Answer.NOBODY
    value = {
        "paths": [str(path.expanduser().absolute()) for path in paths],
        # By it a Wayland compositor lets the first window come to the front on behalf of the second start.
        "activation": os.environ.get(_ACTIVATION, ""),
    }
    socket.write(json.dumps(value).encode("ascii") + b"\n")
    deadline = time.monotonic() + _ANSWER_S
    said = b""
    while said != _TAKEN and (left_ms := int((deadline - time.monotonic()) * 1000)) > 0:
        if not socket.waitForReadyRead(left_ms):
            break
        said += bytes(socket.readAll().data())
        if len(said) > len(_TAKEN):
            break
    gone = socket.state() != QLocalSocket.LocalSocketState.ConnectedState
    if said == _TAKEN:
        return Answer.TAKEN
    return Answer.NOBODY if gone else Answer.SILENT


class HandOverServer(QObject):
    """Hears of later starts on the folder. Held by whoever holds the folder, so a socket found there is a leftover."""

    handed_over = Signal(object)  # tuple[Path, ...]

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.setMaxPendingConnections(_MOST_TALKING)
        self._server.newConnection.connect(self._take_connections)
        self._talking = 0
        name = _server_name(folder, make=True)
        if name:
            QLocalServer.removeServer(name)
        if not name or not self._server.listen(name):
            # Some disks hold no sockets. Then a second start says that the folder is in use.
            log.info("Later starts cannot hand over: %s", self._server.errorString())

    def close(self) -> None:
        """Hear nothing more; the socket goes."""
        self._server.close()

    def _take_connections(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            if self._talking >= _MOST_TALKING:
                socket.abort()
                socket.deleteLater()
                continue
            self._talking += 1
            talk = _Talk(socket, self)
            talk.said.connect(self.handed_over)
            talk.ended.connect(self._forget)

    def _forget(self) -> None:
        self._talking -= 1


class _Talk(QObject):
    """One later start: a line comes, a word goes back."""

    said = Signal(object)  # tuple[Path, ...]
    ended = Signal()

    def __init__(self, socket: QLocalSocket, parent: QObject) -> None:
        super().__init__(parent)
        self._socket = socket
        self._heard = bytearray()
        socket.setParent(self)
        socket.setReadBufferSize(_MOST_BYTES + 1)
        socket.disconnected.connect(self._end)
        socket.readyRead.connect(self._hear)
        QTimer.singleShot(_TALK_MS, self, socket.abort)
        if socket.bytesAvailable():
            self._hear()
        if socket.state() == QLocalSocket.LocalSocketState.UnconnectedState:
            QTimer.singleShot(0, self, self._end)

    def _hear(self) -> None:
        self._heard += self._socket.readAll().data()
        if len(self._heard) > _MOST_BYTES:
            log.warning("A start handed over more than is taken")
            self._socket.abort()
            return
        line, ended, _ = self._heard.partition(b"\n")
        if not ended:
            return
        message = read_message(bytes(line))
        if message is None:
            log.warning("A start handed over what is no list of paths")
            self._socket.abort()
            return
        paths, activation = message
        if activation:
            os.environ[_ACTIVATION] = activation  # where Qt looks when the window is to come up
        # The word first: what the window does with the paths may take a moment.
        self._socket.write(_TAKEN)
        self._socket.flush()
        self.said.emit(paths)
        self._socket.disconnectFromServer()

    def _end(self) -> None:
        self.ended.emit()
        self.deleteLater()


def read_message(line: bytes) -> tuple[tuple[Path, ...], str] | None:
    """The paths of a message, absolute ones only, and the compositor's word; None where it is no message."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict) or not isinstance(value.get("paths"), list):
        return None
    names = value["paths"]
    if len(names) > _MOST_PATHS or not all(isinstance(name, str) and "\0" not in name for name in names):
        return None
    paths = tuple(Path(name) for name in names)
    if not all(path.is_absolute() for path in paths):
        return None
    word = value.get("activation")
    fits = (
        isinstance(word, str)
        and len(word) <= _MOST_ACTIVATION_CHARS
        and word.isascii()
        and word.isprintable()
    )
    return paths, str(word) if fits else ""


def _server_name(folder: Path, *, make: bool) -> str:
    """Where the socket of a data folder is: in the folder, or for a long path in a folder of the owner's own; '' if nowhere."""
    real = os.path.realpath(folder)
    digest = hashlib.sha256(os.fsencode(real)).hexdigest()[:16]
    if sys.platform == "win32":
        return f"readingroom-{digest}"
    name = str(Path(real) / "window.socket")
    if len(os.fsencode(name)) <= _MOST_NAME_BYTES:
        return name
    own = Path(tempfile.gettempdir()) / f"readingroom-{os.getuid()}-{digest}"
    try:
        if make:
            own.mkdir(mode=0o700, exist_ok=True)
        found = own.lstat()
    except OSError:
        return ""
    # Anybody may make such a folder there: another's would get the names of our files.
    mine = found.st_uid == os.getuid() and found.st_mode & 0o7777777 == 0o040700
    return str(own / "socket") if mine else ""
