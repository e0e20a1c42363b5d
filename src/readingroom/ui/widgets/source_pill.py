"""A card a source: its name, how it stands with the disk, and how far the reading is."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFontMetrics,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QVBoxLayout, QWidget

from readingroom.core.models import Source, SourceProgress, SourceState
from readingroom.ui.models.wording import (
    SOURCE_STATE_EXPLANATIONS,
    SOURCE_STATE_WORDS,
    count_words,
    folder_words,
    showable,
    time_left_words,
)
from readingroom.ui.theme import TINY_PX, body_font, palette, when_palette_changes
from readingroom.ui.widgets.link_button import LinkButton
from readingroom.ui.widgets.plain_text import PlainLabel, plain_tip

_PHASES = {"scanning": "Looking through the folder", "reading": "Reading", "embedding": "Working out meaning"}


class ProgressPill(QWidget):
    """A bar with its words on it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._fraction = 0.0
        self._words = ""
        self.setFixedHeight(18)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        when_palette_changes(self.update)

    @property
    def words(self) -> str:
        """What stands on it."""
        return self._words

    def show_progress(self, fraction: float, words: str) -> None:
        """Fill it to `fraction` of its width."""
        if (fraction, words) != (self._fraction, self._words):
            self._fraction, self._words = min(max(fraction, 0.0), 1.0), words
            self.setAccessibleName(words)
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(rect, 9, 9)
        painter.setClipPath(shape)
        painter.fillRect(rect, palette().color("accent_wash"))
        fill = palette().color("accent")
        fill.setAlphaF(0.25)
        painter.fillRect(QRectF(0, 0, rect.width() * self._fraction, rect.height()), fill)
        painter.setFont(body_font(TINY_PX))
        painter.setPen(palette().color("ink"))
        inner = rect.adjusted(8, 0, -8, 0)
        text = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, int(inner.width()))
        painter.drawText(inner, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


class SourceCard(QFrame):
    """Emits what the person wants done with the source; does nothing itself."""

    remove_requested = Signal(object)  # Source
    pause_requested = Signal(object)  # Source
    resume_requested = Signal(object)  # Source
    check_requested = Signal(object)  # Source
    reveal_requested = Signal(object)  # Source
    locate_requested = Signal(object)  # Source

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sourceCard")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._source: Source | None = None
        self._progress: SourceProgress | None = None
        self._name = PlainLabel(self)
        self._name.setObjectName("sourceName")
        self._name.setMinimumWidth(24)
        self._name.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._state = PlainLabel(self)
        self._state.setObjectName("sourceState")
        self._summary = PlainLabel(self)
        self._summary.setObjectName("sourceSummary")
        self._troubles = PlainLabel(self)
        self._troubles.setObjectName("sourceTroubles")
        self._passed_over = PlainLabel(self)
        self._passed_over.setObjectName("sourcePassedOver")
        for label in (self._troubles, self._passed_over):
            label.setWordWrap(True)
        self._locate = LinkButton("Locate folder…", self)
        self._locate.clicked.connect(lambda: self.locate_requested.emit(self._source))
        self.pill = ProgressPill(self)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self._name, 1)
        head.addWidget(self._state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 7, 8, 8)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self.pill)
        layout.addWidget(self._summary)
        layout.addWidget(self._troubles)
        layout.addWidget(self._passed_over)
        layout.addWidget(self._locate, 0, Qt.AlignmentFlag.AlignLeft)
        self.pill.hide()

    @property
    def source(self) -> Source | None:
        """What it stands for."""
        return self._source

    @property
    def summary(self) -> str:
        """What it says of its documents or its progress."""
        return self.pill.words if self._busy else self._summary.text()

    @property
    def troubles(self) -> str:
        """What it says of documents that cannot be searched, its lines joined."""
        return " · ".join(text for text in (self._troubles.text(), self._passed_over.text()) if text)

    def set_source(self, source: Source) -> None:
        """Show another source, or the same in another state."""
        if source == self._source:
            return
        self._source = source
        self._state.setText(SOURCE_STATE_WORDS[source.state])
        self._alarm(self._state, source.state is SourceState.OFFLINE)
        self._locate.setText(_locate_words(source))
        self._locate.setAccessibleName(f"{_locate_words(source)[:-1]} {_name(source)}")
        self._locate.setVisible(source.state is SourceState.OFFLINE)
        self._elide_name()
        self._show()

    def set_progress(self, progress: SourceProgress) -> None:
        """Show how far it is."""
        if progress != self._progress:
            self._progress = progress
            self._show()

    @property
    def _busy(self) -> bool:
        source, progress = self._source, self._progress
        at_work = source is not None and source.state not in (SourceState.OFFLINE, SourceState.PAUSED)
        return at_work and progress is not None and progress.phase != "idle"

    def _show(self) -> None:
        source = self._source
        if source is None:
            return
        progress = self._progress
        if progress is not None and self._busy:
            done = progress.done / progress.total if progress.total else 0.0
            self.pill.show_progress(done, progress_words(progress))
        else:
            self._summary.setText(_summary(source, progress))
        self.pill.setVisible(self._busy)
        self._summary.setVisible(not self._busy and bool(self._summary.text()))
        for label, words in zip((self._troubles, self._passed_over), trouble_words(progress), strict=True):
            label.setText(words)
            label.setVisible(bool(words))
        self.setToolTip(plain_tip(_tip(source, progress if self._busy else None)))
        said = (
            _name(source),
            SOURCE_STATE_WORDS[source.state],
            self.summary,
            self.troubles.replace(" · ", ", "),
        )
        self.setAccessibleName(", ".join(part for part in said if part))
        self.setAccessibleDescription(SOURCE_STATE_EXPLANATIONS[source.state])

    def _elide_name(self) -> None:
        if self._source is not None:
            metrics = QFontMetrics(body_font(strong=True))
            name = _name(self._source)
            self._name.setText(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, self._name.width()))

    def _alarm(self, label: QLabel, alarm: bool) -> None:
        label.setProperty("alarm", "true" if alarm else "false")
        label.style().unpolish(label)
        label.style().polish(label)

    def menu(self) -> QMenu:
        """Offer what can be done with the source; the menu deletes itself when closed."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        source = self._source
        if source is None:
            return menu
        menu.addAction("Check now", lambda: self.check_requested.emit(source))
        if source.state is SourceState.PAUSED:
            menu.addAction("Resume", lambda: self.resume_requested.emit(source))
        elif source.watch:
            menu.addAction("Pause", lambda: self.pause_requested.emit(source))
        if source.state is SourceState.OFFLINE:
            menu.addAction(_locate_words(source), lambda: self.locate_requested.emit(source))
        menu.addAction("Reveal in file manager", lambda: self.reveal_requested.emit(source))
        menu.addSeparator()
        menu.addAction("Remove from this workspace", lambda: self.remove_requested.emit(source))
        return menu

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu().popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.menu().popup(self.mapToGlobal(QPoint(8, self.height())))
        elif event.key() == Qt.Key.Key_Delete and self._source is not None:
            self.remove_requested.emit(self._source)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide_name()


def progress_words(progress: SourceProgress) -> str:
    """Say `1,204 of 1,942 · 3 min left`; while a folder is looked through, what was found so far."""
    if progress.phase == "scanning":
        return f"Looking · {count_words(progress.total, 'document')}" if progress.total else "Looking…"
    words = f"{progress.done:,} of {progress.total:,}"
    if progress.seconds_left is not None:
        words += f" · {time_left_words(progress.seconds_left)}"
    return words


def trouble_words(progress: SourceProgress | None) -> tuple[str, str]:
    """What the person can mend (`6 failed · 2 locked`) and what is merely so (`38 skipped · 16 no text`)."""
    if progress is None:
        return "", ""
    mendable = ((progress.failed, "failed"), (progress.locked, "locked"))
    passed_over = ((progress.skipped, "skipped"), (progress.no_text, "no text"))
    return _counted(mendable), _counted(passed_over)


def _counted(counts: Sequence[tuple[int, str]]) -> str:
    """Only what there is; a count and its word keep together."""
    told = [f"{count:,} {word}".replace(" ", "\N{NO-BREAK SPACE}") for count, word in counts if count]
    return " · ".join(told)


def _name(source: Source) -> str:
    return showable(source.path.name or str(source.path))


def _locate_words(source: Source) -> str:
    return "Locate folder…" if source.is_folder else "Locate file…"


def _summary(source: Source, progress: SourceProgress | None) -> str:
    if progress is None:
        return ""
    words = count_words(progress.total, "document")
    if source.state is SourceState.OFFLINE:
        some = 0 < progress.offline < progress.total
        return f"{progress.offline:,} of {words} still searchable" if some else f"{words}, still searchable"
    return words


def _tip(source: Source, progress: SourceProgress | None) -> str:
    lines = [folder_words(source.path), SOURCE_STATE_EXPLANATIONS[source.state]]
    if progress is not None:
        lines.append(f"{_PHASES.get(progress.phase, progress.phase)}: {progress.current}".rstrip(": "))
        if progress.words:
            lines.append(f"{progress.words:,} found by their words already")
        if progress.passages_per_s >= 1:
            lines.append(f"{progress.passages_per_s:,.0f} passages a second")
    return "\n".join(lines)
