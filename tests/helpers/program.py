"""Runs the program as a person would, in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[2] / "src"


def environment(**more: str) -> dict[str, str]:
    """The environment for a process of the program: offscreen, finding the package, no Ollama but a named one."""
    here = {
        name: value
        for name, value in os.environ.items()
        if name not in ("OLLAMA_HOST", "READINGROOM_DATA_DIR")
    }
    # Nothing answers at port 9 (discard) of this computer.
    return (
        here
        | {"PYTHONPATH": str(SOURCE), "QT_QPA_PLATFORM": "offscreen", "OLLAMA_HOST": "127.0.0.1:9"}
        | more
    )


def command(data: Path, *arguments: str | Path) -> list[str]:
    """The words of a command on a data folder."""
    return [sys.executable, "-m", "readingroom", "--data-dir", str(data), *map(str, arguments)]


def run(data: Path, *arguments: str | Path, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end."""
    return subprocess.run(
        command(data, *arguments),
        capture_output=True,
        encoding="utf-8",
        env=environment(**more),
        timeout=110,
        check=False,
    )


def json_lines(data: Path, *arguments: str | Path, **more: str) -> list[dict[str, Any]]:
    """What a command prints with `--json`; it must succeed."""
    done = run(data, *arguments, "--json", **more)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]
