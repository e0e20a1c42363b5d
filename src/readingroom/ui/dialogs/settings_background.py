"""Settings: what goes on while nobody looks."""

from PySide6.QtWidgets import QSystemTrayIcon, QWidget

from readingroom.config.settings import LOW_BATTERY_PERCENT
from readingroom.services.bundle import Services
from readingroom.ui.alive import while_alive
from readingroom.ui.dialogs.settings_parts import Card, Row, SettingsPage, say_failure, warning_label
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.check_box import CheckBox
from readingroom.ui.widgets.segments import Segments

_ON_BATTERY = ("go_on", "low", "pause")


class BackgroundPage(SettingsPage):
    """Indexing on battery, the tray, and notifications."""

    def __init__(self, services: Services, runner: TaskRunner, parent: QWidget | None = None) -> None:
        super().__init__("Background", parent)
        self._services = services
        self._runner = runner
        card = self.add_card()
        battery = Row("Indexing on battery", "Questions are answered all the same.", card)
        self.on_battery = Segments(
            "Indexing on battery", ("Go on", f"Pause below {LOW_BATTERY_PERCENT}%", "Pause"), battery
        )
        battery.controls.addWidget(self.on_battery)
        card.add(battery)
        self.keep_in_tray = _choice(
            card,
            "Keep running in the tray when the window is closed",
            "Folders are followed and read on. Otherwise closing ends it, and the next start goes on.",
        )
        if not QSystemTrayIcon.isSystemTrayAvailable():
            self.keep_in_tray.setEnabled(False)
            card.rows()[-1].say(
                "This desktop has no tray. Closing the window ends indexing until the next start."
            )
        self.notify = _choice(
            card,
            "Notifications",
            "When long indexing ends or needs something while the window is not in front.",
        )
        self.failure = warning_label(self)
        self.column.addWidget(self.failure)
        self.column.addStretch()
        self.on_battery.chosen.connect(lambda place: self._update(on_battery=_ON_BATTERY[place]))
        self.keep_in_tray.clicked.connect(lambda checked: self._update(keep_in_tray=checked))
        self.notify.clicked.connect(lambda checked: self._update(notify=checked))

    def shown(self) -> None:
        """Show what is set."""
        settings = self._services.preferences.settings
        known = settings.on_battery in _ON_BATTERY
        self.on_battery.choose(_ON_BATTERY.index(settings.on_battery) if known else 0)
        self.keep_in_tray.setChecked(settings.keep_in_tray)
        self.notify.setChecked(settings.notify)

    def _update(self, **changes: object) -> None:
        def change() -> None:
            self._services.preferences.update(**changes)
            self._services.pausing.look()

        self._runner.call(
            change,
            while_alive(self, lambda _: say_failure(self.failure, None)),
            while_alive(self, lambda error: say_failure(self.failure, error)),
        )


def _choice(card: Card, title: str, text: str) -> CheckBox:
    row = Row(title, text, card)
    box = CheckBox(row)
    box.setAccessibleName(title)
    row.controls.addWidget(box)
    card.add(row)
    return box
