"""The columns of the list: as many as there is room for, and a menu that sorts by any of them."""

from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QHeaderView, QMenu, QTableView, QToolButton

from readingroom.ui.models.document_rows import SortBy
from readingroom.ui.models.document_table import COLUMNS
from readingroom.ui.theme import set_icon

_WIDTHS = {
    SortBy.STATE: (92, 0),
    SortBy.SIZE: (66, 380),
    SortBy.PAGES: (54, 440),
    SortBy.WORDS: (76, 620),
    SortBy.INDEXED: (92, 720),
    SortBy.CHANGED: (92, 820),
    SortBy.WITHOUT_TEXT: (92, 920),
    SortBy.READING: (84, 1020),
}
"""Width of each, and how wide the list must be to show it."""
_FALLING = frozenset(COLUMNS) - {SortBy.NAME, SortBy.STATE}
"""The largest or latest is looked for first."""


class DocumentColumns(QObject):
    """Looks after a table's header and a button with the sort menu."""

    def __init__(self, table: QTableView, button: QToolButton) -> None:
        super().__init__(table)
        self._table = table
        self._button = button
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(COLUMNS.index(SortBy.NAME), QHeaderView.ResizeMode.Stretch)
        for column, (width, _) in _WIDTHS.items():
            table.setColumnWidth(COLUMNS.index(column), width)
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        table.setSortingEnabled(True)
        set_icon(button, "arrow-up-down")
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(QMenu(button))
        button.menu().aboutToShow.connect(self._fill_menu)
        header.sortIndicatorChanged.connect(self._say_sorting)
        self._say_sorting()

    def fit(self, width: int) -> None:
        """Show what a list of this width has room for."""
        for column, (_, room) in _WIDTHS.items():
            self._table.setColumnHidden(COLUMNS.index(column), width < room)

    def sort_by(self, column: SortBy) -> None:
        """Sort by a column; by the present one, the other way round."""
        header = self._table.horizontalHeader()
        place = COLUMNS.index(column)
        orders = Qt.SortOrder
        falling = column in _FALLING
        if header.sortIndicatorSection() == place:
            falling = header.sortIndicatorOrder() is orders.AscendingOrder
        header.setSortIndicator(place, orders.DescendingOrder if falling else orders.AscendingOrder)

    def _fill_menu(self) -> None:
        menu = self._button.menu()
        menu.clear()
        sorted_by = self._table.horizontalHeader().sortIndicatorSection()
        for place, column in enumerate(COLUMNS):
            action = menu.addAction(column.value, partial(self.sort_by, column))
            action.setCheckable(True)
            action.setChecked(place == sorted_by)

    def _say_sorting(self) -> None:
        header = self._table.horizontalHeader()
        falling = header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
        column = COLUMNS[header.sortIndicatorSection()].value.lower()
        words = f"Sorted by {column}{', from the last' if falling else ''}"
        self._button.setToolTip(words)
        self._button.setAccessibleName(f"Sort the documents. {words}")
