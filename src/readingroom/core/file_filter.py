"""Reads from words which files are meant: `PDFs larger than 10 MB`, `files from March 2021`, `the five newest`."""

# ruff: noqa: E501  (a pattern broken into pieces is harder to read than a long one)

import re
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from readingroom.core.models import Document, DocumentState


class Order(StrEnum):
    """By what the files are put in order."""

    NEWEST = "newest"
    OLDEST = "oldest"
    LARGEST = "largest"
    SMALLEST = "smallest"
    LONGEST = "longest"


_MOST_ORDERED = 10
"""Of the newest, largest and so on, where no number is said."""


@dataclass(frozen=True, slots=True)
class FileFilter:
    """Which files; every bound that is there must be met."""

    formats: frozenset[str] = frozenset()
    kind: str = ""
    """The formats, as the person calls them."""
    since: date | None = None
    before: date | None = None
    """The first day that does not count any more."""
    period: str = ""
    """The two in words: `2021`, `since March 2021`."""
    least_bytes: int | None = None
    most_bytes: int | None = None
    least_pages: int | None = None
    size: str = ""
    """The bounds in words: `larger than 10 MB`."""
    unread: bool = False
    """Those that could not be read."""
    order: Order | None = None
    most: int | None = None
    counting: bool = False
    noun: str = ""
    """What the person calls them, where no file tells whether it is one: `contracts`."""
    asked: bool = field(default=False, compare=False)
    """The words ask for files (`which`, `list`, `how many`)."""

    @property
    def anything(self) -> bool:
        """Whether every file is meant."""
        bounds = (self.since, self.before, self.least_bytes, self.most_bytes, self.least_pages, self.order)
        return not self.formats and not self.unread and all(bound is None for bound in bounds)

    def fits(self, document: Document, changed: date) -> bool:
        """Whether a document is meant; `changed` is the day on which its file was changed last."""
        if self.formats and document.format not in self.formats:
            return False
        if (self.since and changed < self.since) or (self.before and changed >= self.before):
            return False
        if self.least_bytes is not None and document.size_bytes <= self.least_bytes:
            return False
        if self.most_bytes is not None and document.size_bytes >= self.most_bytes:
            return False
        if self.least_pages is not None and (document.pages or 0) <= self.least_pages:
            return False
        return not self.unread or document.state in _UNREAD


_UNREAD = frozenset(
    (DocumentState.NO_TEXT, DocumentState.ENCRYPTED, DocumentState.UNSUPPORTED, DocumentState.FAILED, DocumentState.QUARANTINED)
)  # fmt: skip
_FORMATS = {
    r"pdfs?": ("PDF", "pdf"),
    r"word(?=-? ?(?:documents?|files?|dokumente?|dateien))": ("Word", "docx doc odt rtf"),
    r"spreadsheets?|excel(?=-? ?(?:files?|dateien|tabellen))|tabellen|workbooks?": ("spreadsheet", "xlsx xls xlsb ods csv"),
    r"presentations?|powerpoints?|slides|präsentationen|présentations": ("presentation", "pptx ppt odp"),
    r"e-?mails?|mails?|courriels?|correos": ("e-mail", "email eml msg mbox"),
    r"text(?=-? ?(?:files?|dateien))": ("text", "text"),
    r"web ?pages?|html(?= files?)": ("web page", "html"),
    r"images?|pictures?|photos?|scans?|bilder": ("picture", "image"),
    r"e-?books?": ("book", "epub fb2"),
    r"markdown(?= files?)": ("Markdown", "markdown"),
}  # fmt: skip
_FILES = r"files?|documents?|docs?|papers?|dateien?|dokumente?n?|unterlagen|fichiers?|documentos?|archivos?|ficheros?|sources?"
_PARTICULAR = (
    r"contracts?|agreements?|leases?|letters?|reports?|notes?|memos?|invoices?|bills?|receipts?|polic(?:y|ies)|verträgen?|"
    r"briefen?|rechnungen|berichten?|contrats?|lettres?|factures?|rapports?|contratos?|cartas?|facturas?|informes?"
)
"""Kinds of documents that no file tells: with other conditions all files are meant, and the answer says so."""
_MONTHS = {
    **{name: n for n, names in enumerate(
        ("january jan januar janvier enero", "february feb februar février febrero", "march mar märz mars marzo",
         "april apr avril abril", "may mai mayo", "june jun juni juin junio", "july jul juli juillet julio",
         "august aug août agosto", "september sep sept septembre septiembre", "october oct oktober octobre octubre",
         "november nov novembre noviembre", "december dec dezember décembre diciembre"), start=1) for name in names.split()},
}  # fmt: skip
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = rf"(?:(?P<month>{_MONTH})\.? )?(?P<year>(?:19|20)\d\d)"
_SIZE = r"(?P<number>\d+(?:[.,]\d+)?) ?(?P<unit>kb|mb|gb|kilobytes?|megabytes?|gigabytes?|ko|mo|go)"
_NUMBERS = {"one": 1, "two": 2, "three": 3, "five": 5, "ten": 10, "zwei": 2, "drei": 3, "fünf": 5, "zehn": 10}
_ORDERS = {
    "newest|latest|most recent|most recently (?:changed|modified|added)|neueste[nrs]?|jüngste[nrs]?|plus récents?|más recientes": Order.NEWEST,
    "oldest|älteste[nrs]?|plus anciens?|más antiguos": Order.OLDEST,
    "largest|biggest|größte[nrs]?|plus gros|plus grands?|más grandes": Order.LARGEST,
    "smallest|kleinste[nrs]?|plus petits?|más pequeños": Order.SMALLEST,
    "longest|längste[nrs]?|plus longs?|más largos": Order.LONGEST,
}
_IDLE = frozenset(
    "which what are is were was the my our all of in on this that these those there do does i we have has been me from dated "
    "changed modified made created written edited saved added last list show find give how many than with and or workspace "
    "folder here please any by date first top name every count number welche welches sind ist die der das meine alle aus dem "
    "von vom im zeige zeig mir liste auf wie viele gibt es habe ich geändert wurden als quels quelles sont les de du mes "
    "combien y a montre en qué son los mis del hay cuántos muestra tengo a file files seit seid depuis desde".split()
)
_ASKING = re.compile(
    r"^(?:which|list|show|how many|count|welche|wie viele|zeige?|liste|quels?|quelles|combien|qué|cuántos|muestra)\b"
)
_COUNTING = re.compile(r"^(?:how many|count|wie viele|combien|cuántos)\b")


