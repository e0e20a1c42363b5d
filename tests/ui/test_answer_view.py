"""Answers as they stream in: what they show, what a click does, and what they never load."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, QSize, Qt, QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from readingroom.core.conversation import Citation, Support
from readingroom.ui.widgets.answer_view import AnswerView
from readingroom.ui.widgets.citation_chip import chip_label, chip_number, chip_tip
from readingroom.ui.widgets.content_text import OBJECT_CHARACTER
from readingroom.ui.widgets.note import Note
from ui.fake_services import fake_services, world_of

MARKDOWN = """Up to **ten** unused days carry over [1], and *lapse* if not taken by 31 March [2].

## What the parts say

1. First, with `code` [1]
2. Second, which is long enough to be wrapped
   - nested
   - twice [2]

10. Tenth of a loose list

> A quotation
> of two lines

| Country | Notice |
|---|---|
| Germany | 4 weeks [1] |

```python
def carry_over(days):

    return min(days, 10)
```
Directly after the code.

Title by underline
---

- bullet
- another

    indented code

The end, with an unclosed **strong.
"""


@pytest.fixture
def citations() -> dict[int, Citation]:
    return {citation.n: citation for citation in world_of(fake_services()).citations}


@pytest.fixture
def view(qtbot: QtBot, citations: dict[int, Citation]) -> AnswerView:
    shown = AnswerView()
    qtbot.addWidget(shown)
    shown.setFixedWidth(620)
    shown.set_citations(citations)
    return shown


def blocks(document: QTextDocument) -> list[tuple[Any, ...]]:
    """All that decides how the document looks, block by block."""
    found = []
    block = document.begin()
    while block.isValid():
        formats = []
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            formats.append((fragment.text(), fragment.charFormat()))
            iterator += 1
        found.append((block.text(), block.blockFormat(), formats))
        block = block.next()
    return found


def stream(view: AnswerView, text: str, step: int) -> None:
    for start in range(0, len(text), step):
        view.feed(text[start : start + step])
    view.finish()


@pytest.mark.parametrize("step", [1, 2, 3, 7, 64])
def test_an_answer_in_pieces_ends_as_the_whole_answer_at_once(
    qtbot: QtBot, view: AnswerView, citations: dict[int, Citation], step: int
) -> None:
    whole = AnswerView()
    qtbot.addWidget(whole)
    whole.show_answer(MARKDOWN, citations)
    stream(view, MARKDOWN, step)
    assert blocks(view.document()) == blocks(whole.document())
    assert "Directly after the code." in view.toPlainText()


@pytest.mark.parametrize("step", [40, 333])
@pytest.mark.parametrize(
    "text",
    [
        "Leave carries over in **part** [1]. " * 250 + "\n\nThe end.",
        "| a | b |\n|---|---|\n" + "| cell | other [2] |\n" * 200 + "\nThe end.",
        "- " + "word " * 1500 + "\n- next\n",
    ],
    ids=["paragraph", "table", "item"],
)
def test_a_block_of_any_length_ends_the_same_and_loses_nothing(
    qtbot: QtBot, view: AnswerView, citations: dict[int, Citation], text: str, step: int
) -> None:
    whole = AnswerView()
    qtbot.addWidget(whole)
    whole.show_answer(text, citations)
    qtbot.waitUntil(lambda: whole.source == text and whole.complete)
    stream(view, text, step)
    assert blocks(view.document()) == blocks(whole.document())
    for word in ("cell", "word", "carries"):
        assert view.toPlainText().count(word) == text.count(word)


def test_a_numbered_list_goes_on_counting_across_settled_items(view: AnswerView) -> None:
    text = "".join(f"1. Item {n}\n" for n in range(12))
    stream(view, text, 5)
    assert "12.\tItem 11" in view.toPlainText()


def test_half_a_marker_is_not_shown(view: AnswerView) -> None:
    view.feed("They lapse [1")
    assert "[" not in view.toPlainText()
    view.feed("] in March.")
    assert OBJECT_CHARACTER in view.toPlainText()


def test_a_line_of_dashes_under_way_does_not_turn_the_text_above_into_a_heading(view: AnswerView) -> None:
    view.feed("The parts are:\n")
    before = blocks(view.document())
    view.feed("-")
    assert blocks(view.document()) == before


def test_a_number_without_a_passage_stays_text(view: AnswerView) -> None:
    stream(view, "See [7] and `[1]`.", 4)
    assert view.toPlainText() == "See [7] and [1]."


def test_clicking_a_chip_emits_its_citation(
    qtbot: QtBot, view: AnswerView, citations: dict[int, Citation]
) -> None:
    stream(view, "They lapse [2].", 50)
    view.show()
    point = view.chip_point(2)
    assert point is not None
    with qtbot.waitSignal(view.citation_clicked) as clicked:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert clicked.args == [citations[2]]


def test_clicking_beside_a_chip_opens_nothing(qtbot: QtBot, view: AnswerView) -> None:
    stream(view, "They lapse in the end [2].", 50)
    view.show()
    with qtbot.assertNotEmitted(view.citation_clicked):
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(12, 12))


def test_tab_and_enter_open_the_second_chip(
    qtbot: QtBot, view: AnswerView, citations: dict[int, Citation]
) -> None:
    stream(view, "Ten days [1], until March [2].", 50)
    around = QWidget()
    qtbot.addWidget(around)
    before = QLineEdit(around)
    view.setParent(around)
    around.show()
    before.setFocus()
    qtbot.waitUntil(before.hasFocus)
    QTest.keyClick(before, Qt.Key.Key_Tab)
    assert view.hasFocus()
    QTest.keyClick(view, Qt.Key.Key_Tab)
    with qtbot.waitSignal(view.citation_clicked) as clicked:
        QTest.keyClick(view, Qt.Key.Key_Return)
    view.setParent(None)  # each is closed by itself
    assert clicked.args == [citations[2]]


def test_a_chip_takes_over_the_page_that_is_known_later(
    view: AnswerView, citations: dict[int, Citation]
) -> None:
    view.set_citations({1: replace(citations[1], page=None)})
    stream(view, "Ten days [1].", 50)
    before = blocks(view.document())
    view.set_citations({1: citations[1]})
    assert blocks(view.document()) != before


def checked(citations: dict[int, Citation], *more: Citation) -> list[Citation]:
    """Citation 1 for the first sentence and, at another page, for the second."""
    first = replace(citations[1], claim_start=0, claim_end=9, support=Support.EXACT)
    return [first, replace(first, claim_start=14, claim_end=29, page=40, start=9000), *more]


TWO_SENTENCES = "Ten days [1]. They lapse then [1]. Nothing else."


def test_one_number_opens_at_another_place_for_each_sentence(
    qtbot: QtBot, view: AnswerView, citations: dict[int, Citation]
) -> None:
    stream(view, TWO_SENTENCES, 5)
    view.show_checked(TWO_SENTENCES, checked(citations))
    assert [citation.page for citation in view.shown_citations()] == [citations[1].page, 40]
    view.focusNextPrevChild(True)
    view.focusNextPrevChild(True)
    with qtbot.waitSignal(view.citation_clicked) as clicked:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert clicked.args is not None
    assert clicked.args[0].page == 40


def test_a_kept_answer_looks_as_the_one_that_was_checked_where_it_was_written(
    qtbot: QtBot, view: AnswerView, citations: dict[int, Citation]
) -> None:
    whole = AnswerView()
    qtbot.addWidget(whole)
    whole.show_checked(TWO_SENTENCES, checked(citations))
    stream(view, TWO_SENTENCES, 3)
    view.show_checked(TWO_SENTENCES, checked(citations))
    assert blocks(view.document()) == blocks(whole.document())


def test_what_is_not_found_in_the_source_is_said_on_the_chip_and_to_those_who_cannot_see_it(
    view: AnswerView, citations: dict[int, Citation]
) -> None:
    wrong = replace(citations[1], claim_end=9, support=Support.NONE)
    view.show_checked("Ten days [1].", [wrong])
    assert chip_label(1, wrong) == "1 · not found"
    view.focusNextPrevChild(True)
    assert "Not found in the source" in view.accessibleDescription()


def test_an_offered_source_is_shown_after_its_sentence_opened_and_taken_over(
    qtbot: QtBot, view: AnswerView, citations: dict[int, Citation]
) -> None:
    offer = replace(citations[2], claim_start=35, claim_end=48, offered=True)
    stream(view, TWO_SENTENCES, 5)
    view.show_checked(TWO_SENTENCES, checked(citations, offer))
    assert view.toPlainText().endswith(f"Nothing else.{OBJECT_CHARACTER}")
    assert view.source == TWO_SENTENCES
    view.selectAll()
    assert view.createMimeDataFromSelection().text() == TWO_SENTENCES
    for _ in range(3):
        view.focusNextPrevChild(True)
    with qtbot.waitSignal(view.citation_clicked) as clicked:
        QTest.keyClick(view, Qt.Key.Key_Return)
    assert clicked.args == [offer]
    with qtbot.waitSignal(view.offer_kept) as kept:
        QTest.keyClick(view, Qt.Key.Key_Plus)
    assert kept.args == [offer]


def test_an_answer_cannot_bring_offers_of_its_own(view: AnswerView, citations: dict[int, Citation]) -> None:
    stream(view, "Ten days \ue0000\ue001 [1].", 2)
    view.show_checked("Ten days \ue0000\ue001 [1].", [replace(citations[1], claim_end=9)])
    assert view.toPlainText().count(OBJECT_CHARACTER) == 1


def test_a_chip_says_that_its_document_has_changed(view: AnswerView, citations: dict[int, Citation]) -> None:
    view.show_checked("Ten days [1].", [citations[1]])
    view.mark_changed(frozenset({citations[1]}))
    view.focusNextPrevChild(True)
    assert "has changed since" in view.accessibleDescription()
    assert chip_label(1, citations[1], changed=True).endswith("changed")


def test_words_that_were_not_found_are_not_shown_as_a_quote(citations: dict[int, Citation]) -> None:
    tip = chip_tip(replace(citations[1], located=False))
    assert "not found" in tip
    assert citations[1].quote not in tip


def test_copying_a_selection_gives_markers_for_chips(view: AnswerView) -> None:
    stream(view, "Ten days [1], until March [2].", 50)
    view.selectAll()
    assert view.createMimeDataFromSelection().text() == "Ten days [1], until March [2]."
    assert not view.createMimeDataFromSelection().hasHtml()


HOSTILE = """<script>alert(1)</script> <img src="http://127.0.0.1:9/x.png"> <b>bold</b>

