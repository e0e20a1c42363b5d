"""Marks what of an answer is not from the documents: its sentences without a source, under dots."""

from PySide6.QtGui import QTextBlock, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit, QWidget

from readingroom.core.text_spans import Span, sentences
from readingroom.ui.theme import palette, when_palette_changes
from readingroom.ui.widgets.answer_view import AnswerView
from readingroom.ui.widgets.content_text import OBJECT_CHARACTER
from readingroom.ui.widgets.markdown_blocks import CODE_BLOCK
from readingroom.ui.widgets.plain_text import PlainLabel

LEGEND = "Dotted: not from your documents."
_LEAST_LETTERS = 3


def unsourced(text: str) -> list[Span]:
    """The sentences of a paragraph in which no chip stands, nor one right behind them."""
    spans = []
    for span in sentences(text):
        behind = text[span.end :].lstrip()
        said = text[span.start : span.end]
        if OBJECT_CHARACTER in said or behind.startswith(OBJECT_CHARACTER):
            continue
        if sum(map(str.isalpha, said)) >= _LEAST_LETTERS:
            spans.append(span)
    return spans


class BeyondMarks(PlainLabel):
    """The legend below an answer; draws the dots into the answer's view while it is shown."""

    def __init__(self, view: AnswerView, parent: QWidget | None = None) -> None:
        super().__init__(LEGEND, parent)
        self.setObjectName("stageText")
        self._view = view
        self._on = False
        self.hide()
        view.settled.connect(self._mark)
        when_palette_changes(self._mark)

    def show_for(self, *, beyond: bool) -> None:
        """Mark what has no source, if the model was free to add it."""
        self._on = beyond
        self._mark()

    def _mark(self) -> None:
        marks = [mark for block in self._blocks() for mark in self._marks_in(block)] if self._on else []
        self._view.setExtraSelections(marks)
        self.setVisible(bool(marks))

    def _blocks(self) -> list[QTextBlock]:
        blocks, block = [], self._view.document().begin()
        while block.isValid():
            if block.blockFormat().property(CODE_BLOCK) is None:
                blocks.append(block)
            block = block.next()
        return blocks

    def _marks_in(self, block: QTextBlock) -> list[QTextEdit.ExtraSelection]:
        fmt = QTextCharFormat()
        fmt.setUnderlineStyle(QTextCharFormat.UnderlineStyle.DotLine)
        fmt.setUnderlineColor(palette().color("soft"))
        fmt.setForeground(palette().color("soft"))
        marks = []
        begin = block.text().find("\t") + 1  # behind the marker of a list's item
        for span in unsourced(block.text()[begin:]):
            mark = QTextEdit.ExtraSelection()
            cursor = QTextCursor(block)
            cursor.setPosition(block.position() + begin + span.start)
            cursor.setPosition(block.position() + begin + span.end, QTextCursor.MoveMode.KeepAnchor)
            mark.cursor, mark.format = cursor, fmt
            marks.append(mark)
        return marks
