"""Writes a book's chapters as pages of a document."""

from collections.abc import Sequence
from dataclasses import replace

from readingroom.core.errors import DocumentTooLarge
from readingroom.core.extraction import ExtractedDocument, Heading, Page, ReadLimits
from readingroom.documents.blocks import Block, write_blocks

_LONGEST_LABEL = 300


class Chapters:
    """Takes chapters in reading order; blank ones are none."""

    def __init__(self, limits: ReadLimits) -> None:
        self._limits = limits
        self._pages: list[Page] = []
        self._headings: list[Heading] = []
        self._offset = 0
        self.notes: list[str] = []
        self.full = False
        """A limit is reached: what follows is left out."""

    def add(self, label: str, blocks: Sequence[Block]) -> None:
        """A chapter; `label` as the table of contents has it, or empty."""
        if self.full:
            return
        label = " ".join(label.split())[:_LONGEST_LABEL]
        left = replace(self._limits, max_chars=self._limits.max_chars - self._offset)
        try:
            text, headings = write_blocks(blocks, left)
        except DocumentTooLarge:
            self._stop()
            return
        if not text.strip():
            return
        if len(self._pages) >= self._limits.max_pages:
            self._stop()
            return
        title = label or (headings[0].title if headings else "")
        # Each chapter begins anew, whatever level its own first heading has.
        shift = 1 - min((heading.level for heading in headings), default=1)
        if label and not any(_alike(heading.title, label) for heading in headings[:3]):
            self._headings.append(Heading(1, label, self._offset))
            shift += 1
        self._headings += [
            replace(heading, level=heading.level + shift, start=heading.start + self._offset)
            for heading in headings
        ]
        text += "\n"
        self._pages.append(Page(len(self._pages) + 1, self._offset, text, title))
        self._offset += len(text)

    def _stop(self) -> None:
        self.full = True
        self.notes.append(f"Only the first {len(self._pages):,} chapters were read: that is the limit.")

    def document(self, format_name: str, title: str) -> ExtractedDocument:
        """All that was taken."""
        return ExtractedDocument(
            format_name, tuple(self._pages), tuple(self._headings), title, tuple(dict.fromkeys(self.notes))
        )


def _alike(title: str, label: str) -> bool:
    def letters(text: str) -> str:
        return "".join(character for character in text.casefold() if character.isalnum())

    return letters(title) == letters(label)
