"""The settings: what is changed here holds at once."""

from pathlib import Path

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QHBoxLayout,
    QListView,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QWidget,
)

from readingroom import __version__
from readingroom.config.paths import APP_NAME, data_paths
from readingroom.core.ids import WorkspaceId
from readingroom.services.bundle import Services
from readingroom.ui.dialogs.settings_answers import AnswersPage
from readingroom.ui.dialogs.settings_background import BackgroundPage
from readingroom.ui.dialogs.settings_data import DataPage
from readingroom.ui.dialogs.settings_folders import FoldersPage
from readingroom.ui.dialogs.settings_models import ModelsPage
from readingroom.ui.dialogs.settings_parts import Row, SettingsPage
from readingroom.ui.dialogs.settings_reading import ReadingPage
from readingroom.ui.dialogs.settings_server import ServerPage
from readingroom.ui.file_manager import reveal
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.check_box import CheckBox
from readingroom.ui.widgets.segments import Segments

_APPEARANCES = ("system", "light", "dark")


class AppearancePage(SettingsPage):
    """The theme and motion."""

    def __init__(self, services: Services, runner: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__("Appearance", parent)
        self._services = services
        self._runner = runner
        card = self.add_card()
        theme = Row("Theme", "Pages of documents stay paper in both.", card)
        self.themes = Segments("Theme", ("System", "Light", "Dark"), theme)
        theme.controls.addWidget(self.themes)
        card.add(theme)
        motion = Row("Reduce motion", "Things appear where they are, without moving there.", card)
        self.reduce_motion = CheckBox(motion)
        self.reduce_motion.setAccessibleName("Reduce motion")
        motion.controls.addWidget(self.reduce_motion)
        card.add(motion)
        self.column.addStretch()
        self.themes.chosen.connect(lambda place: self._update(appearance=_APPEARANCES[place]))
        self.reduce_motion.clicked.connect(lambda checked: self._update(reduce_motion=checked))

    def shown(self) -> None:
        """Show what is set."""
        settings = self._services.preferences.settings
        self.themes.choose(_APPEARANCES.index(settings.appearance))
        self.reduce_motion.setChecked(settings.reduce_motion)

    def _update(self, **changes: object) -> None:
        self._runner.call(lambda: self._services.preferences.update(**changes))


class AboutPage(SettingsPage):
    """What this is, under which licence, and where it keeps its data."""

    def __init__(self, data_folder: Path, parent: QWidget | None = None) -> None:
        super().__init__("About", parent)
        card = self.add_card()
        card.add(
            Row(f"{APP_NAME} {__version__}", "Answers questions from your own documents, on this computer.")
        )
        card.add(
            Row(
                "Licence",
                "GNU Affero General Public License, version 3 or later. Its source is free to use and change.",
            )
        )
        where = Row("Data folder", str(data_folder), card)
        where.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.open_folder = QPushButton("Open folder", where)
        self.open_folder.setAccessibleName("Open the data folder")
        self.open_folder.setAutoDefault(False)
        self.open_folder.clicked.connect(lambda: reveal(data_folder))
        where.controls.addWidget(self.open_folder)
        card.add(where)
        self.column.addStretch()


class SettingsDialog(QDialog):
    """Sections on the left, the chosen one beside them; not modal, Escape closes."""

    restart_requested = Signal()

    def __init__(
        self,
        services: Services,
        runner: TaskRunner,
        parent: QWidget | None = None,
        *,
        workspace_id: WorkspaceId | None = None,
        data_folder: Path | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("settingsDialog")
        self.setWindowTitle("Settings")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(820, 600)
        self.models = ModelsPage(services, runner, workspace_id, self)
        self.answers = AnswersPage(services, runner, workspace_id, self)
        self.folders = FoldersPage(services, runner, workspace_id, self)
        self.reading = ReadingPage(services, runner, workspace_id, self)
        self.background = BackgroundPage(services, runner, self)
        self.appearance = AppearancePage(services, runner, self)
        self.data = DataPage(services, runner, data_folder or data_paths().root, self)
        self.data.restart_requested.connect(self.restart_requested)
        self.server = ServerPage(services, runner, workspace_id, self)
        self.about = AboutPage(data_folder or data_paths().root, self)
        self.pages: dict[str, SettingsPage] = {
            page.accessibleName(): page
            for page in (
                self.models,
                self.answers,
                self.folders,
                self.reading,
                self.background,
                self.appearance,
                self.data,
                self.server,
                self.about,
            )
        }
        self._build_layout()
        self.sections.selectionModel().currentChanged.connect(lambda index: self._show(index.data()))
        self.show_section("Models")

    @property
    def section(self) -> str:
        """The one shown."""
        return str(self.sections.currentIndex().data() or "")

    def show_section(self, name: str) -> None:
        """Show a section by its title, as `Models`; an unknown one is ignored."""
        if name in self.pages:
            self.sections.setCurrentIndex(self._names.index(list(self.pages).index(name)))

    def _build_layout(self) -> None:
        self._names = QStringListModel(list(self.pages), self)
        self.sections = QListView(self)
        self.sections.setModel(self._names)
        self.sections.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.sections.setObjectName("settingsNav")
        self.sections.setAccessibleName("Sections")
        self.sections.setFixedWidth(168)
        self._stack = QStackedWidget(self)
        self._stack.setObjectName("settingsPages")
        for page in self.pages.values():
            scroll = QScrollArea(self)
            scroll.setObjectName("settingsScroll")
            scroll.setFrameShape(QFrame.Shape.NoFrame)
            scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            scroll.setWidgetResizable(True)
            scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            scroll.setWidget(page)
            self._stack.addWidget(scroll)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.sections)
        layout.addWidget(self._stack, 1)

    def _show(self, name: str) -> None:
        self._stack.setCurrentIndex(list(self.pages).index(name))
        self.pages[name].shown()

    def done(self, result: int) -> None:
        """Close, by Escape as well."""
        self._stop()
        super().done(result)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._stop()
        super().closeEvent(event)

    def _stop(self) -> None:
        for page in self.pages.values():
            page.stop()
