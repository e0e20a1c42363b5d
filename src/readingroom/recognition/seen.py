"""What engines make of a picture: lines of placed words."""

from collections.abc import Sequence
from dataclasses import dataclass

Place = tuple[float, float]
"""x, y in pixels of the picture, y downwards."""


@dataclass(frozen=True, slots=True)
class SeenWord:
    """A word, or a character of a script that knows no spaces."""

    text: str
    corners: Sequence[Place]
    """Of its box, which may be turned: start top, end top, end bottom, start bottom, as it is read."""
    joined: bool = False
    """No space goes before it."""


@dataclass(frozen=True, slots=True)
class SeenLine:
    """Words of a line, or of a part of one, in reading order."""

    words: tuple[SeenWord, ...]
    confidence: float
    """0 to 1."""

    @property
    def text(self) -> str:
        """The words joined as they stand."""
        return "".join(
            word.text if word.joined or not place else f" {word.text}"
            for place, word in enumerate(self.words)
        )


@dataclass(frozen=True, slots=True)
class SeenPage:
    """All of a page: paragraphs of lines, in reading order."""

    paragraphs: tuple[tuple[SeenLine, ...], ...]
    engine: str
    unread_share: float = 0.0
    """How much of all that looks like writing was not read, 0 to 1."""

    @property
    def confidence(self) -> float:
        """Of all lines, weighted by length; 1 where there are none."""
        weights = [len(line.text) for lines in self.paragraphs for line in lines]
        if not sum(weights):
            return 1.0
        sure = [line.confidence for lines in self.paragraphs for line in lines]
        return sum(w * c for w, c in zip(weights, sure, strict=True)) / sum(weights)
