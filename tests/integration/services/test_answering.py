"""What a workspace has of its own reaches the model; another workspace is left as it is."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpers.room import Room
from readingroom.core.answering import Answering
from readingroom.core.conversation import Message
from readingroom.core.ids import ThreadId, WorkspaceId
from readingroom.core.models import Workspace
from readingroom.services.answering import AnsweringService, answering_of, variables
from readingroom.services.chat import Answered

QUESTION = "When does unused leave carry over?"
NOW = datetime(2026, 3, 9, 14, 5, tzinfo=UTC)


@pytest.fixture
def workspace(room: Room, docs: Path) -> Workspace:
    made = room.workspaces.create("Law {date}")
    room.sources.add(made.id, [docs])
    room.ingest.start()
    room.settle()
    return made


@pytest.fixture
def answering(room: Room) -> AnsweringService:
    return AnsweringService(room.catalog, room.preferences)


def ask(room: Room, workspace_id: WorkspaceId, question: str = QUESTION) -> Message:
    thread: ThreadId = room.workspaces.create_thread(workspace_id).id
    *_, last = room.chat.ask(thread, question)
    assert isinstance(last, Answered)
    return last.message


def test_model_temperature_and_instructions_of_the_workspace_reach_the_model(
    room: Room, workspace: Workspace, answering: AnsweringService
) -> None:
    heard: list[WorkspaceId] = []
    answering.changed.subscribe(heard.append)
    answering.change(workspace.id, Answering("m2", 0.3, "Today is {weekday}. For {workspace}, not {nobody}."))
    ask(room, workspace.id)
    (model, turns, _), (temperature,) = room.language_model.asked[0], room.language_model.temperatures
    assert (model, temperature) == ("m2", 0.3)
    told = turns[0].content
    assert "For Law {date}, not {nobody}." in told, "a value is not looked through for variables again"
    assert "Use only the passages" in told, "the rules stand"
    assert heard == [workspace.id]
    assert room.workspaces.list()[0].chat_model == "m2"


def test_passages_and_threshold_decide_what_is_put_before_the_model(
    room: Room, workspace: Workspace, answering: AnsweringService
) -> None:
    answering.change(workspace.id, Answering(passages=1))
    found = ask(room, workspace.id).searched
    assert found is not None
    assert found.used == 1
    answering.change(workspace.id, Answering(threshold=1.0))
    assert ask(room, workspace.id, "Which tungsten alloy melts last?").refused


def test_reset_leaves_nothing_behind_and_other_workspaces_never_had_it(
    room: Room, workspace: Workspace, answering: AnsweringService
) -> None:
    other = room.workspaces.create("Other")
    answering.change(workspace.id, Answering("m2", 0.3, "x", 3, 0.5))
    assert answering.of(other.id).is_default
    assert answering.change(workspace.id, Answering()).is_default
    assert room.catalog.answering(workspace.id) == {}
    ask(room, workspace.id)
    assert (room.language_model.asked[0][0], room.language_model.temperatures) == ("m1", [None])


def test_settings_that_cannot_be_read_are_as_if_there_were_none(room: Room, workspace: Workspace) -> None:
    """What a damaged catalog or a newer program left there costs the settings, not the workspace."""
    room.catalog._lane.write(lambda db: db.execute("UPDATE workspaces SET answering = '{nonsense'"))
    assert [known.name for known in room.workspaces.list()] == ["Law {date}"]
    assert answering_of(room.catalog, workspace.id).is_default
    assert ask(room, workspace.id).model == "m1"


def test_a_model_of_its_own_that_is_not_there_gives_way(
    room: Room, workspace: Workspace, answering: AnsweringService
) -> None:
    answering.change(workspace.id, Answering(model="gone"))
    assert ask(room, workspace.id).model == "m1"


def test_variables_tell_workspace_and_moment(workspace: Workspace) -> None:
    values = variables(workspace, "m1", NOW)
    assert (values["date"], values["weekday"], values["time"]) == ("2026-03-09", "Monday", "14:05")
    assert (values["workspace"], values["model"]) == ("Law {date}", "m1")
    assert values["language"]
