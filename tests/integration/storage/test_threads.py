"""Threads in the catalog: branches, titles, pins, and finding what was said."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from readingroom.core.catalog import NewIndex
from readingroom.core.conversation import BEGINNING, Message, Role
from readingroom.core.ids import ThreadId
from readingroom.storage.catalog import SqliteCatalog


@pytest.fixture
def catalog(tmp_path: Path) -> Iterator[SqliteCatalog]:
    catalog = SqliteCatalog(tmp_path / "catalog.sqlite", tmp_path / "backups")
    yield catalog
    catalog.close()


@pytest.fixture
def thread(catalog: SqliteCatalog) -> ThreadId:
    workspace = catalog.create_workspace("Law", NewIndex("m", 4, "c"))
    return catalog.create_thread(workspace.id, "").id


def say(catalog: SqliteCatalog, thread: ThreadId, *texts: str) -> list[Message]:
    """Questions and answers by turns."""
    return [
        catalog.add_message(thread, Role.ASSISTANT if n % 2 else Role.USER, text)
        for n, text in enumerate(texts)
    ]


def shown(catalog: SqliteCatalog, thread: ThreadId) -> list[str]:
    return [message.text for message in catalog.messages(thread)]


def test_an_edited_question_leaves_the_former_one_with_all_that_followed_it(
    catalog: SqliteCatalog, thread: ThreadId
) -> None:
    first = say(catalog, thread, "q1", "a1", "q2", "a2")
    edited = catalog.add_message(thread, Role.USER, "q2 better", after=first[1].id)
    catalog.add_message(thread, Role.ASSISTANT, "a2 better", after=edited.id)
    assert shown(catalog, thread) == ["q1", "a1", "q2 better", "a2 better"]
    catalog.show_message(first[2].id)
    assert shown(catalog, thread) == ["q1", "a1", "q2", "a2"]


def test_a_first_question_can_be_edited_as_well(catalog: SqliteCatalog, thread: ThreadId) -> None:
    old, _ = say(catalog, thread, "q1", "a1")
    new = catalog.add_message(thread, Role.USER, "q1 better", after=BEGINNING)
    (message,) = catalog.messages(thread)
    assert message.branches == (old.id, new.id)
    assert message.parent_id is None


def test_a_message_knows_its_branches_only_where_there_are_several(
    catalog: SqliteCatalog, thread: ThreadId
) -> None:
    question, answer = say(catalog, thread, "q1", "a1")
    other = catalog.add_message(thread, Role.ASSISTANT, "a1 again", after=question.id)
    assert other.branches == (answer.id, other.id)
    assert [message.branches for message in catalog.messages(thread)] == [(), (answer.id, other.id)]


def test_the_branch_shown_is_shown_after_the_program_was_closed(tmp_path: Path) -> None:
    catalog = SqliteCatalog(tmp_path / "catalog.sqlite", tmp_path / "backups")
    thread = catalog.create_thread(catalog.create_workspace("Law", NewIndex("m", 4, "c")).id, "").id
    question, answer = say(catalog, thread, "q1", "a1")
    catalog.add_message(thread, Role.ASSISTANT, "a1 again", after=question.id)
    catalog.show_message(answer.id)
    catalog.close()
    catalog = SqliteCatalog(tmp_path / "catalog.sqlite", tmp_path / "backups")
    assert shown(catalog, thread) == ["q1", "a1"]
    catalog.close()


def test_an_answer_that_comes_while_another_branch_is_looked_at_does_not_push_itself_forward(
    catalog: SqliteCatalog, thread: ThreadId
) -> None:
    old, _ = say(catalog, thread, "q1", "a1")
    new = catalog.add_message(thread, Role.USER, "q1 better", after=BEGINNING)
    catalog.show_message(old.id)
    catalog.add_message(thread, Role.ASSISTANT, "a1 better", after=new.id)
    assert shown(catalog, thread) == ["q1", "a1"]
    catalog.show_message(new.id)
    assert shown(catalog, thread) == ["q1 better", "a1 better"]


def test_a_title_of_the_persons_is_never_replaced(catalog: SqliteCatalog, thread: ThreadId) -> None:
    catalog.title_thread(thread, "Made")
    catalog.rename_thread(thread, "Mine")
    catalog.title_thread(thread, "Made again")
    found = catalog.thread(thread)
    assert found is not None
    assert found.title == "Mine"


def test_pinned_threads_come_first(catalog: SqliteCatalog, thread: ThreadId) -> None:
    workspace = catalog.workspaces()[0]
    later = catalog.create_thread(workspace.id, "later").id
    assert [t.id for t in catalog.threads(workspace.id)] == [later, thread]
    catalog.set_thread_pinned(thread, pinned=True)
    assert [(t.id, t.pinned) for t in catalog.threads(workspace.id)] == [(thread, True), (later, False)]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["LEAVE"], ["Leave carries over.", "What of leave?"]),
        (["carries", "leave"], ["Leave carries over."]),
        (["kündigung"], ["Die KÜNDIGUNG gilt."]),
        (["100%"], []),
        (["nothing"], []),
        ([], []),
    ],
)
def test_words_are_found_in_every_message_whatever_their_case(
    catalog: SqliteCatalog, thread: ThreadId, words: list[str], found: list[str]
) -> None:
    say(catalog, thread, "What of leave?", "Leave carries over.", "1000", "Die KÜNDIGUNG gilt.")
    assert [message.text for message in catalog.find_messages(words, limit=9)] == found


def test_nothing_is_found_in_a_removed_thread(catalog: SqliteCatalog, thread: ThreadId) -> None:
    say(catalog, thread, "What of leave?")
    catalog.set_thread_removed(thread, removed=True)
    assert catalog.find_messages(["leave"], limit=9) == []
