"""Models of every temper behind a real server that speaks Ollama's protocol: the right outcome for each."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from helpers.fake_ollama import DIE, Answer, FakeModel, FakeOllama, Step, Thinking
from helpers.room import Room
from readingroom.core.cancellation import CancelToken
from readingroom.core.conversation import AnswerMode, Message, Role
from readingroom.core.ids import DocumentId, ThreadId
from readingroom.llm.ollama import OllamaLanguageModel
from readingroom.services.chat import Answered, AnswerEvent, ChatService, Writing
from readingroom.services.chat import Thinking as ThinkingEvent
from readingroom.services.rewriting import Rewriter
from readingroom.services.verify import VerifyService
from readingroom.services.written import LOOPED, NOTHING

QUESTION = "When does unused leave carry over?"
FOLLOW_UP = "And when does it lapse?"
WHOLE = "When does unused leave lapse?"

Ask = Callable[..., Message]


@pytest.fixture
def server() -> Iterator[FakeOllama]:
    with FakeOllama() as fake:
        yield fake


@pytest.fixture
def chat(room: Room, server: FakeOllama) -> Iterator[ChatService]:
    model = OllamaLanguageModel(server.address, is_installed=lambda: True)
    yield ChatService(
        room.catalog, room.retrieve, model, room.preferences, VerifyService(room.catalog, room.embedder)
    )
    model.close()


@pytest.fixture
def thread(room: Room, docs: Path) -> ThreadId:
    workspace = room.workspaces.create("Law")
    room.sources.add(workspace.id, [docs])
    room.ingest.start()
    room.settle()
    return room.workspaces.create_thread(workspace.id).id


@pytest.fixture
def ask(chat: ChatService, thread: ThreadId, server: FakeOllama) -> Ask:
    def asked(answer: Answer, question: str = QUESTION, **options: Any) -> Message:
        server.answer = answer
        return answered(chat.ask(thread, question, **options))

    return asked


def answered(events: Iterator[AnswerEvent]) -> Message:
    *_, last = events
    assert isinstance(last, Answered)
    return last.message


def is_rewriting(body: dict[str, Any]) -> bool:
    return "rewrite" in body["messages"][0]["content"]


def test_a_good_citer_is_cited(ask: Ask) -> None:
    message = ask(["Unused leave ", "carries over [1]."])
    assert message.text == "Unused leave carries over [1]."
    assert [citation.path.name for citation in message.citations] == ["leave.txt"]
    assert message.notice == ""


def test_wild_numbers_cite_nothing(ask: Ask) -> None:
    message = ask(["Unused leave carries over [47] and [0], as [999] says."])
    assert not any(citation.n in (0, 47, 999) for citation in message.citations)
    assert "47" not in message.text


def test_an_answer_without_citations_is_kept(ask: Ask) -> None:
    message = ask(["It carries over every year."])
    assert message.text == "It carries over every year."
    assert not message.refused


def test_a_model_that_declines_leaves_the_nearest_passages(ask: Ask) -> None:
    message = ask(["The passages do not mention ", "how many days that is."])
    assert message.refused
    assert message.passages
    assert message.citations == ()


def test_a_model_that_is_free_to_add_is_never_taken_to_decline(ask: Ask) -> None:
    message = ask(["The passages do not mention it. It is thirty days."], mode=AnswerMode.OPEN)
    assert not message.refused
    assert message.searched is not None
    assert message.searched.beyond


def test_a_model_that_loops_is_stopped_and_its_repetition_cut_off(ask: Ask, server: FakeOllama) -> None:
    def forever(_body: dict[str, Any]) -> Iterator[Step]:
        yield "Unused leave carries over [1]. "
        while True:
            yield "It is what it is. "

    message = ask(forever)
    assert message.notice == LOOPED
    assert message.text.count("It is what it is.") == 1
    assert server.client_left.wait(10)


def test_a_model_that_thinks_in_circles_is_stopped(ask: Ask) -> None:
    def forever(_body: dict[str, Any]) -> Iterator[Step]:
        while True:
            yield Thinking("Let me see whether that is so. ")

    message = ask(forever)
    assert message.notice == LOOPED
    assert message.text == ""


def test_a_table_is_no_loop(ask: Ask) -> None:
    rows = "".join(f"| {year} | 21 days | carried over |\n" for year in range(1990, 2030))
    message = ask(["| Year | Leave | Rest |\n|------|-------|------|\n", rows])
    assert message.notice == ""
    assert "2029" in message.text


def test_thoughts_are_kept_apart_however_they_are_sent(
    chat: ChatService, thread: ThreadId, server: FakeOllama
) -> None:
    server.answer = [Thinking("The first "), Thinking("says so."), "It carries over [1]."]
    events = list(chat.ask(thread, QUESTION))
    assert [event.piece for event in events if isinstance(event, ThinkingEvent)] == ["The first ", "says so."]
    message = answered(iter(events))
    assert (message.thinking, message.text) == ("The first says so.", "It carries over [1].")


def test_thoughts_whose_beginning_stands_in_the_models_template_are_told_at_the_end(ask: Ask) -> None:
    message = ask(["The first says so.\n</think>\n\n", "It carries over [1]."])
    assert (message.thinking, message.text) == ("The first says so.", "It carries over [1].")


def test_a_model_that_only_thinks_is_said_to_have_given_no_answer(ask: Ask) -> None:
    message = ask([Thinking("Hm.")])
    assert (message.text, message.thinking, message.notice) == ("", "Hm.", NOTHING)


def test_a_model_that_dies_leaves_what_came_and_a_sentence(ask: Ask) -> None:
    message = ask(["Unused leave ", DIE])
    assert message.text == "Unused leave"
    assert "stopped in the middle" in message.notice


def test_a_slow_model_is_stopped_at_once(chat: ChatService, thread: ThreadId, server: FakeOllama) -> None:
    server.answer = ["Unused leave ", threading.Event(), "carries over."]
    token = CancelToken()
    events = []
    for event in chat.ask(thread, QUESTION, cancel=token):
        events.append(event)
        if isinstance(event, Writing):
            token.cancel()
    message = answered(iter(events))
    assert (message.text, message.notice) == ("Unused leave", "Stopped.")


# -- follow-ups


def test_a_follow_up_is_made_whole_by_the_model_and_both_forms_are_searched(ask: Ask) -> None:
    def answer(body: dict[str, Any]) -> list[Step]:
        return [WHOLE] if is_rewriting(body) else ["It lapses in March [1]."]

    ask(answer)
    message = ask(answer, FOLLOW_UP)
    assert message.searched is not None
    assert message.searched.queries == (FOLLOW_UP, WHOLE)


@pytest.mark.parametrize(
    "said", ["It lapses in March.", "Sure! I can help you with planning a trip to Rome.", "", FOLLOW_UP]
)
def test_nonsense_from_the_model_leaves_the_rule(ask: Ask, said: str) -> None:
    def answer(body: dict[str, Any]) -> list[Step]:
        return [said] if is_rewriting(body) else ["In March [1]."]

    ask(answer)
    message = ask(answer, FOLLOW_UP)
    assert message.searched is not None
    assert message.searched.queries == (FOLLOW_UP, f"{QUESTION} {FOLLOW_UP}")


def test_a_model_that_takes_too_long_to_make_it_whole_leaves_the_rule(
    chat: ChatService, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    rewriter = chat._rewriter
    monkeypatch.setattr(rewriter, "_time_limit_s", 0.2)
    assert isinstance(rewriter, Rewriter)

    def answer(body: dict[str, Any]) -> list[Step]:
        return [threading.Event()] if is_rewriting(body) else ["In March [1]."]

    ask(answer)
    message = ask(answer, FOLLOW_UP)
    assert message.text == "In March [1]."
    assert message.searched is not None
    assert message.searched.queries == (FOLLOW_UP, f"{QUESTION} {FOLLOW_UP}")


def test_a_question_that_stands_alone_is_searched_as_it_is(ask: Ask, server: FakeOllama) -> None:
    ask(["In March [1]."])
    message = ask(["On the first [1]."], "When is the rent due?")
    assert message.searched is not None
    assert message.searched.queries == ()
    assert not any(is_rewriting(body) for body in server.chats)


# -- what fits


def sent_tokens(body: dict[str, Any]) -> int:
    """As the server counts: four characters a token."""
    return sum(len(str(message["content"])) for message in body["messages"]) // 4


@pytest.mark.parametrize("times", [1, 2, 4])
def test_a_conversation_of_several_windows_keeps_its_newest_turns_whole_and_in_order(
    room: Room, ask: Ask, thread: ThreadId, server: FakeOllama, times: int
) -> None:
    server.models = (FakeModel(context_length=4096),)
    turns = [f"Turn {n}. ".ljust(700, "y") + f" End {n}." for n in range(times * 4096 * 4 // 700)]
    for n, text in enumerate(turns):
        room.catalog.add_message(thread, Role.ASSISTANT if n % 2 else Role.USER, text)
    message = ask(["It carries over [1]."])
    body = server.chats[-1]
    told = [each["content"] for each in body["messages"][1:-1]]
    assert told
    assert told == turns[-len(told) :] or told == turns[len(turns) - 1 - len(told) : -1]
    assert body["messages"][1]["role"] == "user"
    assert sent_tokens(body) < body["options"]["num_ctx"] <= 4096
    assert message.searched is not None
    assert "earlier message" in message.searched.left_out
    assert "4,096 tokens" in message.searched.left_out


def test_passages_beyond_the_window_are_left_out_whole_and_that_is_said(
    room: Room, tmp_path: Path, ask: Ask, server: FakeOllama
) -> None:
    server.models = (FakeModel(context_length=2048),)
    folder = tmp_path / "long"
    folder.mkdir()
    for n in range(6):
        text = f"Unused leave carries over, case {n}. ".ljust(1200, "z") + f" End {n}."
        (folder / f"case{n}.txt").write_text(text)
    room.sources.add(room.workspaces.get("Law").id, [folder])
    room.settle()
    message = ask(["It carries over [1]."])
    sent = server.chats[-1]["messages"][-1]["content"]
    assert message.searched is not None
    assert 1 <= len(message.passages) < 6
    assert all(passage.text in sent for passage in message.passages)
    assert sent.count("</passage ") == len(message.passages) == message.searched.used
    assert "passages" in message.searched.left_out


def test_a_pinned_document_comes_whole_with_any_question(
    room: Room, tmp_path: Path, ask: Ask, server: FakeOllama
) -> None:
    long = tmp_path / "rules.txt"
    long.write_text("\n\n".join(f"Rule {n} is about nothing that is asked." for n in range(60)))
    law = room.workspaces.get("Law")
    room.sources.add(law.id, [long])
    room.settle()
    pinned = next(each.id for each in room.catalog.documents(law.id) if each.path == long)
    room.catalog.set_pinned([DocumentId(pinned)], pinned=True)
    message = ask(["It carries over [2]."])
    assert long.read_text() in server.chats[-1]["messages"][-1]["content"]
    assert message.passages[0].document_id == pinned
    assert message.searched is not None
    assert message.searched.left_out == ""


def test_a_document_that_the_question_names_comes_whole(
    room: Room, tmp_path: Path, ask: Ask, server: FakeOllama
) -> None:
    named = tmp_path / "travel_rules.txt"
    named.write_text("\n\n".join(f"Rule {n} is about travel." for n in range(60)))
    room.sources.add(room.workspaces.get("Law").id, [named])
    room.settle()
    ask(["Sixty [1]."], "What do the travel rules say about travel?")
    assert named.read_text() in server.chats[-1]["messages"][-1]["content"]


def test_what_the_server_counts_makes_the_next_prompt_fit_better(ask: Ask, room: Room) -> None:
    ask(["It carries over [1]."])
    learnt = room.catalog.setting_values()["token_rates"][FakeModel().name]
    assert learnt["latin"] < 1 / 3.0


def test_a_question_longer_than_the_window_is_not_cut_but_said(ask: Ask, server: FakeOllama) -> None:
    server.models = (FakeModel(context_length=2048),)
    message = ask(["Never."], "Unused leave carries over when? " * 300)
    assert server.chats == []
    assert "more than" in message.notice
    assert message.passages
