"""Draws the rows of the sidebar's tree: workspaces with their counts, threads below them."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from readingroom.core.ids import WorkspaceId
from readingroom.ui.models.workspace_tree import TreeRole
from readingroom.ui.theme import BODY_PX, TINY_PX, body_font, icon_pixmap, palette

ROW_PX = 31
_INSET = 8
_THREAD_INDENT = 24
_PIN_PX = 12
Index = QModelIndex | QPersistentModelIndex


class TreeDelegate(QStyledItemDelegate):
    """`current_workspace` is the one whose threads and documents the window shows."""

    current_workspace: WorkspaceId | None = None

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(100, ROW_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colors = palette()
        is_workspace = not index.parent().isValid()
        state: QStyle.StateFlag = option.state
        rect: QRect = option.rect
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        workspace = index.data(TreeRole.WORKSPACE)
        current = is_workspace and workspace.id == self.current_workspace
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = rect.adjusted(0, 0, 0, -2)
        wash = "accent_wash" if selected and not is_workspace else "selection" if current or selected else ""
        painter.setPen(Qt.PenStyle.NoPen)
        if wash or hovered:
            painter.setBrush(colors.color(wash or "selection"))
            painter.setOpacity(1.0 if wash else 0.6)
            painter.drawRoundedRect(box, 6, 6)
            painter.setOpacity(1.0)
        if focused and selected and self._by_keyboard(option):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colors.color("accent"), 1))
            painter.drawRoundedRect(box.toRectF().adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        text = box.adjusted(_INSET if is_workspace else _THREAD_INDENT, 0, -_INSET, 0)
        if is_workspace:
            count = str(index.data(TreeRole.COUNT))
            painter.setFont(body_font(TINY_PX))
            painter.setPen(colors.color("soft"))
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, count)
            text.setRight(text.right() - painter.fontMetrics().horizontalAdvance(count) - 8)
        thread = index.data(TreeRole.THREAD)
        if thread is not None and thread.pinned:
            device = painter.device()
            ratio = device.devicePixelRatioF() if device is not None else 1.0
            top = text.center().y() - _PIN_PX // 2 + 1
            painter.drawPixmap(text.left(), top, icon_pixmap("pin", "soft", _PIN_PX, ratio))
            text.setLeft(text.left() + _PIN_PX + 6)
        painter.setFont(body_font(BODY_PX, strong=current))
        ink = "ink" if is_workspace or selected else "soft"
        painter.setPen(colors.color(ink))
        name = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, text.width())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, name)
        painter.restore()

    @staticmethod
    def _by_keyboard(option: QStyleOptionViewItem) -> bool:
        state: QStyle.StateFlag = option.state
        return bool(state & QStyle.StateFlag.State_KeyboardFocusChange)

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setAccessibleName("New name")
        editor.setMaxLength(120)
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        indent = 2 if not index.parent().isValid() else _THREAD_INDENT - 6
        rect: QRect = option.rect
        editor.setGeometry(rect.adjusted(indent, 1, -2, -3))
