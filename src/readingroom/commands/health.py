"""`doctor`."""

import argparse
import sys
from dataclasses import asdict
from typing import Any

from readingroom.commands.output import printer
from readingroom.commands.runtime import runtime
from readingroom.composition import mend_catalog
from readingroom.config.paths import data_paths
from readingroom.core.errors import CatalogLost
from readingroom.services.doctor import CATALOG_CHECK
from readingroom.storage.restoring import last_restoration

_OPTIONAL = frozenset({"language model", "watcher limits", "copies of the catalog", "embedding cache"})
"""The program works without them, in a lesser way: said, but no failure."""


def doctor(arguments: argparse.Namespace) -> int:
    """Print every check; 1 where one failed that the program cannot do without."""
    paths = data_paths(arguments.data_dir)
    try:
        healthy, damaged = _check(arguments)
    except CatalogLost:
        if not arguments.repair:
            raise
        damaged = True
    if damaged and arguments.repair:
        mend_catalog(paths)
        healthy, _ = _check(arguments)
        if (done := last_restoration(paths)) is not None:
            print(f"readingroom: {done.told}", file=sys.stderr)
    return 0 if healthy else 1


def _check(arguments: argparse.Namespace) -> tuple[bool, bool]:
    """Whether all is well, and whether the catalog itself is past mending in place."""
    healthy, damaged = True, False
    with runtime(arguments) as room:
        show = printer(arguments.json, _line)
        for check in room.doctor.run(mend=arguments.repair):
            show(asdict(check))
            healthy = healthy and (check.ok or check.check in _OPTIONAL)
            damaged = damaged or (check.check == CATALOG_CHECK and not check.ok)
    return healthy, damaged


def _line(value: dict[str, Any]) -> str:
    mark = "ok  " if value["ok"] else "FAIL"
    return f"{mark} {value['check']}: {value['detail']}" + (
        f"\n     {value['hint']}" if value["hint"] else ""
    )
