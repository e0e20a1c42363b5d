"""Where Ollama is installed on this computer, so that the next step can be named, or taken."""

import os
import shutil
from pathlib import Path

_PLACES = (
    "/usr/local/bin/ollama",
    "/usr/bin/ollama",
    "/opt/homebrew/bin/ollama",
    "/snap/bin/ollama",
    "~/.local/bin/ollama",
    # The command line tool that comes inside the application.
    "/Applications/Ollama.app/Contents/Resources/ollama",
    "~/Applications/Ollama.app/Contents/Resources/ollama",
)


def find_ollama() -> Path | None:
    """Look for its program on PATH and where its installers put it. Touches the disk only."""
    if found := shutil.which("ollama"):
        return Path(found)
    places = [Path(place).expanduser() for place in _PLACES]
    if programs := os.environ.get("LOCALAPPDATA"):
        places.append(Path(programs) / "Programs" / "Ollama" / "ollama.exe")
    return next((place for place in places if place.is_file()), None)


def ollama_is_installed() -> bool:
    """Whether there is one."""
    return find_ollama() is not None
