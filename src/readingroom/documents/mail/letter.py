"""A message as text: the header lines a person wants, then what it says."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from readingroom.core.extraction import ExtractedDocument, Heading, Member, ReadLimits
from readingroom.documents.blocks import write_blocks
from readingroom.documents.hidden import hidden_note
from readingroom.documents.html import HtmlText
from readingroom.documents.text import single_page

_WORDS = re.compile(r"\w+")
_ADDRESS = re.compile(r"\b(?:https?|ftp|mailto|cid|tel):\S+|\bwww\.\S+")
_MUCH = 0.3
"""Of the plain text's words: with so many that the formatted text lacks, the two are not the same message."""
_DIFFER = "The message's plain text and its formatted text differ; both were read."
_NAMED = 20


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of what a message says; offsets of its headings count in its own text."""

    text: str
    headings: tuple[Heading, ...] = ()


@dataclass(slots=True)
class Letter:
    """A message taken apart."""

    fields: Sequence[tuple[str, str]] = ()
    subject: str = ""
    pieces: list[Piece] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    members: tuple[Member, ...] = ()

    def add(self, plain: str, page: HtmlText | None, limits: ReadLimits) -> None:
        """Take one body in, from its plain and its formatted form: what the person sees, once."""
        if page is None:
            self.pieces.append(Piece(plain))
            return
        text, headings = write_blocks(page.blocks, limits)
        formatted = Piece(text, headings)
        told = _words(plain)
        missing = told - _words(text) - _words(" ".join(page.hidden))
        differs = len(missing) > _MUCH * len(told)
        if not text.strip():
            self.pieces.append(Piece(plain))
        elif not plain.strip():
            self.pieces.append(formatted)
        elif _words(text) <= told and not page.hidden:
            self.pieces.append(Piece(plain))
            if differs:
                self.notes.append(_DIFFER)
        elif differs:
            self.pieces += [Piece(plain), formatted]
            self.notes.append(_DIFFER)
        else:
            self.pieces.append(formatted)
        note = hidden_note(page.hidden)
        if note and formatted in self.pieces:
            self.notes.append(note)

    def document(self, format_name: str) -> ExtractedDocument:
        """Write it; a message without a body has no text, whatever its headers."""
        pieces = [piece for piece in self.pieces if piece.text.strip()]
        title = self.subject
        if not pieces:
            page = single_page(format_name, "")
            return replace(page, title=title, notes=tuple(self.notes), members=self.members)
        fields = list(self.fields)
        if self.members:
            fields.append(("Attachments", _named([member.name for member in self.members])))
        text = "".join(f"{name}: {value}\n" for name, value in fields)
        headings = [Heading(1, title, 0)] if title else []
        for piece in pieces:
            text = f"{text}\n" if text else ""
            headings += [
                replace(heading, level=heading.level + 1, start=heading.start + len(text))
                for heading in piece.headings
            ]
            text = f"{text}{piece.text.rstrip()}\n"
        return replace(
            single_page(format_name, text),
            headings=tuple(headings),
            title=title,
            notes=tuple(dict.fromkeys(self.notes)),
            members=self.members,
        )


def _words(text: str) -> set[str]:
    return set(_WORDS.findall(unicodedata.normalize("NFKC", _ADDRESS.sub(" ", text)).casefold()))


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
