"""The numbers, dates and names of a sentence, by which it can be caught saying what its source does not."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f]\d+)*")
_GROUPED = re.compile(r"\d{1,3}(?:([.,'’\u00a0\u202f ])\d{3})(?:\1\d{3})*(?:[.,]\d+)?")
_SCALES = {
    "thousand": 1e3, "tausend": 1e3, "k": 1e3, "million": 1e6, "millions": 1e6, "mn": 1e6, "m": 1e6, "mio": 1e6, "millionen": 1e6,
    "millones": 1e6, "mm": 1e6, "billion": 1e9, "billions": 1e9, "bn": 1e9, "b": 1e9, "milliarden": 1e9, "milliards": 1e9,
    "mrd": 1e9, "trillion": 1e12, "tn": 1e12,
}  # fmt: skip
_SCALE_AFTER = re.compile(
    rf"[\s\u00a0-]?({'|'.join(sorted(_SCALES, key=len, reverse=True))})\b", re.IGNORECASE
)
_SHORT_YEAR = re.compile(r"(?:\bFY\s?|['’]|\b(?:19|20)\d\d\s?[-–/]\s?)(\d\d)\b", re.IGNORECASE)
_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
).split()
_TENS = {
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "seventy": 70,
    "eighty": 80,
    "ninety": 90,
    "hundred": 100,
}
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "half": 0.5, "quarter": 0.25, "dozen": 12, "once": 1, "twice": 2, "double": 2, "triple": 3,
    "eins": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11,
    "zwölf": 12, "zwanzig": 20, "dreißig": 30, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9,
    "dix": 10, "douze": 12, "vingt": 20, "trente": 30, "dos": 2, "tres": 3, "cuatro": 4, "cinco": 5, "seis": 6, "siete": 7,
    "ocho": 8, "nueve": 9, "diez": 10, "veinte": 20, "treinta": 30,
}  # fmt: skip
_SPELT = {word: float(value) for value, word in enumerate(_SMALL)} | _TENS | _ORDINALS
_SAID_LOOSELY = 3.0
"""`The policy names two conditions` counts; up to three, spelt numbers are not looked for in the passage."""
_COMPOUND = re.compile(rf"\b({'|'.join((*_TENS, 'twenty'))})[-\s]({'|'.join(_SMALL[1:10])})\b")
_TIME = re.compile(
    rf"\b(\d{{1,4}}|{'|'.join(_SPELT)})[\s-]+(weeks?|days?|years?|months?|hours?|minutes?|wochen?|tage?n?|jahre?n?|monate?n?)\b"
)
_OTHER_UNIT = {
    "w": (7, 0),
    "d": (24, 7),
    "t": (24, 7),
    "y": (12, 0),
    "j": (12, 0),
    "m": (0, 12),
    "h": (60, 24),
    "mi": (0, 60),
}
"""By how much to multiply for the smaller unit, and to divide for the larger one."""
_MONTHS = (
    "january|januar|janvier|enero", "february|februar|février|febrero", "march|märz|mars|marzo", "april|avril|abril",
    "may|mai|mayo", "june|juni|juin|junio", "july|juli|juillet|julio", "august|août|agosto", "september|septembre|septiembre",
    "october|oktober|octobre|octubre", "november|novembre|noviembre", "december|dezember|décembre|diciembre",
)  # fmt: skip
_MONTH_OF = {word: number for number, said in enumerate(_MONTHS, start=1) for word in said.split("|")}
_MONTH_OF |= {word[:3]: number for word, number in _MONTH_OF.items() if word.isascii()}
_ANY_MONTH = "|".join(sorted(_MONTH_OF, key=len, reverse=True))
_MONTH = re.compile(
    rf"(?:(?<=\d\s)|(?<=\d\.\s)|\b(?=\w+\.?,?\s\d)|\b(?=[A-ZÄÉ]\w{{4,}}))({_ANY_MONTH})\b\.?", re.IGNORECASE
)
_ISO_DATE = re.compile(r"\b\d{4}-(\d\d)-\d\d\b|\b(\d{1,2})[./](\d{1,2})[./](?:\d{4}|\d\d)\b")
_PAGE = re.compile(r"\b(?:pp?\.|pages?|seiten?|S\.)\s*\d+(?:\s*[-–]\s*\d+)?", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_][\w'’&.-]*[\w&]|[^\W\d_]")
_CAPITAL_SHARE = 0.8
"""Above it the sentence is a title."""
_NOUNS_WITH_CAPITALS = frozenset(
    "der die das dem den des und ist sind nicht ein eine einen einer wird werden auf für von zum zur".split()
)
"""Two of these words, and it is German, where a capital says nothing."""
_ROLES = frozenset(
    "company firm corporation group bank board committee council government ministry department agency authority court state "
    "president minister director chairman chief university institute party parties plan act agreement section article".split()
)
"""What stands in for a name, with a capital: `the Company`."""
_TITLES = frozenset(
    "mr mrs ms dr prof sir the a an in on at of for by to and or but from with i it he she we they this that".split()
)


def missing_numbers(claim: str, sources: Iterable[str]) -> list[str]:
    """The numbers and months of a claim that stand in none of the texts, in whatever way they are written there.

    `1.6 billion` stands in `1,577.3` where that may be millions; `2023` in `FY23`; `12` in `twelve`.
    """
    text = _PAGE.sub(" ", unicodedata.normalize("NFKC", claim))
    known: set[float] = set()
    months: set[int] = set()
    for source in sources:
        folded = unicodedata.normalize("NFKC", source)
        for number in _numbers(folded):
            known |= number.values
            known.update(number.parts)
        known |= _spelt(folded) | {2000.0 + int(year) for year in _SHORT_YEAR.findall(folded)}
        months |= _months(folded)
        known |= _converted(folded)
    known |= months
    missing = [number.said for number in _numbers(text) if not _stands(number, known)]
    missing += [f"{value:g}" for value in _spelt(text) if value > _SAID_LOOSELY and value not in known]
    named = {_MONTH_OF[match.group(1).casefold()] for match in _MONTH.finditer(text)}
    return missing + [f"month {month}" for month in named if months and month not in months]


@dataclass(frozen=True, slots=True)
class _Number:
    said: str
    values: set[float]
    """What it may mean: `1,234` differs between countries."""
    parts: tuple[float, ...]
    """Where blanks stand in it: it may be several numbers beside each other, as in the row of a table."""
    scaled: bool
    """A word like `million` follows, which a table's heading may have said of all its numbers."""


