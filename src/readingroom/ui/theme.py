"""The look: two palettes, the type, the style sheet and the icons, following the system or the person."""

import re
import weakref
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache

from PySide6.QtCore import QByteArray, QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QApplication, QGraphicsDropShadowEffect, QStyleFactory, QWidget
from shiboken6 import isValid

from readingroom.config.paths import resource_path

FONT_FAMILY = "Inter"
BODY_PX = 13
ANSWER_PX = 14
SMALL_PX = 12
TINY_PX = 11
_STYLE_SHEETS = ("style.qss", "style-documents.qss")


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours by what they are for, as #RRGGBB; the names are the tokens of the style sheet."""

    name: str
    window: str
    panel: str
    raised: str
    line: str
    edge: str
    """Around what can be typed into, chosen or pressed: seen at once, where a line only parts."""
    selection: str
    ink: str
    soft: str
    faint: str
    """For lines and for what cannot be used now: too light to be read."""
    hint: str
    """Of an empty field: as light as can be read, so that nobody takes it for what was typed."""
    accent: str
    accent_hover: str
    accent_wash: str
    on_accent: str
    warning: str
    warning_wash: str
    error: str
    mark: str = "#FFE9A8"
    mark_line: str = "#E2B93B"
    page: str = "#FFFFFF"
    page_ink: str = "#23262B"

    def color(self, role: str) -> QColor:
        """The colour of that name."""
        return QColor(getattr(self, role))


LIGHT = Palette(
    name="light",
    window="#F6F5F2",
    panel="#FBFAF8",
    raised="#FFFFFF",
    line="#E4E1DA",
    edge="#CBC6BC",
    selection="#ECEAE4",
    ink="#1F2328",
    soft="#5C6370",
    faint="#8A909B",
    hint="#6C727D",
    accent="#2F6F5E",
    accent_hover="#275E4F",
    accent_wash="#E3EFEA",
    on_accent="#FFFFFF",
    warning="#A15C00",
    warning_wash="#FBEFD9",
    error="#A4343A",
)
DARK = Palette(
    name="dark",
    window="#17191C",
    panel="#1C1F23",
    raised="#23272C",
    line="#2E333A",
    edge="#474E59",
    selection="#2A2F35",
    ink="#E7E9EC",
    soft="#A5ACB8",
    faint="#757D8A",
    hint="#8A919D",
    accent="#6FBFA6",
    accent_hover="#86CDB7",
    accent_wash="#20352F",
    on_accent="#17191C",
    warning="#E0A458",
    warning_wash="#3A2E1B",
    error="#E5737A",
    page="#F3F1EC",
)


class Theme(QObject):
    """Holds the palette in force. One a program, since a `QApplication` has one palette and one style sheet."""

    changed = Signal()
    """The palette is another one: custom-painted widgets repaint, documents are coloured anew."""

    def __init__(self) -> None:
        super().__init__()
        self.palette = LIGHT
        self._icons: list[tuple[weakref.ref[QAbstractButton | QAction], str, str]] = []

    def use(self, app: QApplication, palette: Palette) -> None:
        """Put `palette` in force, unless it is: a sheet that is set anew dresses every widget there is."""
        sheet = _style_sheet(palette)
        if app.styleSheet() == sheet:
            return
        self.palette = palette
        app.setPalette(_qt_palette(palette))
        app.setStyleSheet(sheet)
        alive = []
        for reference, name, role in self._icons:
            if (target := reference()) is not None and isValid(target):
                target.setIcon(icon(name, role))
                alive.append((reference, name, role))
        self._icons = alive
        self.changed.emit()

    def keep_icon(self, target: QAbstractButton | QAction, name: str, role: str) -> None:
        """Give `target` an icon now and after each change of palette."""
        self._icons = [entry for entry in self._icons if entry[0]() not in (None, target)]
        self._icons.append((weakref.ref(target), name, role))
        target.setIcon(icon(name, role))


@cache
def theme() -> Theme:
    """The program's theme."""
    return Theme()


def palette() -> Palette:
    """The colours in force."""
    return theme().palette


def when_palette_changes(call: Callable[[], None]) -> None:
    """Call back after each change. Give a bound method of a `QObject`: it is dropped with its object."""
    theme().changed.connect(call)


def set_icon(target: QAbstractButton | QAction, name: str, role: str = "soft") -> None:
    """Give a button or action an icon that follows the palette."""
    theme().keep_icon(target, name, role)


def icon(name: str, role: str = "soft", size: int = 16) -> QIcon:
    """The Lucide icon of that name in the colour of that role."""
    return _drawn_icon(name, role, size, palette().name)


@cache
def _drawn_icon(name: str, role: str, size: int, palette_name: str) -> QIcon:  # noqa: ARG001  (part of the key)
    """Drawn once a palette: the eight pictures of an icon take more than a millisecond, and a viewer has ten icons."""
    result = QIcon()
    for ratio in (1.0, 1.5, 2.0, 3.0):
        result.addPixmap(icon_pixmap(name, role, size, ratio))
        result.addPixmap(icon_pixmap(name, "faint", size, ratio), QIcon.Mode.Disabled)
    return result


