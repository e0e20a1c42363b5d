"""Starts Ollama on this computer, when the person asks for it."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from readingroom.core.addresses import is_local
from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import LanguageModelFailed, LanguageModelUnreachable, UserFixableError
from readingroom.llm.installation import find_ollama

_READY_S = 30.0
"""The first start makes a key and looks for graphics cards."""
_LOOK_S = 0.1

_started: "list[subprocess.Popen[bytes]]" = []
"""Kept, so that Python does not complain of a child that outlives its handle; one that ended is taken off."""


def start_ollama(address: str, cancel: CancelToken, *, find: Callable[[], Path | None] = find_ollama) -> None:
    """Run `ollama serve` so that it answers at the address, and return when it does. It outlives this program.

    Raises `UserFixableError` for an address elsewhere or where Ollama is not installed, `LanguageModelFailed` where
    it ends at once, `LanguageModelUnreachable` where it stays silent, `Cancelled`.
    """
    if not is_local(address):
        raise UserFixableError(
            f"{address} is another computer.", hint="Start Ollama there; from here it cannot be."
        )
    program = find()
    if program is None:
        raise UserFixableError(
            "Ollama is not installed on this computer.",
            hint="Install it from ollama.com, then start it here.",
        )
    process = _run(program, address)
    _started[:] = [process, *(earlier for earlier in _started if earlier.poll() is None)]
    deadline = time.monotonic() + _READY_S
    while not _answers(address):
        if (code := process.poll()) is not None:
            raise LanguageModelFailed(
                f"Ollama ended at once (exit code {code}).",
                hint="Run `ollama serve` in a terminal to see why.",
            )
        if time.monotonic() > deadline:
            raise LanguageModelUnreachable(
                f"Ollama was started, but does not answer at {address} yet.", hint="Check again in a moment."
            )
        if cancel.wait(_LOOK_S):
            cancel.raise_if_cancelled()


def _run(program: Path, address: str) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "OLLAMA_HOST": urlsplit(address).netloc}
    windows = sys.platform == "win32"
    try:
        return subprocess.Popen(
            [str(program), "serve"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Of its own, so that it neither ends with this program nor with the terminal it was started from.
            start_new_session=not windows,
            creationflags=_WINDOWS_FLAGS if windows else 0,
            close_fds=True,
        )
    except OSError as error:
        raise LanguageModelFailed(
            f"Ollama could not be started: {error.strerror}.", hint=f"Look at {program}."
        ) from error


_WINDOWS_FLAGS = 0x00000008 | 0x00000200
"""DETACHED_PROCESS and CREATE_NEW_PROCESS_GROUP, which `subprocess` names on Windows only."""


def _answers(address: str) -> bool:
    import httpx

    try:
        # Any answer will do; proxies are for other computers.
        with httpx.Client(trust_env=False, timeout=1.0, verify=False) as client:  # noqa: S501  (nothing is sent)
            return client.get(address).is_success
    except httpx.HTTPError:
        return False
