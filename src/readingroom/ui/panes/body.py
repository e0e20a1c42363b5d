"""The three panes side by side; where the window is narrow, the documents lie over the conversation."""

from collections.abc import Sequence

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

SIDEBAR_PX = 236
DOCUMENTS_PX = 470
_NARROW_PX = 1000
_LEAST_CHAT_PX = 360
_LEFT_BESIDE_OVERLAY_PX = 80


class Body(QWidget):
    """Keeps the panes' sizes, whether shown, hidden or laid over."""

    layout_changed = Signal()
    focus_left = Signal()
    """The documents were put away with the focus in them."""

    def __init__(
        self, sidebar: QWidget, chat: QWidget, documents: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._sidebar, self._chat, self._documents = sidebar, chat, documents
        self._narrow = False
        self._overlay_shown = False
        self._documents_wanted = True
        self._sidebar_wanted = True
        self._sizes = [SIDEBAR_PX, 0, DOCUMENTS_PX]
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self._splitter.setHandleWidth(1)
        for pane, least in ((sidebar, 180), (chat, _LEAST_CHAT_PX), (documents, 320)):
            pane.setMinimumWidth(least)
            self._splitter.addWidget(pane)
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setStretchFactor(1, 1)
        self._overlay = QFrame(self)
        self._overlay.setObjectName("documentOverlay")
        inside = QVBoxLayout(self._overlay)
        inside.setContentsMargins(1, 0, 0, 0)
        self._overlay.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._splitter)
        self._splitter.splitterMoved.connect(self._remember)

    @property
    def narrow(self) -> bool:
        """Whether the documents lie over the conversation when shown."""
        return self._narrow

    @property
    def documents_shown(self) -> bool:
        """Whether the documents can be seen."""
        return self._overlay_shown if self._narrow else self._documents_wanted

    @property
    def sidebar_shown(self) -> bool:
        """Whether the workspaces can be seen."""
        return self._sidebar_wanted

    def show_sidebar(self, shown: bool) -> None:
        """Show or hide the workspaces."""
        self._sidebar_wanted = shown
        self._apply()

    def show_documents(self, shown: bool) -> None:
        """Show or hide the documents."""
        if self._narrow:
            self._overlay_shown = shown
        else:
            self._documents_wanted = shown
        self._apply()

    def restore(self, settings: QSettings) -> None:
        """Take up the sizes of last time."""
        self._sidebar_wanted = settings.value("panes/sidebar", True, type=bool) is not False
        self._documents_wanted = settings.value("panes/documents", True, type=bool) is not False
        sizes = settings.value("panes/sizes")
        if isinstance(sizes, list) and len(sizes) == len(self._sizes):
            self._sizes = [max(0, int(size)) for size in sizes]
        self._apply()

    def save(self, settings: QSettings) -> None:
        """Keep the sizes for next time."""
        settings.setValue("panes/sidebar", self._sidebar_wanted)
        settings.setValue("panes/documents", self._documents_wanted)
        settings.setValue("panes/sizes", self._sizes)

    def panes(self) -> Sequence[QWidget]:
        """Return what can be seen, from left to right."""
        every = (self._sidebar, self._chat, self._documents)
        return [pane for pane in every if pane.isVisible()]

    def pane_after(self, focus: QWidget | None) -> QWidget:
        """Return the pane to the right of the one that has the focus, going around at the end."""
        panes = self.panes()
        at = next((i for i, pane in enumerate(panes) if focus is not None and pane.isAncestorOf(focus)), -1)
        return panes[(at + 1) % len(panes)]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW_PX
        if narrow != self._narrow:
            self._narrow = narrow
            self._overlay_shown = False
        self._apply()

    def _apply(self) -> None:
        focus = QApplication.focusWidget()
        held = focus is not None and self._documents.isAncestorOf(focus)
        self._arrange()
        if held and not self.documents_shown:
            self.focus_left.emit()
        self.layout_changed.emit()

    def _arrange(self) -> None:
        self._sidebar.setVisible(self._sidebar_wanted)
        inside = self._overlay.layout()
        if self._narrow:
            if self._documents.parentWidget() is not self._overlay and inside is not None:
                inside.addWidget(self._documents)
            self._documents.show()
            width = min(DOCUMENTS_PX, self.width() - _LEFT_BESIDE_OVERLAY_PX)
            self._overlay.setGeometry(self.width() - width, 0, width, self.height())
            self._overlay.setVisible(self._overlay_shown)
            self._overlay.raise_()
        else:
            self._overlay.hide()
            if self._documents.parentWidget() is not self._splitter:
                self._splitter.addWidget(self._documents)
                self._splitter.setStretchFactor(1, 1)
            self._documents.setVisible(self._documents_wanted)
        left = self._sizes[0] if self._sidebar_wanted else 0
        right = self._sizes[2] if not self._narrow and self._documents_wanted else 0
        middle = max(_LEAST_CHAT_PX, self.width() - left - right - 2)
        self._splitter.setSizes([left, middle, right] if not self._narrow else [left, middle])

    def _remember(self) -> None:
        sizes = self._splitter.sizes()
        if self._sidebar_wanted:
            self._sizes[0] = sizes[0]
        if not self._narrow and self._documents_wanted:
            self._sizes[2] = sizes[2]
