"""The settings: changes hold at once, downloads can be stopped, changes with a cost say it first."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QFileDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from readingroom import __version__
from readingroom.config.power import Power
from readingroom.core.cancellation import CancelToken
from readingroom.core.embedding_forms import EmbeddingForm, Precision
from readingroom.core.errors import EmbeddingModelUnavailable, WorkerCrashed
from readingroom.core.ids import SourceId
from readingroom.core.models import DownloadProgress, EmbeddingModel, SourceState, SwitchProgress
from readingroom.services.bundle import Services
from readingroom.ui.dialogs.download_row import DownloadRow
from readingroom.ui.dialogs.settings_dialog import SettingsDialog
from readingroom.ui.tasks import TaskRunner
from ui.fake_services import LAW, FakeModels, World, fake_services, full_world, no_model_status


class Models(FakeModels):
    """Downloads step by step, and knows what was fetched."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.fetched: set[str] = set()
        self.failure: Exception | None = None
        self.endless = False
        self.stopped = threading.Event()

    def embedding_models(self) -> list[EmbeddingModel]:
        return [replace(m, downloaded=m.name in self.fetched) for m in super().embedding_models()]

    def download(self, name: str, *, cancel: CancelToken) -> Iterator[DownloadProgress]:
        if self.failure is not None:
            raise self.failure
        yield DownloadProgress(1, None, name)
        while self.endless:
            yield DownloadProgress(3_000_000_000, 6_000_000_000, name)
            if cancel.wait(0.02):
                self.stopped.set()
                cancel.raise_if_cancelled()
        self.fetched.add(name)


@pytest.fixture
def world() -> World:
    return full_world()


@pytest.fixture
def models(world: World) -> Models:
    return Models(world)


@pytest.fixture
def services(world: World, models: Models) -> Services:
    return replace(fake_services(world), models=models)


@pytest.fixture
def dialog(qtbot: QtBot, services: Services, tmp_path: Path) -> Iterator[SettingsDialog]:
    runner = TaskRunner()
    dialog = SettingsDialog(services, runner, workspace_id=LAW, data_folder=tmp_path)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitExposed(dialog)
    qtbot.waitUntil(lambda: len(dialog.models.embedding_rows()) == 3)
    yield dialog
    runner.close()


def row(dialog: SettingsDialog, name: str) -> DownloadRow:
    return next(row for row in dialog.models.embedding_rows() if name in row.model.name)


def click(qtbot: QtBot, button: QAbstractButton) -> None:
    assert button.isVisible()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_the_answering_model_is_chosen_from_the_servers_list(
    qtbot: QtBot, dialog: SettingsDialog, world: World
) -> None:
    box = dialog.models.server.model
    qtbot.waitUntil(lambda: box.count() == 3)
    qtbot.keyClick(box, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: ("choose_chat_model", "qwen3:8b") in world.calls)


def test_a_silent_server_is_said_with_the_next_step(
    qtbot: QtBot, dialog: SettingsDialog, world: World
) -> None:
    world.status = no_model_status()
    qtbot.keyClicks(dialog.models.server.address, "http://127.0.0.1:9")
    click(qtbot, dialog.models.server.check)
    qtbot.waitUntil(lambda: "does not answer" in dialog.models.server.state.title.text())
    assert "Start Ollama" in dialog.models.server.state.text.text()


def test_a_malformed_address_is_told_beside_it(qtbot: QtBot, dialog: SettingsDialog) -> None:
    qtbot.keyClicks(dialog.models.server.address, "nonsense")
    qtbot.keyClick(dialog.models.server.address, Qt.Key.Key_Return)
    qtbot.waitUntil(dialog.models.server.failure.isVisible)
    assert "Write it as" in dialog.models.server.failure.text()
    assert dialog.isVisible(), "Enter in a field does not close the settings"


