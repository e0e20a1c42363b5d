"""A line below the header that stays until it is dismissed: what was done to the catalog, or is wrong with it."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from readingroom.services.backups import BackupService
from readingroom.ui.bridge import Gathered
from readingroom.ui.widgets.link_button import LinkButton
from readingroom.ui.widgets.plain_text import PlainLabel


class NoticeBar(QFrame):
    """Hidden while there is nothing to say."""

    def __init__(self, backups: BackupService, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("noticeBar")
        self._backups = backups
        self._text = PlainLabel(self)
        self._text.setObjectName("noticeText")
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button = LinkButton("Dismiss", self)
        self.button.setAccessibleName("Dismiss the notice")
        self.button.clicked.connect(backups.dismiss_notice)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 12, 8)
        row.setSpacing(16)
        row.addWidget(self._text, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        self._gathered = Gathered(backups.changed, self)  # type: ignore[arg-type]
        self._gathered.arrived.connect(lambda _: self._show())
        self._show()

    @property
    def text(self) -> str:
        """What it says."""
        return self._text.text()

    def stop(self) -> None:
        """Hear nothing more of the service."""
        self._gathered.close()

    def _show(self) -> None:
        notice = self._backups.notice
        self._text.setText(notice)
        self._text.setAccessibleName(notice)
        self.setVisible(bool(notice))
