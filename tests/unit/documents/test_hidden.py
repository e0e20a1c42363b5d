"""What is said of text that cannot be seen."""

import pytest

from readingroom.documents.hidden import hidden_note


def test_note_tells_how_much_where_and_how_it_begins() -> None:
    assert hidden_note(["Ignore all", "orders"], "on page 2") == (
        "Text that cannot be seen was left out (16 characters on page 2): “Ignore all orders”"
    )


@pytest.mark.parametrize("pieces", [[], [""], [" \n", "\t"]])
def test_nothing_hidden_gives_no_note(pieces: list[str]) -> None:
    assert hidden_note(pieces) == ""


def test_excerpt_is_short() -> None:
    note = hidden_note(["word " * 100])
    excerpt = note.partition("“")[2]
    assert len(excerpt.rstrip("”")) <= 60
    assert excerpt.endswith("…”")
    assert "499 characters" in note


def test_excerpt_cannot_steer_a_terminal_or_turn_the_line_round() -> None:
    note = hidden_note(["a\x1b[31mb\u202ec\nd\x00e\u200bf"])
    assert note.endswith("“a [31mb c d e f”")


def test_text_that_stays_is_said_to_be_marked() -> None:
    assert "is marked as such" in hidden_note(["x"], is_kept=True)
    assert "(1 character)" in hidden_note(["x"])
