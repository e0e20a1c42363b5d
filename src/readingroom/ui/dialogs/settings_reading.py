"""Settings: how much of a file is read, text in pictures, and ignored kinds of files."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton, QSpinBox, QStyledItemDelegate, QWidget

from readingroom.core.ids import WorkspaceId
from readingroom.services.bundle import Services
from readingroom.ui.alive import while_alive
from readingroom.ui.dialogs.scan_languages import LANGUAGES, languages_words
from readingroom.ui.dialogs.settings_parts import Row, SettingsPage, say_failure, soft_label, warning_label
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.check_box import CheckBox
from readingroom.ui.widgets.choice_box import ChoiceBox
from readingroom.ui.widgets.number_box import NumberBox

_CONTROL_PX = 200
_NONE = "none"
_SETTLE_MS = 400
"""A number being typed passes through others that are not meant."""


@dataclass(frozen=True, slots=True)
class _Limit:
    """A setting with its range and its words."""

    name: str
    title: str
    text: str
    least: int
    most: int
    step: int
    unit: str


_LIMITS = (
    _Limit("max_file_mb", "Largest file", "Larger ones are not read; PDF and plain text are, in parts", 1, 16_384, 64, "MB"),
    _Limit("max_pages", "Pages", "Slides, sheets and chapters count as pages", 10, 200_000, 1_000, "pages"),
    _Limit("max_million_characters", "Text", "A novel has about half a million characters", 1, 2_000, 10, "million characters"),
    _Limit("file_timeout_s", "Time", "For one file", 10, 7_200, 30, "seconds"),
    _Limit("file_memory_mb", "Memory", "Of the process that reads files; holds from the next start on", 512, 65_536, 256, "MB"),
)  # fmt: skip


class _LimitBox(NumberBox):
    """A limit's number with its unit."""

    def __init__(self, limit: _Limit, parent: QWidget) -> None:
        super().__init__(limit.title, limit.least, limit.most, limit.step, limit.unit, parent)
        self.setFixedWidth(_CONTROL_PX)