def _numbers(text: str) -> Iterator[_Number]:
    at = 0
    while (match := _NUMBER.search(text, at)) is not None:
        grouped = _GROUPED.match(text, match.start())
        whole = grouped if grouped is not None and grouped.end() > match.end() else match
        at = whole.end()
        values = _meanings(whole.group())
        scale = _SCALE_AFTER.match(text, at)
        if scale is not None:
            values = values | {value * _SCALES[scale.group(1).casefold()] for value in values}
        said = whole.group()
        parts = (
            tuple(float(part) for part in re.split(r"[ \u00a0\u202f]", said))
            if re.fullmatch(r"[\d \u00a0\u202f]+", said)
            else ()
        )
        yield _Number(said, values, parts if len(parts) > 1 else (), scale is not None)


def _meanings(said: str) -> set[float]:
    plain = re.sub(r"['’\u00a0\u202f ]", "", said)
    parts = re.split(r"[.,]", plain)
    if len(parts) == 1:
        return {float(plain)}
    if len(parts) > 2 and len(set(re.findall(r"[.,]", plain))) == 1:
        if all(len(part) == 3 for part in parts[1:]):
            return {float("".join(parts))}
        return {float(part) for part in parts}  # a date, a version, a section: 31.12.2024
    values = {float("".join(parts[:-1]) + "." + parts[-1])}
    return values | {float("".join(parts))} if len(parts) == 2 and len(parts[1]) == 3 else values


def _stands(number: _Number, known: set[float]) -> bool:
    if number.values & known or (number.parts and known.issuperset(number.parts)):
        return True
    if len(re.sub(r"\D", "", number.said).lstrip("0")) < 2:
        return False
    scales = (1.0, 1e3, 1e6, 1e9) if number.scaled else (1.0,)
    value = max(number.values)
    half = _last_digit(value) / 2
    # Said more roughly than it stands there: 29.6 as 30, never 30 as 29.6, and no 2,018 as 2,000.
    return any(
        abs(other * scale - value) <= half and (other != int(other) or scale > 1 or value > 9999)
        for other in known
        for scale in scales
    )


def _last_digit(value: float) -> float:
    """What one more in the last digit that is said would be: 0.1 for 1.6, 1,000 for 23,000."""
    text = f"{value:.6f}".rstrip("0")
    whole, _, fraction = text.partition(".")
    if fraction:
        return float(10 ** -len(fraction))
    return float(10 ** (len(whole) - len(whole.rstrip("0"))))


def _converted(text: str) -> set[float]:
    """Times in the unit a person would say instead: `two weeks` as 14 days, `24 months` as 2 years."""
    found: set[float] = set()
    for said, unit in _TIME.findall(text.casefold()):
        value = _SPELT.get(said) or (float(said) if said.isdecimal() else 0.0)
        times, over = _OTHER_UNIT[unit[0] if unit[:2] != "mi" else "mi"]
        found |= {value * times} if times else set()
        if over and value and value % over == 0:
            found.add(value / over)
    return found


def _spelt(text: str) -> set[float]:
    folded = text.casefold()
    found = {_SPELT[word] for word in re.findall(r"[^\W\d_]+", _COMPOUND.sub(" ", folded)) if word in _SPELT}
    return found | {_SPELT[tens] + _SPELT[unit] for tens, unit in _COMPOUND.findall(folded)}


def _months(text: str) -> set[int]:
    found = {_MONTH_OF[match.group(1).casefold()] for match in _MONTH.finditer(text)}
    for iso, first, second in _ISO_DATE.findall(text):
        found |= {int(part) for part in (iso, first, second) if part and 1 <= int(part) <= 12}
    return found


def names_in(text: str) -> list[str]:
    """Words written with a capital where the sentence gives no reason for it; none where every noun is."""
    found = list(_NAME.finditer(text))
    inner = [
        m.group() for m in found if m.start() > 0 and not re.search(r"[.:!?\"“”(|]\s*\Z", text[: m.start()])
    ]
    inner = [word for word in inner if word.casefold() not in _TITLES and len(word) > 1]
    capital = [word for word in inner if word[0].isupper() and word.casefold().strip(".") not in _MONTH_OF]
    german = sum(match.group().casefold() in _NOUNS_WITH_CAPITALS for match in found)
    if german > 1 or (len(inner) > 3 and len(capital) > _CAPITAL_SHARE * len(inner)):
        return []
    return [word for word in capital if word.casefold().removesuffix("'s").removesuffix("’s") not in _ROLES]
