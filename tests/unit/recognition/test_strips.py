"""Lines are found on the network's map as turned rectangles."""

import math

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from readingroom.recognition.strips import Strip, find_strips


def drawn(strips: list[Strip], *, likely: float = 0.9) -> NDArray[np.float32]:
    picture = Image.new("L", (600, 400))
    for strip in strips:
        corners = [
            strip.point(0, 0),
            strip.point(strip.length, 0),
            strip.point(strip.length, strip.height),
            strip.point(0, strip.height),
        ]
        ImageDraw.Draw(picture).polygon(corners, fill=255)
    return np.asarray(np.asarray(picture) / 255 * likely, np.float32)


def found(likelihood: NDArray[np.float32], *, grow: float = 0.0, most: int = 100) -> list[Strip]:
    return find_strips(likelihood, threshold=0.3, wanted=0.5, grow=grow, most=most)


@pytest.mark.parametrize("degrees", [0.0, 4.0, -30.0, 90.0, 80.0])
def test_a_turned_line_is_found_as_it_lies(degrees: float) -> None:
    strip = Strip(300, 200, 240, 24, math.radians(degrees))
    (seen,) = found(drawn([strip]))
    assert (seen.x, seen.y, seen.length, seen.height) == pytest.approx((300, 200, 240, 24), abs=2.5)
    assert math.degrees(seen.angle - strip.angle) == pytest.approx(0, abs=1) or math.degrees(
        abs(seen.angle - strip.angle)
    ) == pytest.approx(180, abs=1)
    assert seen.upright == (abs(degrees) > 45)


def test_lines_that_do_not_touch_are_apart_and_the_largest_come_first() -> None:
    short, long = Strip(100, 50, 80, 20, 0), Strip(300, 120, 400, 20, 0)
    likelihood = drawn([short, long])
    assert [round(strip.length / 10) for strip in found(likelihood)] == [40, 8]
    assert [round(strip.length / 10) for strip in found(likelihood, most=1)] == [40]


def test_what_touches_at_a_corner_is_one() -> None:
    likelihood = np.zeros((40, 40), np.float32)
    likelihood[10:20, 5:15] = likelihood[20:30, 15:25] = 0.9
    assert len(found(likelihood)) == 1


def test_specks_and_unlikely_lines_are_left_out() -> None:
    assert found(drawn([Strip(100, 100, 200, 20, 0)], likely=0.4)) == []
    speck = np.zeros((20, 20), np.float32)
    speck[5:7, 5:12] = 0.9
    assert found(speck) == []
    assert found(np.zeros((20, 20), np.float32)) == []


def test_a_line_grows_by_the_same_on_all_sides() -> None:
    (seen,) = found(drawn([Strip(300, 200, 200, 20, 0)]), grow=1.6)
    # 200 * 20 * 1.6 / (2 * 220) = 14.5 on each side.
    assert (seen.length, seen.height) == pytest.approx((229, 49), abs=3)


def test_a_point_of_a_strip_is_where_it_lies_in_the_picture() -> None:
    strip = Strip(100, 100, 60, 20, math.radians(90))
    assert strip.point(0, 0) == pytest.approx((110, 70))
    assert strip.point(60, 20) == pytest.approx((90, 130))
    assert strip.turned().point(0, 0) == pytest.approx((90, 130))
    assert strip.scaled(2, 2) == Strip(200, 200, 120, 40, strip.angle)
