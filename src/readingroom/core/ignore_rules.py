"""Names that are passed over when a folder is read: nobody wrote them to be found again."""

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
