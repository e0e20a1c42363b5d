"""The rules by which the benchmarks of reading count: they must not flatter."""

import importlib
from pathlib import Path
from types import ModuleType

import pytest

_BENCHMARKS = Path(__file__).parents[3] / "benchmarks"


@pytest.fixture
def benchmarks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the benchmarks' own modules importable for a test."""
    monkeypatch.syspath_prepend(str(_BENCHMARKS))


@pytest.fixture
def judging(benchmarks: None) -> ModuleType:
    return importlib.import_module("_reading_judging")


@pytest.fixture
def tools(benchmarks: None) -> ModuleType:
    return importlib.import_module("_reading_tools")


@pytest.fixture
def manifest(benchmarks: None) -> ModuleType:
    return importlib.import_module("_manifest")


@pytest.mark.parametrize(
    ("expected", "state", "ours", "theirs"),
    [
        ("encrypted", "text", False, False),
        ("encrypted", "no text", False, False),
        ("encrypted", "error", False, True),
        ("encrypted", "encrypted", True, False),
        ("corrupt", "text", False, False),
        ("corrupt", "no text", True, True),
        ("empty", "text", False, False),
        ("empty", "corrupt", False, False),
        ("ok", "no text", False, False),
        ("ok", "timed out", False, False),
        ("scanned", "crashed", False, False),
        ("scanned", "no text", True, True),
    ],
)
def test_which_states_are_right(
    judging: ModuleType,
    tools: ModuleType,
    manifest: ModuleType,
    expected: str,
    state: str,
    ours: bool,
    theirs: bool,
) -> None:
    """Text of a locked, broken or empty file was made up, and a hang or a crash is never right."""
    row = manifest.Row("a.pdf", "pdf", expected, "", ())
    answer = tools.Answer(state, "", ((1, "Something"),) if state == "text" else ())
    assert judging.judge(row, answer, ours=True, recognised=False).right is ours
    assert judging.judge(row, answer, ours=False, recognised=False).right is theirs


def test_a_phrase_counts_in_the_file_its_members_and_on_its_page(
    judging: ModuleType, tools: ModuleType, manifest: ModuleType
) -> None:
    """Found is found anywhere; on its page is only there, on each page named."""
    row = manifest.Row("a.eml", "eml", "ok", "The  Phrase", (1, 2))
    attachment = tools.Answer("text", "", ((1, "the phrase"), (2, "the phrase")))
    verdict = judging.judge(
        row, tools.Answer("text", "", ((1, "Hello"),), (attachment,)), ours=True, recognised=False
    )
    assert (verdict.found, verdict.placed) == (True, False)
    twice = tools.Answer("text", "", ((1, "So the\nphrase"), (2, "the phr\u00adase")))
    assert judging.judge(row, twice, ours=True, recognised=False).placed
    once = tools.Answer("text", "", ((1, "the phrase"), (2, "")))
    assert judging.judge(row, once, ours=True, recognised=False).placed is False


def test_a_mailbox_has_the_text_of_its_messages(
    judging: ModuleType, tools: ModuleType, manifest: ModuleType
) -> None:
    """Only where text was expected, and only if a message has some."""
    blank, letter = tools.Answer("no text", "", ()), tools.Answer("text", "", ((None, "Hello"),))
    for expected, inside, right in (("ok", letter, True), ("ok", blank, False), ("encrypted", letter, False)):
        row = manifest.Row("a.mbox", "mbox", expected, "Hello", ())
        verdict = judging.judge(row, tools.Answer("no text", "", (), (inside,)), ours=True, recognised=False)
        assert verdict.right is right


def test_a_scan_counts_as_found_only_when_it_was_to_be_recognised(
    judging: ModuleType, tools: ModuleType, manifest: ModuleType
) -> None:
    """Asked for, silence about a scan is a miss; unasked, text must hold the phrase."""
    row = manifest.Row("a.png", "image", "scanned", "Apache", (1,))
    silent, noise = tools.Answer("no text", "", ()), tools.Answer("text", "", ((1, "4pacbe"),))
    assert judging.judge(row, silent, ours=True, recognised=False).found is None
    missed = judging.judge(row, silent, ours=True, recognised=True)
    assert (missed.found, missed.right) == (False, False)
    assert not judging.judge(row, noise, ours=False, recognised=False).right


def test_damage_is_the_same_for_the_same_seed(benchmarks: None) -> None:
    """A failure found in a run can be made again from its name."""
    damage = importlib.import_module("_damage")
    data = bytes(range(256)) * 4
    made = list(damage.variants("a.bin", truncations=2, flips=2, seed=7))
    again = list(damage.variants("a.bin", truncations=2, flips=2, seed=7))
    assert [one.applied(data) for one in made] == [one.applied(data) for one in again]
    intact, cut, _, flipped, _ = (one.applied(data) for one in made)
    assert intact == data
    assert len(cut) < len(data)
    assert data.startswith(cut)
    assert len(flipped) == len(data)
    assert 1 <= sum(a != b for a, b in zip(data, flipped, strict=True)) <= 20
    other = list(damage.variants("a.bin", truncations=2, flips=2, seed=8))
    assert other[1].applied(data) != cut


@pytest.mark.parametrize(
    ("sentence", "plain"),
    [
        ("The file is damaged: it is cut off or not a whole document.", True),
        ("Text that cannot be seen was left out (2 characters on page 2): “{x} TypeError …”", True),
        ("TypeError: 'NoneType' object is not iterable.", False),
        ("zlib.error: incorrect header check", False),
        ("No /Root object", False),
        ("", False),
    ],
)
def test_what_is_a_plain_sentence(benchmarks: None, sentence: str, *, plain: bool) -> None:
    """A reason is for a person; what a library said of itself is not one."""
    assert importlib.import_module("_watched_reading").plain(sentence) is plain