class ReadingPage(SettingsPage):
    """What is changed here holds for files read from then on."""

    def __init__(
        self,
        services: Services,
        runner: TaskRunner,
        workspace_id: WorkspaceId | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("Reading", parent)
        self._services = services
        self._runner = runner
        self._workspace_id = workspace_id
        self.boxes: dict[str, QSpinBox] = {}
        self._typed = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._typed.timeout.connect(self._keep_limits)
        self._build_limits()
        self._build_recognition()
        self._build_passwords()
        self._build_kinds()
        self.failure = warning_label(self)
        self.column.addWidget(self.failure)
        self.column.addStretch()

    def shown(self) -> None:
        """Show what is set."""
        settings = self._services.preferences.settings
        for name, box in self.boxes.items():
            box.blockSignals(True)
            box.setValue(getattr(settings, name))
            box.blockSignals(False)
        self.recognise.setChecked(settings.recognise)
        self._passwords.setVisible(settings.passwords_in_keyring)
        self._show_languages()
        self._show_kinds()

    def stop(self) -> None:
        """Keep what was typed last."""
        if self._typed.isActive():
            self._typed.stop()
            self._keep_limits()

    # Limits

    def _build_limits(self) -> None:
        self.add_heading(
            "Limits for one file",
            "At a limit reading ends: what was read until then is kept and searchable, and the document says so. "
            "A file that reached one before is read further when you choose Read again in the list.",
        )
        card = self.add_card()
        for limit in _LIMITS:
            row = Row(limit.title, limit.text, card)
            box = _LimitBox(limit, row)
            # Not the method itself: the value would be taken for the interval.
            box.valueChanged.connect(lambda _value: self._typed.start())
            box.editingFinished.connect(self.stop)
            row.controls.addWidget(box)
            card.add(row)
            self.boxes[limit.name] = box

    def _keep_limits(self) -> None:
        settings = self._services.preferences.settings
        changes = {
            name: box.value() for name, box in self.boxes.items() if box.value() != getattr(settings, name)
        }
        if changes:
            self._runner.call(
                lambda: self._services.preferences.update(**changes),
                while_alive(self, lambda _: say_failure(self.failure, None)),
                while_alive(self, self._fail),
            )

    # Text in pictures

    def _build_recognition(self) -> None:
        self.column.addSpacing(12)
        self.add_heading(
            "Text in pictures",
            "Scans and photographs of pages, recognised on this computer after all else is read.",
        )
        card = self.add_card()
        turn = Row("Recognise text in pictures", "What was recognised stays when you turn it off.", card)
        self.recognise = CheckBox(turn)
        self.recognise.setAccessibleName("Recognise text in pictures")
        turn.controls.addWidget(self.recognise)
        card.add(turn)
        choose = Row(
            "Languages of your scans",
            "Latin, Chinese and Japanese writing is read as it is. Other writing needs Tesseract on this computer.",
            card,
        )
        self.languages = ChoiceBox(choose)
        self.languages.setObjectName("longList")
        self.languages.setAccessibleName("Languages of your scans")
        # The default delegate of a combo box knows no style sheet.
        self.languages.setItemDelegate(QStyledItemDelegate(self.languages))
        self.languages.setMaxVisibleItems(12)
        self.languages.setFixedWidth(_CONTROL_PX)
        self.languages.activated.connect(self._toggle_language)
        choose.controls.addWidget(self.languages)
        card.add(choose)
        self.recognise.clicked.connect(
            lambda checked: self._do(lambda: self._services.recognise.set_automatic(automatic=checked))
        )

    def _toggle_language(self, place: int) -> None:
        """Take in what was picked, or leave it out again; the first entry says what is chosen and chooses nothing."""
        code = self.languages.itemData(place)
        chosen = list(self._services.recognise.languages)
        if not code:
            return
        codes = [c for c in chosen if c != code] if code in chosen else [*chosen, code]
        codes = [] if code == _NONE else codes
        self._do(lambda: self._services.recognise.set_languages(codes))

    def _show_languages(self) -> None:
        chosen = self._services.recognise.languages
        words = languages_words(chosen)
        self.languages.clear()
        self.languages.addItem(words, "")
        if chosen:
            self.languages.addItem(languages_words(()), _NONE)
        for code, name in LANGUAGES:
            self.languages.addItem(f"✓  {name}" if code in chosen else name, code)
        self.languages.setAccessibleName(f"Languages of your scans: {words}")

    # Passwords

    def _build_passwords(self) -> None:
        self._passwords = self.add_card()
        words = "In the system's keyring; tried on every encrypted document"
        row = Row("Remembered passwords", words, self._passwords)
        self.forget = QPushButton("Forget", row)
        self.forget.setAccessibleName("Forget the remembered passwords")
        self.forget.setAutoDefault(False)
        self.forget.clicked.connect(lambda: self._do(self._services.passwords.forget_all))
        row.controls.addWidget(self.forget)
        self._passwords.add(row)

    # Ignored kinds

    def _build_kinds(self) -> None:
        self.column.addSpacing(12)
        self.add_heading(
            "Ignored kinds of files",
            "They are passed over in the folders of this workspace. The menu of the list of documents adds one.",
        )
        self.kinds = self.add_card()
        self._no_kinds = soft_label("None is ignored.", self)
        self.column.addWidget(self._no_kinds)

    def _show_kinds(self) -> None:
        workspace_id = self._workspace_id
        kinds = () if workspace_id is None else self._services.ignoring.kinds(workspace_id)
        self.kinds.clear()
        for kind in kinds:
            row = Row(f"{kind} files", "", self.kinds)
            back = QPushButton("Read again", row)
            back.setAccessibleName(f"Read {kind} files again")
            back.setAutoDefault(False)
            back.clicked.connect(partial(self._take_back, kind))
            row.controls.addWidget(back)
            self.kinds.add(row)
        self.kinds.setVisible(bool(kinds))
        self._no_kinds.setVisible(not kinds)

    def _take_back(self, kind: str, _checked: bool = False) -> None:
        workspace_id = self._workspace_id
        if workspace_id is not None:
            self._do(lambda: self._services.ignoring.take_back(workspace_id, [kind]))

    def _do(self, change: Callable[[], None]) -> None:
        self._runner.call(
            change,
            while_alive(self, lambda _: self._done()),
            while_alive(self, self._fail),
        )

    def _done(self) -> None:
        say_failure(self.failure, None)
        self.shown()

    def _fail(self, error: Exception) -> None:
        say_failure(self.failure, error)
