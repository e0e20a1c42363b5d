"""What is typed into a search, its words marked in a passage, and the stretch of the passage worth showing."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from readingroom.core.telling_words import IDLE_WORDS
from readingroom.core.text_spans import Span

LONGEST_SNIPPET = 230
"""Characters; two lines of the list and a little."""
_LEAD = 48
"""Characters shown before the first marked word, at most."""
_LONGEST = 6000
"""Characters of a passage that are looked through."""
_LEAST_STEM = 3
_TRIED = 100
"""Marks tried as the first of a snippet."""

# What may be left of two words after what they share, for them to be forms of one: marks follow the English stemmer
# of the word search closely enough to show why a passage was found.
_ENDINGS = frozenset(
    ("", "e", "s", "d", "es", "ed", "er", "ers", "y", "ies", "ied", "ing", "ings", "ly", "al", "ion", "ions", "'s")
)  # fmt: skip
_GRAMS = re.compile(
    "[\u3005\u3007\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
"""Han and Kana are written without spaces: a word of it is found wherever its characters stand."""


_SENTENCE = re.compile(r"[.!?]\s+(?=\S)|[。！？]|\n+")
_SPACE = re.compile(r"\s+")
_JOINERS = "\u200c\u200d"
"""The only marks for the eye without which words of some scripts look wrong."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A search as far as it is typed."""

    text: str
    whole: tuple[str, ...]
    """Folded words that are typed to their end; without articles and the like, unless there is nothing else."""
    begun: str
    """The word under the caret, folded; empty after a space. It may be whole as well."""
    begun_as_typed: str
    """With its accents."""

    @property
    def words(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.whole, self.begun) if self.begun else self.whole


@dataclass(frozen=True, slots=True)
class Snippet:
    """A stretch of a passage on one line, and where the words looked for stand in it."""

    text: str
    marks: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A word of a text that was looked for."""

    span: Span
    word: int
    """Which of the words typed."""


def typed(text: str) -> Typed:
    """Take apart what is typed; words that say nothing count only where there are no others."""
    words = [text[span.start : span.end] for span in word_spans(text)]
    telling = [word for word in words if folded(word) not in IDLE_WORDS] or words
    begun = telling.pop() if words and telling[-1] is words[-1] and _belongs(text[-1]) else ""
    whole = tuple(dict.fromkeys(map(folded, telling)))
    return Typed(text, whole, folded(begun) if begun else "", begun)


def folded(word: str) -> str:
    """In a form in which case, accents and width do not count."""
    if _GRAMS.search(word):
        return unicodedata.normalize("NFKC", word).casefold()
    taken_apart = unicodedata.normalize("NFKD", word).casefold()
    return "".join(c for c in taken_apart if not unicodedata.category(c).startswith("M")) or taken_apart


def word_spans(text: str) -> Iterator[Span]:
    """Words in order; in every script the marks above and below letters are part of them."""
    start = -1
    for at, character in enumerate(text):
        if _belongs(character):
            start = at if start < 0 else start
        elif start >= 0:
            yield Span(start, at)
            start = -1
    if start >= 0:
        yield Span(start, len(text))


def find_marks(text: str, sought: Typed) -> tuple[Mark, ...]:
    """Where the words typed stand in a text, in order."""
    wanted = sought.words
    begun = len(sought.whole) if sought.begun else -1
    marks = []
    for span in word_spans(text[:_LONGEST]):
        word = text[span.start : span.end]
        if _GRAMS.search(word):
            marks += _marks_within(word, span.start, wanted)
            continue
        known = folded(word)
        for number, want in enumerate(wanted):
            if alike(known, want) or (number == begun and known.startswith(want)):
                marks.append(Mark(span, number))
                break
    return tuple(marks)


def alike(one: str, other: str) -> bool:
    """Whether two folded words are the same, or forms of the same."""
    if one == other:
        return True
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    return shared >= _LEAST_STEM and one[shared:] in _ENDINGS and other[shared:] in _ENDINGS


def snippet(text: str, marks: Sequence[Mark]) -> Snippet:
    """Cut out the stretch with the most different words, on one line, with ellipses where it was cut.

    Marks for the eye only (bidirectional, zero-width) are left out: they could turn the rest of the line around.
    """
    start = _best_start(text, marks)
    spans = sorted((mark.span.start, mark.span.end) for mark in marks)
    shown: list[str] = ["…"] if start > 0 else []
    length = len(shown)
    places: dict[int, int] = {}
    at = start
    for at in range(start, len(text)):
        character = text[at]
        places[at] = length
        if length >= LONGEST_SNIPPET:
            shown.append("…")
            break
        if unicodedata.category(character) == "Cf" and character not in _JOINERS:
            continue
        if character.isspace() or unicodedata.category(character) == "Cc":
            if length and shown[-1] not in (" ", "…"):
                shown.append(" ")
                length += 1
            continue
        shown.append(character)
        length += 1
    else:
        at = len(text)
        places[at] = length
    return Snippet(
        "".join(shown).rstrip(),
        tuple(Span(places[first], places[min(last, at)]) for first, last in spans if start <= first < at),
    )


def _best_start(text: str, marks: Sequence[Mark]) -> int:
    """Where to begin, so that most of the words are seen; the beginning, where that holds as many."""

    def seen_from(start: int) -> int:
        return len(
            {mark.word for mark in marks if start <= mark.span.start < start + LONGEST_SNIPPET - _LEAD}
        )

    if not marks:
        return 0
    first = max(marks[:_TRIED], key=lambda mark: seen_from(mark.span.start)).span.start
    if first < LONGEST_SNIPPET - _LEAD and seen_from(0) >= seen_from(first):
        return 0
    earliest = max(0, first - _LEAD)
    # At the beginning of a sentence or a line, else of a word.
    lead = text[earliest:first]
    sentences = [match.end() for match in _SENTENCE.finditer(lead)]
    words = [match.end() for match in _SPACE.finditer(lead)]
    return earliest + (sentences[-1:] or words[:1] or [0])[0]


def _marks_within(run: str, base: int, wanted: Sequence[str]) -> list[Mark]:
    """Marks in text without spaces: the word as it was typed, else its pairs of characters."""
    known = unicodedata.normalize("NFKC", run)
    if len(known) != len(run):
        known = run
    known = known.casefold() if len(known.casefold()) == len(run) else known
    marks = []
    for number, want in enumerate(wanted):
        pieces = [want] if want in known else [want[i : i + 2] for i in range(len(want) - 1)]
        for piece in pieces:
            marks += [
                Mark(Span(base + m.start(), base + m.end()), number)
                for m in re.finditer(re.escape(piece), known)
            ]
    return sorted(marks, key=lambda mark: mark.span.start)


def _belongs(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")