def icon_pixmap(name: str, role: str, size: int, ratio: float) -> QPixmap:
    """One picture of an icon, `size` device-independent pixels wide, for a screen of that pixel ratio."""
    pixmap = QPixmap(round(size * ratio), round(size * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    svg = _icon_source(name).replace("currentColor", getattr(palette(), role))
    # Lucide is drawn for 24 px; at 16 px its stroke of 2 is too thin to be one pixel and too thick to be calm.
    svg = svg.replace('stroke-width="2"', 'stroke-width="1.75"')
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(pixmap.rect()))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


@cache
def _icon_source(name: str) -> str:
    return resource_path(f"icons/{name}.svg").read_text(encoding="utf-8")


def lift(widget: QWidget, blur_px: int) -> None:
    """Give something that lies over the window its shadow."""
    shadow = QGraphicsDropShadowEffect(widget)
    shadow.setBlurRadius(blur_px)
    shadow.setOffset(0, blur_px // 6)
    shadow.setColor(QColor(0, 0, 0, 60))
    widget.setGraphicsEffect(shadow)


def body_font(size_px: int = BODY_PX, *, strong: bool = False) -> QFont:
    """Inter in one of its two weights."""
    font = QFont(FONT_FAMILY)
    font.setPixelSize(size_px)
    font.setWeight(QFont.Weight.DemiBold if strong else QFont.Weight.Normal)
    return font


def code_font(size_px: int = BODY_PX) -> QFont:
    """The system's fixed-width font."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPixelSize(size_px)
    return font


def apply_theme(app: QApplication, appearance: str = "system") -> None:
    """Dress the program: `system` (followed live), `light` or `dark`. May be called again at any time."""
    _load_fonts()
    app.setFont(body_font())
    # Under a style sheet a style tells no name; one that is set anew dresses every widget there is.
    if not app.styleSheet():
        app.setStyle(QStyleFactory.create("Fusion"))
    hints = app.styleHints()
    follower = _followers.get(id(app))
    if follower is None:
        follower = _followers[id(app)] = _SystemFollower(app)
    follower.following = appearance == "system"
    if appearance == "light":
        hints.setColorScheme(Qt.ColorScheme.Light)
    elif appearance == "dark":
        hints.setColorScheme(Qt.ColorScheme.Dark)
    else:
        hints.unsetColorScheme()
    dark = appearance == "dark" or (appearance == "system" and hints.colorScheme() == Qt.ColorScheme.Dark)
    theme().use(app, DARK if dark else LIGHT)


class _SystemFollower(QObject):
    """Changes the palette when the system goes light or dark."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self.following = True
        app.styleHints().colorSchemeChanged.connect(self._follow)

    def _follow(self, scheme: Qt.ColorScheme) -> None:
        wanted = DARK if scheme == Qt.ColorScheme.Dark else LIGHT
        if self.following and theme().palette is not wanted:
            theme().use(self._app, wanted)


_followers: dict[int, _SystemFollower] = {}


@cache
def _load_fonts() -> None:
    for name in ("Inter-Regular.otf", "Inter-SemiBold.otf"):
        QFontDatabase.addApplicationFont(str(resource_path(f"fonts/{name}")))


def _style_sheet(colors: Palette) -> str:
    tokens = asdict(colors)
    text = "\n".join(resource_path(name).read_text(encoding="utf-8") for name in _STYLE_SHEETS)
    return re.sub(r"@([a-z_]+)", lambda match: tokens[match.group(1)], text)


def _qt_palette(colors: Palette) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: colors.window,
        QPalette.ColorRole.WindowText: colors.ink,
        QPalette.ColorRole.Base: colors.raised,
        QPalette.ColorRole.AlternateBase: colors.panel,
        QPalette.ColorRole.Text: colors.ink,
        QPalette.ColorRole.PlaceholderText: colors.hint,
        QPalette.ColorRole.Button: colors.raised,
        QPalette.ColorRole.ButtonText: colors.ink,
        QPalette.ColorRole.BrightText: colors.error,
        QPalette.ColorRole.Highlight: colors.accent,
        QPalette.ColorRole.HighlightedText: colors.on_accent,
        QPalette.ColorRole.Accent: colors.accent,
        QPalette.ColorRole.Link: colors.accent,
        QPalette.ColorRole.LinkVisited: colors.accent,
        QPalette.ColorRole.ToolTipBase: colors.raised,
        QPalette.ColorRole.ToolTipText: colors.ink,
        QPalette.ColorRole.Light: colors.raised,
        QPalette.ColorRole.Midlight: colors.selection,
        QPalette.ColorRole.Mid: colors.line,
        QPalette.ColorRole.Dark: colors.faint,
        QPalette.ColorRole.Shadow: colors.line,
    }
    result = QPalette()
    for role, value in roles.items():
        result.setColor(role, QColor(value))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, role, QColor(colors.faint))
    return result
