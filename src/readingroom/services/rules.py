"""The rules by which files and folders of a source are left out, and what they left out."""

import os
import re
import stat
from functools import lru_cache

from readingroom.core.ignore_rules import file_rule, folder_rule
from readingroom.core.source_rules import SourceRules
from readingroom.services.ignore_patterns import Patterns

GIT_IGNORE = ".gitignore"
_LARGEST_GIT_IGNORE_BYTES = 256 * 1024
_MB = 1024 * 1024
_NONE = Patterns(())
_NO_RULES = SourceRules()


class Rules:
    """Asked about each folder on the way down before what is in it; answers in plain words, or None where it is read.

    `relative` is the path below the source with forward slashes, its last part being `name`. Not for two threads.
    """

    def __init__(
        self, root: str, rules: SourceRules = _NO_RULES, kinds: frozenset[str] = frozenset()
    ) -> None:
        """`kinds` are suffixes with their dot, in lower case, which the workspace leaves out."""
        self._root = root
        self._own = Patterns(rules.patterns.splitlines())
        self._any_own = bool(self._own)
        self._git_ignore = rules.git_ignore
        self._kinds = kinds
        self._limit_mb = rules.max_file_mb
        self._limit_bytes = None if rules.max_file_mb is None else rules.max_file_mb * _MB
        self._chains: dict[str, tuple[tuple[str, Patterns], ...]] = {}

    def folder(self, relative: str, name: str) -> str | None:
        """Why a folder is not looked into."""
        rule = folder_rule(name)
        if self._any_own or self._git_ignore:
            return self._by_patterns(relative, name, rule, folder=True)
        return rule

    def file(self, relative: str, name: str, size_bytes: int | None) -> str | None:
        """Why a file is not read; the limit of size is not applied to a size that is not known."""
        rule = file_rule(name)
        if self._any_own or self._git_ignore:
            rule = self._by_patterns(relative, name, rule, folder=False)
        if rule is not None:
            return rule
        if self._kinds and (kind := os.path.splitext(name)[1].lower()) in self._kinds:  # noqa: PTH122
            return f"kind {kind}"
        if self._limit_bytes is not None and size_bytes is not None and size_bytes > self._limit_bytes:
            return f"over {self._limit_mb:,} MB"
        return None

    def _by_patterns(self, relative: str, name: str, built_in: str | None, *, folder: bool) -> str | None:
        """The person's word first, then what is built in, then what `.gitignore` files say.

        What is built in is brought back only where the person spells out the name (`!.notes/`): `!*.docx` after `*`
        is not meant for the lock files of an office program.
        """
        own = self._own.match(relative, name, folder=folder) if self._any_own else None
        if own is not None and not own.negated:
            return f"pattern {own.text}"
        if own is not None and own.names(name):
            return None
        if built_in is not None or own is not None or not self._git_ignore:
            return built_in
        for above, patterns in self._chain(relative[: -len(name) - 1]):
            below = relative[len(above) + 1 :] if above else relative
            line = patterns.match(below, name, folder=folder)
            if line is not None:
                return None if line.negated else f"{above + '/' if above else ''}{GIT_IGNORE}: {line.text}"
        return None

    def _chain(self, folder: str) -> tuple[tuple[str, Patterns], ...]:
        """The `.gitignore` files that speak of what is in a folder, the nearest first."""
        known = self._chains.get(folder)
        if known is None:
            above = self._chain(folder.rpartition("/")[0]) if folder else ()
            here = git_ignore_in(f"{self._root}/{folder}")
            known = self._chains[folder] = ((folder, here), *above) if here else above
        return known


def leaves_out(
    rules: Rules, relative: str, size_bytes: int | None, folders: dict[str, str | None] | None = None
) -> str | None:
    """Why a file at that place would not be read, be it for a folder above it; `folders` is kept from file to file."""
    known: dict[str, str | None] = {} if folders is None else folders
    for slash in re.finditer("/", relative):
        above = relative[: slash.start()]
        if above not in known:
            known[above] = rules.folder(above, above.rpartition("/")[2])
        if (rule := known[above]) is not None:
            return rule
    return rules.file(relative, relative.rpartition("/")[2], size_bytes)


def git_ignore_in(folder: str) -> Patterns:
    """What the folder's `.gitignore` says; nothing where there is none, or it is a link, or it cannot be read."""
    path = f"{folder}/{GIT_IGNORE}"
    try:
        status = os.lstat(path)
    except (OSError, ValueError):
        return _NONE
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST_GIT_IGNORE_BYTES:
        return _NONE
    return _read(path, status.st_mtime_ns, status.st_size, status.st_ino)


@lru_cache(maxsize=1024)
def _read(path: str, *_stamp: int) -> Patterns:
    """An unchanged file is not opened again."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123
            text = file.read(_LARGEST_GIT_IGNORE_BYTES)
    except OSError:
        return _NONE
    lines = text.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return Patterns(os.fsdecode(line.removesuffix(b"\r")) for line in lines)
