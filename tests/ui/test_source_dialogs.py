"""Rules of a folder with what they would do, the list of what they left out, and what can be brought back."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from readingroom.core.ids import DocumentId, SourceId
from readingroom.core.models import RemovedItem
from readingroom.core.source_rules import LeftOutFile, SourceRules
from readingroom.services.bundle import Services
from readingroom.services.source_rules import RulesPreview
from readingroom.ui.dialogs.removed_dialog import RemovedDialog
from readingroom.ui.dialogs.rules_dialog import RulesDialog, preview_words
from readingroom.ui.models.source_words import days_left_words
from readingroom.ui.tasks import TaskRunner
from ui.fake_services import LAW, World, fake_services, full_world, sources_with_troubles

CONTRACTS, POLICIES = SourceId(1), SourceId(3)


@pytest.fixture
def world() -> World:
    world = full_world()
    sources_with_troubles(world)
    return world


@pytest.fixture
def services(world: World) -> Services:
    return fake_services(world)


@pytest.fixture
def runner(qtbot: QtBot) -> Iterator[TaskRunner]:
    runner = TaskRunner()
    yield runner
    runner.close()


def rules_of(
    qtbot: QtBot,
    services: Services,
    runner: TaskRunner,
    world: World,
    source_id: SourceId,
    *,
    left_out: bool = False,
) -> RulesDialog:
    dialog = RulesDialog(services.rules, runner, world.sources[source_id], left_out=left_out)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    qtbot.waitUntil(lambda: bool(dialog.preview.text()))
    return dialog


def test_a_pattern_shows_what_it_would_leave_out_while_it_is_typed(
    qtbot: QtBot, services: Services, runner: TaskRunner, world: World
) -> None:
    dialog = rules_of(qtbot, services, runner, world, POLICIES)
    assert dialog.editor.toPlainText() == "*.log\nold drafts/\n"
    assert dialog.preview.text() == "Leaves out none of 2 documents."
    qtbot.keyClicks(dialog.editor, "policy-*")
    qtbot.waitUntil(lambda: "1 of 2 documents: policy-2024.docx." in dialog.preview.text())
    assert [call for call in world.calls if call[0] == "rules"] == [], "nothing is changed by trying"


def test_a_line_that_is_no_pattern_is_pointed_out(
    qtbot: QtBot, services: Services, runner: TaskRunner, world: World
) -> None:
    dialog = rules_of(qtbot, services, runner, world, POLICIES)
    dialog.editor.setPlainText("*.log\n[z-a]\n")
    qtbot.waitUntil(dialog.broken.isVisible)
    assert dialog.broken.text() == "Line 2 is no pattern and leaves out nothing."


def test_saved_rules_are_those_of_the_dialog(
    qtbot: QtBot, services: Services, runner: TaskRunner, world: World
) -> None:
    dialog = rules_of(qtbot, services, runner, world, CONTRACTS)
    assert not dialog.limit.isEnabled()
    qtbot.keyClicks(dialog.editor, "*.html")
    qtbot.mouseClick(dialog.git, Qt.MouseButton.LeftButton, pos=dialog.git.rect().center() / 2)
    dialog.limited.setFocus()
    qtbot.keyClick(dialog.limited, Qt.Key.Key_Space)
    dialog.limit.setValue(30)
    with qtbot.waitSignal(dialog.changed) as changed:
        qtbot.keyClick(dialog.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert world.sources[CONTRACTS].rules == SourceRules("*.html", git_ignore=True, max_file_mb=30)
    assert changed.args is not None
    assert changed.args[0].removed > 0
    qtbot.waitUntil(lambda: not dialog.isVisible())


def test_rules_left_as_they_were_change_nothing(
    qtbot: QtBot, services: Services, runner: TaskRunner, world: World
) -> None:
    world.sources[POLICIES] = replace(world.sources[POLICIES], rules=SourceRules("*.log"))
    dialog = rules_of(qtbot, services, runner, world, POLICIES)
    qtbot.mouseClick(dialog.save, Qt.MouseButton.LeftButton)
    assert not dialog.isVisible()
    assert not world.calls


def test_what_is_left_out_is_listed_with_its_rule_and_can_be_narrowed(
    qtbot: QtBot, services: Services, runner: TaskRunner, world: World
) -> None:
    dialog = rules_of(qtbot, services, runner, world, POLICIES, left_out=True)
    found = dialog.list
    qtbot.waitUntil(lambda: found.model.rowCount() == 42)
    assert found.rules.itemText(1) == "pattern *.log (37)"
    found.rules.setCurrentIndex(1)
    assert found.model.rowCount() == 37
    qtbot.keyClicks(found.letters, "export 01")
    assert found.model.rowCount() == 10
    assert found.model.data(found.model.index(0, 1)) == "pattern *.log"


def test_something_left_out_by_its_name_can_be_read_after_all(
    qtbot: QtBot, services: Services, runner: TaskRunner, world: World
) -> None:
    dialog = rules_of(qtbot, services, runner, world, POLICIES, left_out=True)
    found = dialog.list
    qtbot.waitUntil(lambda: found.model.rowCount() == 42)
    rows = {found.model.entry(row).path: row for row in range(5)}
    found.table.setCurrentIndex(found.model.index(rows["2020/scan of the whole archive.pdf"], 0))
    assert not found.read.isEnabled(), "its size leaves it out"
    assert "limit of size" in found.read.toolTip()
    found.table.setCurrentIndex(found.model.index(rows["old drafts"], 0))
    with qtbot.waitSignal(dialog.changed):
        qtbot.mouseClick(found.read, Qt.MouseButton.LeftButton)
    assert world.calls[-1] == (
        "read_after_all", POLICIES, LeftOutFile("old drafts", "pattern old drafts/", is_folder=True),
    )  # fmt: skip


def test_a_folder_that_leaves_out_nothing_says_so(
    qtbot: QtBot, services: Services, runner: TaskRunner, world: World
) -> None:
    dialog = rules_of(qtbot, services, runner, world, CONTRACTS, left_out=True)
    assert not dialog.list.letters.isVisible()
    assert not dialog.save.isVisible()


def removed(qtbot: QtBot, services: Services, runner: TaskRunner) -> RemovedDialog:
    dialog = RemovedDialog(services.sources, runner, LAW)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    return dialog


def bring_back(dialog: RemovedDialog, row: int) -> QPushButton:
    found = dialog.rows[row].findChild(QPushButton)
    assert found is not None
    return found


def test_what_was_removed_is_brought_back_with_one_click(
    qtbot: QtBot, services: Services, runner: TaskRunner, world: World
) -> None:
    services.sources.remove(POLICIES)
    dialog = removed(qtbot, services, runner)
    qtbot.waitUntil(lambda: len(dialog.rows) == 5)
    assert [row.title.text() for row in dialog.rows[:2]] == ["Policies", "Letters"]
    assert bring_back(dialog, 0).accessibleName() == "Bring Policies back"
    qtbot.mouseClick(bring_back(dialog, 0), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(dialog.rows) == 4)
    assert ("source", POLICIES) not in world.removed
    qtbot.mouseClick(dialog.every, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(dialog.rows) == 1)
    assert world.calls[-1] == ("restore_documents", (DocumentId(9004), DocumentId(9012), DocumentId(9029)))


def test_nothing_removed_is_said(qtbot: QtBot, services: Services, runner: TaskRunner, world: World) -> None:
    world.removed_documents = []
    dialog = removed(qtbot, services, runner)
    qtbot.waitUntil(lambda: dialog.stack.currentIndex() == 1)
    assert not dialog.every.isVisible()


def test_days_left_end_with_the_last() -> None:
    now = time.time()
    item = RemovedItem(Path("/a"), now, 1)
    assert days_left_words(item, now) == "30 days left"
    assert days_left_words(item, now + 28.5 * 86_400) == "1 day left"
    assert days_left_words(item, now + 29.5 * 86_400) == "last day"


@pytest.mark.parametrize(
    ("preview", "words"),
    [
        (RulesPreview(1, 0), "Leaves out none of 1 document."),
        (RulesPreview(465, 2, ("a", "b")), "Leaves out 2 of 465 documents: a, b."),
        (
            RulesPreview(465, 1200, ("a", "b", "c")),
            "Leaves out 1,200 of 465 documents: a, b, c and 1,197 more.",
        ),
        (RulesPreview(5, 0, (), 1), "Leaves out none of 5 documents. Reads 1 that is left out now."),
    ],
)
def test_a_preview_says_how_many_and_which(preview: RulesPreview, words: str) -> None:
    assert preview_words(preview) == words
