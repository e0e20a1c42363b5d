"""Finds every place at which a term stands in a text: a word in any of its forms, or words that follow each other."""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol

from readingroom.core.text_spans import Span

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3007\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Scripts written without spaces: a word of these is found wherever its characters stand."""
_PIECE = re.compile(f"[{_UNSPACED}]+|[^\\W_{_UNSPACED}](?:[^\\W_{_UNSPACED}]|[\u0300-\u036f\u00ad])*")
_JOINED = re.compile(r"[\s\u00ad‐‑–'’\"“”„«»_-]{1,12}")
"""What may stand between the words of a phrase: no full stop, no comma, and not half a page."""
_FOLLOWING_CHARS = 200
"""Of the next page: a phrase may run on over its border."""


class WordForms(Protocol):
    """Which words are forms of one, by the rule of the word index."""

    def kind(self, word: str) -> Hashable:
        """The same for all forms of a word, without regard to case and accents."""
        ...

    def beginning(self, word: str) -> str:
        """Letters with which all forms begin, lower case and without accents; may be empty."""
        ...


@dataclass(frozen=True, slots=True)
class TermPlace:
    """A place of a term in a text."""

    span: Span
    form: str
    """As it is written there, case-folded and on one line."""


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    kind: Hashable
    beginning: str
    unspaced: bool


class Term:
    """A word or a phrase to be looked for; `blank` where nothing of it can be."""

    def __init__(self, text: str, forms: WordForms) -> None:
        self.text = " ".join(text.split())
        self._forms = forms
        self._words = [_word(piece, forms) for piece in pieces(self.text)]
        self._kinds: dict[str, Hashable] = {}

    @property
    def blank(self) -> bool:
        """Whether there is no word in it."""
        return not self._words

    @property
    def words(self) -> tuple[str, ...]:
        """Its words, in order."""
        return tuple(word.text for word in self._words)

    @property
    def beginning(self) -> str:
        """Letters that stand at each place of it, see `WordForms.beginning`; of a script without spaces, the word."""
        return self._words[0].beginning

    @property
    def other_beginnings(self) -> tuple[str, ...]:
        """Those of the words after the first, as far as they are plain letters."""
        return tuple(word.beginning for word in self._words[1:] if word.beginning.isascii())

    @property
    def unspaced(self) -> bool:
        """Whether its first word is found wherever its characters stand."""
        return self._words[0].unspaced

    def places(self, text: str, following: str = "") -> list[TermPlace]:
        """Where it begins in `text`, in order; `following` is what comes after the text, for phrases."""
        if not self._words:
            return []
        folded, origin = fold(text + following[:_FOLLOWING_CHARS] if len(self._words) > 1 else text)
        border = len(text)
        found: list[TermPlace] = []
        at = 0
        while (start := self._next(folded, at)) >= 0:
            end = self._end(folded, start)
            if end < 0:
                at = start + 1
                continue
            first, last = origin.of(start), origin.of(end - 1) + 1
            if first >= border:
                break
            whole = text if last <= border else text + following
            while last < len(whole) and unicodedata.combining(whole[last]):
                last += 1
            form = " ".join(whole[first:last].replace("\u00ad", "").lower().split())
            found.append(TermPlace(Span(first, last), form))
            at = end
        return found

    def _next(self, folded: str, at: int) -> int:
        """Where the first word may begin, from `at` on."""
        first = self._words[0]
        if not first.beginning:
            match = _PIECE.search(folded, at)
            return -1 if match is None else match.start()
        while (start := folded.find(first.beginning, at)) >= 0:
            if first.unspaced or start == 0 or not _continues(folded[start - 1]):
                return start
            at = start + 1
        return -1

    def _end(self, folded: str, start: int) -> int:
        """Where the term ends that begins at `start`; negative where it is not the term."""
        end = start
        for number, word in enumerate(self._words):
            if number:
                gap = _JOINED.match(folded, end)
                if gap is None and not word.unspaced:
                    return -1
                end = end if gap is None else gap.end()
            end = self._word_end(folded, end, word)
            if end < 0:
                return -1
        return end

    def _word_end(self, folded: str, start: int, word: _Word) -> int:
        if word.unspaced:
            return start + len(word.beginning) if folded.startswith(word.beginning, start) else -1
        match = _PIECE.match(folded, start)
        if match is None:
            return -1
        known = match.group()
        kind = self._kinds.get(known)
        if kind is None:
            kind = self._kinds[known] = self._forms.kind(known)
        return match.end() if kind == word.kind else -1


def pieces(text: str) -> list[str]:
    """The words of a text as terms are made of them."""
    return _PIECE.findall(unicodedata.normalize("NFKC", text).replace("\u00ad", ""))


def is_unspaced(text: str) -> bool:
    """Whether the text begins in a script that is written without spaces."""
    return re.match(f"[{_UNSPACED}]", text) is not None


def fold(text: str) -> tuple[str, "Origin"]:
    """Lower case without accents, as the word index folds (`ß` to `ss`), and the way back to the text."""
    if text.isascii():
        return text.lower(), _SAME
    parts: list[str] = []
    places: list[int] = []
    shifts: list[int] = []
    last = length = shift = 0
    # By an expression: `str.translate` takes 0.1 us a character, a dozen times as long.
    for match in _SPECIAL.finditer(text):
        plain = _PLAIN[match.group()]
        if match.start() > last:
            parts.append(text[last : match.start()])
            length += match.start() - last
        last = match.end()
        parts.append(plain)
        for at in range(1, len(plain)):
            shift -= 1
            places.append(length + at)
            shifts.append(shift)
        length += len(plain)
        if not plain:
            shift += 1
            places.append(length)
            shifts.append(shift)
    parts.append(text[last:])
    return "".join(parts).lower(), Origin(places, shifts)


class Origin:
    """Where the characters of a folded text stand in the text itself."""

    def __init__(self, places: Sequence[int], shifts: Sequence[int]) -> None:
        self._places, self._shifts = places, shifts

    def of(self, at: int) -> int:
        """The place of the character at `at` of the folded text."""
        known = bisect_right(self._places, at)
        return at + self._shifts[known - 1] if known else at


def accents(text: str) -> int:
    """Which letters bear accents in a text: bit 0 for `a` to 25 for `z`, `ODD` for what is not one letter for one.

    Kept beside each page, so that its text need not be fetched to know whether a letter may be hidden by an accent.
    """
    if text.isascii():
        return 0
    found = 0
    for character in set(_SPECIAL.findall(text)):
        plain = _PLAIN[character].lower()
        if plain == "ss":
            found |= _bit("s")
        elif len(plain) == 1 and "a" <= plain <= "z":
            found |= _bit(plain)
        else:
            found |= ODD
    return found


ODD = 1 << 26
_COMMON = "aceinosuyz"
"""Letters that bear accents in the commoner languages; pages with others are looked through."""


@dataclass(frozen=True, slots=True)
class PagePattern:
    """What a page must meet to hold a term, in SQL's words; some more pages may meet it."""

    literal: tuple[str, ...]
    """LIKE patterns, one of which fits where none of the term's letters bears an accent."""
    loose: str
    """A LIKE pattern that fits also where those in `common` do."""
    common: int
    looked_through: int
    """Pages with accents on these letters must be looked through."""
    also: str = ""
    """A LIKE pattern of another word of a phrase, on the page or at the beginning of the next one; empty for a word."""
    also_looked_through: int = 0


