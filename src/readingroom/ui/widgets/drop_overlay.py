"""Covers the window while files are dragged over it, and says what dropping them will do."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QRect, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QWidget

from readingroom.core.counting import count_words
from readingroom.core.portable import SUFFIX
from readingroom.ui.theme import body_font, icon_pixmap, palette

_MARGIN = 40
_GAP = 24
_RADIUS = 12
_LEAVE_MS = 80


@dataclass(frozen=True, slots=True)
class DroppedPaths:
    """What was dropped, and whether to follow its changes."""

    paths: tuple[Path, ...]
    watch: bool


@dataclass(frozen=True, slots=True)
class _Zone:
    title: str
    sentence: str
    icon: str
    watch: bool


class DropOverlay(QWidget):
    """Two zones when there is a folder among what is dragged, else one."""

    dropped = Signal(object)  # DroppedPaths

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("dropOverlay")
        self.setAccessibleName("Drop files here")
        self.setAcceptDrops(True)
        self._window = window
        self._paths: tuple[Path, ...] = ()
        self._zones: tuple[_Zone, ...] = ()
        self._under = -1
        self._leaving = QTimer(self, singleShot=True, interval=_LEAVE_MS)
        self._leaving.timeout.connect(self._leave)
        self.hide()

    def install(self) -> None:
        """Take drags over the window from now on."""
        self._window.setAcceptDrops(True)
        self._window.installEventFilter(self)

    @property
    def titles(self) -> tuple[str, ...]:
        """What stands on the zones, from the left."""
        return tuple(zone.title for zone in self._zones)

    @property
    def highlighted(self) -> int:
        """The zone under the pointer; -1 for none."""
        return self._under

    def zone_rect(self, place: int) -> QRect:
        """Give the area of a zone."""
        area = self.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        count = max(1, len(self._zones))
        width = (area.width() - (count - 1) * _GAP) // count
        return QRect(area.left() + place * (width + _GAP), area.top(), width, area.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the window's drags: they begin over it, before this widget is shown."""
        if watched is self._window:
            if isinstance(event, QDragEnterEvent) and event.type() == QEvent.Type.DragEnter:
                return self._enter(event)
            if isinstance(event, QDragMoveEvent) and event.type() == QEvent.Type.DragMove and self._paths:
                return self._move(event)
            if isinstance(event, QDropEvent) and event.type() == QEvent.Type.Drop and self._paths:
                return self._drop(event)
            if event.type() == QEvent.Type.DragLeave:
                # Qt also says so when the drag goes from the window on to this widget, now that it is shown.
                self._leaving.start()
            elif event.type() == QEvent.Type.Resize:
                self.setGeometry(self._window.rect())
        return super().eventFilter(watched, event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self._enter(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        self._move(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._leave()
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        self._drop(event)

    def _enter(self, event: QDragEnterEvent) -> bool:
        paths = local_paths(event.mimeData())
        if not paths:
            event.ignore()
            return False
        self._leaving.stop()
        if paths != self._paths:
            self._paths = paths
            self._zones = _zones_for(paths)
        self.setGeometry(self._window.rect())
        self.raise_()
        self.show()
        self._point_at(event.position().toPoint())
        self._accept(event)
        return True

    def _move(self, event: QDragMoveEvent) -> bool:
        self._leaving.stop()
        self._point_at(event.position().toPoint())
        self._accept(event)
        return True

    def _drop(self, event: QDropEvent) -> bool:
        # The names are read again: what is dropped counts, not what was dragged when the drag began.
        paths = local_paths(event.mimeData())
        zones = self._zones if paths == self._paths else _zones_for(paths)
        place = self._zone_at(event.position().toPoint())
        if not paths:
            event.ignore()
            self._leave()
            return False
        self._accept(event)
        self._leave()
        self.dropped.emit(DroppedPaths(paths, zones[min(max(place, 0), len(zones) - 1)].watch))
        return True

    def _accept(self, event: QDropEvent) -> None:
        """Take a copy, so that no file manager ever believes the files were moved away."""
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def _leave(self) -> None:
        self._leaving.stop()
        self._paths, self._zones, self._under = (), (), -1
        self.hide()

    def _point_at(self, position: QPoint) -> None:
        under = self._zone_at(position)
        if under != self._under:
            self._under = under
            self.update()

    def _zone_at(self, position: QPoint) -> int:
        """Find the nearest zone: there is no place on the window where a drop does nothing."""
        if not self._zones:
            return -1
        distances = [
            abs(self.zone_rect(place).center().x() - position.x()) for place in range(len(self._zones))
        ]
        return distances.index(min(distances))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = palette().color("window")
        veil.setAlphaF(0.92)
        painter.fillRect(event.rect(), veil)
        for place, zone in enumerate(self._zones):
            self._paint_zone(painter, QRectF(self.zone_rect(place)), zone, under=place == self._under)

    def _paint_zone(self, painter: QPainter, rect: QRectF, zone: _Zone, *, under: bool) -> None:
        colors = palette()
        pen = QPen(colors.color("accent" if under else "faint"), 2)
        pen.setStyle(Qt.PenStyle.SolidLine if under else Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(colors.color("accent_wash" if under else "panel"))
        painter.drawRoundedRect(rect, _RADIUS, _RADIUS)
        middle = rect.center()
        picture = icon_pixmap(zone.icon, "accent" if under else "soft", 40, self.devicePixelRatioF())
        painter.drawPixmap(round(middle.x()) - 20, round(middle.y()) - 76, picture)
        painter.setPen(colors.color("ink"))
        painter.setFont(body_font(20, strong=True))
        line = QRectF(rect.left() + 24, middle.y() - 24, rect.width() - 48, 30)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, zone.title)
        painter.setPen(colors.color("soft"))
        painter.setFont(body_font(14))
        width = min(rect.width() - 48, 420)
        text = QRectF(middle.x() - width / 2, middle.y() + 14, width, 90)
        painter.drawText(text, Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, zone.sentence)


def local_paths(data: QMimeData | None) -> tuple[Path, ...]:
    """List the files and folders of this computer; addresses on the network are never fetched, so they are left out."""
    if data is None or not data.hasUrls():
        return ()
    paths = (Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
    return tuple(dict.fromkeys(path for path in paths if path.exists()))


def _zones_for(paths: tuple[Path, ...]) -> tuple[_Zone, ...]:
    if all(path.suffix == SUFFIX and path.is_file() for path in paths):
        words = "this workspace" if len(paths) == 1 else "the first of these workspaces"
        sentence = "Its texts, passages and threads. Nothing is read or embedded again."
        return (_Zone(f"Import {words}", sentence, "inbox", watch=False),)
    folders = sum(path.is_dir() for path in paths)
    if not folders:
        several = count_words(len(paths), "file")
        stays = "It stays where it is" if len(paths) == 1 else "They stay where they are"
        return (_Zone(f"Add {several}", f"{stays}; changes are read again.", "file-text", watch=True),)
    one = len(paths) == 1
    watch = "Watch this folder" if one else f"Watch {count_words(folders, 'folder')}"
    if folders < len(paths):
        watch += f" and {count_words(len(paths) - folders, 'file')}"
    return (
        _Zone(watch, "Stays in sync: new, changed and removed files are followed.", "refresh-cw", watch=True),
        _Zone("Add once", "Read as it is now. Later changes are not followed.", "folder-plus", watch=False),
    )
