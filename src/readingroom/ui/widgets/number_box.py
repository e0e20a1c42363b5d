"""A field for a number with its unit."""

from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget


class NumberBox(QSpinBox):
    """Thousands are set apart; the wheel changes it only while it has the focus."""

    def __init__(
        self, name: str, least: int, most: int, step: int, unit: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setRange(least, most)
        self.setSingleStep(step)
        self.setGroupSeparatorShown(True)
        self.setSuffix(f" {unit}" if unit else "")
        self.setToolTip(f"{least:,} to {most:,}; arrow keys change it by {step:,}")
        _prepare(self, f"{name}, in {unit}" if unit else name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        # A wheel that scrolls the page must not change what it happens to pass over.
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class FractionBox(QDoubleSpinBox):
    """The same for numbers with two places after the point."""

    def __init__(
        self, name: str, least: float, most: float, step: float, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setRange(least, most)
        self.setSingleStep(step)
        self.setDecimals(2)
        self.setToolTip(f"{least:g} to {most:g}; arrow keys change it by {step:g}")
        _prepare(self, name)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


def _prepare(box: QSpinBox | QDoubleSpinBox, name: str) -> None:
    box.setLocale(QLocale(QLocale.Language.English))
    box.lineEdit().setTextMargins(6, 0, 6, 0)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    for part in (box, box.lineEdit()):
        part.setAccessibleName(name)
