"""Names of documents inside documents are safe to join to a path, and tell what kind of file it is."""

import pytest

from readingroom.core.errors import DocumentChanged
from readingroom.documents.member_names import (
    UniqueNames,
    parsed_locator,
    plain_name,
    with_suffix_of,
    written_locator,
)


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ann\\plan.docx", "plan.docx"),
        ("a\x00b\nc\u202e.txt", "a b c .txt"),
        ("..", ""),
        ("/", ""),
        ("\udce9.txt", "?.txt"),
        ("x" * 300 + ".pdf", "x" * 130 + ".pdf"),
    ],
)
def test_names_are_made_plain(raw: str, plain: str) -> None:
    assert plain_name(raw) == plain


def test_names_are_given_once_whatever_the_case() -> None:
    names = UniqueNames()
    assert [names.unique(name) for name in ("a.txt", "A.txt", "a.txt", "a", "a", "a (2).txt")] == [
        "a.txt",
        "A (2).txt",
        "a (3).txt",
        "a",
        "a (2)",
        "a (2) (2).txt",
    ]


def test_many_alike_names_take_linear_time() -> None:
    names = UniqueNames()
    assert len({names.unique("image.png") for _ in range(20_000)}) == 20_000


@pytest.mark.parametrize(
    ("name", "kind", "wanted"),
    [
        ("plan", "application/pdf", "plan.pdf"),
        ("plan.doc", "application/pdf", "plan.doc"),
        ("Dr. Who", "text/plain", "Dr. Who.txt"),
        ("plan", "application/octet-stream", "plan"),
        ("plan", "application/x-no-such-thing", "plan"),
    ],
)
def test_suffix_comes_from_the_kind_where_the_name_has_none(name: str, kind: str, wanted: str) -> None:
    assert with_suffix_of(name, kind) == wanted


def test_locator_goes_there_and_back() -> None:
    step = written_locator("mbox", "12-345", "0123456789abcdef" * 4, "0001 A letter.eml")
    assert "/" not in step
    assert parsed_locator(step) == ("mbox", "12-345", "0123456789abcdef", ".eml")


def test_suffix_of_strange_characters_is_left_off() -> None:
    assert parsed_locator(written_locator("mime", "1-2-b", "0" * 64, "x./~")).suffix == ""


@pytest.mark.parametrize("step", ["", "12", "mbox 1", "mbox1~zz", "mbox1/2"])
def test_what_no_reader_wrote_is_a_changed_document(step: str) -> None:
    with pytest.raises(DocumentChanged):
        parsed_locator(step)
