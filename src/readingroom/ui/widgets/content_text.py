"""Read-only text that is as tall as what it holds and can reach neither the network nor the disk."""

from PySide6.QtCore import QMimeData, QSize, Qt, QUrl
from PySide6.QtGui import QKeyEvent, QResizeEvent, QTextCursor, QTextOption, QWheelEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QTextEdit, QWidget

OBJECT_CHARACTER = "\ufffc"


class ContentText(QTextEdit):
    """Sits in a scrolling column: no scroll bars of its own, height set from its document."""

    below_px = 0
    """Room for what is drawn below the last line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAcceptDrops(False)
        self.setUndoRedoEnabled(False)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setCursorWidth(0)
        self.document().setDocumentMargin(0)
        self.viewport().setAutoFillBackground(False)
        self.document().documentLayout().documentSizeChanged.connect(self.fit_height)

    def fit_height(self) -> None:
        """Take the height of the document."""
        height = max(1, round(self.document().size().height() + 0.49)) + self.below_px
        if height != self.height():
            self.setFixedHeight(height)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit_height()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the column scrolls

    def keyPressEvent(self, event: QKeyEvent) -> None:
        scrolling = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End)
        if event.key() in scrolling and not event.modifiers():
            event.ignore()
            return
        super().keyPressEvent(event)

    def loadResource(self, kind: int, name: QUrl | str) -> None:
        """Load nothing, whatever the text names."""
        return

    def createMimeDataFromSelection(self) -> QMimeData:
        """Give plain text, so that nothing of ours is pasted elsewhere as markup."""
        data = QMimeData()
        data.setText(self.selected_text(self.textCursor()))
        return data

    def selected_text(self, cursor: QTextCursor) -> str:
        """Return the selection with line ends as a text file has them."""
        return cursor.selectedText().replace("\u2029", "\n").replace("\u2028", "\n")
