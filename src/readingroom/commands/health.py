"""`doctor`."""

import argparse
from dataclasses import asdict
from typing import Any

from readingroom.commands.output import printer
from readingroom.commands.runtime import runtime

_OPTIONAL = frozenset({"language model", "watcher limits"})
"""The program works without them, in a lesser way: said, but no failure."""


def doctor(arguments: argparse.Namespace) -> int:
    """Print every check; 1 where one failed that the program cannot do without."""
    healthy = True
    with runtime(arguments) as room:
        show = printer(arguments.json, _line)
        for check in room.doctor.run(mend=arguments.repair):
            show(asdict(check))
            healthy = healthy and (check.ok or check.check in _OPTIONAL)
    return 0 if healthy else 1


def _line(value: dict[str, Any]) -> str:
    mark = "ok  " if value["ok"] else "FAIL"
    return f"{mark} {value['check']}: {value['detail']}" + (
        f"\n     {value['hint']}" if value["hint"] else ""
    )
