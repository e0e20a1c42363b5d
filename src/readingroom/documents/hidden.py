"""Says, of text that a person looking at the document cannot see, that it was left out."""

import re
import unicodedata
from collections.abc import Sequence

from readingroom.core.counting import count_words

_EXCERPT = 60
_SCANNED = 10_000
"""Of the first pieces, more than enough for an excerpt."""


def hidden_note(pieces: Sequence[str], where: str = "", *, is_kept: bool = False) -> str:
    """A sentence with how much was left out, where (`on page 2`) and how it begins; empty for nothing but space.

    The excerpt has at most 60 characters and no control or formatting characters, so that it cannot do anything.
    `is_kept` says that the text stays, in brackets that tell it apart.
    """
    count = sum(len(" ".join(piece.split())) for piece in pieces)
    if not count:
        return ""
    amount = count_words(count, "character")
    place = f" {where}" if where else ""
    fate = "is marked as such" if is_kept else "was left out"
    return f"Text that cannot be seen {fate} ({amount}{place}): “{_excerpt(pieces)}”"


def _excerpt(pieces: Sequence[str]) -> str:
    text = ""
    for piece in pieces:
        text = f"{text} {piece[:_SCANNED]}"
        if len(text) > _SCANNED:
            break
    plain = "".join(character if _harmless(character) else " " for character in text)
    words = re.sub(r"\s+", " ", plain).strip()
    return words if len(words) <= _EXCERPT else words[: _EXCERPT - 1].rstrip() + "…"


def _harmless(character: str) -> bool:
    return not unicodedata.category(character).startswith("C")
