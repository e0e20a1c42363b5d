import pytest

from readingroom.core.snippets import LONGEST_SNIPPET, find_marks, snippet, typed


def marked(text: str, search: str) -> list[str]:
    return [text[mark.span.start : mark.span.end] for mark in find_marks(text, typed(search))]


def test_the_last_word_counts_as_begun_until_a_space_follows() -> None:
    assert (typed("unused lea").whole, typed("unused lea").begun) == (("unused",), "lea")
    assert (typed("unused lea ").whole, typed("unused lea ").begun) == (("unused", "lea"), "")


def test_articles_count_only_where_nothing_else_is_typed() -> None:
    assert typed("what is the notice period").words == ("notice", "period")
    assert typed("The Who").words == ("the", "who")


@pytest.mark.parametrize(
    ("text", "search", "found"),
    [
        ("Leave carries over; carrying it is free.", "carry ", ["carries", "carrying"]),
        ("Photosynthesis feeds plants.", "photos", ["Photosynthesis"]),
        ("Photosynthesis feeds plants.", "photos ", []),
        ("Die Häuser am Fluß", "hauser fluss", ["Häuser", "Fluß"]),
        ("文章を検索する方法", "検索", ["検索"]),
        ("ガラスの箱", "ガラス", ["ガラス"]),
        ("Договор аренды", "договор", ["Договор"]),
        ("हिन्दी भाषा", "भाषा", ["भाषा"]),
        ("Clause 12 and clause 120", "12 ", ["12"]),
        ("car park and carpet", "car ", ["car"]),
    ],
)
def test_words_are_marked_in_their_forms_and_in_every_script(
    text: str, search: str, found: list[str]
) -> None:
    assert marked(text, search) == found


def test_a_snippet_begins_near_the_words_and_its_marks_stand_on_them() -> None:
    text = "Nothing of interest.\n" * 60 + "Unused leave  carries\nover into next year. " + "And so on. " * 60
    shown = snippet(text, find_marks(text, typed("leave carr")))
    assert shown.text.startswith("…Unused leave carries over")
    assert [shown.text[mark.start : mark.end] for mark in shown.marks] == ["leave", "carries"]
    assert len(shown.text) <= LONGEST_SNIPPET + 1
    assert shown.text.endswith("…")


def test_a_short_passage_is_shown_from_its_beginning_without_ellipses() -> None:
    text = "Cars are parked behind the house."
    shown = snippet(text, find_marks(text, typed("house")))
    assert shown.text == text
    assert [shown.text[mark.start : mark.end] for mark in shown.marks] == ["house"]


def test_marks_that_turn_the_direction_of_writing_are_left_out() -> None:
    text = "safe \u202eexe.fdp\u2066 house\x00 end"
    shown = snippet(text, find_marks(text, typed("house")))
    assert shown.text == "safe exe.fdp house end"
    assert [shown.text[mark.start : mark.end] for mark in shown.marks] == ["house"]


@pytest.mark.parametrize("text", ["", "a", "\n\n", "house " * 400])
def test_any_text_gives_a_snippet_with_its_marks_inside(text: str) -> None:
    shown = snippet(text, find_marks(text, typed("house")))
    assert all("house".startswith(shown.text[mark.start : mark.end]) for mark in shown.marks)
