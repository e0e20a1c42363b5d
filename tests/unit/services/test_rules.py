"""What the rules of a source leave out, and the words they say it in."""

import pytest

from readingroom.core.source_rules import SourceRules
from readingroom.services.rules import Rules, leaves_out

PLAIN = SourceRules()


def why(rules: SourceRules, path: str, size_bytes: int | None = 1, **options: frozenset[str]) -> str | None:
    return leaves_out(Rules("/nowhere", rules, **options), path, size_bytes)


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("report.docx", None),
        ("a/b/report.docx", None),
        (".env", "hidden"),
        (".git/config", "hidden"),
        ("x/~$report.docx", "office lock file"),
        (".~lock.report.odt#", "office lock file"),
        ("node_modules/a/readme.md", "build or cache folder"),
        ("$RECYCLE.BIN/a.pdf", "system folder"),
        ("film.mp4.part", "temporary file"),
        ("notes.txt~", "temporary file"),
        ("poetry.lock", "lock file or build product"),
        ("Thumbs.db", "system file"),
    ],
)
def test_what_nobody_wrote_to_be_found_is_left_out_everywhere(path: str, rule: str | None) -> None:
    assert why(PLAIN, path) == rule


def test_a_pattern_is_named_as_it_was_written() -> None:
    rules = SourceRules("*.log\nold/\n!old.log")
    assert why(rules, "x/a.log") == "pattern *.log"
    assert why(rules, "old/a.pdf") == "pattern old/"
    assert why(rules, "x/old.log") is None


def test_a_folder_left_out_cannot_be_read_in_part() -> None:
    assert why(SourceRules("old/\n!old/best.pdf"), "old/best.pdf") == "pattern old/"
    assert why(SourceRules("old/*\n!old/best.pdf"), "old/best.pdf") is None


def test_a_hidden_name_is_read_where_it_is_spelt_out() -> None:
    rules = SourceRules("!.notes/\n!poetry.lock")
    assert why(rules, ".notes/today.md") is None
    assert why(rules, ".git/config") == "hidden"
    assert why(rules, "poetry.lock") is None


def test_reading_one_kind_only_does_not_bring_back_lock_files() -> None:
    rules = SourceRules("*\n!*/\n!*.docx")
    assert why(rules, "x/report.docx") is None
    assert why(rules, "x/a.pdf") == "pattern *"
    assert why(rules, "x/~$report.docx") == "office lock file"
    assert why(rules, ".git/a.docx") == "hidden"


def test_kinds_and_sizes_come_after_the_names() -> None:
    rules = SourceRules(max_file_mb=20)
    assert why(rules, "a.ISO", kinds=frozenset({".iso"})) == "kind .iso"
    assert why(rules, "a.pdf", 20 * 1024 * 1024) is None
    assert why(rules, "a.pdf", 20 * 1024 * 1024 + 1) == "over 20 MB"
    assert why(rules, "a.pdf", None) is None, "its size is not known"
