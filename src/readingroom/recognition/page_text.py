"""A page's text and the boxes of its words, from the lines seen on its picture."""

from collections.abc import Sequence

from readingroom.core.extraction import PlacedWord, Rectangle
from readingroom.core.page_images import Matrix
from readingroom.core.recognition import RecognisedPage
from readingroom.recognition.seen import Place, SeenPage


def compose(seen: SeenPage, to_points: Matrix) -> RecognisedPage:
    """Join words by a space, lines by a newline, paragraphs by a blank line; any text ends with a newline.

    The boxes of words on a slant are as wide and high as it takes to hold them.
    """
    pieces: list[str] = []
    words: list[PlacedWord] = []
    offset = 0
    number = 0

    def write(text: str) -> None:
        nonlocal offset
        pieces.append(text)
        offset += len(text)

    for paragraph in seen.paragraphs:
        if offset:
            write("\n")
        for line in paragraph:
            for place, word in enumerate(line.words):
                if place and not word.joined:
                    write(" ")
                start = offset
                write(word.text)
                words.append(PlacedWord(start, offset, _box(word.corners, to_points), number))
            write("\n")
            number += 1
    return RecognisedPage("".join(pieces), tuple(words), seen.engine, seen.confidence, seen.unread_share)


def _box(corners: Sequence[Place], matrix: Matrix) -> Rectangle:
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x, y in corners]
    ys = [b * x + d * y + f for x, y in corners]
    # Two decimals: a hundredth of a point is a thousandth of a letter.
    return (round(min(xs), 2), round(min(ys), 2), round(max(xs), 2), round(max(ys), 2))
