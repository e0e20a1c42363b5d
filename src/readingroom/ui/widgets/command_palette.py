"""Ctrl+K: find a passage, a document, a thread, a workspace or a command as one types."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QListView, QVBoxLayout, QWidget
from shiboken6 import isValid

from readingroom.ui.theme import palette
from readingroom.ui.widgets.fuzzy import fuzzy_filter
from readingroom.ui.widgets.palette_rows import PaletteDelegate, PaletteEntry, PaletteModel, height_of
from readingroom.ui.widgets.plain_text import PlainLabel

_MOST = 50
_MOST_BESIDE = 4
"""Of each group once something is typed, so that passages are not far down."""
_TALLEST_PX = 460
_WIDTH = 640
_TOP = 52
_BELOW = 24
_SHADOW_PX, _DROP_PX, _DARKEST = 24, 5, 22
_PLACEHOLDER = "Find passages, documents, threads and commands"
_STEPS = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: 6,
    Qt.Key.Key_PageUp: -6,
}


class _FoundList(QListView):
    """Covers what lies beneath, so that a new letter does not have the window's panes painted anew."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), palette().color("raised"))
        painter.end()
        super().paintEvent(event)


class CommandPalette(QWidget):
    """Lies over the window near its top. Arrows move, Enter does it, Esc or a click elsewhere closes."""

    typed_changed = Signal(str)
    """What is typed; `show_found` and `say` answer it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self.setAccessibleName("Command palette")
        self._known: list[PaletteEntry] = []
        self._focused_before: QWidget | None = None
        self._found: Sequence[PaletteEntry] = ()
        self._chosen = False
        self._build_layout()
        self.input.textChanged.connect(self._take_typed)
        self.input.installEventFilter(self)
        parent.installEventFilter(self)
        self._view.clicked.connect(lambda _index: self._run())
        self.hide()

    def _build_layout(self) -> None:
        self._frame = QFrame(self)
        self._frame.setObjectName("paletteFrame")
        self.input = QLineEdit(self._frame)
        self.input.setObjectName("paletteInput")
        self.input.setPlaceholderText(_PLACEHOLDER)
        self.input.setAccessibleName(_PLACEHOLDER)
        self._model = PaletteModel(self)
        self._view = _FoundList(self._frame)
        self._view.setModel(self._model)
        self._view.setItemDelegate(PaletteDelegate(self._view))
        self._view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._view.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self._view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._view.setMouseTracking(True)
        self._view.setAccessibleName("Found")
        self.note = PlainLabel("", self._frame)
        self.note.setProperty("role", "small")
        self.note.setContentsMargins(14, 4, 14, 4)
        self.note.setWordWrap(True)
        self._around = QVBoxLayout(self)
        self._around.setContentsMargins(_SHADOW_PX, _SHADOW_PX, _SHADOW_PX, _SHADOW_PX)
        self._around.addWidget(self._frame)
        self._column = column = QVBoxLayout(self._frame)
        column.setContentsMargins(1, 1, 1, 8)
        column.setSpacing(6)
        column.addWidget(self.input)
        inner = QVBoxLayout()
        inner.setContentsMargins(7, 0, 7, 0)
        inner.setSpacing(2)
        inner.addWidget(self._view)
        inner.addWidget(self.note)
        column.addLayout(inner)

    @property
    def found(self) -> Sequence[PaletteEntry]:
        """What fits now, from the top."""
        return self._model.entries

    @property
    def selected(self) -> PaletteEntry | None:
        """What Enter opens."""
        row = self._view.currentIndex().row()
        entry = self._model.rows[row] if 0 <= row < len(self._model.rows) else None
        return entry if isinstance(entry, PaletteEntry) else None

    def open(self, entries: Sequence[PaletteEntry]) -> None:
        """Show over the window; these entries are filtered here, by their names."""
        self._known = list(entries)
        self._found = ()
        if not self.isVisible():
            self._focused_before = QApplication.focusWidget()
        self._chosen = False
        self.input.blockSignals(True)
        self.input.clear()
        self.input.blockSignals(False)
        self.say("")
        self._fill()
        self.show()
        self.raise_()
        self.input.setFocus(Qt.FocusReason.PopupFocusReason)

    def show_found(self, entries: Sequence[PaletteEntry]) -> None:
        """Show what was found elsewhere for what is typed, below what fits by its name."""
        self._found = entries
        self._fill()

    def say(self, note: str) -> None:
        """Say how it stands below the list; nothing when empty."""
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self._place()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the shadow. A `QGraphicsDropShadowEffect` has all of the list drawn and blurred for each letter."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        frame = QRectF(self._frame.geometry()).translated(0, _DROP_PX)
        for step in range(-_DROP_PX - 1, _SHADOW_PX - _DROP_PX, 2):
            left = min(1.0, 1 - step / (_SHADOW_PX - _DROP_PX))
            painter.setPen(QPen(QColor(0, 0, 0, round(_DARKEST * left * left)), 2))
            painter.drawRoundedRect(frame.adjusted(-step, -step, step, step), 12 + step, 12 + step)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.input and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        if watched is self.input and event.type() == QEvent.Type.FocusOut:
            self.hide()
        if watched is self._window and isinstance(event, QResizeEvent) and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self._close()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._run()
        elif key in _STEPS and self._model.entries:
            self._step(_STEPS[key])
        else:
            return False
        return True

    def _step(self, by: int) -> None:
        """Go over titles; a single step from the end goes to the beginning."""
        places = [place for place, row in enumerate(self._model.rows) if isinstance(row, PaletteEntry)]
        row = self._view.currentIndex().row()
        at = places.index(row) + by if row in places else 0
        at = at % len(places) if abs(by) == 1 else max(0, min(at, len(places) - 1))
        self._chosen = True
        self._select(places[at])
        if at == 0:
            self._view.scrollToTop()  # the title above it, too

    def _take_typed(self, text: str) -> None:
        self._chosen = False
        if not text.strip():
            self._found = ()
            self.say("")
        self._fill()
        self.typed_changed.emit(text)

    def _fill(self) -> None:
        """Keep what the person went to; otherwise the first is the one."""
        kept = self.selected if self._chosen else None
        entries = self._named() + list(self._found)
        self._model.show(entries)
        self._view.setVisible(bool(entries))
        places = [place for place, row in enumerate(self._model.rows) if isinstance(row, PaletteEntry)]
        same = [place for place in places if kept is not None and _same(self._model.rows[place], kept)]
        if places:
            self._select((same or places)[0])
            if not same:
                self._chosen = False
                self._view.scrollToTop()
        self._place()

    def _named(self) -> list[PaletteEntry]:
        text = self.input.text()
        if not text.strip():
            return self._known[:_MOST]
        groups: dict[str, list[PaletteEntry]] = {entry.group: [] for entry in self._known}
        for entry in fuzzy_filter(self._known, text, _MOST):
            groups[entry.group].append(entry)
        # The group with the best name first; the best of all is what Enter opens.
        best = fuzzy_filter(self._known, text, 1)
        order = sorted(groups, key=lambda group: not best or group != best[0].group)
        return [entry for group in order for entry in groups[group][:_MOST_BESIDE]]

    def _select(self, place: int) -> None:
        self._view.setCurrentIndex(self._model.index(place, 0))

    def _place(self) -> None:
        width = min(_WIDTH, self._window.width() - 32)
        room = self._window.height() - _TOP - _BELOW - self.input.sizeHint().height() - 60
        height = sum(height_of(row) for row in self._model.rows) + 2
        self._view.setFixedHeight(max(40, min(height, _TALLEST_PX, room)))
        self._frame.setFixedWidth(width)
        self.note.setFixedWidth(width - 16)
        # From within outwards: the layout around would learn of the list's height with the next turn of the event loop.
        for layout in (self._column, self._around):
            layout.invalidate()
            layout.activate()
        self.resize(self._around.sizeHint())
        self.move((self._window.width() - self.width()) // 2, _TOP - _SHADOW_PX)

    def _run(self) -> None:
        entry = self.selected
        if entry is None:
            return
        self._close()
        entry.run()

    def _close(self) -> None:
        before = self._focused_before
        # Before hiding: else Qt moves the focus to whatever was made next.
        (before if before is not None and isValid(before) and before.isVisible() else self._window).setFocus()
        self.hide()


def _same(row: object, entry: PaletteEntry) -> bool:
    return isinstance(row, PaletteEntry) and (
        row is entry or (row.key is not None and (row.group, row.key) == (entry.group, entry.key))
    )
