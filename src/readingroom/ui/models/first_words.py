"""Words for what a workspace holds, at its beginning."""

from pathlib import Path

from readingroom.core.counting import count_words
from readingroom.core.models import DocumentState
from readingroom.services.first_minutes import Greeting
from readingroom.ui.models.format_kinds import kind_by_suffix

_KINDS_SAID = 3
_PLURALS = {
    "PDF": "PDFs",
    "Text": "texts",
    "Source code": "source code",
    "Table": "tables",
    "Mailbox": "mailboxes",
}
_WHY = {
    DocumentState.ENCRYPTED: "need a password",
    DocumentState.NO_TEXT: "hold no text",
    DocumentState.UNSUPPORTED: "are of a kind that is not read",
    DocumentState.OFFLINE: "are not connected",
}
_WHY_ONE = {
    DocumentState.ENCRYPTED: "needs a password",
    DocumentState.NO_TEXT: "holds no text",
    DocumentState.UNSUPPORTED: "is of a kind that is not read",
    DocumentState.OFFLINE: "is not connected",
}


def read_words(greeting: Greeting) -> str:
    """Say what can be asked about: `465 documents were read …: 312 PDFs, 80 e-mail messages and 73 others`."""
    if not greeting.read and not greeting.pending:
        return "None of its documents could be read so far."
    if not greeting.read:
        return "Its documents are being read; questions can be asked as soon as the first is."
    verb = "was read and can" if greeting.read == 1 else "were read and can"
    text = f"{count_words(greeting.read, 'document')} {verb} be asked about{_kinds(greeting)}."
    if greeting.pending:
        text += f" {greeting.pending:,} more {'is' if greeting.pending == 1 else 'are'} being read."
    return text


def unread_words(greeting: Greeting) -> str:
    """`9 could not be read: 5 need a password, 4 hold no text`; empty where all were."""
    total = sum(count for _, count in greeting.unread)
    if not total:
        return ""
    if len(greeting.unread) == 1 and (state := greeting.unread[0][0]) in _WHY:
        return (
            f"{total:,} could not be read: {f'it {_WHY_ONE[state]}' if total == 1 else f'they {_WHY[state]}'}"
        )
    why = [_why(state, count) for state, count in greeting.unread]
    return f"{total:,} could not be read: {', '.join(why)}"


def _kinds(greeting: Greeting) -> str:
    counts: dict[str, int] = {}
    for name, count in greeting.formats:
        word = _kind_word(name)
        counts[word] = counts.get(word, 0) + count
    if len(counts) < 2:
        return ""
    ordered = sorted(counts.items(), key=lambda pair: -pair[1])
    said = [f"{count:,} {_plural(word, count)}" for word, count in ordered[:_KINDS_SAID]]
    rest = sum(count for _, count in ordered[_KINDS_SAID:])
    if rest:
        said.append(f"{count_words(rest, 'other')}")
    return f": {', '.join(said[:-1])} and {said[-1]}"


def _kind_word(name: str) -> str:
    """What a format is, in a word."""
    return kind_by_suffix(Path(f"x.{name}")).word if name else "Text"


def _plural(word: str, count: int) -> str:
    if count == 1:
        return word if word.isupper() else word[0].lower() + word[1:]
    return _PLURALS.get(word, f"{word[0].lower()}{word[1:]}s")


def _why(state: DocumentState, count: int) -> str:
    words = _WHY_ONE if count == 1 else _WHY
    return f"{count:,} {words.get(state, 'failed')}"