def page_pattern(term: Term) -> PagePattern:
    """Build it from the letters at which every place of the term begins."""
    begun = term.beginning
    common = sum(_bit(letter) for letter in set(begun) if letter in _COMMON)
    rare = sum(_bit(letter) for letter in set(begun) if "a" <= letter <= "z" and letter not in _COMMON)
    loose = re.sub(f"[{_COMMON}]", "_", begun.replace("ss", "%"))
    literal = (begun,) if begun.isascii() else tuple(dict.fromkeys((begun, begun.title(), begun.upper())))
    also = max(term.other_beginnings, key=len, default="")
    return PagePattern(
        tuple(f"%{form}%" for form in literal),
        f"%{loose}%",
        common,
        rare | ODD,
        f"%{also}%" if also else "",
        ODD + sum(_bit(letter) for letter in set(also) if "a" <= letter <= "z"),
    )


def _bit(letter: str) -> int:
    return 1 << (ord(letter) - ord("a"))


def _plain_letters() -> dict[str, str]:
    table = dict(
        zip("łŁøØđĐħĦŧŦıßæÆœŒþÞðÐ", "l L o O d D h H t T i ss ae AE oe OE th TH d D".split(), strict=True)
    )
    table["\u00ad"] = ""
    table |= dict.fromkeys(map(chr, range(0x300, 0x370)), "")
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00), *range(0xFB00, 0xFB07), *range(0xFF10, 0xFF5B)):
        base = unicodedata.normalize("NFKD", chr(code))
        kept = "".join(c for c in base if not unicodedata.combining(c))
        if kept != chr(code):
            table.setdefault(chr(code), kept)
    return table


_PLAIN = _plain_letters()
_SPECIAL = re.compile(f"[{re.escape(''.join(_PLAIN))}]")
_SAME = Origin((), ())


def _continues(character: str) -> bool:
    return character.isalnum() and not is_unspaced(character)


def _word(text: str, forms: WordForms) -> _Word:
    folded, _ = fold(text)
    if is_unspaced(text):
        return _Word(text, text, folded, unspaced=True)
    return _Word(text, forms.kind(folded), forms.beginning(folded), unspaced=False)


def page_at(starts: Sequence[int], offset: int) -> int:
    """Which of pages that begin at `starts` holds the offset."""
    return max(0, bisect_right(starts, offset) - 1)
