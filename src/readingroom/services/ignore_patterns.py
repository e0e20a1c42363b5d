"""Patterns in the syntax of `.gitignore`, compiled so that a file costs next to nothing where none matches."""

import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_ANY_CASE = sys.platform in ("win32", "darwin")
"""Names differ in more than case there, as for git."""
_FLAGS = re.DOTALL | (re.IGNORECASE if _ANY_CASE else 0)
_MOST_LINES = 2_000
_LONGEST_CHARS = 1_000
_MOST_DOUBLE_STARS = 2
"""Each multiplies the work by the depth of the tree; a stranger's `.gitignore` must not hold up the window."""
_WILD = frozenset("*?[\\")
_ANYWHERE = "^(?:.+/)?"
_STAR, _WHOLE_PART, _ANY_CHARACTER = "[^/]*", "[^/]+", "[^/]"
_FOLDER_OR_FILE, _FOLDER = "(?:(?P<ps_d>/)|$)", "(?P<ps_d>/)"
_ODD_CLASS = re.compile(r"\[.*(?:\[|--|&&|~~|\|\|)")
"""Classes inside classes: `re` warns that it may read them otherwise one day."""


@dataclass(frozen=True, slots=True)
class PatternLine:
    """A line that means something."""

    number: int
    """1-based, of its text."""
    text: str
    negated: bool
    folders_only: bool
    by_name: bool
    """It is matched with the name alone, otherwise with the path."""
    regex: re.Pattern[str]

    def names(self, name: str) -> bool:
        """Whether it spells out that name, without wildcards: `!.notes/` for `.notes`."""
        return self.text.removeprefix("!").rstrip("/").rpartition("/")[2] == name


class Patterns:
    """The lines of one text, the last one that matches deciding."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(line for line in _compiled(lines) if line is not None)
        self._backwards = self.lines[::-1]
        exact, ends, named = set(), set(), []
        for line in self.lines:
            if not line.by_name:
                continue
            if (name := _literal(line)) is not None:
                exact.add(name)
            elif (end := _ending(line)) is not None:
                ends.add(end)
            else:
                named.append(line)
        self._exact, self._ends = frozenset(exact), tuple(ends)
        self._names = _either(named)
        self._paths = _either(line for line in self.lines if not line.by_name)

    def __bool__(self) -> bool:
        return bool(self.lines)

    def match(self, path: str, name: str, *, folder: bool) -> PatternLine | None:
        """The line that decides about this very file or folder; the folders above it are not looked at.

        `path` is relative to where the patterns stand, with forward slashes, its last part being `name`.
        """
        path, name = normalised(path), normalised(name)
        if not (
            name in self._exact
            or (self._ends and name.endswith(self._ends))
            or (self._names is not None and self._names.fullmatch(name))
            or (self._paths is not None and self._paths.fullmatch(path))
        ):
            return None
        for line in self._backwards:
            if (folder or not line.folders_only) and line.regex.fullmatch(name if line.by_name else path):
                return line
        return None


def normalised(text: str) -> str:
    """The form in which names and patterns are compared: an accent typed here is that of a name from elsewhere."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return text.lower() if _ANY_CASE else text


def lines_not_understood(text: str) -> Sequence[int]:
    """Numbers, from 1, of the lines that are no pattern and so leave out nothing."""
    lines = text.splitlines()
    compiled = _compiled(lines)
    return [
        number
        for number, line in enumerate(lines, start=1)
        if line.strip()
        and not line.startswith("#")
        and (number > _MOST_LINES or compiled[number - 1] is None)
    ]


def _compiled(lines: Iterable[str]) -> list[PatternLine | None]:
    return [_line(number, text) for number, text in zip(range(1, _MOST_LINES + 1), lines, strict=False)]


def _line(number: int, text: str) -> PatternLine | None:
    if not text.strip():
        return None
    # Loaded with the first pattern: most people have none.
    from pathspec.patterns.gitignore import GitIgnorePatternError
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    bare = text.rstrip()
    if len(text) > _LONGEST_CHARS or _ODD_CLASS.search(text) or _double_stars(bare) > _MOST_DOUBLE_STARS:
        return None
    # The library takes `a/**/` for `a/`; it is the folders inside `a`.
    inside_only = bare.endswith("/**/")
    try:
        found, include = GitIgnoreSpecPattern.pattern_to_regex(normalised(bare[:-1] if inside_only else text))
    except GitIgnorePatternError:
        return None
    if found is None or include is None:
        return None
    regex, folders_only = _of_itself(found)
    by_name = regex.startswith(_ANYWHERE) and "/" not in _shortened(regex[len(_ANYWHERE) :])
    regex = _without_retries(regex[len(_ANYWHERE) :] if by_name else regex)
    try:
        compiled = re.compile(regex, _FLAGS)
    except re.error:
        return None
    return PatternLine(number, bare, not include, folders_only or inside_only, by_name, compiled)


def _of_itself(regex: str) -> tuple[str, bool]:
    """An expression of the library cut to the file or folder itself, and whether it must be a folder.

    The library's takes in all that is below a match. Folders are asked about on the way down here: `!keep` does not
    bring back what other lines leave out inside `keep`.
    """
    if regex in (".", _FOLDER):
        return ".+", regex == _FOLDER
    if regex == "/":
        return ".+/.+", False
    if regex.endswith(_FOLDER_OR_FILE):
        return regex.removesuffix(_FOLDER_OR_FILE), False
    if regex.endswith(_FOLDER):
        return regex.removesuffix(_FOLDER), True
    return regex + ".+", False


def _without_retries(regex: str) -> str:
    """Have each star of a name but the last take the nearest place for what follows it, and keep to that.

    It finds the same names, in time that grows with the number of stars instead of with a power of it.
    """
    parts = []
    for part in _shortened(regex).split("/"):
        first, *rest = part.split("\0")
        middle = "".join(f"(?>{_STAR}?{piece})" for piece in rest[:-1] if piece)
        parts.append(first + middle + (_STAR + rest[-1] if rest else ""))
    whole = "/".join(parts).replace("\1", _WHOLE_PART).replace("\2", _ANY_CHARACTER)
    # A class like `[!a]` never stands for a slash.
    return re.sub(r"(?<!\\)\[\^(?!/)", "[^/", whole)


def _shortened(regex: str) -> str:
    """The expression with a character each for its wildcards, so that each slash left parts two names."""
    return regex.replace(_STAR, "\0").replace(_WHOLE_PART, "\1").replace(_ANY_CHARACTER, "\2")


def _double_stars(text: str) -> int:
    return sum(part == "**" for part in text.removeprefix("!").rstrip("/").split("/")[:-1])


def _literal(line: PatternLine) -> str | None:
    name = line.text.removeprefix("!").removeprefix("**/").rstrip("/")
    return None if _WILD & set(name) else normalised(name)


def _ending(line: PatternLine) -> str | None:
    """What a name ends with to match `*.log`."""
    star, end = line.text.removeprefix("!").removeprefix("**/").rstrip("/").partition("*")[1:]
    whole = star and line.text.removeprefix("!").removeprefix("**/").startswith("*")
    return normalised(end) if whole and end and not _WILD & set(end) else None


def _either(lines: Iterable[PatternLine]) -> re.Pattern[str] | None:
    """One expression for all of them, to see at once that none matches."""
    every = [line.regex.pattern for line in lines]
    return re.compile("|".join(every), _FLAGS) if every else None