![picture](http://127.0.0.1:9/p.png) ![local](file:///etc/passwd) [link](http://127.0.0.1:9/a)
[file](file:///etc/passwd) <http://127.0.0.1:9/auto> [run](javascript:alert(1))

[1]: http://127.0.0.1:9/reference

<style>body { background: url(http://127.0.0.1:9/s.png) }</style>

<iframe src="file:///etc/passwd"></iframe>
"""


def test_hostile_markdown_loads_nothing_and_links_nowhere(
    qtbot: QtBot, citations: dict[int, Citation]
) -> None:
    """The document asks its view for every picture and style sheet; ours must not even be asked."""
    asked: list[object] = []

    class Watching(AnswerView):
        def loadResource(self, kind: int, name: QUrl | str) -> None:  # noqa: N802
            asked.append((kind, name))
            super().loadResource(kind, name)

    view = Watching()
    qtbot.addWidget(view)
    view.set_citations(citations)
    stream(view, HOSTILE, 9)
    view.setFixedWidth(600)
    view.show()
    qtbot.waitExposed(view)
    view.grab()
    assert asked == []
    assert "<script>alert(1)</script>" in view.toPlainText()
    for _, _, formats in blocks(view.document()):
        for _, fmt in formats:
            assert not fmt.isAnchor()
            assert not fmt.isImageFormat()


def test_what_is_asked_of_the_view_is_refused(view: AnswerView, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    kind = QTextDocument.ResourceType.HtmlResource.value
    loaded: object = AnswerView.loadResource(view, kind, QUrl.fromLocalFile(str(secret)))  # type: ignore[func-returns-value]
    assert loaded is None


def test_an_object_character_in_an_answer_is_no_chip(view: AnswerView) -> None:
    stream(view, f"odd {OBJECT_CHARACTER} text", 50)
    assert view.shown_citations() == []
    cursor = view.document().find(OBJECT_CHARACTER)
    assert cursor.isNull() or chip_number(cursor.charFormat()) is None


def test_the_view_is_as_high_as_its_text(qtbot: QtBot, view: AnswerView) -> None:
    view.show()
    stream(view, MARKDOWN, 100)
    qtbot.waitUntil(lambda: view.height() >= int(view.document().size().height()))
    assert view.size() == QSize(620, view.height())


def test_a_chip_that_is_alone_in_the_last_line_is_whole(qtbot: QtBot, view: AnswerView) -> None:
    """It stands on the line's base and hangs four pixels below it, where the view had ended."""
    view.show()
    stream(view, "[1]", 3)
    image = view.grab().toImage()
    chip = [y for y in range(image.height()) if image.pixel(12, y) != image.pixel(300, y)]
    assert len(chip) >= 15


@pytest.mark.parametrize("column_px", [300, 700])
def test_a_note_shows_all_its_lines_however_narrow_the_column(qtbot: QtBot, column_px: int) -> None:
    column = QWidget()
    qtbot.addWidget(column)
    note = Note(
        "The model server stopped in the middle of the answer. Ask again; if it stops again, see its log."
    )
    layout = QVBoxLayout(column)
    layout.addWidget(note)
    layout.addStretch()
    column.resize(column_px, 400)
    column.show()
    qtbot.waitExposed(column)
    assert note.height() >= note.heightForWidth(note.width())
