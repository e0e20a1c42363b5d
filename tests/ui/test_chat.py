"""The conversation: asking, watching the answer come, stopping it, and what stands there when nothing does."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from readingroom.core.cancellation import CancelToken
from readingroom.core.conversation import AnswerMode, Citation
from readingroom.core.models import PageSpan, Passage
from readingroom.services.bundle import Services
from readingroom.ui.panes.chat import ChatPane
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.answer_message import AnswerMessage
from readingroom.ui.widgets.note import Note
from readingroom.ui.widgets.passage_card import PassageCard
from ui.fake_services import (
    ANSWER,
    CARRY_OVER,
    HOUSE,
    LAW,
    LONG_THREAD,
    THESIS,
    FakeChat,
    World,
    fake_services,
    full_world,
    model_gone,
    no_model_status,
)


@pytest.fixture
def world() -> World:
    return full_world()


@pytest.fixture
def services(world: World) -> Services:
    return fake_services(world)


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:
    made = TaskRunner()
    yield made
    made.close()


@pytest.fixture
def pane(qtbot: QtBot, services: Services, runner: TaskRunner) -> ChatPane:
    shown = ChatPane(services, runner)
    qtbot.addWidget(shown)
    shown.resize(600, 700)
    shown.show()
    return shown


def fake_chat(services: Services) -> FakeChat:
    assert isinstance(services.chat, FakeChat)
    return services.chat


def open_thread(qtbot: QtBot, pane: ChatPane, world: World) -> None:
    pane.show_thread(world.workspaces[LAW], world.threads[CARRY_OVER])
    qtbot.waitUntil(lambda: pane.conversation.shown == 2)


def stage_text(answer: AnswerMessage) -> str:
    label = answer.findChild(QLabel, "stageText")
    assert isinstance(label, QLabel)
    return label.text()


def ask(qtbot: QtBot, pane: ChatPane, question: str) -> AnswerMessage:
    QTest.keyClicks(pane.composer.edit, question)
    QTest.keyClick(pane.composer.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(pane.conversation.answers) and pane.writing)
    return pane.conversation.answers[-1]


class Painted(QObject):
    """Counts how often a widget is painted."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  (as Qt calls it)
        self.count += event.type() == QEvent.Type.Paint
        return super().eventFilter(watched, event)


def test_only_documents_that_could_be_read_are_asked_about(pane: ChatPane, world: World) -> None:
    house = world.workspaces[HOUSE]
    for unread, said in ((0, "Ask about 37 documents"), (36, "Ask about 1 document")):
        pane.update_workspace(replace(house, unread=unread))
        assert (pane.composer.edit.placeholderText(), pane.composer.edit.isEnabled()) == (said, True)
    pane.update_workspace(replace(house, unread=37))
    assert "could be read" in pane.composer.edit.placeholderText()
    assert pane.composer.edit.isEnabled(), "which, and why, may be asked"


def test_another_number_of_documents_is_painted_in_the_question_box(qtbot: QtBot, pane: ChatPane) -> None:
    """Qt keeps the old words on the screen until something else has them painted anew."""
    composer = pane.composer
    composer.set_able(True, "Ask about 1 document")
    QApplication.processEvents()
    painted = Painted()
    composer.edit.viewport().installEventFilter(painted)
    composer.set_able(True, "Ask about 2 documents")
    qtbot.waitUntil(lambda: painted.count > 0)


def test_a_kept_thread_shows_its_answer_with_what_was_searched(
    qtbot: QtBot, pane: ChatPane, world: World
) -> None:
    open_thread(qtbot, pane, world)
    answer = pane.conversation.answers[0]
    assert stage_text(answer) == "Searched 465 documents, 12,304 passages, used 6"
    assert [citation.n for citation in answer.shown_citations()] == [1, 2, 3]


def test_enter_asks_and_the_answer_settles_with_its_citations(
    qtbot: QtBot, pane: ChatPane, world: World
) -> None:
    open_thread(qtbot, pane, world)
    answer = ask(qtbot, pane, "And then?")
    qtbot.waitUntil(lambda: not pane.writing)
    assert answer.view.source.strip() == ANSWER
    assert answer.view.citations[1] == world.citations[0]
    assert pane.composer.edit.toPlainText() == ""
    assert ("ask", CARRY_OVER, "And then?", AnswerMode.DOCUMENTS) in world.calls


