"""Text can be read by those who do not see well: 4.5 to 1 against what it stands on (WCAG 2.2, 1.4.3)."""

import re

import pytest
from PySide6.QtGui import QColor

from readingroom.config.paths import resource_path
from readingroom.ui.theme import DARK, LIGHT, Palette

GROUNDS = ("window", "panel", "raised", "selection", "accent_wash")


def luminance(color: QColor) -> float:
    parts = [color.redF(), color.greenF(), color.blueF()]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: QColor, other: QColor) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_text_stands_out_from_every_ground(palette: Palette) -> None:
    pairs = [(ink, ground) for ink in ("ink", "soft", "accent") for ground in GROUNDS]
    pairs += [
        ("on_accent", "accent"),
        ("warning", "warning_wash"),
        ("warning", "raised"),
        ("error", "raised"),
    ]
    weak = [
        (ink, ground) for ink, ground in pairs if contrast(palette.color(ink), palette.color(ground)) < 4.5
    ]
    assert weak == []


def test_the_faint_ink_writes_only_what_cannot_be_used_now() -> None:
    sheets = "".join(resource_path(name).read_text("utf-8") for name in ("style.qss", "style-documents.qss"))
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", sheets)
    faint = [head.strip() for head, body in rules if re.search(r"(?<![-\w])color: @faint", body)]
    assert faint
    assert [head for head in faint if not all(":disabled" in part for part in head.split(","))] == []
