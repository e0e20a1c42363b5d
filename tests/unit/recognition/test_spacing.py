"""Words of a line are parted where the ink is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from readingroom.recognition.spacing import ink_passed_over, split_words
from readingroom.recognition.strips import Strip

STRIP = Strip(150, 24, 300, 48, 0.0)


def inked(*spans: tuple[int, int], width: int = 300, paper: int = 255, ink: int = 0) -> NDArray[np.uint8]:
    pixels = np.full((48, width, 3), paper, np.uint8)
    for begin, end in spans:
        pixels[12:36, begin:end] = ink
    return pixels


def words(
    text: str, middles: list[float], pixels: NDArray[np.uint8], scale: float = 1.0
) -> list[tuple[str, float, float]]:
    split = split_words(text, np.array(middles), pixels, STRIP, scale)
    return [(word.text, word.corners[0][0], word.corners[1][0]) for word in split]


@pytest.mark.parametrize(("paper", "ink"), [(255, 0), (20, 240)])
def test_a_word_reaches_from_its_first_ink_to_its_last(paper: int, ink: int) -> None:
    pixels = inked((20, 30), (33, 43), (60, 70), (73, 83), paper=paper, ink=ink)
    assert words("ab cd", [25, 38, 52, 65, 78], pixels) == [("ab", 20, 43), ("cd", 60, 83)]


def test_a_space_that_was_passed_over_is_seen_in_the_ink() -> None:
    """Typewriters leave wide gaps within words too: what counts is the gap beside the others of its line."""
    letters = [(20, 30), (35, 45), (50, 60), (90, 100), (105, 115), (120, 130)]
    middles = [float(begin + 5) for begin, _ in letters]
    assert words("New001", middles, inked(*letters)) == [("New", 20, 60), ("001", 90, 130)]
    close = [(20 + 15 * n, 30 + 15 * n) for n in range(6)]
    assert [word for word, _, _ in words("New001", [b + 5.0 for b, _ in close], inked(*close))] == ["New001"]


def test_characters_of_a_script_without_spaces_stand_alone_and_are_joined() -> None:
    split = split_words(
        "\u4eba\u4ebaab",
        np.array([25.0, 55.0, 85.0, 98.0]),
        inked((12, 38), (42, 68), (80, 90), (93, 103)),
        STRIP,
        1.0,
    )
    assert [(word.text, word.joined) for word in split] == [("\u4eba", False), ("\u4eba", True), ("ab", True)]


def test_places_are_those_of_the_strip_in_the_page() -> None:
    strip = Strip(500, 400, 600, 96, np.pi)
    (word,) = split_words("a", np.array([25.0]), inked((20, 30)), strip, 2.0)
    # Upside down: the line begins at the right, its top is below.
    assert word.corners[0] == pytest.approx((760, 448))
    assert word.corners[2] == pytest.approx((740, 352))


def test_letters_that_touch_are_parted_half_way() -> None:
    assert words("a b", [25, 35, 45], inked((20, 50))) == [("a", 20, 35), ("b", 35, 50)]


def test_ink_without_characters_tells_of_writing_that_is_not_known() -> None:
    pixels = inked(*((20 + 15 * n, 30 + 15 * n) for n in range(16)))
    assert ink_passed_over(np.array([25.0 + 15 * n for n in range(16)]), pixels) == 0
    assert ink_passed_over(np.array([25.0]), pixels) > 0.7
    assert ink_passed_over(np.array([]), inked()) == 0
