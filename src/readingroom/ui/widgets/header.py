"""The top band of the window: its name, the field that opens the command palette, the model's state."""

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from readingroom.core.language_model import LanguageModelCondition, LanguageModelStatus
from readingroom.ui.models.model_words import leaves_words
from readingroom.ui.models.wording import showable
from readingroom.ui.theme import icon_pixmap, palette, set_icon, when_palette_changes
from readingroom.ui.widgets.plain_text import PlainLabel, plain_tip

HEADER_PX = 44
_FIND_WIDTH = 420
_KEYS_PX = 90
"""Of the find field, for the keys and the margins."""
_FIND_WORDS = "Find in documents, threads and commands"
_LONGEST_NAME = 32


class StateDot(QWidget):
    """A dot in a colour of the palette; a hollow one where all is not well, as colour alone says nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._role = "faint"
        self._hollow = True
        self.setFixedSize(10, 10)
        when_palette_changes(self.update)

    def show_role(self, role: str, *, hollow: bool) -> None:
        """Take another colour."""
        self._role, self._hollow = role, hollow
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = palette().color(self._role)
        if self._hollow:
            pen = painter.pen()
            pen.setColor(color)
            pen.setWidthF(2)
            painter.setPen(pen)
            painter.drawEllipse(self.rect().toRectF().adjusted(2, 2, -2, -2))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawEllipse(self.rect().toRectF().adjusted(1, 1, -1, -1))


class FindField(QPushButton):
    """Looks like a field and opens the palette, where the typing is done."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("findField")
        self.setAccessibleName(_FIND_WORDS)
        self.setFixedHeight(28)
        self.setMaximumWidth(_FIND_WIDTH)
        self.setMinimumWidth(160)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self._words = words = PlainLabel(_FIND_WORDS, self)
        words.setObjectName("findWords")
        words.setMinimumWidth(0)
        words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        keys = PlainLabel("Ctrl K", self)
        keys.setObjectName("keyHint")
        keys.setFixedHeight(18)
        for label in (words, keys):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 8, 0)
        row.addWidget(words, 1)
        row.addWidget(keys)

    def sizeHint(self) -> QSize:
        return QSize(_FIND_WIDTH, 28)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        fits = self._words.fontMetrics().horizontalAdvance(_FIND_WORDS) < self.width() - _KEYS_PX
        self._words.setText(_FIND_WORDS if fits else "Find")


class Header(QWidget):
    """Emits what the person wants; the window decides."""

    find_requested = Signal()
    sidebar_toggled = Signal()
    documents_toggled = Signal()
    model_menu_requested = Signal(QPoint)
    menu_requested = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(HEADER_PX)
        self._build_layout()
        self._connect()
        self.show_model(LanguageModelStatus(LanguageModelCondition.UNKNOWN, ""), "")

    def _build_layout(self) -> None:
        self._sidebar = self._tool("panel-left", "Show or hide workspaces (Ctrl+B)")
        title = PlainLabel("Reading Room", self)
        title.setObjectName("headerTitle")
        self._find = FindField(self)
        self._dot = StateDot(self)
        self._elsewhere = PlainLabel(self)
        self._elsewhere.hide()
        when_palette_changes(self._draw_elsewhere)
        self._model = QToolButton(self)
        self._model.setObjectName("modelButton")
        self._model.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._model.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self._documents = self._tool("panel-right", "Show or hide documents (Ctrl+Shift+B)")
        self._menu = self._tool("ellipsis", "All commands")
        left, right = QHBoxLayout(), QHBoxLayout()
        left.setSpacing(8)
        left.addWidget(self._sidebar)
        left.addWidget(title)
        left.addStretch()
        right.setSpacing(2)
        right.addStretch()
        right.addWidget(self._dot)
        right.addWidget(self._model)
        right.addWidget(self._elsewhere)
        right.addSpacing(4)
        right.addWidget(self._documents)
        right.addWidget(self._menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(12)
        row.addLayout(left, 1)
        row.addWidget(self._find, 2)
        row.addLayout(right, 1)

    def _connect(self) -> None:
        self._find.clicked.connect(self.find_requested)
        self._sidebar.clicked.connect(self.sidebar_toggled)
        self._documents.clicked.connect(self.documents_toggled)
        self._model.clicked.connect(
            lambda: self.model_menu_requested.emit(
                self._model.mapToGlobal(QPoint(0, self._model.height() + 4))
            )
        )
        self._menu.clicked.connect(
            lambda: self.menu_requested.emit(self._menu.mapToGlobal(QPoint(0, self._menu.height() + 4)))
        )

    def _tool(self, icon: str, name: str) -> QToolButton:
        button = QToolButton(self)
        set_icon(button, icon)
        button.setFixedSize(28, 28)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setToolTip(name)
        button.setAccessibleName(name)
        return button

    def show_model(self, status: LanguageModelStatus, chosen: str) -> None:
        """Say which model answers, or why none does."""
        words, role, hollow = _model_words(status, chosen)
        self._dot.show_role(role, hollow=hollow)
        leaves = leaves_words(status.address)
        self._model.setText(words.replace("&", "&&"))
        self._model.setAccessibleName(f"Answering model: {words}" + (f". {leaves}" if leaves else ""))
        tip = f"{status.detail} {status.hint}".strip() or leaves
        self._model.setToolTip(plain_tip(tip) or "Choose the answering model")
        self._elsewhere.setVisible(bool(leaves))
        self._elsewhere.setToolTip(plain_tip(leaves))
        self._elsewhere.setAccessibleName(leaves)

    def _draw_elsewhere(self) -> None:
        """The mark that what is asked leaves this computer: a globe in the colour of warnings."""
        self._elsewhere.setPixmap(icon_pixmap("globe", "warning", 16, self.devicePixelRatioF()))


def _model_words(status: LanguageModelStatus, chosen: str) -> tuple[str, str, bool]:
    match status.condition:
        case LanguageModelCondition.READY:
            name = showable(chosen or next(iter(status.models), "A model"))
            if len(name) > _LONGEST_NAME:
                # Some servers put an account and a path before it.
                name = f"…{name[1 - _LONGEST_NAME :]}"
            return f"{name} on {status.server}", "accent", False
        case LanguageModelCondition.NOT_INSTALLED:
            return "Ollama is not installed", "warning", True
        case LanguageModelCondition.NOT_RUNNING:
            if not status.address:
                return "No model server is set", "warning", True
            silent = "is not running" if status.server == "Ollama" else "does not answer"
            return f"{status.server} {silent}", "warning", True
        case LanguageModelCondition.NO_MODEL:
            return f"{status.server} has no model yet", "warning", True
        case LanguageModelCondition.UNKNOWN:
            return "Looking for a model…", "faint", True
