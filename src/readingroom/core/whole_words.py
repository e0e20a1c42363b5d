"""What an answer about all documents says: how many there are, and what was counted to know it."""

import re
from collections import Counter
from datetime import date

from readingroom.core.counting import count_words
from readingroom.core.file_filter import FileFilter, Order
from readingroom.core.models import Document

_FORMS_SAID = 4
_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~])")
_ORDER_WORDS = {
    Order.NEWEST: "changed last",
    Order.OLDEST: "unchanged the longest",
    Order.LARGEST: "the largest",
    Order.SMALLEST: "the smallest",
    Order.LONGEST: "the longest",
}


def tally_words(term: str, forms: Counter[str], found: int, total: int, period: str) -> str:
    """Say how many hold it: `**12 of 340 documents** hold “indemnity” or “indemnities”, in 37 places`."""
    places = forms.total()
    verb = "holds" if found == 1 else "hold"
    return (
        f"**{found:,} of {count_words(total, 'document')}**{_of(period)} {verb} {_forms(term, forms)}, in "
        f"{count_words(places, 'place')}."
    )


def none_words(term: str, total: int, period: str) -> str:
    """Say that nothing holds it, and that everything was looked through."""
    none = f"**None of {count_words(total, 'document')}**{_of(period)}"
    return f"{none} holds “{plain(term)}”; all of their text was looked through."


def scattered_words(term: str, found: int, total: int) -> str:
    """The words stand in them, not one after the other."""
    if not found:
        return none_words(term, total, "")
    verb = "holds" if found == 1 else "hold"
    return (
        f"No document holds “{plain(term)}” as it stands. **{found:,} of {count_words(total, 'document')}** {verb} all of "
        "these words somewhere."
    )


def which_words(noun: str, named: int) -> str:
    """What cannot be told of the documents that were counted."""
    if not noun:
        return ""
    said = (
        f"; {named:,} say{'s' if named == 1 else ''} so in {'its' if named == 1 else 'their'} name"
        if named
        else ""
    )
    return f"All documents were counted: which of them are {plain(noun)}, their files do not tell{said}."


def not_counted_words(unread: int, pending: int) -> str:
    """What could not be looked through."""
    parts = []
    if unread:
        parts.append(f"{unread:,} more {'has' if unread == 1 else 'have'} no text that could be read")
    if pending:
        parts.append(f"{pending:,} {'is' if pending == 1 else 'are'} still to be read")
    return f"Not counted: {' and '.join(parts)}." if parts else ""


def files_words(wanted: FileFilter, found: int, of_all: int, total: int, named: int) -> str:
    """Say how many files are meant: `**14 of 340 documents** are PDF documents last changed in 2021`."""
    kind = f"{wanted.kind} " if wanted.kind else ""
    were = "was" if found == 1 else "were"
    have = "has" if found == 1 else "have"
    if wanted.order is not None and found:
        text = f"**{found:,} of {of_all:,} {kind}documents**, {_ORDER_WORDS[wanted.order]}."
    elif wanted.anything:
        text = f"This workspace has **{count_words(total, 'document')}**."
    else:
        said = [f"{were} last changed {_when(wanted.period)}"] if wanted.period else []
        said += [f"{'is' if found == 1 else 'are'} {wanted.size}"] if wanted.size else []
        said += [f"{have} no text that could be read"] if wanted.unread else []
        if not said:
            said = [f"{'is' if found == 1 else 'are'} of this kind: {wanted.kind}"]
        elif kind and found:
            said.insert(0, f"{'is' if found == 1 else 'are'} of the kind {wanted.kind}")
        text = f"**{f'{found:,}' if found else 'None'} of {count_words(total, 'document')}** {' and '.join(said)}."
    if named:
        text += f" {named:,} more {'has' if named == 1 else 'have'} {wanted.period} in {'its' if named == 1 else 'their'} name."
    if wanted.noun:
        text += f" Which of them are {plain(wanted.noun)}, their files do not tell."
    return text


def file_note(document: Document, changed: date) -> str:
    """`12 March 2021 · 1.4 MB · 48 pages`."""
    parts = [f"{changed.day} {changed:%B %Y}", _size(document.size_bytes)]
    if document.pages:
        parts.append(count_words(document.pages, "page"))
    return " · ".join(parts)


def plain(text: str) -> str:
    """Without meaning in Markdown."""
    return _MARKDOWN.sub(r"\\\1", text)


def _forms(term: str, forms: Counter[str]) -> str:
    # One form more takes no more room than to say that there is one.
    shown = len(forms) if len(forms) == _FORMS_SAID + 1 else _FORMS_SAID
    said = [plain(form) for form, _ in forms.most_common(shown)] or [plain(term)]
    more = len(forms) - len(said)
    words = [f"“{form}”" for form in said]
    if more > 0:
        return f"{', '.join(words)} or one of {more} more forms"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _of(period: str) -> str:
    return f" last changed {_when(period)}" if period else ""


def _when(period: str) -> str:
    bound = period.split(" ", maxsplit=1)[0] in (
        "since",
        "after",
        "before",
        "until",
        "today",
        "yesterday",
        "this",
        "last",
    )
    return period if bound else f"in {period}"


def _size(size_bytes: int) -> str:
    size = float(max(0, size_bytes))
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit != "MB" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
