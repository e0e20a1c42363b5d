"""What stands beside an answer: thoughts, what was searched, what is not from the documents."""

from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from readingroom.core.conversation import Citation, Message, Role, Searched
from readingroom.core.ids import DocumentId, MessageId, ThreadId
from readingroom.core.models import Passage
from readingroom.ui.widgets.answer_message import AnswerMessage
from readingroom.ui.widgets.beyond_marks import LEGEND, BeyondMarks
from readingroom.ui.widgets.searched_details import SearchedDetails
from readingroom.ui.widgets.thinking_fold import ThinkingFold

PASSAGE = Passage(1, 1.0, 0.5, DocumentId(1), Path("/d/a.txt"), None, 0, 5, "Leave", (), ())
CITED = Citation(1, DocumentId(1), Path("/d/a.txt"), None, 0, 5, "Leave", located=True)


def shown(qtbot: QtBot, text: str, searched: Searched, *, thinking: str = "") -> AnswerMessage:
    widget = AnswerMessage("When?")
    qtbot.addWidget(widget)
    widget.show_message(
        Message(
            MessageId(2), ThreadId(1), Role.ASSISTANT, text, 0.0, model="m", searched=searched, citations=(CITED,),
            passages=(PASSAGE,), thinking=thinking, parent_id=MessageId(1),
        )
    )  # fmt: skip
    widget.show()
    return widget


def underlined(widget: AnswerMessage) -> list[str]:
    return [mark.cursor.selectedText() for mark in widget.view.extraSelections()]


def test_what_is_not_from_the_documents_is_marked_in_an_open_answer(qtbot: QtBot) -> None:
    text = "Leave carries over [1]. Most countries allow it.\n\n- Norway does.\n- Leave lapses [1].\n\n`code`"
    widget = shown(qtbot, text, Searched(1, 1, 1, beyond=True))
    assert underlined(widget)[:2] == ["Most countries allow it.", "Norway does."]
    assert not any("lapses" in sentence for sentence in underlined(widget))
    legend = widget.findChild(BeyondMarks)
    assert legend is not None
    assert legend.isVisible()
    assert legend.text() == LEGEND


def test_nothing_is_marked_where_the_model_kept_to_the_documents(qtbot: QtBot) -> None:
    widget = shown(qtbot, "Leave carries over. It does.", Searched(1, 1, 1))
    assert underlined(widget) == []


def test_thoughts_are_folded_until_asked_for(qtbot: QtBot) -> None:
    widget = shown(qtbot, "Yes [1].", Searched(1, 1, 1), thinking="<b>Hm.</b>")
    fold = widget.findChild(ThinkingFold)
    assert fold is not None
    assert fold.isVisible()
    assert not fold.text.isVisible()
    qtbot.keyClick(fold.toggle, Qt.Key.Key_Return)
    assert fold.text.isVisible()
    assert fold.text.text() == "<b>Hm.</b>"
    assert fold.toggle.text() == "Hide what it thought"


def test_without_thoughts_there_is_nothing_to_unfold(qtbot: QtBot) -> None:
    fold = shown(qtbot, "Yes [1].", Searched(1, 1, 1)).findChild(ThinkingFold)
    assert fold is not None
    assert not fold.isVisible()


def test_both_forms_of_a_question_and_what_was_left_out_are_listed(qtbot: QtBot) -> None:
    searched = Searched(
        1, 1, 1, queries=("And then?", "When? And then?"), left_out="Left out: 2 of 6 passages."
    )
    widget = shown(qtbot, "Yes [1].", searched)
    widget.show_searched(shown=True)
    details = widget.findChild(SearchedDetails)
    assert details is not None
    lines = [label.text() for label in details.children() if hasattr(label, "text")]
    assert lines == ["Searched for “And then?”", "and for “When? And then?”", "Left out: 2 of 6 passages."]
