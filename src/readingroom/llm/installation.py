"""Whether Ollama is installed on this computer, so that the next step can be named."""

import os
import shutil
from pathlib import Path

_PLACES = (
    "/usr/local/bin/ollama",
    "/usr/bin/ollama",
    "/opt/homebrew/bin/ollama",
    "/snap/bin/ollama",
    "~/.local/bin/ollama",
    "/Applications/Ollama.app",
    "~/Applications/Ollama.app",
)


def ollama_is_installed() -> bool:
    """Look on PATH and where its installers put it. Touches the disk only."""
    places = [Path(place).expanduser() for place in _PLACES]
    if programs := os.environ.get("LOCALAPPDATA"):
        places.append(Path(programs) / "Programs" / "Ollama" / "ollama.exe")
    return shutil.which("ollama") is not None or any(place.exists() for place in places)
