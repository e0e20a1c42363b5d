"""The tools compared in reading: each in a process of its own that reads a file at a time within a limit."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

_CHILD = Path(__file__).with_name("_reading_child.py")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a tool made of a file."""

    state: str
    """`text`, `no text`, `error`, `timed out`, `crashed`; of Reading Room also `encrypted`, `unsupported`, ..."""
    reason: str
    pages: tuple[tuple[int | None, str], ...]
    """(number, text); a tool may give the whole text besides, without a number."""
    members: tuple["Answer", ...] = ()
    """Documents inside."""
    name: str = ""
    """Of a document inside."""
    start_cpu_s: float = 0.0
    """What the tool does once in each process, importing left out."""
    first_cpu_s: float = 0.0
    """Reading it for the first time: with all that is loaded on first use."""
    cpu_s: float = 0.0
    """Reading it again."""
    peak_bytes: int = 0
    """Resident size of the process, or of one it started, at its largest."""

    recognised_pages: int = 0
    """Pages whose picture was read by the recognition engine, and what that took."""
    recognised_cpu_s: float = 0.0

    @property
    def text(self) -> str:
        """All of it, without the documents inside."""
        return "\n".join(text for _number, text in self.pages)

    def everything(self) -> Iterator["Answer"]:
        """It and all documents inside."""
        yield self
        for member in self.members:
            yield from member.everything()


class ToolProcess:
    """A tool, imported once. Close it."""

    def __init__(self, tool: str, interpreter: Path, *, recognise: bool = False) -> None:
        self._called = f"{interpreter} {tool}"
        self._process = subprocess.Popen(
            [str(interpreter), str(_CHILD), tool, *(["--recognise"] if recognise else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )

    def read(self, path: Path, *, limit_s: float) -> Answer:
        """Read a file; a crash or a hang is an answer. Exits when the tool itself cannot be started."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps({"path": str(path), "limit_s": limit_s}) + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self._process.stdout.readline()
        if not line:
            sys.exit(f"{self._called} does not answer: is the tool installed there?")
        return _answer(json.loads(line))

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(10)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()


def _answer(said: dict[str, Any]) -> Answer:
    pages = tuple((number, text) for number, text in said["pages"])
    blank = not any(text.strip() for _number, text in pages)
    return Answer(
        said.get("state") or ("no text" if blank else "text"),
        said.get("reason", ""),
        pages,
        tuple(_answer(member) for member in said.get("members", ())),
        said.get("name", ""),
        said.get("start_cpu_s", 0.0),
        said.get("first_cpu_s", 0.0),
        said.get("cpu_s", 0.0),
        said.get("peak_bytes", 0),
        said.get("recognised_pages", 0),
        said.get("recognised_cpu_s", 0.0),
    )
