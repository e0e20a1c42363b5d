"""Indexing gives way to questions, but not for ever."""

import threading

import pytest

from readingroom.core.cancellation import CancelToken
from readingroom.core.errors import Cancelled
from readingroom.services.yielding import RightOfWay

WAIT_S = 10


def giving_way(way: RightOfWay, cancel: CancelToken | None = None) -> tuple[threading.Thread, list[str]]:
    came: list[str] = []

    def step() -> None:
        try:
            way.give_way(cancel or CancelToken())
            came.append("through")
        except Cancelled:
            came.append("cancelled")

    pool = threading.Thread(target=step)
    pool.start()
    return pool, came


def test_without_questions_nothing_waits() -> None:
    RightOfWay(longest_s=WAIT_S).give_way(CancelToken())


def test_a_step_waits_until_the_last_question_is_answered() -> None:
    way = RightOfWay(longest_s=WAIT_S)
    with way.question():
        with way.question():
            pool, came = giving_way(way)
        pool.join(0.3)
        assert came == []
    pool.join(WAIT_S)
    assert came == ["through"]


def test_a_step_goes_on_under_questions_without_end() -> None:
    way = RightOfWay(longest_s=0.05)
    with way.question():
        for _ in range(3):
            way.give_way(CancelToken())


def test_a_question_whose_answer_nobody_draws_is_forgotten() -> None:
    now = [0.0]
    way = RightOfWay(longest_s=WAIT_S, clock=lambda: now[0])
    with way.question():
        now[0] = 3600.0
        way.give_way(CancelToken())


def test_a_failed_search_leaves_nothing_behind() -> None:
    way = RightOfWay(longest_s=WAIT_S)
    with pytest.raises(ZeroDivisionError), way.question():
        raise ZeroDivisionError
    way.give_way(CancelToken())


def test_stopping_ends_the_wait() -> None:
    way, cancel = RightOfWay(longest_s=WAIT_S), CancelToken()
    with way.question():
        pool, came = giving_way(way, cancel)
        cancel.cancel()
        pool.join(WAIT_S)
    assert came == ["cancelled"]
