"""Patterns leave out what git would leave out, whatever the names are made of, and cost little."""

import os
import time
import unicodedata

import pytest

from readingroom.services.ignore_patterns import Patterns, lines_not_understood


def decides(text: str, path: str) -> str | None:
    """The line that decides about a path; a slash at its end makes it a folder."""
    folder = path.endswith("/")
    path = path.rstrip("/")
    line = Patterns(text.split("\n")).match(path, path.rpartition("/")[2], folder=folder)
    return None if line is None else line.text


@pytest.mark.parametrize(
    ("pattern", "matching", "others"),
    [
        ("*.log", ("a.log", "x/y/a.log", "dir.log/"), ("a.log.txt", "log")),
        ("build/", ("build/", "x/build/"), ("build", "rebuild/")),
        ("/notes", ("notes", "notes/"), ("x/notes",)),
        ("docs/old", ("docs/old", "docs/old/"), ("x/docs/old",)),
        ("docs/*.txt", ("docs/a.txt",), ("docs/x/a.txt", "a.txt")),
        ("**/temp", ("temp", "a/b/temp"), ("temper",)),
        ("a/**/z", ("a/z", "a/b/z", "a/b/c/z"), ("z", "b/a/z")),
        ("logs/**", ("logs/a", "logs/b/"), ("logs/", "logs")),
        ("logs/**/", ("logs/b/",), ("logs/", "logs/a")),
        ("*/", ("a/", "x/y/"), ("a",)),
        ("*", ("a", "x/y/"), ()),
        ("draft?.md", ("draft1.md",), ("draft.md", "draft12.md")),
        ("[a-c]1", ("a1", "x/c1"), ("d1",)),
        ("[!a-c]1", ("d1",), ("a1",)),
        ("a[!b]c", ("axc",), ("abc", "a/c")),
        ("\\#1", ("#1",), ("1",)),
        ("\\!now", ("!now",), ("now",)),
        ("a\\*b", ("a*b",), ("axb",)),
        ("two words  ", ("two words",), ("two", "words")),
        ("Übersicht*.pdf", ("Übersicht 1.pdf",), ("Ubersicht.pdf",)),
        ("日本/*", ("日本/a",), ("a",)),
        ("a*b*c", ("abc", "a1b2c", "abbcc", "a/abc"), ("ab", "a/b/c")),
        ("*a*bc*", ("xabcx", "aabbc"), ("acb",)),
        ("line\\\nbreak", (), ("line",)),
    ],
)
def test_a_pattern_matches_as_for_git(
    pattern: str, matching: tuple[str, ...], others: tuple[str, ...]
) -> None:
    for path in matching:
        assert decides(pattern, path) is not None, f"{pattern} leaves out {path}"
    for path in others:
        assert decides(pattern, path) is None, f"{pattern} does not leave out {path}"


def test_the_last_line_that_matches_decides() -> None:
    text = "*.log\n!keep.log\n/keep.log"
    assert decides(text, "a.log") == "*.log"
    assert decides(text, "x/keep.log") == "!keep.log"
    assert decides(text, "keep.log") == "/keep.log"


def test_a_folder_brought_back_does_not_bring_back_what_is_in_it() -> None:
    assert decides("*.log\n!keep", "keep/") == "!keep"
    assert decides("*.log\n!keep", "keep/a.log") == "*.log"


def test_an_accent_typed_here_is_the_one_of_a_name_from_a_mac() -> None:
    assert decides("Résumé.pdf", unicodedata.normalize("NFD", "Résumé.pdf")) is not None


def test_names_that_are_no_text_are_matched_byte_by_byte() -> None:
    name = os.fsdecode(b"caf\xe9.log")
    assert decides("*.log", name) == "*.log"
    assert decides(name, name) is not None
    assert decides("caf?.log", name) is not None


def test_names_with_line_breaks_are_matched_whole() -> None:
    assert decides("*.log", "a\nb.log") is not None
    assert decides("a", "a\n") is None


def test_comments_blank_lines_and_nonsense_leave_out_nothing() -> None:
    text = "# all\n\n   \n/\n!\n[z-a]\n[[:alpha:]]x\n" + "a" * 2000
    assert not Patterns(text.split("\n"))
    assert list(lines_not_understood(text)) == [4, 5, 6, 7, 8]


@pytest.mark.parametrize("pattern", ["*a" * 60 + "b", "a/**/" * 30 + "b", "?*" * 100 + "b", "**" * 90 + "b"])
def test_a_pattern_made_to_take_for_ever_does_not(pattern: str) -> None:
    """A `.gitignore` comes with the folder: it may have been written to stop the program."""
    patterns = Patterns([pattern])
    began = time.process_time()
    for path in ("a" * 255, "a/" * 100 + "a" * 100):
        patterns.match(path, path.rpartition("/")[2], folder=False)
    assert time.process_time() - began < 0.2