def test_the_stage_line_says_what_is_being_done(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services
) -> None:
    open_thread(qtbot, pane, world)
    writing = threading.Event()
    gone_on = threading.Event()

    def hold(index: int, token: CancelToken) -> None:
        if index == 0:
            writing.wait(10)
        if index == 2:
            gone_on.wait(10)

    fake_chat(services).hold = hold
    answer = ask(qtbot, pane, "Why?")
    qtbot.waitUntil(lambda: stage_text(answer) == "Reading 6 passages…")
    writing.set()
    qtbot.waitUntil(lambda: stage_text(answer) == "Writing…")
    gone_on.set()
    qtbot.waitUntil(lambda: stage_text(answer).startswith("Searched 465 documents"))


def test_stop_keeps_what_came_and_says_so(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services
) -> None:
    open_thread(qtbot, pane, world)

    def hold(index: int, token: CancelToken) -> None:
        if index == 3:
            token.wait(10)

    fake_chat(services).hold = hold
    answer = ask(qtbot, pane, "Why?")
    qtbot.waitUntil(lambda: "unused" in answer.view.toPlainText() or "ten" in answer.view.toPlainText())
    assert pane.composer.button.text() == "Stop"
    QTest.mouseClick(pane.composer.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not pane.writing)
    assert [note.text() for note in answer.findChildren(Note)] == ["Stopped."]
    assert answer.view.source.startswith("Up to **ten**")
    assert pane.composer.button.text() == "Ask"


def test_clicking_a_citation_is_passed_on(qtbot: QtBot, pane: ChatPane, world: World) -> None:
    open_thread(qtbot, pane, world)
    view = pane.conversation.answers[0].view
    point = view.chip_point(1)
    assert point is not None
    with qtbot.waitSignal(pane.citation_opened) as opened:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert opened.args == [world.citations[0]]
    assert pane.siblings(world.citations[0]) == list(world.citations)


def test_without_a_model_the_passages_are_cards_that_open(qtbot: QtBot, pane: ChatPane, world: World) -> None:
    world.status = no_model_status()
    open_thread(qtbot, pane, world)
    answer = ask(qtbot, pane, "Why?")
    qtbot.waitUntil(lambda: not pane.writing)
    cards = answer.findChildren(PassageCard)
    assert len(cards) == 6
    bar = pane.conversation.verticalScrollBar()
    qtbot.waitUntil(lambda: 0 < answer.y() - bar.value() < 100)
    with qtbot.waitSignal(pane.citation_opened) as opened:
        QTest.keyClick(cards[1], Qt.Key.Key_Return)
    assert opened.args[0].path == world.passages[1].path
    assert opened.args[0].start == world.passages[1].start


def test_the_caret_is_in_the_box_once_the_first_documents_are_there(
    qtbot: QtBot, pane: ChatPane, world: World
) -> None:
    law = world.workspaces[LAW]
    pane.activateWindow()
    pane.show_thread(replace(law, documents=0), None)
    pane.focus_question()
    assert pane.focusWidget() is pane._empty.button
    pane.update_workspace(law)
    assert pane.focusWidget() is pane.composer.edit


def over_two_pages(world: World) -> Passage:
    """Makes the second passage one that goes on over the page: as many characters of it are on the next."""
    passage = world.passages[1]
    middle = passage.start + len(passage.text)
    longer = replace(
        passage,
        page=12,
        end=middle + len(passage.text),
        text=passage.text * 2,
        locations=(PageSpan(12, passage.start, middle), PageSpan(13, middle, middle + len(passage.text))),
    )
    world.passages = (world.passages[0], longer, *world.passages[2:])
    return longer


def card_over_two_pages(qtbot: QtBot, pane: ChatPane, world: World) -> PassageCard:
    passage = over_two_pages(world)
    world.status = no_model_status()
    open_thread(qtbot, pane, world)
    answer = ask(qtbot, pane, "Why?")
    qtbot.waitUntil(lambda: not pane.writing)
    cards = answer.findChildren(PassageCard)
    assert len(cards) == len(world.passages)
    assert f"{passage.path.name}, pages 12–13" in cards[1].accessibleName()
    return cards[1]


