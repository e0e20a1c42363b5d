"""Places in a text as Python counts them (characters) and as Qt does (UTF-16 units)."""

import re
from bisect import bisect_left, bisect_right

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_UNSHOWABLE = re.compile("[\0\ud800-\udfff]")
_BREAKS = dict.fromkeys(map(ord, "\r\v\f\x1c\x1d\x1e\x85\u2029\ufdd0\ufdd1"), " ")


class OffsetMap:
    """Converts places in one text. Characters outside the basic plane take two units."""

    def __init__(self, text: str) -> None:
        self._astral = [] if text.isascii() else [match.start() for match in _ASTRAL.finditer(text)]
        self._astral_units = [offset + place for place, offset in enumerate(self._astral)]

    def units(self, offset: int) -> int:
        """Characters to UTF-16 units."""
        return offset + bisect_left(self._astral, offset)

    def offset(self, units: int) -> int:
        """UTF-16 units to characters; the middle of a pair counts as its start."""
        return units - bisect_right(self._astral_units, units - 1)


def showable(text: str) -> str:
    """Replace, one for one, what a Qt document would swallow or take for a paragraph's end; keep line feeds.

    Qt makes one paragraph's end of a carriage return with its line feed, which would shift every place
    after it; lone surrogates cannot be handed to Qt at all.
    """
    return _UNSHOWABLE.sub("\ufffd", text).translate(_BREAKS)
