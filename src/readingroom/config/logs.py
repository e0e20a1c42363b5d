"""Sets up logging: a rotated file in the data folder, and standard error when the person asks for it."""

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_MAX_BYTES = 2_000_000


def set_up_logging(folder: Path | None, *, verbose: bool) -> None:
    """Document text, prompts and answers are never logged; names of files may be."""
    # A log that cannot be written (a full disk) is no reason to spill a traceback over the terminal.
    logging.raiseExceptions = False
    root = logging.getLogger()
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    for noisy in ("httpx", "httpcore", "watchdog", "asyncio", "urllib3", "filelock"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    console = logging.StreamHandler(sys.stderr)
    console.setLevel(logging.DEBUG if verbose else logging.CRITICAL)
    console.setFormatter(logging.Formatter(_FORMAT))
    root.addHandler(console)
    if folder is None:
        return
    try:
        file = RotatingFileHandler(
            folder / "readingroom.log",
            maxBytes=_MAX_BYTES,
            backupCount=3,
            encoding="utf-8",
            errors="backslashreplace",
        )
    except OSError as error:
        root.warning("No log can be written to %s: %s", folder, error.strerror)
        return
    file.setFormatter(logging.Formatter(_FORMAT))
    root.addHandler(file)
