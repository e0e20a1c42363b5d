"""What is passed over when a folder is read: names nobody wrote to be found again, and kinds the person left out."""

import json
from collections.abc import Collection
from pathlib import Path

_FOLDERS = frozenset(
    {
        "__pycache__",
        "node_modules",
        "bower_components",
        "venv",
        "site-packages",
        "$recycle.bin",
        "system volume information",
        "lost+found",
        "__macosx",
    }
)
_FILES = frozenset({"thumbs.db", "desktop.ini", "icon\r"})
_ENDINGS = (
    "~",
    ".tmp",
    ".temp",
    ".part",
    ".partial",
    ".crdownload",
    ".swp",
    ".swx",
    ".lock",
    ".pyc",
    ".o",
    ".obj",
)


def ignores_folder(name: str) -> bool:
    """Hidden, cache and build folders."""
    return name.startswith(".") or name.casefold() in _FOLDERS


def ignores_file(name: str) -> bool:
    """Hidden files, lock files of office programs, and what other programs are still writing."""
    folded = name.casefold()
    return name.startswith((".", "~$")) or folded in _FILES or folded.endswith(_ENDINGS)


def kind_of(path: Path) -> str:
    """What a file's kind is told by: its suffix with the dot, in lower case; empty where it has none."""
    return path.suffix.lower()


def kinds_left_out(setting: str, workspace_id: int) -> frozenset[str]:
    """The kinds of files that a workspace leaves out of its folders; `setting` as `with_kinds` wrote it."""
    return frozenset(_kinds(setting).get(str(workspace_id), ()))


def with_kinds(setting: str, workspace_id: int, kinds: Collection[str]) -> str:
    """The setting with other kinds for that workspace: a JSON object, workspace id to sorted suffixes."""
    every = _kinds(setting) | {str(workspace_id): sorted(kinds)}
    return json.dumps({workspace: chosen for workspace, chosen in every.items() if chosen})


def _kinds(setting: str) -> dict[str, list[str]]:
    try:
        found = json.loads(setting or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {
        workspace: [kind for kind in kinds if isinstance(kind, str)]
        for workspace, kinds in found.items()
        if isinstance(kinds, list)
    }
