"""What is passed over when a folder is read: names nobody wrote to be found again, and kinds the person left out."""

import json
from collections.abc import Collection
from pathlib import Path

_BUILT = "build or cache folder"
_SYSTEM = "system folder"
_FOLDERS = {
    "__pycache__": _BUILT,
    "__pypackages__": _BUILT,
    "node_modules": _BUILT,
    "bower_components": _BUILT,
    "venv": _BUILT,
    "site-packages": _BUILT,
    "$recycle.bin": _SYSTEM,
    "system volume information": _SYSTEM,
    "lost+found": _SYSTEM,
    "__macosx": _SYSTEM,
}
_FILES = frozenset({"thumbs.db", "desktop.ini", "icon\r"})
_TEMPORARY = ("~", ".tmp", ".temp", ".part", ".partial", ".crdownload", ".swp", ".swx")
_MADE = (".lock", ".pyc", ".o", ".obj")
_ENDINGS = _TEMPORARY + _MADE
HIDDEN = "hidden"
OFFICE_LOCK = "office lock file"


def folder_rule(name: str) -> str | None:
    """The rule by which a folder of that name is passed over, in plain words; None where it is looked into."""
    if name.startswith("."):
        return HIDDEN
    return _FOLDERS.get(name.casefold())


def file_rule(name: str) -> str | None:
    """The rule by which a file of that name is passed over, in plain words; None where it is read."""
    if name.startswith((".", "~$")):
        return OFFICE_LOCK if name.startswith(("~$", ".~lock.")) else HIDDEN
    folded = name.casefold()
    if folded.endswith(_ENDINGS):
        return "temporary file" if folded.endswith(_TEMPORARY) else "lock file or build product"
    return "system file" if folded in _FILES else None


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
