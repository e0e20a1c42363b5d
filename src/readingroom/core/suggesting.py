"""Makes questions worth asking of what documents are headed and speak of."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from readingroom.core.extraction import Heading
from readingroom.core.key_phrases import KeyPhrase

SUGGESTED = 3
_NUMBERING = re.compile(
    r"^(?:(?:chapter|part|section|article|kapitel|teil|abschnitt|§)\s*)?"
    r"(?:[\dIVXL]+[.)]?|[A-Z][.)])(?:[\d.]*)\s+(?:[-–—]\s+)?",
    re.IGNORECASE,
)
_EMPTY = frozenset(
    "introduction contents abstract references conclusion conclusions appendix index summary background methods results "
    "discussion acknowledgements preface foreword notes overview general definitions annex bibliography einleitung inhalt "
    "inhaltsverzeichnis zusammenfassung literatur anhang vorwort fazit inhaltsangabe literaturverzeichnis sommaire "
    "introducción índice résumé".split()
)
_LEAST_CHARS, _MOST_CHARS, _MOST_WORDS = 6, 60, 8
_LEAST_PLACES = 3
_WORTH_SUMMING_UP = 2_000
"""Words: what is shorter is read sooner than summed up."""


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of a document that was looked into."""

    name: str
    words: int
    headings: tuple[Heading, ...]
    phrases: tuple[KeyPhrase, ...]


def questions(documents: Sequence[Looked]) -> tuple[str, ...]:
    """Three at most, each of another document where there are as many."""
    ways = (_of_headings(documents), _of_phrases(documents), _of_length(documents))
    chosen: list[str] = []
    used: set[str] = set()
    # Once each way, then whatever there is more of.
    for way in (*ways, *ways):
        if len(chosen) == SUGGESTED:
            break
        candidates = [(name, text) for name, text in way if text not in chosen]
        found = next((pair for pair in candidates if pair[0] not in used), None) or next(
            iter(candidates), None
        )
        if found is not None:
            used.add(found[0])
            chosen.append(found[1])
    return tuple(chosen)


def telling_title(title: str) -> str:
    """A heading without its number; empty where it says nothing of the subject."""
    plain = _NUMBERING.sub("", " ".join(title.split())).strip(" .:–-")
    if not _LEAST_CHARS <= len(plain) <= _MOST_CHARS or len(plain.split()) > _MOST_WORDS:
        return ""
    letters = sum(character.isalpha() for character in plain)
    if letters < len(plain) * 0.6 or plain.casefold() in _EMPTY:
        return ""
    return plain.capitalize() if plain.isupper() else plain


def _of_headings(documents: Iterable[Looked]) -> list[tuple[str, str]]:
    found = []
    for document in documents:
        titles = [title for heading in document.headings if (title := telling_title(heading.title))]
        # The first is mostly the document's own title.
        for title in titles[1:] or titles:
            if title.endswith("?"):
                found.append((document.name, title))
            else:
                found.append((document.name, f"What does {document.name} say about “{title}”?"))
            break
    return found


def _of_phrases(documents: Iterable[Looked]) -> list[tuple[str, str]]:
    found = []
    for document in documents:
        several = [p for p in document.phrases if " " in p.text and p.count >= _LEAST_PLACES]
        single = [p for p in document.phrases if p.count >= _LEAST_PLACES]
        if phrase := next(iter(several or single), None):
            found.append((document.name, f"Which documents mention “{phrase.text}”?"))
    return found


def _of_length(documents: Iterable[Looked]) -> list[tuple[str, str]]:
    long = sorted((d for d in documents if d.words >= _WORTH_SUMMING_UP), key=lambda d: -d.words)
    return [(document.name, f"Summarise {document.name}") for document in long]
