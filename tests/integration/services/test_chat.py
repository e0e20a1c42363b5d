"""Questions to answers with citations, with a scripted model."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from helpers.room import Room
from readingroom.core.cancellation import CancelToken
from readingroom.core.conversation import AnswerMode, Message
from readingroom.core.errors import LanguageModelFailed
from readingroom.core.ids import ThreadId
from readingroom.core.language_model import Thought
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
    assert message.citations[0].quote == "Unused leave carries over."
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
    assert message.citations[0].quote == "Unused leave carries over."
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
    contents = [turn.content for turn in room.language_model.asked[1][1]]
    assert QUESTION in contents
    assert "It carries over [1]." in contents
