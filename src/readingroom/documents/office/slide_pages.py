"""Slides as pages of text, whatever format they were read from."""

from collections.abc import Sequence
from dataclasses import replace

from readingroom.core.errors import DocumentTooLarge
from readingroom.core.extraction import ExtractedDocument, Heading, Page, ReadLimits
from readingroom.documents.blocks import Block, Kind, write_blocks
from readingroom.documents.hidden import hidden_note
from readingroom.documents.readers import OnProgress


class LimitReached(Exception):
    """No more is wanted; the note that says so is written."""


class SlidePages:
    """Takes slides one after the other."""

    def __init__(
        self, format_name: str, limits: ReadLimits, on_progress: OnProgress, title: str = ""
    ) -> None:
        """`title` is what the presentation calls itself; else the first slide's is taken."""
        self._format = format_name
        self._limits = limits
        self._on_progress = on_progress
        self._title = title
        self._pages: list[Page] = []
        self._headings: list[Heading] = []
        self._notes: list[str] = []
        self._offset = 0

    def add(
        self,
        place: int,
        total: int,
        blocks: Sequence[Block],
        *,
        hidden: Sequence[str] = (),
        shown: bool = True,
    ) -> None:
        """Take the `place`th of `total` slides; one that is not shown is only noted. Raises `LimitReached`."""
        if place > self._limits.max_pages:
            self.note(f"Only the first {place - 1:,} of {total:,} slides were read: that is the limit.")
            raise LimitReached
        where = f"on slide {place}"
        if not shown:
            hidden = [*(block.text for block in blocks), *hidden]
            blocks, where = (), f"on slide {place}, which is hidden in the show"
        self.note(hidden_note(hidden, where))
        try:
            left = replace(self._limits, max_chars=self._limits.max_chars - self._offset)
            text, headings = write_blocks(blocks, left)
        except DocumentTooLarge:
            self.note(
                f"Only the first {place - 1:,} of {total:,} slides were read: "
                f"the limit is {self._limits.max_chars:,} characters."
            )
            raise LimitReached from None
        if text:
            # A page's last line and the next page's first stand apart in the document's text.
            text += "\n"
        label = next((block.text for block in blocks if block.kind is Kind.HEADING and block.level == 1), "")
        self._pages.append(Page(place, self._offset, text, " ".join(label.split())))
        self._headings += [replace(heading, start=heading.start + self._offset) for heading in headings]
        self._offset += len(text)
        self._on_progress(place, total)

    def note(self, text: str) -> None:
        """Say something about the whole presentation, once."""
        if text and text not in self._notes:
            self._notes.append(text)

    def document(self) -> ExtractedDocument:
        """Give what was taken."""
        title = self._title or next((page.label for page in self._pages if page.label), "")
        return ExtractedDocument(
            self._format, tuple(self._pages), tuple(self._headings), title, tuple(self._notes)
        )