def file_filter(said: str, today: date) -> FileFilter | None:
    """Which files the words mean; None where they mean something else, or something more."""
    reading = _Reading(said.casefold(), today)
    for step in (_read_period, _read_bounds, _read_order, _read_state, _read_kind):
        step(reading)
    named = reading.take(_FILES) is not None or bool(reading.found.formats)
    if (particular := reading.take(_PARTICULAR)) is not None:
        named = True
        reading.know(noun=particular.group())
    left = [word for word in re.findall(r"[\w’'-]+", reading.left) if word not in _IDLE]
    if left or not named:
        return None
    lowered = said.casefold()
    return replace(
        reading.found,
        counting=_COUNTING.match(lowered) is not None,
        asked=_ASKING.match(lowered) is not None,
    )


class _Reading:
    """What is still to be understood, and what was."""

    def __init__(self, left: str, today: date) -> None:
        self.left = left
        self.today = today
        self.found = FileFilter()

    def take(self, pattern: str) -> re.Match[str] | None:
        """Find words and take them out."""
        match = re.search(rf"(?<!\w)(?:{pattern})(?!\w)", self.left)
        if match is not None:
            self.left = f"{self.left[: match.start()]} {self.left[match.end() :]}"
        return match

    def know(self, **what: object) -> None:
        self.found = replace(self.found, **what)  # type: ignore[arg-type]


def _read_period(reading: _Reading) -> None:
    today = reading.today
    if match := reading.take(
        r"(?:between|zwischen|entre) (?P<first>(?:19|20)\d\d) (?:and|und|et|y) (?P<last>(?:19|20)\d\d)"
    ):
        first, last = sorted((int(match["first"]), int(match["last"])))
        reading.know(since=date(first, 1, 1), before=date(last + 1, 1, 1), period=f"{first} to {last}")
    elif match := reading.take(
        rf"(?P<bound>since|after|before|until|seit|nach|vor|bis|depuis|après|avant|desde|después de|antes de) {_DAY}"
    ):
        begin, end = _span(match)
        words = _day_words(match)
        bound = match["bound"]
        if bound in ("since", "seit", "depuis", "desde"):
            reading.know(since=begin, period=f"since {words}")
        elif bound in ("after", "nach", "après", "después de"):
            reading.know(since=end, period=f"after {words}")
        elif bound in ("until", "bis"):
            reading.know(before=end, period=f"until {words}")
        else:
            reading.know(before=begin, period=f"before {words}")
    elif match := reading.take(_DAY):
        begin, end = _span(match)
        reading.know(since=begin, before=end, period=_day_words(match))
    elif match := reading.take(
        r"(?:in the |within the |in den |der )?(?:last|past|letzten) (?P<n>\d+) (?P<unit>days?|weeks?|months?|tagen?|wochen|monaten?)"
    ):
        days = int(match["n"]) * {"d": 1, "t": 1, "w": 7, "m": 30}[match["unit"][0]]
        reading.know(
            since=today - timedelta(days=min(days, 36500)), period=f"the last {match['n']} {match['unit']}"
        )
    else:
        _read_named_period(reading)


