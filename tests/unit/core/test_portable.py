"""Paths in the file of a workspace say where below a source something is, and nothing else."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readingroom.core.errors import PortableFileDamaged
from readingroom.core.portable import from_portable, to_portable
from readingroom.core.relinking import Fit, place_beside, sampled

NAMES = st.binary(min_size=1, max_size=20).filter(
    lambda b: b"/" not in b and b"\0" not in b and b not in (b".", b"..")
)


@given(st.lists(NAMES, min_size=1, max_size=5))
def test_any_name_comes_back_to_the_byte(names: list[bytes]) -> None:
    text = to_portable(b"/".join(names))
    text.encode("utf-8")  # no lone surrogates
    assert [name.encode("utf-8", "surrogateescape") for name in from_portable(text)] == names


@given(st.text(max_size=40))
def test_no_text_leads_out_of_the_folder(text: str) -> None:
    root = Path("/root/of/it")
    try:
        place = root.joinpath(*from_portable(text))
    except PortableFileDamaged:
        return
    assert place.is_relative_to(root)
    assert ".." not in place.parts


@pytest.mark.parametrize(
    ("former", "found", "other", "place"),
    [
        ("/a/docs", "/b/docs", "/a/work", "/b/work"),
        ("/a/docs", "/b/papers", "/a/work", "/b/work"),
        ("/a/docs", "/b/papers", "/a/docs/sub", "/b/papers/sub"),
        ("/a/docs", "/b/docs", "/a/x/y", "/b/x/y"),
        ("/a/docs", "/b/docs", "/c/x", None),
    ],
)
def test_neighbours_are_looked_for_where_they_would_be(
    former: str, found: str, other: str, place: str | None
) -> None:
    assert place_beside(Path(former), Path(found), Path(other)) == (place and Path(place))


@pytest.mark.parametrize(
    ("fit", "good"),
    [(Fit(0, 0, 0), True), (Fit(100, 9, 9), False), (Fit(100, 10, 10), True), (Fit(100, 50, 0), True)],
)
def test_a_folder_is_taken_that_holds_some_of_what_is_known(fit: Fit, good: bool) -> None:
    assert fit.good is good


def test_a_sample_reaches_from_the_first_to_the_last() -> None:
    chosen = sampled(range(10_000), 200)
    assert (len(chosen), chosen[0], chosen[-1]) == (200, 0, 9950)
