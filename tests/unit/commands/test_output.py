"""What reaches a person's terminal."""

from readingroom.commands.output import for_terminal


def test_a_name_cannot_steer_the_terminal() -> None:
    assert for_terminal("a\x1b[2Jb\u009b31m.txt") == "a\ufffd[2Jb\ufffd31m.txt"


def test_text_in_any_script_and_line_breaks_stay() -> None:
    assert for_terminal("Größe 中文\n\tעברית") == "Größe 中文\n\tעברית"
