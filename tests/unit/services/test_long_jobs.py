"""What of a long job is told on the desktop."""

from dataclasses import replace

import pytest

from readingroom.services.long_jobs import Job, Notice, Standing, follow_job

WORK = Standing(waiting=300)
DONE = Standing()


def told(*looks: tuple[float, Standing], in_front: bool = False) -> list[Notice]:
    job, notices = Job(), list[Notice]()
    for now, standing in looks:
        job, said = follow_job(job, standing, now, in_front=in_front)
        notices += said
    return notices


@pytest.mark.parametrize(
    ("seconds", "in_front", "titles"),
    [(61, False, ["Indexing is done"]), (61, True, []), (59, False, [])],
)
def test_the_end_of_a_long_job_is_told_when_the_window_is_not_in_front(
    seconds: float, in_front: bool, titles: list[str]
) -> None:
    looks = ((0.0, DONE), (10.0, WORK), (10.0 + seconds, DONE))
    assert [notice.title for notice in told(*looks, in_front=in_front)] == titles


def test_the_end_says_what_was_done_and_what_is_left_to_the_person() -> None:
    before = replace(WORK, locked=2, failed=1)
    after = replace(DONE, locked=5, failed=2)
    (notice,) = told((0, before), (50, replace(before, waiting=420)), (100, after), (200, after))
    assert notice.text == "420 documents were worked through. 3 need a password. 1 could not be read."


def test_a_pause_does_not_make_a_job_long() -> None:
    resting = replace(WORK, resting=True)
    assert told((0, WORK), (20, WORK), (21, resting), (5_000, resting), (5_001, WORK), (5_020, DONE)) == []


def test_each_job_counts_for_itself() -> None:
    assert told((0, WORK), (40, DONE), (100, WORK), (140, DONE)) == []


def test_a_problem_is_told_at_once_and_again_only_after_it_passed() -> None:
    full = replace(WORK, problem="Indexing waits: 3 MB are free. Free 256 MB or more.")
    notices = told((0, WORK), (2, full), (4, full), (6, WORK), (8, full))
    assert [notice.title for notice in notices] == ["Indexing waits", "Indexing waits"]
    assert notices[0].text == full.problem


def test_a_need_that_was_seen_in_the_window_is_not_told_later() -> None:
    gone = replace(DONE, vanished=(("Photos", 312),))
    job, _ = follow_job(Job(), gone, 0, in_front=True)
    _, said = follow_job(job, gone, 2, in_front=False)
    assert said == []


def test_vanished_documents_are_told_with_the_name_of_their_folder() -> None:
    (notice,) = told((0, replace(DONE, vanished=(("Photos", 312),))))
    assert notice.title == "Photos: 312 documents are gone"
