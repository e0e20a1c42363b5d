"""Finds quoted words in a text despite differences of space, hyphenation, quotation marks and Unicode form."""

import re
import unicodedata
from bisect import bisect_left
from dataclasses import dataclass

# Soft hyphen, zero-width and bidirectional marks: they are set for the eye, nobody quotes them.
INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff")
_ALIKE = str.maketrans({"‘": "'", "’": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"',
                        "‐": "-", "‑": "-", "–": "-", "—": "-", "−": "-"})  # fmt: skip
_HYPHEN_BREAK = re.compile(r"(?<=\w)-[ \t]*\n[ \t]*(?=\w)")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’»)\]]*\s+(?=\S)|(?<=[。！？])[」』”]*\s*(?=\S)|\n\s*\n+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[\"“])(?:[A-Z]|Dr|Mr|Mrs|Ms|Prof|St|No|Nos|vs|cf|e\.g|i\.e|approx|ca|Fig|Figs|Eq|Sec|Art|pp?|al|Inc|Corp|Ltd|Co|"
    r"bzw|z\.\s?B|d\.\s?h|Nr|Abs|Bd|vgl|S)\.\Z"
)
"""What ends with a full stop and no sentence does; a single capital is an initial."""
_ORDINAL = re.compile(r"(?:^|[\s(])\d{1,2}\.\Z")
_AFTER_ORDINAL = re.compile(
    r"[a-zäöüß]|Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember|Jahrhundert"
)
"""`am 31. März` goes on; `by 31. The rest` does not."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Span:
    """Characters [start, end) of a text."""

    start: int
    end: int


class FoldedText:
    """A text brought to a form in which what a reader calls the same is the same, with the way back."""

    def __init__(self, text: str) -> None:
        self._text = text
        folded: list[str] = []  # NFKD: composed and decomposed letters come out alike
        origin: list[int] = []
        skipped = {i for match in _HYPHEN_BREAK.finditer(text) for i in range(*match.span())}
        space_due = False
        for i, character in enumerate(text):
            if i in skipped or character in INVISIBLE:
                continue
            if character.isspace():
                space_due = bool(folded)
                continue
            if space_due:
                folded.append(" ")
                origin.append(i)
                space_due = False
            for piece in unicodedata.normalize("NFKD", character).translate(_ALIKE).casefold():
                folded.append(piece)
                origin.append(i)
        self.folded = "".join(folded)
        self._origin = origin

    def find(self, quote: str, start: int = 0) -> Span | None:
        """Where `quote` stands in the text, looking from character `start` of the text first, then from its top."""
        needle = FoldedText(quote).folded.strip(" ")
        if not needle:
            return None
        at = self.folded.find(needle, bisect_left(self._origin, start))
        if at < 0:
            at = self.folded.find(needle)
        if at < 0:
            return None
        return self.origin(at, at + len(needle))

    def origin(self, start: int, end: int) -> Span:
        """Where [start, end) of the folded text, which is not empty, comes from."""
        return Span(self._origin[start], self._origin[end - 1] + 1)


def locate(text: str, quote: str) -> Span | None:
    """Where `quote` stands in `text`, or None."""
    return FoldedText(text).find(quote)


def sentences(text: str) -> list[Span]:
    """Sentences in order, without the white space around them; a blank line ends one too."""
    spans = []
    start = 0
    for match in _SENTENCE_END.finditer(text):
        if _goes_on(text, start, match):
            continue
        spans.append(_trimmed(text, start, match.start()))
        start = match.end()
    spans.append(_trimmed(text, start, len(text)))
    return [span for span in spans if span.end > span.start]


def _goes_on(text: str, start: int, stop: re.Match[str]) -> bool:
    """Whether the full stop belongs to a word."""
    if text[stop.start() - 1] != "." or "\n\n" in stop.group():
        return False
    before = max(start, stop.start() - 12), stop.start()
    if _ORDINAL.search(text, *before) and _AFTER_ORDINAL.match(text, stop.end()):
        return True
    return _ABBREVIATION.search(text, *before) is not None


def words(text: str) -> list[str]:
    """Case-folded words and numbers, in order."""
    if text.isascii():
        return _WORD.findall(text.lower())
    return [word.casefold() for word in _WORD.findall(unicodedata.normalize("NFKC", text))]


def _trimmed(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Span(start, end)


def storable(text: str) -> str:
    """Without lone surrogates, which arguments and a model's JSON may hold and no database keeps."""
    return text.encode("utf-8", "replace").decode("utf-8")
