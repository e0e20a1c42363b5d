"""A thin bar under what is being done for an answer, where that takes a while."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from readingroom.ui.theme import palette, when_palette_changes


class StageProgress(QWidget):
    """Hidden until there is progress to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = 0.0
        self.setFixedHeight(4)
        self.setAccessibleName("Progress")
        self.hide()
        when_palette_changes(self.update)

    @property
    def share(self) -> float:
        """0 to 1."""
        return self._share

    def show_share(self, done: int, total: int) -> None:
        """Show how much is done."""
        self._share = min(1.0, done / total) if total else 0.0
        self.setAccessibleDescription(f"{done:,} of {total:,}")
        self.show()
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        painter.setBrush(palette().color("line"))
        painter.drawRoundedRect(whole, 2, 2)
        painter.setBrush(palette().color("accent"))
        painter.drawRoundedRect(QRectF(0, 0, max(4.0, whole.width() * self._share), whole.height()), 2, 2)
