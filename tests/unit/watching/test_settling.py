"""When a path counts as settled."""

from pathlib import Path

from readingroom.watching.settling import SettlingPaths

ROOT = Path("/docs")
A, B = ROOT / "a", ROOT / "b"


def settling(most: int = 100) -> SettlingPaths:
    return SettlingPaths(ROOT, rest_s=1, longest_s=5, most=most)


def test_path_is_due_once_it_rested() -> None:
    paths = settling()
    assert paths.next_due_s() is None
    paths.hear(A, 10.0)
    paths.hear(A, 10.5)
    assert paths.next_due_s() == 11.5
    assert paths.take_due(11.4) == []
    assert paths.take_due(11.5) == [A]
    assert paths.take_due(99) == []


def test_restless_path_is_told_in_time_and_holds_up_no_other() -> None:
    paths = settling()
    paths.hear(B, 0.0)
    told = []
    for tenth in range(100):
        paths.hear(A, tenth / 10)
        told += [(tenth / 10, path) for path in paths.take_due(tenth / 10)]
    assert told == [(1.0, B), (5.0, A)]


def test_too_many_paths_give_way_to_the_root() -> None:
    paths = settling(most=3)
    for number in range(8):
        paths.hear(ROOT / str(number), number / 10)
    assert paths.take_due(99) == [ROOT]
    paths.hear(A, 100)
    assert paths.take_due(200) == [A]


def test_root_takes_in_what_is_below_it() -> None:
    paths = settling()
    paths.hear(A, 0)
    paths.hear(ROOT, 0.5)
    paths.hear(B, 0.9)
    assert paths.take_due(1.9) == [ROOT]
    assert paths.next_due_s() is None


def test_restless_root_is_told_in_time_too() -> None:
    paths = settling(most=1)
    told = []
    for tenth in range(60):
        paths.hear(ROOT / str(tenth), tenth / 10)
        told += paths.take_due(tenth / 10)
    assert ROOT in told