def test_a_download_shows_progress_and_makes_the_model_usable(
    qtbot: QtBot, dialog: SettingsDialog, world: World
) -> None:
    click(qtbot, row(dialog, "bge").download)
    qtbot.waitUntil(lambda: row(dialog, "bge").here)
    bge = row(dialog, "bge")
    qtbot.waitUntil(bge.use.isVisible)
    click(qtbot, bge.use)
    assert bge.confirm.isVisible()
    qtbot.waitUntil(lambda: "about 610 passages a minute here" in bge.text.text())
    qtbot.waitUntil(
        lambda: (
            bge._price.text()
            == "12,304 passages, about 20 minutes, in the background. The present model answers until that is done."
        )
    )
    assert bge.confirm.isVisible(), "a figure that comes late takes no question away"
    assert not any(call[0] == "change_embedding_model" for call in world.calls)
    click(qtbot, bge.confirm)
    qtbot.waitUntil(lambda: ("change_embedding_model", LAW, "BAAI/bge-small-en-v1.5") in world.calls)


def test_the_size_of_the_embeddings_says_what_it_saves_and_loses(
    qtbot: QtBot, dialog: SettingsDialog, world: World
) -> None:
    card = dialog.models.embedding.form
    qtbot.waitUntil(card.isVisible)
    assert card.row.text.text() == "In use: 19 MB for 12,304 passages."
    assert not card.use.isEnabled()
    card.choice.setCurrentText("256 of 384 numbers, 8 bits each")
    qtbot.waitUntil(lambda: "99.6%" in card.row.text.text())
    assert card.row.text.text().startswith("3.1 MB in place of 19 MB.")
    click(qtbot, card.use)
    wanted = EmbeddingForm(256, Precision.BYTE)
    qtbot.waitUntil(lambda: ("change_embedding_model", LAW, wanted) in world.calls)


def test_a_trial_that_fails_is_told_where_its_figure_would_stand(
    qtbot: QtBot, dialog: SettingsDialog, world: World
) -> None:
    part = dialog.models.embedding
    qtbot.waitUntil(lambda: ("compare", LAW) in world.calls)
    # Another model: what was found of the former one's embeddings says nothing of its.
    world.trial_fault = WorkerCrashed("The index process crashed.")
    world.workspaces[LAW] = replace(world.workspaces[LAW], embedding_model="BAAI/bge-small-en-v1.5")
    part.load()
    qtbot.waitUntil(lambda: world.calls.count(("compare", LAW)) == 2)
    part.form.choice.setCurrentText("384 numbers, 8 bits each")
    qtbot.waitUntil(lambda: "could not be tried" in part.form.row.text.text())
    assert part.form.use.isEnabled(), "it can be had all the same"
    assert not part.failure.isVisible()


def test_a_change_of_size_is_shown_and_no_other_begun_meanwhile(
    qtbot: QtBot, dialog: SettingsDialog, world: World
) -> None:
    part = dialog.models.embedding
    qtbot.waitUntil(part.form.isVisible)
    world.switching = SwitchProgress("m", 3, 8214, form=EmbeddingForm(256, Precision.BYTE))
    part.load()
    qtbot.waitUntil(part.switching.isVisible)
    assert part.switching.title.text() == "Keeping 256 numbers of each embedding, 8 bits each"
    assert "The present index answers" in part.switching.text.text()
    assert not part.form.isEnabled()
    click(qtbot, part.stay)
    qtbot.waitUntil(part.form.isEnabled)


def test_a_change_under_way_is_shown_and_can_be_given_up(
    qtbot: QtBot, dialog: SettingsDialog, world: World
) -> None:
    part = dialog.models.embedding
    assert not part.switching.isVisible()
    world.switching = SwitchProgress("BAAI/bge-small-en-v1.5", 3200, 8214, 510.0)
    part.load()
    qtbot.waitUntil(part.switching.isVisible)
    assert part.switching.title.text() == "Changing to BAAI/bge-small-en-v1.5"
    assert part.switching.text.text().startswith("3,200 of 8,214 passages, about 8 min left.")
    click(qtbot, part.stay)
    qtbot.waitUntil(lambda: ("give_up_switching", LAW) in world.calls)
    qtbot.waitUntil(lambda: not part.switching.isVisible())


