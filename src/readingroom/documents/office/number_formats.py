"""Shows numbers as a workbook's number formats do (`0.0%`, `#,##0.00 "EUR"`, `d mmm yyyy`), in English."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from readingroom.documents.office.serial_dates import DATE_FIELD, show_date

BUILT_IN = {
    0: "General",
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    5: '"$"#,##0_);("$"#,##0)',
    6: '"$"#,##0_);("$"#,##0)',
    7: '"$"#,##0.00_);("$"#,##0.00)',
    8: '"$"#,##0.00_);("$"#,##0.00)',
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    13: "# ??/??",
    # The system's own short date: which one cannot be known, so the one that cannot be misread.
    14: "yyyy-mm-dd",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    **dict.fromkeys((*range(27, 32), 36, *range(50, 55), 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((32, 33, 34, 35, 55, 56), "h:mm:ss"),
    **dict.fromkeys((37, 38), "#,##0_);(#,##0)"),
    **dict.fromkeys((39, 40), "#,##0.00_);(#,##0.00)"),
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)',
    42: '_("$"* #,##0_);_("$"* (#,##0);_("$"* "-"_);_(@_)',
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)',
    44: '_("$"* #,##0.00_);_("$"* (#,##0.00);_("$"* "-"??_);_(@_)',
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
}
"""Codes of the formats that a workbook need not write down (ECMA-376, 18.8.30)."""

_TOKEN = re.compile(
    r"""(?P<literal>"[^"]*"?|\\.|[_*].?)
    |(?P<bracket>\[[^\]]*\]?)
    |(?P<general>general)
    |(?P<exponent>e[+-])
    |(?P<date>am/pm|a/p|y+|m+|d+|h+|s+|e+|g+|b+)
    |(?P<digit>[0\#?])
    |(?P<mark>[.,%/@])
    |(?P<other>.)""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
_CONDITION = re.compile(r"\[\s*(<=|>=|<>|<|>|=)\s*(-?[\d.]+)\s*\]")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "=": lambda a, b: a == b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "<>": lambda a, b: a != b,
}
_ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
_CURRENCY = re.compile(r"\[\$([^\]-]*)")
_MAX_CODE = 300
"""Characters; Excel allows 255."""
_EXACT = Context(prec=400)


class _Token(NamedTuple):
    kind: str
    text: str


class _Section(NamedTuple):
    tokens: tuple[_Token, ...]
    condition: tuple[str, float] | None

    def has(self, kind: str, text: str = "") -> bool:
        return any(token.kind == kind and (not text or token.text == text) for token in self.tokens)


@lru_cache(maxsize=8192)
def show_number(value: float, code: str, *, since_1904: bool = False) -> str:
    """Show a number by a format code; empty where the format hides it. A code that makes no sense counts as General."""
    sections = _sections(code)
    section, shown = _choose(sections, value)
    try:
        if section.has("date"):
            return show_date(shown, section.tokens, since_1904=since_1904)
        return _show(section, shown)
    except (ValueError, OverflowError, InvalidOperation, ArithmeticError):
        return show_general(value)


def show_text(text: str, code: str) -> str:
    """Show a text by a format code: most leave it as it is, `;;;` hides it."""
    sections = _sections(code)
    section = sections[3] if len(sections) > 3 else sections[-1]
    if section.has("mark", "@"):
        return "".join(
            text if token.text == "@" else token.text for token in section.tokens if token.kind != "date"
        )
    return "" if len(sections) > 3 and not section.tokens else text


def show_general(value: float) -> str:
    """Show a number as it would be typed, with at most 15 digits."""
    if value != value or value in {float("inf"), float("-inf")}:
        return str(value)
    if value == int(value) and abs(value) < 1e16:
        return str(int(value))
    return f"{value:.15g}"


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[_Section, ...]:
    sections: list[_Section] = []
    tokens: list[_Token] = []
    condition: tuple[str, float] | None = None
    for match in _TOKEN.finditer(code[:_MAX_CODE]):
        kind, text = match.lastgroup or "other", match.group()
        if kind == "other" and text == ";":
            sections.append(_Section(tuple(tokens), condition))
            tokens, condition = [], None
        elif kind == "literal":
            tokens.append(_Token("literal", _literal(text)))
        elif kind == "bracket":
            if found := _CONDITION.fullmatch(text):
                condition = (found[1], float(found[2])) if found[2].count(".") < 2 else None
            elif _ELAPSED.fullmatch(text):
                tokens.append(_Token("date", text.lower()))
            elif currency := _CURRENCY.match(text):
                tokens.append(_Token("literal", currency[1]))
        else:
            tokens.append(_Token("literal" if kind == "other" else kind, text))
    sections.append(_Section(tuple(tokens), condition))
    return tuple(_without_stray_dates(section) for section in sections[:4])


def _literal(text: str) -> str:
    if text.startswith('"'):
        return text.strip('"')
    if text.startswith("\\"):
        return text[1:]
    # As wide as the next character, or filled up with it.
    return " " if text.startswith("_") else ""


def _without_stray_dates(section: _Section) -> _Section:
    """Letters beside digits are units that somebody left unquoted, unless they make a date."""
    if section.has("general") or not any(
        token.kind == "date" and DATE_FIELD.match(token.text) for token in section.tokens
    ):
        tokens = (
            token._replace(kind="literal") if token.kind == "date" else token for token in section.tokens
        )
        return section._replace(tokens=tuple(tokens))
    return section


def _choose(sections: tuple[_Section, ...], value: float) -> tuple[_Section, float]:
    """The section that shows the value, and the value without a sign where the section shows one of its own."""
    if any(section.condition for section in sections):
        for section in sections:
            if section.condition is None or _COMPARE[section.condition[0]](value, section.condition[1]):
                return section, value
        return sections[-1], value
    numeric = sections[:3]
    if value < 0 and len(numeric) > 1:
        return numeric[1], -value
    if value == 0 and len(numeric) > 2:
        return numeric[2], value
    return numeric[0], value


def _show(section: _Section, value: float) -> str:
    tokens = section.tokens
    sign = "-" if value < 0 else ""
    if section.has("general") or section.has("mark", "@"):
        shown = show_general(abs(value))
        return (
            sign + "".join(shown if t.kind == "general" or t.text == "@" else t.text for t in tokens).strip()
        )
    if not section.has("digit"):
        text = "".join(token.text for token in tokens).strip()
        return sign + text if text else ""
    if section.has("exponent"):
        return sign + _scientific(tokens, abs(value))
    if section.has("mark", "/"):
        return sign + _fraction(tokens, abs(value))
    text = _decimal(tokens, abs(value)).strip()
    # What rounds to zero has no sign.
    return sign + text if re.search(r"[1-9]", text) else text


def _decimal(tokens: tuple[_Token, ...], value: float) -> str:
    point = next((i for i, t in enumerate(tokens) if t == ("mark", ".")), len(tokens))
    digits = [i for i, t in enumerate(tokens) if t.kind == "digit"]
    last_whole = max((i for i in digits if i < point), default=-1)
    places = sum(i > point for i in digits)
    number = Decimal(repr(value)) * 100 ** sum(t == ("mark", "%") for t in tokens)
    commas = [i for i, t in enumerate(tokens) if t == ("mark", ",")]
    scaling = [i for i in commas if i > max(last_whole, max(digits, default=-1)) or last_whole < i < point]
    number = number.scaleb(-3 * len(scaling), _EXACT)
    number = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
    whole, _, part = f"{number:f}".partition(".")
    filled = _fill_whole(tokens, point, whole.lstrip("0"), grouped=len(commas) > len(scaling))
    text: list[str] = []
    kept = _kept_places(tokens, point, part)
    place = 0
    for index, token in enumerate(tokens):
        if token.kind == "digit":
            if index < point:
                text.append(filled[index])
            else:
                text.append(part[place] if place < kept else "")
                place += 1
        elif token.text == "," and token.kind == "mark":
            continue
        elif index == point:
            text.append("." if kept else "")
        else:
            text.append(token.text)
    return "".join(text)


def _fill_whole(tokens: tuple[_Token, ...], point: int, digits: str, *, grouped: bool) -> dict[int, str]:
    """Which digits stand in which place before the point, filled from the right; the first takes the rest."""
    places = [i for i, t in enumerate(tokens[:point]) if t.kind == "digit"]
    filled: dict[int, str] = {}
    count = 0
    for index in reversed(places):
        if index == places[0]:
            rest = digits if digits or tokens[index].text != "0" else "0"
        else:
            rest, digits = (digits[-1], digits[:-1]) if digits else ("", "")
            rest = rest or ("0" if tokens[index].text == "0" else "")
        shown = ""
        for digit in reversed(rest):
            shown = digit + ("," if grouped and count and count % 3 == 0 else "") + shown
            count += 1
        filled[index] = shown
    return filled


def _kept_places(tokens: tuple[_Token, ...], point: int, part: str) -> int:
    """Places after the point that are shown: zeros only where the format insists."""
    wanted = [t.text for t in tokens[point + 1 :] if t.kind == "digit"]
    kept = len(wanted)
    while kept and wanted[kept - 1] != "0" and part[kept - 1 : kept] in {"", "0"}:
        kept -= 1
    return kept


def _scientific(tokens: tuple[_Token, ...], value: float) -> str:
    exponent_at = next(i for i, t in enumerate(tokens) if t.kind == "exponent")
    before, after = tokens[:exponent_at], tokens[exponent_at + 1 :]
    point = next((i for i, t in enumerate(before) if t == ("mark", ".")), exponent_at)
    places = sum(t.kind == "digit" for t in before[point:])
    mantissa, _, exponent = f"{Decimal(repr(value)):.{places}E}".partition("E")
    width = sum(t.kind == "digit" for t in after)
    return f"{mantissa}E{int(exponent):+0{width + 1}d}"


def _fraction(tokens: tuple[_Token, ...], value: float) -> str:
    slash = next(i for i, t in enumerate(tokens) if t == ("mark", "/"))
    below = "".join(t.text for t in tokens[slash + 1 :] if t.kind in {"digit", "literal"}).strip()
    whole_shown = any(t.kind == "literal" and t.text == " " for t in tokens[:slash])
    if below.isdigit() and int(below):
        fixed = int(below)
        near = Fraction(round(Fraction(value) * fixed), fixed)
        denominator = fixed
    else:
        near = Fraction(value).limit_denominator(10 ** min(max(len(below), 1), 5) - 1)
        denominator = near.denominator
    whole = int(near) if whole_shown else 0
    above = (near - whole) * denominator
    if not above:
        return str(whole)
    return f"{whole} {above}/{denominator}" if whole else f"{above}/{denominator}"
