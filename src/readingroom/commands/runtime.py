"""Opens the data folder for a command."""

import argparse

from readingroom.composition import Runtime, open_runtime
from readingroom.config.paths import data_paths


def runtime(arguments: argparse.Namespace) -> Runtime:
    """The runtime on the folder the arguments name; a context manager."""
    return open_runtime(data_paths(arguments.data_dir))
