"""Whether what a tool made of a file is right, by the rules at the head of `reading.py`."""

import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from _manifest import Row, comparable
from _reading_tools import Answer

NOT_CLAIMED = frozenset({"archive", "binary", "iwork"})
NEEDS_LIBREOFFICE = frozenset({"doc", "ppt", "wpd"})

_OUR_STATES = {
    "ok": {"text"},
    "scanned": {"no text"},
    "encrypted": {"encrypted"},
    "corrupt": {"corrupt", "no text"},
    "empty": {"no text"},
    "unsupported": {"unsupported"},
}
_THEIR_STATES = {
    "ok": {"text"},
    "scanned": {"no text", "error"},
    "encrypted": {"error"},
    "corrupt": {"error", "no text"},
    "empty": {"no text"},
    "unsupported": {"error", "text"},
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Of one file; None where there is nothing to judge."""

    right: bool
    """Its state."""
    found: bool | None
    placed: bool | None
    fault: str
    """What was wrong, for the list of misses; empty when nothing was."""


@dataclass(slots=True)
class Tally:
    """Counts over the files of a format."""

    files: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, verdict: Verdict) -> None:
        """Count a file."""
        self.files += 1
        self.counts["right"] += verdict.right
        for name, value in (("found", verdict.found), ("placed", verdict.placed)):
            if value is not None:
                self.counts[name] += value
                self.counts[f"{name} of"] += 1


def total(tallies: Iterable[Tally]) -> Tally:
    """All together."""
    whole = Tally()
    for tally in tallies:
        whole.files += tally.files
        whole.counts += tally.counts
    return whole


def judge(row: Row, answer: Answer, *, ours: bool, recognised: bool) -> Verdict:
    """Compare what a tool made of a file with what it is to give."""
    phrase = comparable(row.phrase)
    wanted = bool(phrase) and (row.expected == "ok" or (recognised and row.expected == "scanned"))
    found = any(phrase in comparable(one.text) for one in answer.everything()) if wanted else None
    placed = _on_pages(answer, phrase, row.pages) if wanted and row.pages else None
    right = _right_state(row, answer, phrase, ours=ours, recognised=recognised)
    if not right:
        fault = f"{row.expected} expected, {answer.state} found: {answer.reason}"
    elif found is False:
        fault = f"phrase not found: {row.phrase} ({answer.state}: {answer.reason})"
    elif placed is False:
        fault = f"phrase not on page {','.join(map(str, row.pages))}: {row.phrase}"
    else:
        fault = ""
    return Verdict(right, found, placed, fault)


def _on_pages(answer: Answer, phrase: str, pages: Iterable[int]) -> bool:
    by_number: dict[int | None, str] = {}
    for number, text in answer.pages:
        by_number[number] = by_number.get(number, "") + text
    return all(phrase in comparable(by_number.get(number, "")) for number in pages)


def _right_state(row: Row, answer: Answer, phrase: str, *, ours: bool, recognised: bool) -> bool:
    state = answer.state
    if row.expected == "ok" and state == "no text" and any(one.text.strip() for one in answer.everything()):
        # A mailbox: all its text is that of its messages.
        state = "text"
    if row.expected == "scanned" and state == "text":
        # Recognised, by a tool that does so unasked or because it was asked to.
        return (recognised or not ours) and phrase in comparable(answer.text)
    if not ours:
        return state in _THEIR_STATES[row.expected] and (row.format, state) != ("binary", "text")
    right = set(_OUR_STATES[row.expected])
    if recognised and phrase and row.expected == "scanned":
        right = set()
    if row.format in NOT_CLAIMED or (row.format in NEEDS_LIBREOFFICE and not _libreoffice()):
        right.add("unsupported")
    return state in right


def _libreoffice() -> bool:
    return any(shutil.which(name) for name in ("soffice", "libreoffice"))