def test_the_words_on_each_page_of_a_passage_open_on_that_page(
    qtbot: QtBot, pane: ChatPane, world: World
) -> None:
    card = card_over_two_pages(qtbot, pane, world)
    opened: list[Citation] = []
    pane.citation_opened.connect(opened.append)
    for y in (card.height() // 2 - 12, card.height() - 14):
        QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(card.width() // 2, y))
    QTest.mouseClick(card, Qt.MouseButton.LeftButton, pos=QPoint(card.width() // 2, 8))
    assert [citation.page for citation in opened] == [12, 13, 12]
    first, second = opened[:2]
    assert first.end <= second.start
    # The viewer steps from one to the other, and on to the passages beside.
    assert [citation.n for citation in pane.siblings(second)] == [1, 2, 2, 3, 4, 5, 6]


def test_the_pages_of_a_passage_are_reached_by_tab_and_by_number(
    qtbot: QtBot, pane: ChatPane, world: World
) -> None:
    card = card_over_two_pages(qtbot, pane, world)
    card.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(card.hasFocus)
    assert card.accessibleDescription().startswith("Page 12: ")
    QTest.keyClick(card, Qt.Key.Key_Tab)
    assert card.accessibleDescription().startswith("Page 13: ")
    with qtbot.waitSignal(pane.citation_opened) as opened:
        QTest.keyClick(card, Qt.Key.Key_Return)
    assert opened.args[0].page == 13
    QTest.keyClick(card, Qt.Key.Key_Tab)
    assert not card.hasFocus()
    with qtbot.waitSignal(pane.citation_opened) as opened:
        pane.open_numbered(2)
    assert opened.args[0].page == 12


def test_what_was_searched_can_be_shown_and_hidden(qtbot: QtBot, pane: ChatPane, world: World) -> None:
    open_thread(qtbot, pane, world)
    answer = pane.conversation.answers[0]
    assert not answer.has_cards
    answer.show_searched(shown=True)
    assert answer.has_cards
    answer.show_searched(shown=False)
    assert not answer.has_cards


def test_a_question_the_documents_do_not_answer_shows_the_nearest_passages(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services
) -> None:
    fake_chat(services).refused = True
    open_thread(qtbot, pane, world)
    answer = ask(qtbot, pane, "Who?")
    qtbot.waitUntil(lambda: not pane.writing)
    assert "do not answer" in answer.findChildren(Note)[0].text()
    assert answer.has_cards
    with qtbot.waitSignal(pane.citation_opened) as opened:
        pane.open_numbered(2)
    assert opened.args is not None
    assert opened.args[0].n == 2


def test_a_server_that_is_gone_is_a_sentence_with_the_next_step(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services
) -> None:
    fake_chat(services).failure = model_gone()
    open_thread(qtbot, pane, world)
    answer = ask(qtbot, pane, "Who?")
    qtbot.waitUntil(lambda: not pane.writing)
    assert answer.findChildren(Note)[0].text() == "Ollama does not answer. Start Ollama and ask again."


def test_asking_without_a_thread_makes_one(qtbot: QtBot, pane: ChatPane, world: World) -> None:
    pane.show_thread(world.workspaces[LAW], None)
    with qtbot.waitSignal(pane.thread_started) as started:
        pane.ask("First question")
    assert started.args[0].workspace_id == LAW
    qtbot.waitUntil(lambda: not pane.writing)
    assert len(world.messages[started.args[0].id]) == 2


def test_an_answer_goes_on_while_another_thread_is_shown(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services
) -> None:
    release = threading.Event()
    fake_chat(services).hold = lambda index, _token: None if index != 4 else (release.wait(10), None)[1]
    open_thread(qtbot, pane, world)
    ask(qtbot, pane, "Why?")
    pane.show_thread(world.workspaces[THESIS], world.threads[LONG_THREAD])
    qtbot.waitUntil(lambda: pane.conversation.shown > 4)
    assert not pane.writing
    pane.show_thread(world.workspaces[LAW], world.threads[CARRY_OVER])
    qtbot.waitUntil(lambda: pane.conversation.shown == 4)
    assert pane.writing
    release.set()
    qtbot.waitUntil(lambda: not pane.writing)
    assert pane.conversation.answers[-1].view.source.strip() == ANSWER


def test_a_long_thread_is_loaded_from_its_end_and_grows_as_one_scrolls_up(
    qtbot: QtBot, pane: ChatPane, world: World
) -> None:
    pane.show_thread(world.workspaces[THESIS], world.threads[LONG_THREAD])
    qtbot.waitUntil(lambda: pane.conversation.shown > 0)
    first = pane.conversation.shown
    assert first < 20
    bar = pane.conversation.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 0 and bar.value() == bar.maximum())
    bar.setValue(100)
    qtbot.waitUntil(lambda: pane.conversation.shown > first)
    qtbot.waitUntil(lambda: bar.value() > 100)


def test_nothing_to_ask_of_disables_the_box_and_says_why(qtbot: QtBot, pane: ChatPane, world: World) -> None:
    pane.show_thread(None, None)
    assert not pane.composer.edit.isEnabled()
    assert "nothing to ask" in pane.composer.edit.placeholderText()
    empty = replace(world.workspaces[LAW], documents=0)
    pane.show_thread(empty, None)
    assert not pane.composer.edit.isEnabled()
    pane.show_thread(world.workspaces[LAW], None)
    assert pane.composer.edit.isEnabled()


def test_a_draft_waits_in_its_thread(qtbot: QtBot, pane: ChatPane, world: World) -> None:
    open_thread(qtbot, pane, world)
    QTest.keyClicks(pane.composer.edit, "half a thought")
    pane.show_thread(world.workspaces[LAW], None)
    assert pane.composer.edit.toPlainText() == ""
    pane.show_thread(world.workspaces[LAW], world.threads[CARRY_OVER])
    assert pane.composer.edit.toPlainText() == "half a thought"


def long_answer(characters: int) -> str:
    parts: list[str] = []
    number = 0
    while sum(len(part) for part in parts) < characters:
        number += 1
        parts.append(f"## Part {number}\n\n" + f"Leave carries over [1] in **part {number}**. " * 6 + "\n\n")
        parts.append("".join(f"{n}. Item {n} of part {number} [2]\n" for n in range(1, 9)) + "\n")
        parts.append("```\n" + "".join(f"line {n}\n" for n in range(12)) + "```\n\n")
        parts.append("| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n\n")
    return "".join(parts)[:characters]


def test_streaming_fifty_thousand_characters_keeps_the_event_loop_turning(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services
) -> None:
    """The wanted longest stall is 50 ms of work; what else the machine is busy with does not count, within reason."""
    text = long_answer(50_000)
    fake_chat(services).pieces = [text[start : start + 4] for start in range(0, len(text), 4)]
    open_thread(qtbot, pane, world)
    gaps: list[tuple[float, float]] = []
    last = (time.thread_time(), time.perf_counter())

    def beat() -> None:
        nonlocal last
        now = (time.thread_time(), time.perf_counter())
        gaps.append(((now[0] - last[0]) * 1000, (now[1] - last[1]) * 1000))
        last = now

    timer = QTimer(pane, interval=1)
    timer.timeout.connect(beat)
    answer = ask(qtbot, pane, "Everything?")
    last = (time.thread_time(), time.perf_counter())
    timer.start()
    qtbot.waitUntil(lambda: not pane.writing, timeout=60_000)
    timer.stop()
    assert answer.view.source == text
    worked, passed = ([round(ms) for ms in sorted(times)[-5:]] for times in zip(*gaps, strict=True))
    print(f"longest gaps {worked} ms of work, {passed} ms in all, {len(gaps)} beats")  # noqa: T201
    assert worked[-1] < 150
    assert passed[-1] < 1000


def test_the_view_stays_put_when_the_person_has_scrolled_up(
    qtbot: QtBot, pane: ChatPane, world: World, services: Services
) -> None:
    text = long_answer(8_000)
    release = threading.Event()
    fake_chat(services).pieces = [text[:6000], text[6000:]]
    fake_chat(services).hold = lambda index, _token: None if index == 0 else (release.wait(10), None)[1]
    open_thread(qtbot, pane, world)
    answer = ask(qtbot, pane, "All?")
    qtbot.waitUntil(lambda: len(answer.view.source) >= 6000)
    bar = pane.conversation.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() > 800)
    bar.setValue(bar.maximum() - 400)
    before = bar.value()
    release.set()
    qtbot.waitUntil(lambda: not pane.writing)
    assert bar.value() == before
    assert bar.maximum() > before + 400


def test_a_source_that_changed_is_named_and_the_question_can_be_asked_again(
    qtbot: QtBot, pane: ChatPane, world: World
) -> None:
    question, answer = world.messages[CARRY_OVER]
    cited = tuple(replace(citation, content_hash="as it was") for citation in answer.citations[:1])
    world.messages[CARRY_OVER] = [question, replace(answer, citations=cited)]
    open_thread(qtbot, pane, world)
    changes = pane.conversation.answers[0].changes
    qtbot.waitUntil(changes.isVisible)
    assert changes.label.text() == "“handbook.pdf” has changed since."
    with qtbot.waitSignal(pane.conversation.again_requested) as asked:
        QTest.keyClick(changes.button, Qt.Key.Key_Return)
    assert asked.args == [pane.conversation.answers[0], ""]
    qtbot.waitUntil(lambda: not pane.writing)


def test_a_source_that_is_offered_becomes_the_answers_own(qtbot: QtBot, pane: ChatPane, world: World) -> None:
    question, answer = world.messages[CARRY_OVER]
    text = "Ten days carry over. They lapse in March."
    offer = replace(answer.citations[1], claim_start=21, claim_end=41, offered=True)
    world.messages[CARRY_OVER] = [question, replace(answer, text=text, citations=(offer,))]
    open_thread(qtbot, pane, world)
    view = pane.conversation.answers[0].view
    view.offer_kept.emit(offer)
    qtbot.waitUntil(lambda: view.source == "Ten days carry over. They lapse in March [2].")
    assert [(citation.n, citation.offered) for citation in view.shown_citations()] == [(2, False)]
