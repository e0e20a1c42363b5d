"""Opens the data folder for a command."""

import argparse
import sys

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import data_paths


def runtime(arguments: argparse.Namespace) -> Runtime:
    """The runtime on the folder the arguments name; a context manager."""
    room = open_runtime(data_paths(arguments.data_dir))
    if room.mended:
        print(f"readingroom: {room.mended}", file=sys.stderr)
    return room
