"""The order in which Tab goes through widgets that come and go: as they are seen, from top to bottom."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QWidget

_ROW_PX = 12


def tab_stops(inside: QWidget) -> list[QWidget]:
    """List what can take the focus by Tab inside a widget, in reading order."""
    stops = [
        child
        for child in inside.findChildren(QWidget)
        if child.isVisible()
        and child.isEnabled()
        and child.focusPolicy() & Qt.FocusPolicy.TabFocus
        and child.focusProxy() is None
    ]
    return sorted(stops, key=lambda stop: _reading_place(stop, inside))


def step_tab(stops: list[QWidget], *, forward: bool) -> bool:
    """Move the focus one stop on; False at either end, or when the focus is on none of them."""
    focus = QApplication.focusWidget()
    if focus not in stops:
        return False
    at = stops.index(focus) + (1 if forward else -1)
    if not 0 <= at < len(stops):
        return False
    stops[at].setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    return True


def _reading_place(stop: QWidget, inside: QWidget) -> tuple[int, int]:
    middle = stop.mapTo(inside, QPoint(0, stop.height() // 2))
    # Controls of one row need not be of one height.
    return round(middle.y() / _ROW_PX), middle.x()