def _read_named_period(reading: _Reading) -> None:
    today = reading.today
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    last_month = (month - timedelta(days=1)).replace(day=1)
    tomorrow = today + timedelta(days=1)
    periods = {
        r"today|heute|aujourd'hui|hoy": (today, tomorrow, "today"),
        r"yesterday|gestern|hier|ayer": (today - timedelta(days=1), today, "yesterday"),
        r"this week|diese woche": (monday, tomorrow, "this week"),
        r"last week|letzte woche": (monday - timedelta(days=7), monday, "last week"),
        r"this month|diesen monat": (month, tomorrow, "this month"),
        r"last month|letzten monat": (last_month, month, "last month"),
        r"this year|dieses jahr": (date(today.year, 1, 1), tomorrow, "this year"),
        r"last year|letztes jahr": (date(today.year - 1, 1, 1), date(today.year, 1, 1), "last year"),
    }
    for pattern, (since, before, words) in periods.items():
        if reading.take(pattern):
            reading.know(since=since, before=before, period=words)
            return


def _read_bounds(reading: _Reading) -> None:
    more = r"(?:larger|bigger|greater|more|heavier|größer|mehr|plus (?:gros|grands?)|más grandes) (?:than|als|que|de)|over|above|über"
    less = r"(?:smaller|less|kleiner|weniger|plus petits|más pequeños) (?:than|als|que|de)|under|below|unter"
    if match := reading.take(rf"(?:{more}) {_SIZE}"):
        size = _bytes(match)
        reading.know(least_bytes=size, size=f"larger than {match['number']} {match['unit'].upper()}")
    elif match := reading.take(rf"(?:{less}) {_SIZE}"):
        size = _bytes(match)
        reading.know(most_bytes=size, size=f"smaller than {match['number']} {match['unit'].upper()}")
    if match := reading.take(rf"(?:{more}|longer than|länger als) (?P<n>\d+) (?:pages?|seiten|páginas)"):
        reading.know(least_pages=int(match["n"]), size=f"longer than {match['n']} pages")


def _read_order(reading: _Reading) -> None:
    for words, order in _ORDERS.items():
        number = rf"(?:(?P<n>\d+|{'|'.join(_NUMBERS)}) )?"
        if match := reading.take(rf"{number}(?:{words})(?: (?P<after>\d+))?"):
            said = match["n"] or match["after"]
            one = reading.take(r"file|document|paper|pdf|datei|dokument") is not None and not said
            if one:
                reading.left += " file"
            most = 1 if one else _NUMBERS.get(said or "") or (int(said) if said else _MOST_ORDERED)
            reading.know(order=order, most=most)
            return


def _read_state(reading: _Reading) -> None:
    if reading.take(
        r"(?:that |which |die )?(?:could|can|were|are|konnten) ?(?:not|n't|nicht)(?: be| gelesen)? ?(?:read|opened|indexed|werden)"
        r"|unreadable|unread|failed"
    ):
        reading.know(unread=True)


def _read_kind(reading: _Reading) -> None:
    for pattern, (kind, formats) in _FORMATS.items():
        if reading.take(pattern):
            reading.know(formats=frozenset(formats.split()), kind=kind)
            return


def _span(match: re.Match[str]) -> tuple[date, date]:
    year, month = int(match["year"]), _MONTHS.get(match["month"] or "")
    if month is None:
        return date(year, 1, 1), date(year + 1, 1, 1)
    return date(year, month, 1), date(year + month // 12, month % 12 + 1, 1)


def _day_words(match: re.Match[str]) -> str:
    return f"{match['month'].title()} {match['year']}" if match["month"] else match["year"]


def _bytes(match: re.Match[str]) -> int:
    scale = {"k": 10**3, "m": 10**6, "g": 10**9}[match["unit"][0]]
    return int(float(match["number"].replace(",", ".")) * scale)
