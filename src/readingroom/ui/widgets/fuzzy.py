"""Finds entries by letters in order, as people type the beginnings of words."""

import re
from collections.abc import Sequence
from typing import Protocol, TypeVar


class Named(Protocol):
    """Anything with a text to search."""

    @property
    def text(self) -> str:
        """What is searched and shown."""
        ...


T = TypeVar("T", bound=Named)
_SCATTERED = 3
"""The worst rank: the letters stand in order, and others between them."""
_SPREAD = 3
"""Letters further apart than this many times their number are there by chance."""
_INITIALS = 3
"""So few letters may be the beginnings of words, and stand anywhere."""
_WORD_START = re.compile(r"(?:^|[\W_])(\w)")


def fuzzy_filter(entries: Sequence[T], typed: str, limit: int) -> list[T]:
    """Entries that hold the typed letters in order, the tightest first; all, as they stand, for nothing typed."""
    letters = [re.escape(letter) for letter in typed.lower() if not letter.isspace()]
    if not letters:
        return list(entries[:limit])
    pattern = re.compile(".*?".join(letters))
    phrase = typed.lower().strip()
    scored = []
    for place, entry in enumerate(entries):
        text = entry.text.lower()
        match = pattern.search(text)
        if match is None:
            continue
        at = text.find(phrase)
        initials = "".join(_WORD_START.findall(text)) if at < 0 else ""
        rank = (
            (0 if at == 0 else 1 if at > 0 and not text[at - 1].isalnum() else 2)
            if at >= 0
            else (2 if initials.startswith(phrase.replace(" ", "")) else _SCATTERED)
        )
        apart = match.end() - match.start() > _SPREAD * len(letters)
        if rank == _SCATTERED and apart and len(letters) > _INITIALS:
            continue
        scored.append((rank, match.end() - match.start(), len(text), place))
    scored.sort()
    return [entries[place] for *_, place in scored[:limit]]
