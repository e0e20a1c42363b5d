"""Folders of an index: the shard in use, and the copy of it that is to take its place.

The first lies in `<index>`, each copy that took over in `<index>.1`, `<index>.2` and so on: the engine finds its files
by path, so an open shard cannot be moved. A shard's mark is written last, when it may be used; of those that are
marked the one with the highest number is in use, and all others are leftovers.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from readingroom.config.lasting import put_in_place

MARK = "readingroom.json"


def current(base: Path) -> Path:
    """The folder in use, or to be made: `base` itself where nothing is marked."""
    return max((folder for folder in _all(base) if _is_marked(folder)), key=_number, default=base)


def following(base: Path) -> Path:
    """Where the next copy belongs; what lies there is a leftover."""
    return base.with_name(f"{base.name}.{_number(current(base)) + 1}")


def leftovers(base: Path) -> Iterator[Path]:
    """Folders of that index that are not in use."""
    used = current(base)
    return (folder for folder in _all(base) if folder != used)


def discard(folder: Path) -> None:
    """Delete a folder. The mark goes first: a removal that is interrupted leaves a leftover, not half a shard."""
    if folder.exists():
        (folder / MARK).unlink(missing_ok=True)
        shutil.rmtree(folder)


def discard_all(base: Path) -> None:
    """Delete whatever there is of that index, what is in use last."""
    for folder in [*leftovers(base), current(base)]:
        discard(folder)


def read_mark(folder: Path) -> dict[str, Any] | None:
    """What was noted of a shard; None where it cannot be read."""
    try:
        mark = json.loads((folder / MARK).read_text("utf-8"))
    except ValueError:
        return None
    return mark if isinstance(mark, dict) else None


def write_mark(folder: Path, mark: dict[str, Any]) -> None:
    """Note it, whole or not at all: from then on the shard may be used."""
    partial = folder / f"{MARK}.partial"
    partial.write_text(json.dumps(mark), "utf-8")
    put_in_place(partial, folder / MARK)


def _all(base: Path) -> list[Path]:
    if not base.parent.is_dir():
        return []
    begins = f"{base.name}."
    return [
        folder
        for folder in base.parent.iterdir()
        if folder.name == base.name or folder.name.startswith(begins)
    ]


def _is_marked(folder: Path) -> bool:
    return (folder / MARK).is_file()


def _number(folder: Path) -> int:
    number = folder.name.partition(".")[2]
    return int(number) if number.isdecimal() else 0
