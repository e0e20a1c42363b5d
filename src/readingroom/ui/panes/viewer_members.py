"""What a document is part of, and what is part of it, as links that open them."""

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from readingroom.core.counting import count_words
from readingroom.core.models import Document
from readingroom.ui.models.format_kinds import format_kind
from readingroom.ui.models.wording import size_words
from readingroom.ui.theme import BODY_PX, SMALL_PX, body_font, icon_pixmap, palette
from readingroom.ui.widgets.link_button import LinkButton
from readingroom.ui.widgets.plain_text import PlainLabel, plain_tip

_MOST_LINKS = 12
"""More would not fit beside each other; the list has them all."""
_ROW_PX = 32
_LONGEST_LINK = 34
_ROOT = QModelIndex()
_ICON_ROLE = Qt.ItemDataRole.UserRole + 1
ModelIndex = QModelIndex | QPersistentModelIndex


class MemberStrip(QWidget):
    """`In letter.eml`, and `Attached: report.pdf  photo.png  and 3 more`."""

    document_requested = Signal(object)  # DocumentId
    list_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("memberStrip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.links: list[LinkButton] = []
        self._count = 0
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(12, 3, 12, 3)
        self._layout.setSpacing(8)
        self._part_of = PlainLabel("In", self)
        self.container = LinkButton("", self)
        self._inside = PlainLabel(self)
        self.more = LinkButton("", self)
        self.more.setCheckable(True)
        for part in (self._part_of, self.container, self._inside):
            self._layout.addWidget(part)
        self._layout.addWidget(self.more)
        self._layout.addStretch()
        self.more.toggled.connect(self._toggle)
        self._container_id: object = None
        self.container.clicked.connect(lambda: self.document_requested.emit(self._container_id))
        self.hide()

    @property
    def list_shown(self) -> bool:
        """Whether the person wants to see them all."""
        return self.more.isChecked()

    def show_members(
        self,
        container: Document | None,
        members: Sequence[Document],
        *,
        noun: str = "document",
        listed: bool = False,
    ) -> None:
        """Show these; hidden where there are none. `listed`: they are in a list below anyway."""
        self._part_of.setVisible(container is not None)
        self.container.setVisible(container is not None)
        if container is not None:
            self._container_id = container.id
            self.container.setText(_elided(container.path.name))
            self.container.setToolTip(plain_tip(f"Open {container.path.name}"))
        for link in self.links:
            link.deleteLater()
        self.links = [self._link(member) for member in members[: 0 if listed else _MOST_LINKS]]
        self._count = 0 if listed else len(members)
        self._inside.setText(f"{count_words(len(members), noun)} inside{'' if listed else ':'}")
        self._inside.setVisible(bool(members))
        self.more.setChecked(False)
        self.setVisible(container is not None or bool(members))
        self._fit()

    def _link(self, member: Document) -> LinkButton:
        link = LinkButton(_elided(member.path.name), self)
        link.setToolTip(plain_tip(f"Open {member.path.name}"))
        link.clicked.connect(lambda: self.document_requested.emit(member.id))
        self._layout.insertWidget(self._layout.indexOf(self.more), link)
        return link

    def _toggle(self, shown: bool) -> None:
        self._fit()
        self.list_toggled.emit(shown)

    def _fit(self) -> None:
        """Show as many links as there is room for, and how many more there are."""
        room = self.width()
        for shown in range(len(self.links), -1, -1):
            for place, link in enumerate(self.links):
                link.setVisible(place < shown)
            rest = self._count - shown
            self.more.setVisible(rest > 0 or self.more.isChecked())
            more = f"and {rest:,} more" if shown else "Show them"
            self.more.setText("Hide the list" if self.more.isChecked() else more)
            if self._layout.sizeHint().width() <= room:
                return

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(120, super().minimumSizeHint().height())


class MemberList(QListView):
    """All documents inside, a row each; a click or Enter opens one."""

    document_requested = Signal(object)  # DocumentId

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("memberList")
        self.setAccessibleName("Documents inside")
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self._model = _MemberModel(self)
        self.setModel(self._model)
        self.setItemDelegate(_MemberRow(self))
        self.clicked.connect(self._open)

    def show_members(self, members: Sequence[Document]) -> None:
        """List these."""
        self._model.show_members(members)

    def _open(self, index: ModelIndex) -> None:
        self.document_requested.emit(self._model.member(index.row()).id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
            return
        super().keyPressEvent(event)


class _MemberModel(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._members: Sequence[Document] = ()

    def show_members(self, members: Sequence[Document]) -> None:
        self.beginResetModel()
        self._members = members
        self.endResetModel()

    def member(self, row: int) -> Document:
        return self._members[row]

    def rowCount(self, parent: ModelIndex = _ROOT) -> int:
        return 0 if parent.isValid() else len(self._members)

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        member = self._members[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return member.path.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip("\n".join(words for words in (member.path.name, member.reason) if words))
        if role == Qt.ItemDataRole.UserRole:
            return size_words(member.size_bytes)
        if role == _ICON_ROLE:
            return format_kind(member).icon
        return None


class _MemberRow(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: ModelIndex) -> QSize:
        return QSize(100, _ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: ModelIndex) -> None:
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        colors = palette()
        painter.save()
        if state & (QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver):
            painter.fillRect(rect, colors.color("selection"))
        device = painter.device()
        ratio = device.devicePixelRatioF() if device is not None else 1.0
        picture = icon_pixmap(index.data(_ICON_ROLE), "soft", 15, ratio)
        painter.drawPixmap(rect.left() + 12, rect.center().y() - 7, picture)
        inner = rect.adjusted(36, 0, -12, 0)
        painter.setFont(body_font(SMALL_PX))
        painter.setPen(colors.color("soft"))
        size = str(index.data(Qt.ItemDataRole.UserRole))
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(inner, int(flags | Qt.AlignmentFlag.AlignRight), size)
        inner.setRight(inner.right() - painter.fontMetrics().horizontalAdvance(size) - 12)
        painter.setFont(body_font(BODY_PX))
        painter.setPen(colors.color("ink"))
        name = str(index.data(Qt.ItemDataRole.DisplayRole))
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, inner.width())
        painter.drawText(inner, int(flags | Qt.AlignmentFlag.AlignLeft), shown)
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, colors.color("line"))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(rect.left(), rect.top(), 2, rect.height() - 1, colors.color("accent"))
        painter.restore()


def _elided(name: str) -> str:
    """A name short enough to stand beside others; an ampersand would become an underline."""
    if len(name) > _LONGEST_LINK:
        half = (_LONGEST_LINK - 1) // 2
        name = f"{name[:half]}…{name[-half:]}"
    return name.replace("&", "&&")
