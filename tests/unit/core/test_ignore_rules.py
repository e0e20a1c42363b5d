"""Which files are passed over, and how the kinds a person leaves out are kept."""

from pathlib import Path

import pytest

from readingroom.core.ignore_rules import kind_of, kinds_left_out, with_kinds


def test_the_kind_of_a_file_is_its_last_suffix_whatever_its_case() -> None:
    assert [kind_of(Path(name)) for name in ("a.ZIP", "b.tar.gz", "Makefile", ".bashrc", "ÄÖ.Été")] == [
        ".zip",
        ".gz",
        "",
        "",
        ".été",
    ]


def test_each_workspace_leaves_out_its_own_kinds() -> None:
    setting = with_kinds(with_kinds("", 1, {".zip", ".mp4"}), 2, {".log"})
    assert kinds_left_out(setting, 1) == {".zip", ".mp4"}
    assert kinds_left_out(setting, 2) == {".log"}
    assert kinds_left_out(setting, 3) == frozenset()


def test_taking_all_back_leaves_nothing_behind() -> None:
    assert with_kinds(with_kinds("", 1, {".zip"}), 1, ()) == "{}"


@pytest.mark.parametrize("setting", ["", "nonsense", "[]", '{"1": 5}', '{"1": [5, null]}'])
def test_a_setting_that_makes_no_sense_leaves_nothing_out(setting: str) -> None:
    assert kinds_left_out(setting, 1) == frozenset()
    assert kinds_left_out(with_kinds(setting, 1, {".zip"}), 1) == {".zip"}
