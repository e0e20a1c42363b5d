"""Questions to answers with citations, with a scripted model."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from helpers.room import Room
from readingroom.core.cancellation import CancelToken
from readingroom.core.conversation import AnswerMode, Message, Support
from readingroom.core.errors import LanguageModelFailed
from readingroom.core.ids import ThreadId
from readingroom.core.language_model import Thought
from readingroom.core.models import SearchScope
from readingroom.services.chat import (
    Answered,
    AnswerEvent,
    Asked,
    ReadingPassages,
    Searching,
    Thinking,
    Writing,
)

QUESTION = "When does unused leave carry over?"


@pytest.fixture
def thread(room: Room, docs: Path) -> ThreadId:
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    return room.workspaces.create_thread(workspace.id).id


def answered(events: Sequence[AnswerEvent]) -> Message:
    assert isinstance(events[-1], Answered)
    return events[-1].message


def test_an_answer_is_streamed_kept_and_cited(room: Room, thread: ThreadId) -> None:
    room.language_model.pieces = ["Unused leave ", "carries over [1]."]
    events = list(room.chat.ask(thread, QUESTION))
    assert [type(event) for event in events] == [
        Asked,
        Searching,
        ReadingPassages,
        Writing,
        Writing,
        Answered,
    ]
    message = answered(events)
    assert message.text == "Unused leave carries over [1]."
    assert message.citations[0].quote.startswith("Unused leave carries over.")
    assert message.citations[0].path.name == "leave.txt"
    assert room.workspaces.messages(thread) == [events[0].message, message]  # type: ignore[union-attr]
    assert room.workspaces.threads(room.workspaces.get("Law").id)[0].title == QUESTION


def test_what_the_model_thinks_is_kept_apart_from_its_answer(room: Room, thread: ThreadId) -> None:
    room.language_model.pieces = [Thought("The first "), Thought("says so."), "It carries over [1]."]
    events = list(room.chat.ask(thread, QUESTION))
    assert [event.piece for event in events if isinstance(event, Thinking)] == ["The first ", "says so."]
    assert answered(events).thinking == "The first says so."
    assert room.workspaces.messages(thread)[-1].thinking == "The first says so."
    assert answered(events).text == "It carries over [1]."


def test_the_model_is_sent_a_context_that_holds_the_prompt(room: Room, thread: ThreadId) -> None:
    list(room.chat.ask(thread, QUESTION))
    ((model, turns, num_ctx),) = room.language_model.asked
    assert model == "m1"
    assert "Unused leave carries over." in turns[-1].content
    assert 2048 <= num_ctx <= room.language_model.limit


def test_the_model_chosen_in_settings_is_used(room: Room, thread: ThreadId) -> None:
    room.models.choose_chat_model("m2")
    list(room.chat.ask(thread, QUESTION))
    assert room.language_model.asked[0][0] == "m2"


def test_stop_keeps_what_came(room: Room, thread: ThreadId) -> None:
    room.language_model.pieces = ["Unused leave ", "carries over [1]."]
    token = CancelToken()
    events = []
    for event in room.chat.ask(thread, QUESTION, cancel=token):
        events.append(event)
        if isinstance(event, Writing):
            token.cancel()
    message = answered(events)
    assert message.text == "Unused leave"
    assert message.notice == "Stopped."


def test_an_interrupt_keeps_what_came(room: Room, thread: ThreadId) -> None:
    """Ctrl+C in a terminal is raised wherever the answer is being drawn."""
    room.language_model.pieces = ["Unused leave "]
    room.language_model.fault = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        list(room.chat.ask(thread, QUESTION))
    message = room.workspaces.messages(thread)[-1]
    assert (message.text, message.notice) == ("Unused leave", "Stopped.")


def test_a_server_that_dies_leaves_a_sentence_and_what_came(room: Room, thread: ThreadId) -> None:
    room.language_model.pieces = ["Unused leave "]
    room.language_model.fault = LanguageModelFailed("The model server stopped.", hint="Ask again.")
    message = answered(list(room.chat.ask(thread, QUESTION)))
    assert message.text == "Unused leave"
    assert message.notice == "The model server stopped. Ask again."
    room.language_model.fault = None
    assert answered(list(room.chat.ask(thread, QUESTION))).notice == ""


def test_an_answer_cut_off_by_the_end_of_the_program_says_so(room: Room, thread: ThreadId) -> None:
    """A reader that looks at the thread in the middle of an answer sees what a restart after kill -9 would."""
    room.language_model.pieces = ["Unused "]
    for event in room.chat.ask(thread, QUESTION):
        if isinstance(event, Writing):
            assert (
                room.workspaces.messages(thread)[-1].notice
                == "The program ended before the answer was complete."
            )


def test_without_a_model_the_passages_are_the_answer(room: Room, thread: ThreadId) -> None:
    room.language_model.models = ()
    message = answered(list(room.chat.ask(thread, QUESTION)))
    assert message.model is None
    assert message.citations[0].quote.startswith("Unused leave carries over.")
    assert not message.refused


def test_a_question_that_the_documents_do_not_answer_is_refused_without_asking_the_model(
    room: Room, thread: ThreadId
) -> None:
    message = answered(list(room.chat.ask(thread, "Which tungsten alloy melts last?")))
    assert message.refused
    assert "2 documents with 3 passages" in message.text
    assert message.passages
    assert room.language_model.asked == []


def test_beyond_the_documents_the_model_is_asked_all_the_same(room: Room, thread: ThreadId) -> None:
    room.language_model.pieces = ["Rhenium."]
    message = answered(list(room.chat.ask(thread, "Which tungsten alloy melts last?", mode=AnswerMode.OPEN)))
    assert message.text == "Rhenium."


def test_an_empty_workspace_says_that_there_is_nothing_to_search(room: Room) -> None:
    workspace = room.workspaces.create("Empty")
    thread = room.workspaces.create_thread(workspace.id)
    message = answered(list(room.chat.ask(thread.id, QUESTION)))
    assert message.refused
    assert "nothing to search yet" in message.text


def test_a_follow_up_carries_the_conversation(room: Room, thread: ThreadId) -> None:
    room.language_model.pieces = ["It carries over [1]."]
    list(room.chat.ask(thread, QUESTION))
    list(room.chat.ask(thread, "And when does unused leave lapse?"))
    contents = [turn.content for turn in room.language_model.asked[-1][1]]
    assert QUESTION in contents
    assert "It carries over [1]." in contents


def test_asking_again_answers_the_same_question_beside_the_former_answer(
    room: Room, thread: ThreadId
) -> None:
    room.language_model.pieces = ["First [1]."]
    asked, *_, first = list(room.chat.ask(thread, QUESTION))
    assert isinstance(asked, Asked)
    room.language_model.pieces = ["Second [1]."]
    second = answered(list(room.chat.ask(thread, QUESTION, model="m2", again=asked.message.id)))
    assert isinstance(first, Answered)
    assert second.branches == (first.message.id, second.id)
    assert second.model == "m2"
    assert [m.text for m in room.workspaces.messages(thread)] == [QUESTION, "Second [1]."]
    assert [m.text for m in room.threads.show_branch(first.message.id)] == [QUESTION, "First [1]."]
    # Neither the former answer nor the question itself is told as what was said before.
    assert [turn.role for turn in room.language_model.asked[-1][1]] == ["system", "user"]


def test_an_edited_question_is_asked_as_if_what_followed_had_not_been_said(
    room: Room, thread: ThreadId
) -> None:
    first = answered(list(room.chat.ask(thread, QUESTION)))
    list(room.chat.ask(thread, "And when does it lapse?"))
    list(room.chat.ask(thread, "When does unused leave lapse?", after=first.id))
    questions = [m.text for m in room.workspaces.messages(thread)][::2]
    assert questions == [QUESTION, "When does unused leave lapse?"]
    assert not any("And when" in turn.content for turn in room.language_model.asked[-1][1])


def test_a_stopped_answer_is_continued_where_it_ends(room: Room, thread: ThreadId) -> None:
    room.language_model.pieces = ["Unused leave car", "ries over [1]."]
    token = CancelToken()
    for event in room.chat.ask(thread, QUESTION, cancel=token):
        if isinstance(event, Writing):
            token.cancel()
    (_, stopped) = room.workspaces.messages(thread)
    room.language_model.pieces = ["carries ", "over [1]."]
    whole = answered(list(room.chat.resume(stopped.id)))
    assert whole.id == stopped.id
    assert whole.text == "Unused leave carries over [1]."
    assert whole.notice == ""
    assert [c.n for c in whole.citations] == [1]
    assert [turn.role for turn in room.language_model.asked[-1][1]][-2:] == ["assistant", "user"]


def test_an_answer_that_cannot_be_continued_now_stays_as_it_was(room: Room, thread: ThreadId) -> None:
    room.language_model.pieces = ["Unused leave car", "ries over [1]."]
    token = CancelToken()
    for event in room.chat.ask(thread, QUESTION, cancel=token):
        if isinstance(event, Writing):
            token.cancel()
    (_, stopped) = room.workspaces.messages(thread)
    room.language_model.pieces = []
    room.language_model.fault = LanguageModelFailed("The model ended the answer.")
    kept = answered(list(room.chat.resume(stopped.id)))
    assert kept.text == "Unused leave car"
    assert kept.notice == "The model ended the answer."


def test_the_persons_title_is_kept_and_another_is_made_of_the_question(room: Room, thread: ThreadId) -> None:
    list(room.chat.ask(thread, "What is the leave policy?"))
    workspace = room.workspaces.get("Law")
    named = room.workspaces.create_thread(workspace.id, "Mine").id
    list(room.chat.ask(named, QUESTION))
    assert {t.title for t in room.workspaces.threads(workspace.id)} == {"Mine", "Leave policy"}


def test_only_the_documents_in_scope_are_searched(room: Room, thread: ThreadId) -> None:
    workspace = room.workspaces.get("Law")
    documents = room.documents(workspace)
    for name in ("leave.txt", "rent.txt"):
        scope = SearchScope(frozenset({documents[name].id}))
        message = answered(list(room.chat.ask(thread, QUESTION, scope=scope, mode=AnswerMode.OPEN)))
        assert {passage.path.name for passage in message.passages} <= {name}


def test_only_what_is_in_scope_is_said_to_have_been_searched(room: Room, thread: ThreadId) -> None:
    documents = room.documents(room.workspaces.get("Law"))
    scope = SearchScope(frozenset({documents["leave.txt"].id}))
    message = answered(list(room.chat.ask(thread, QUESTION, scope=scope)))
    assert message.searched is not None
    assert message.searched.documents == 1
    empty = SearchScope(frozenset({documents["empty.txt"].id}))
    refused = answered(list(room.chat.ask(thread, QUESTION, scope=empty)))
    assert refused.text.startswith("There is nothing to search there")


def test_markers_of_any_style_come_and_are_kept_as_plain_numbers(room: Room, thread: ThreadId) -> None:
    room.language_model.pieces = ["Unused leave carries over (sou", "rce 1", ") and more 【", "9†source】."]
    events = list(room.chat.ask(thread, QUESTION))
    written = "".join(event.piece for event in events if isinstance(event, Writing))
    message = answered(events)
    assert written == message.text == "Unused leave carries over [1] and more."
    assert [(c.n, c.support, c.page) for c in message.citations] == [(1, Support.CLOSE, None)]
    assert message.citations[0].content_hash


def test_passages_as_answer_remember_what_version_of_the_document_they_are_from(
    room: Room, thread: ThreadId
) -> None:
    message = answered(list(room.chat.ask(thread, QUESTION, use_model=False)))
    assert message.citations
    assert all(citation.content_hash for citation in message.citations)