def test_a_model_is_added_from_a_folder(
    qtbot: QtBot, dialog: SettingsDialog, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "my-model"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    click(qtbot, dialog.models.embedding.add)
    qtbot.waitUntil(lambda: ("add_from_folder", folder) in world.calls)
    qtbot.waitUntil(dialog.models.embedding.add.isEnabled)


def test_a_download_beyond_32_bits_can_be_cancelled(
    qtbot: QtBot, dialog: SettingsDialog, models: Models
) -> None:
    models.endless = True
    large = row(dialog, "e5-large")
    click(qtbot, large.download)
    qtbot.waitUntil(lambda: large.bar.value() == 500)
    click(qtbot, large.cancel)
    qtbot.waitUntil(models.stopped.is_set)
    qtbot.waitUntil(large.download.isVisible)
    assert not large.failure.isVisible()


def test_a_failed_download_says_what_to_do(qtbot: QtBot, dialog: SettingsDialog, models: Models) -> None:
    models.failure = EmbeddingModelUnavailable("There is no network.", hint="Try again when there is.")
    bge = row(dialog, "bge")
    click(qtbot, bge.download)
    qtbot.waitUntil(bge.failure.isVisible)
    assert bge.failure.text() == "There is no network. Try again when there is."
    qtbot.waitUntil(bge.download.isVisible)


def test_the_model_in_use_is_not_offered_again(dialog: SettingsDialog) -> None:
    bundled = row(dialog, "MiniLM")
    assert not bundled.use.isVisible()
    assert not bundled.download.isVisible()


def buttons(dialog: SettingsDialog, text: str) -> list[QPushButton]:
    found = dialog.folders.card.findChildren(QPushButton)
    return [button for button in found if button.text() == text and button.isVisible()]


def test_a_folder_is_paused_and_removed_and_brought_back(
    qtbot: QtBot, dialog: SettingsDialog, world: World
) -> None:
    dialog.show_section("Folders")
    qtbot.waitUntil(lambda: len(buttons(dialog, "Remove")) == 3)
    click(qtbot, buttons(dialog, "Pause")[0])
    qtbot.waitUntil(lambda: len(buttons(dialog, "Resume")) == 1)
    assert world.sources[SourceId(1)].state is SourceState.PAUSED
    click(qtbot, buttons(dialog, "Remove")[0])
    qtbot.waitUntil(lambda: len(buttons(dialog, "Undo")) == 1)
    assert ("source", SourceId(1)) in world.removed
    click(qtbot, buttons(dialog, "Undo")[0])
    qtbot.waitUntil(lambda: len(buttons(dialog, "Remove")) == 3)
    assert ("source", SourceId(1)) not in world.removed


def test_appearance_holds_at_once(qtbot: QtBot, dialog: SettingsDialog, services: Services) -> None:
    dialog.show_section("Appearance")
    click(qtbot, dialog.appearance.themes.button(2))
    qtbot.waitUntil(lambda: services.preferences.settings.appearance == "dark")
    qtbot.keyClick(dialog.appearance.reduce_motion, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: services.preferences.settings.reduce_motion)


def test_about_says_version_licence_and_where_the_data_is(dialog: SettingsDialog, tmp_path: Path) -> None:
    dialog.show_section("About")
    words = " ".join(label.text() for label in dialog.about.findChildren(type(dialog.models.server.failure)))
    assert __version__ in words
    assert "Affero" in words
    assert str(tmp_path) in words


def test_sections_are_reached_by_keyboard_and_escape_closes(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.sections.setFocus()
    qtbot.keyClick(dialog.sections, Qt.Key.Key_Down)
    assert dialog.section == "Answers"
    with qtbot.waitSignal(dialog.finished):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_every_control_has_a_name_for_those_who_cannot_see_it(dialog: SettingsDialog) -> None:
    for section in dialog.pages:
        dialog.show_section(section)
        for kind in (QAbstractButton, QComboBox, QLineEdit):
            for control in dialog.findChildren(kind):
                named = control.accessibleName() or (
                    control.text() if isinstance(control, QAbstractButton) else ""
                )
                assert named, control


def test_what_goes_on_in_the_background_is_chosen_and_holds_at_once(
    qtbot: QtBot, dialog: SettingsDialog, services: Services, world: World
) -> None:
    world.power = Power(on_battery=True, percent=80)
    dialog.show_section("Background")
    page = dialog.background
    assert page.on_battery.choice == 1
    qtbot.mouseClick(page.on_battery.button(2), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: services.preferences.settings.on_battery == "pause")
    qtbot.mouseClick(page.notify, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not services.preferences.settings.notify)
    # Offscreen there is no tray to stay in.
    assert not page.keep_in_tray.isEnabled()
