"""Reads LaTeX: its words without its commands, line for line, with a heading at each section."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from readingroom.core.extraction import ExtractedDocument, Heading, ReadLimits
from readingroom.documents.decoding import decode
from readingroom.documents.readers import OnProgress, OpenText
from readingroom.documents.structured import latex_words as words
from readingroom.documents.text import read_text_parts, single_page

_MAX_WHOLE = 16 * 1024 * 1024
"""Bytes; a book of a thousand pages has three million."""
_LONGEST_TITLE = 300
_COMMENT = re.compile(r"((?<!\\)(?:\\\\)*)%[^\n]*")
_BRACES = re.compile(r"\\.|[{}]", re.DOTALL)
_OPTION = re.compile(r"[ \t]*\[[^\[\]\n]{0,500}\]")
_ACCENTED = re.compile(
    r"""\\(?:(['`^"~=.])[ \t]*|([uvHcdbrk])(?:[ \t]+|(?=\{)))(?:\{(\\[ij]|[A-Za-z])\}|(\\[ij](?![A-Za-z])|[A-Za-z]))"""
)
_TOKEN = re.compile(
    r"""
    (?P<accent>\\(?:['`^"~=.][ \t]*|[uvHcdbrk](?:[ \t]+|(?=\{)))(?:\{(?:\\[ij]|[A-Za-z])\}|\\[ij](?![A-Za-z])|[A-Za-z]))
    | \\(?P<command>[A-Za-z@]+)\*?
    | (?P<math>\$\$(?:[^$\\]|\\.)*\$\$ | \$(?:[^$\\\n]|\\.|\n(?![ \t]*\n))+\$)
    | \\(?P<open>[\[(])
    | \\(?P<escaped>[^A-Za-z@])
    | (?P<dash>---?) | (?P<quote>``|'') | (?P<other>[{}~&])
    """,
    re.VERBOSE | re.DOTALL,
)
_PLAIN = {"---": "—", "--": "–", "``": "“", "''": "”", "~": " ", "{": "", "}": ""}
_ESCAPED = {"\\": " ", " ": " ", "\n": "\n", ",": " ", ";": " ", ":": " ", "!": "", "-": "", "/": "", "@": ""}


def read_latex(file: OpenText, limits: ReadLimits, on_progress: OnProgress) -> Iterator[ExtractedDocument]:
    """Read LaTeX; mathematics stay as they are written. Very long files are plain text. Raises `NotText`."""
    if file.size > _MAX_WHOLE or file.size > limits.max_chars:
        yield from read_text_parts(file, "latex", limits, on_progress)
        return
    cleaner = _Cleaner(decode(file.stream.read(file.size)).text)
    cleaner.run()
    yield replace(single_page("latex", cleaner.text), headings=tuple(cleaner.headings), title=cleaner.title)


class _Cleaner:
    """Goes through the source once; each of its lines gives one line of text."""

    def __init__(self, source: str) -> None:
        self._source = _without_preamble(_without_comments(source))
        self._pieces: list[str] = []
        self._offset = 0
        self._closing = _matching_braces(self._source)
        self._ends: dict[str, int] = {}
        self._pending: list[tuple[int, Callable[[], None]]] = []
        """What happens where an argument ends: the outermost first."""
        self.headings: list[Heading] = []
        self.title = ""

    @property
    def text(self) -> str:
        return "".join(self._pieces)

    def run(self) -> None:
        at = 0
        while (token := _TOKEN.search(self._source, at)) is not None:
            self._keep(at, token.start())
            self._settle(token.start())
            at = max(self._token(token), token.end())
        self._keep(at, len(self._source))
        self._settle(len(self._source))

    def _token(self, token: re.Match[str]) -> int:
        """Write what a token stands for; where to go on."""
        end = token.end()
        match token.lastgroup:
            case "accent":
                found = _ACCENTED.fullmatch(token[0])
                if found is not None:
                    self._write(words.accented(found[1] or found[2], found[3] or found[4]))
            case "math":
                self._write(token[0])
            case "open":
                closing = "\\]" if token["open"] == "[" else "\\)"
                found_at = self._find(closing, end)
                if found_at >= 0:
                    self._write(self._source[token.start() : found_at + 2])
                    return found_at + 2
            case "escaped":
                if self._source.startswith("\\[", end - 1):
                    return end
                self._write(_ESCAPED.get(token["escaped"], token["escaped"]))
                if token["escaped"] == "\\" and (option := _OPTION.match(self._source, end)):
                    return option.end()
            case "command":
                return self._command(token["command"], end)
            case "other" if token[0] == "&":
                self._write("| " if self._ends_with_space() else " | ")
            case _:
                self._write(_PLAIN[token[0]])
        return end

    def _command(self, name: str, at: int) -> int:
        if name in {"begin", "end"}:
            return self._environment(name, at)
        if name in words.SYMBOLS:
            self._write(words.SYMBOLS[name])
            return at
        if name == "item":
            self._write("- ")
        elif name in words.SECTIONS or name in words.TITLES:
            at = self._after_options(at)
            self._on_argument_end(at, self._heading(name, self._offset))
        elif name in words.CITATIONS:
            at = self._bracketed(at, "[", "]")
        elif name in words.NOTES:
            at = self._bracketed(at, " (", ")")
        elif name in {"verb", "lstinline"}:
            return self._verb(at)
        elif name in words.REFERENCES or name in words.DROPPED:
            return self._without_arguments(self._after_options(at), words.DROPPED.get(name, 1))
        elif name in {"def", "gdef", "edef"}:
            return self._definition(at)
        at = self._after_options(at)
        if self._source.startswith((" ", "\t"), at) and self._ends_with_space():
            at += 1
        return at

    def _bracketed(self, at: int, opening: str, closing: str) -> int:
        at = self._after_options(at)
        if at in self._closing:
            self._write(opening)
            self._on_argument_end(at, lambda: self._write(closing))
        return at

    def _environment(self, word: str, at: int) -> int:
        if not self._source.startswith("{", at) or (end := self._closing.get(at)) is None:
            return at
        name, after = self._source[at + 1 : end], end + 1
        if word == "end":
            return after
        is_math = name in words.MATH
        if is_math or name in words.VERBATIM or name in words.PICTURES:
            last = self._find(f"\\end{{{name}}}", after)
            if last < 0:
                return after
            closed = last + len(f"\\end{{{name}}}")
            if is_math:
                self._write(self._source[at - len("\\begin") : closed])
            elif name in words.VERBATIM:
                self._keep(self._after_options(after), last)
            else:
                self._lines(after, last)
            return closed
        after = self._after_options(after)
        return self._without_arguments(after, words.ENVIRONMENTS_WITH_ARGUMENTS.get(name, 0))

    def _heading(self, name: str, offset: int) -> Callable[[], None]:
        mark = len(self._pieces)

        def ended() -> None:
            title = " ".join("".join(self._pieces[mark:]).split())[:_LONGEST_TITLE]
            if title and name in words.TITLES:
                self.title = self.title or title
            elif title:
                self.headings.append(Heading(words.SECTIONS[name], title, offset))

        return ended

    def _on_argument_end(self, at: int, then: Callable[[], None]) -> None:
        end = self._closing.get(at)
        if end is not None:
            self._pending.append((end, then))

    def _settle(self, at: int) -> None:
        while self._pending and self._pending[-1][0] <= at:
            self._pending.pop()[1]()

    def _verb(self, at: int) -> int:
        at = self._after_options(at)
        delimiter = self._source[at : at + 1]
        if not delimiter or delimiter.isspace():
            return at
        line_end = self._find("\n", at)
        end = self._source.find("}" if delimiter == "{" else delimiter, at + 1, max(line_end, at) or None)
        if end < 0:
            return at
        self._keep(at + 1, end)
        return end + 1

    def _definition(self, at: int) -> int:
        brace = self._source.find("{", at, at + 100)
        end = self._closing.get(brace)
        if end is None:
            return at
        self._lines(at, end + 1)
        return end + 1

    def _after_options(self, at: int) -> int:
        for _ in range(3):
            option = _OPTION.match(self._source, at)
            if option is None:
                break
            at = option.end()
        return at

    def _without_arguments(self, at: int, count: int) -> int:
        for _ in range(count):
            brace = at
            while self._source[brace : brace + 1] in {" ", "\t"}:
                brace += 1
            end = self._closing.get(brace)
            if end is None:
                if self._source.startswith("\\", brace) and (name := _TOKEN.match(self._source, brace)):
                    # \newcommand\name{...}
                    at = name.end()
                    continue
                break
            self._lines(at, end + 1)
            at = self._after_options(end + 1)
        return at

    def _find(self, wanted: str, at: int) -> int:
        """Find from `at` on; remembered, so that many that are never closed cost one search."""
        known = self._ends.get(wanted)
        if known is None or 0 <= known < at:
            self._ends[wanted] = known = self._source.find(wanted, at)
        return known

    def _lines(self, start: int, end: int) -> None:
        """Leave out, but for the line ends."""
        self._write("\n" * self._source.count("\n", start, end))

    def _keep(self, start: int, end: int) -> None:
        if end > start:
            self._write(self._source[start:end])

    def _write(self, piece: str) -> None:
        if piece:
            self._pieces.append(piece)
            self._offset += len(piece)

    def _ends_with_space(self) -> bool:
        return not self._pieces or self._pieces[-1][-1].isspace()


def _without_comments(source: str) -> str:
    return _COMMENT.sub(r"\1", source)


def _without_preamble(source: str) -> str:
    """Blank out what stands before the document, but for its title and its authors."""
    begin = source.find("\\begin{document}")
    if begin < 0 or "\\documentclass" not in source[:begin]:
        return source
    closing = _matching_braces(source[:begin])
    kept: list[str] = []
    at = 0
    for found in re.finditer(
        r"\\(?:title|subtitle|author|date)\b(?:\[[^\[\]]{0,500}\])?(?=\{)", source[:begin]
    ):
        end = closing.get(found.end())
        if end is not None and found.start() >= at:
            kept.append("\n" * source.count("\n", at, found.start()))
            kept.append(source[found.start() : end + 1])
            at = end + 1
    kept.append("\n" * source.count("\n", at, begin))
    return "".join(kept) + source[begin:]


def _matching_braces(source: str) -> dict[int, int]:
    """Where each brace is closed."""
    waiting: list[int] = []
    closing: dict[int, int] = {}
    for found in _BRACES.finditer(source):
        if found[0] == "{":
            waiting.append(found.start())
        elif found[0] == "}" and waiting:
            closing[waiting.pop()] = found.start()
    return closing
