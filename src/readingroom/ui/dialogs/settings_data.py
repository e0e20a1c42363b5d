"""Settings: where the data is, copies of the catalog, and the way back to one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from readingroom.core.copies import CatalogCopy, CopyKind
from readingroom.services.bundle import Services
from readingroom.ui.alive import while_alive
from readingroom.ui.bridge import Gathered
from readingroom.ui.dialogs.settings_parts import Row, SettingsPage, say_failure, soft_label, warning_label
from readingroom.ui.file_manager import reveal
from readingroom.ui.models.wording import size_words
from readingroom.ui.tasks import TaskRunner

_KIND_WORDS = {
    CopyKind.DAILY: "Daily copy",
    CopyKind.MIGRATION: "Before an update of Reading Room",
    CopyKind.REPLACED: "What was there before a restore",
}


@dataclass(frozen=True, slots=True)
class _Found:
    copies: Sequence[CatalogCopy]
    size_bytes: int


class DataPage(SettingsPage):
    """Restoring closes the window and opens it again; it says what that costs first."""

    restart_requested = Signal()

    def __init__(
        self, services: Services, runner: TaskRunner, data_folder: Path, parent: QWidget | None = None
    ) -> None:
        super().__init__("Data", parent)
        self._backups = services.backups
        self._runner = runner
        self._folder = data_folder
        self._asking: Path | None = None
        self._copies: Sequence[CatalogCopy] = ()
        card = self.add_card()
        self.where = Row("Data folder", str(data_folder), card)
        self.where.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._add_button(self.where, "Open folder", "Open the data folder").clicked.connect(
            lambda: reveal(data_folder)
        )
        card.add(self.where)
        self.add_heading(
            "Copies of the catalog",
            "Made each day and kept for a week. They hold workspaces, threads, settings and the text of documents;"
            " your own files stay where they are.",
        )
        now = self.add_card()
        self.newest = Row("No copy yet", "", now)
        self.back_up = self._add_button(self.newest, "Back up now", "Back up the catalog now")
        self.back_up.clicked.connect(self._back_up)
        now.add(self.newest)
        self.failure = warning_label(self)
        self.column.addWidget(self.failure)
        self.card = self.add_card()
        self.column.addStretch()
        self._gathered = Gathered(services.backups.changed, self)  # type: ignore[arg-type]
        self._gathered.arrived.connect(lambda _: self.shown())

    def shown(self) -> None:
        """Look up the copies."""
        folder = self._folder

        def look() -> _Found:
            return _Found(self._backups.copies(), _size_of(folder))

        self._runner.call(look, while_alive(self, self._show), while_alive(self, self._fail))

    def stop(self) -> None:
        """Hear nothing more of the services."""
        self._gathered.close()

    def _show(self, found: _Found) -> None:
        self._copies = found.copies
        self.where.title.setText(f"Data folder · {size_words(found.size_bytes)}")
        newest = next((copy for copy in found.copies if copy.kind is CopyKind.DAILY), None)
        self.newest.title.setText(
            "No copy yet" if newest is None else f"Newest daily copy of {_moment(newest)}"
        )
        problem = self._backups.problem
        self.newest.say(f"{problem} {problem.hint}" if problem else "The next one is made by itself.")
        self._show_copies()

    def _show_copies(self) -> None:
        self.card.clear()
        for copy in self._copies:
            self.card.add(self._row(copy))
        self.card.setVisible(bool(self._copies))

    def _row(self, copy: CatalogCopy) -> Row:
        row = Row(_moment(copy), f"{_KIND_WORDS[copy.kind]} · {size_words(copy.size_bytes)}", self.card)
        if copy.path != self._asking:
            button = self._add_button(row, "Restore…", f"Restore the copy of {_moment(copy)}")
            button.clicked.connect(lambda: self._ask(copy.path))
            return row
        row.beneath.addWidget(
            soft_label(
                f"What you made since {_moment(copy)} goes: workspaces, threads and settings are as they were then,"
                " and documents that changed are read again. The present catalog is kept in this list, so you can"
                " come back. Reading Room closes and opens again.",
                row,
            )
        )
        buttons = QHBoxLayout()
        buttons.addStretch()
        for text, act in (("Cancel", lambda: self._ask(None)), ("Restore", lambda: self._restore(copy))):
            button = QPushButton(text, row)
            button.setAccessibleName(f"{text}: copy of {_moment(copy)}")
            button.setAutoDefault(False)
            button.clicked.connect(act)
            buttons.addWidget(button)
        row.beneath.addLayout(buttons)
        return row

    def _ask(self, path: Path | None) -> None:
        self._asking = path
        self._show_copies()

    def _restore(self, copy: CatalogCopy) -> None:
        self._runner.call(
            lambda: self._backups.request_restore(copy.path),
            while_alive(self, lambda _: self.restart_requested.emit()),
            while_alive(self, self._fail),
        )

    def _back_up(self) -> None:
        self.back_up.setEnabled(False)
        say_failure(self.failure, None)
        self._runner.call(
            self._backups.back_up_now, while_alive(self, self._backed_up), while_alive(self, self._fail)
        )

    def _backed_up(self, _copy: CatalogCopy) -> None:
        self.back_up.setEnabled(True)
        self.shown()

    def _fail(self, error: Exception) -> None:
        self.back_up.setEnabled(True)
        say_failure(self.failure, error)

    def _add_button(self, row: Row, text: str, name: str) -> QPushButton:
        button = QPushButton(text, row)
        button.setAccessibleName(name)
        button.setAutoDefault(False)
        row.controls.addWidget(button)
        return button


def _moment(copy: CatalogCopy) -> str:
    return f"{copy.made_at:%d %B %Y, %H:%M}".lstrip("0")


def _size_of(folder: Path) -> int:
    """Of all files below; some may go while they are counted."""
    size = 0
    for path in folder.rglob("*"):
        try:
            found = path.lstat()
            # The index keeps files larger than what is in them.
            size += found.st_blocks * 512 if hasattr(found, "st_blocks") else found.st_size
        except OSError:
            continue
    return size
