"""The table of formats."""

from readingroom.documents.formats import (
    BY_SUFFIX,
    NAME_NOT_READ,
    READ,
    describe_format,
    readable_suffixes,
)


def test_no_suffix_is_both_read_and_not_read() -> None:
    assert not BY_SUFFIX.keys() & NAME_NOT_READ.keys()


def test_every_format_has_a_plain_name() -> None:
    assert {describe_format(name) for name in set(BY_SUFFIX.values())} <= set(READ.values())


def test_suffixes_are_lower_case_with_a_dot() -> None:
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in readable_suffixes())
    assert ".pdf" in readable_suffixes()
