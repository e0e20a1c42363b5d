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
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from readingroom.core.counting import count_words
from readingroom.core.models import Source, SourceProgress, SourceState
from readingroom.ui.models.source_words import (
    ALARMING_STATES,
    checked_words,
    explanation_words,
    left_out_words,
    source_name,
)
from readingroom.ui.models.wording import SOURCE_STATE_WORDS, folder_words, time_left_words
from readingroom.ui.theme import TINY_PX, body_font, palette, set_icon, when_palette_changes
from readingroom.ui.widgets.check_box import CheckBox
from readingroom.ui.widgets.link_button import LinkButton
from readingroom.ui.widgets.plain_text import PlainLabel, plain_tip
from readingroom.ui.widgets.vanished_strip import VanishedStrip

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
    rules_requested = Signal(object)  # Source
    left_out_requested = Signal(object)  # Source
    removal_confirmed = Signal(object)  # Source
    keeping_wanted = Signal(object)  # Source
    locate_requested = Signal(object)  # Source
    scope_requested = Signal(object, bool)  # Source
    """The next question shall be limited to it as well, or no longer."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("sourceCard")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._source: Source | None = None
        self._progress: SourceProgress | None = None
        self.check = CheckBox(self)
        self.check.setFixedWidth(18)
        self.check.setToolTip("Ask only this folder")
        self.check.clicked.connect(lambda checked: self.scope_requested.emit(self._source, checked))
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
        self._reason = PlainLabel(self)
        self._reason.setObjectName("sourceReason")
        for label in (self._troubles, self._passed_over, self._reason):
            label.setWordWrap(True)
        self.left_out = LinkButton("", self)
        self.left_out.setObjectName("sourceLeftOut")
        self.left_out.clicked.connect(lambda: self.left_out_requested.emit(self._source))
        self.more = QToolButton(self)
        self.more.setObjectName("sourceMore")
        set_icon(self.more, "ellipsis")
        self.more.setIconSize(QSize(14, 14))
        self.more.setFixedSize(20, 20)
        self.more.setToolTip("More for this folder")
        self.more.clicked.connect(self._open_menu)
        self._locate = LinkButton("Locate folder…", self)
        self._locate.clicked.connect(lambda: self.locate_requested.emit(self._source))
        self.pill = ProgressPill(self)
        self.vanished = VanishedStrip(self, narrow=True)
        self.vanished.removal_confirmed.connect(self.removal_confirmed)
        self.vanished.keeping_wanted.connect(self.keeping_wanted)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.check)
        head.addWidget(self._name, 1)
        head.addWidget(self._state)
        head.addWidget(self.more)
        low = QHBoxLayout()
        low.setSpacing(6)
        low.addWidget(self._summary)
        low.addStretch()
        low.addWidget(self.left_out)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 5, 6, 8)
        layout.setSpacing(3)
        layout.addLayout(head)
        layout.addWidget(self.pill)
        layout.addLayout(low)
        layout.addWidget(self._reason)
        layout.addWidget(self._troubles)
        layout.addWidget(self._passed_over)
        layout.addWidget(self.vanished)
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
    def reason(self) -> str:
        """What it says of why it stands as it does."""
        return self._reason.text()

    @property
    def troubles(self) -> str:
        """What it says of documents that cannot be searched, its lines joined."""
        return " · ".join(text for text in (self._troubles.text(), self._passed_over.text()) if text)

    def set_source(self, source: Source) -> None:
        """Show another source, or the same in another state."""
        if source != self._source:
            self._source = source
            self._state.setText(SOURCE_STATE_WORDS[source.state])
            self._alarm(self._state, source.state in ALARMING_STATES)
            self._locate.setText(_locate_words(source))
            self._locate.setAccessibleName(f"{_locate_words(source)[:-1]} {source_name(source)}")
            self._locate.setVisible(source.state is SourceState.OFFLINE)
            self._elide_name()
        # Also where nothing changed: it says how long ago it was looked through.
        self._show()

    def set_checked(self, *, checked: bool) -> None:
        """Show whether the next question is limited to it."""
        self.check.setChecked(checked)

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
        self.left_out.setText(left_out_words(source))
        self.left_out.setVisible(source.left_out > 0)
        self.left_out.setToolTip("What the rules leave out, and why")
        self.left_out.setAccessibleName(f"{left_out_words(source)} of {source_name(source)}")
        self._reason.setText(source.reason if self._busy else _reason(source))
        self._reason.setVisible(bool(self._reason.text()))
        self.more.setAccessibleName(f"More for {source_name(source)}")
        self.check.setAccessibleName(f"Ask only {source_name(source)}")
        self.vanished.show_source(source, 0 if progress is None else progress.total)
        for label, words in zip((self._troubles, self._passed_over), trouble_words(progress), strict=True):
            label.setText(words)
            label.setVisible(bool(words))
        self.setToolTip(plain_tip(_tip(source, progress if self._busy else None)))
        said = (
            source_name(source),
            SOURCE_STATE_WORDS[source.state],
            self.summary,
            checked_words(source),
            left_out_words(source),
            self.troubles.replace(" · ", ", "),
        )
        self.setAccessibleName(", ".join(part for part in said if part))
        self.setAccessibleDescription(explanation_words(source))

    def _elide_name(self) -> None:
        if self._source is not None:
            metrics = QFontMetrics(body_font(strong=True))
            name = source_name(self._source)
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
        if source.is_folder:
            menu.addAction("Rules…", lambda: self.rules_requested.emit(source))
            if source.left_out:
                menu.addAction(
                    f"Show what is left out ({source.left_out:,})",
                    lambda: self.left_out_requested.emit(source),
                )
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
            self._open_menu()
        elif event.key() == Qt.Key.Key_Delete and self._source is not None:
            self.remove_requested.emit(self._source)
        else:
            super().keyPressEvent(event)

    def _open_menu(self) -> None:
        self.menu().popup(self.mapToGlobal(QPoint(8, self.height())))

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


def _reason(source: Source) -> str:
    """Why it is polled or away where that is known; else when it was looked through."""
    if source.state is SourceState.ASKING:
        return ""
    checked = checked_words(source)
    return " ".join(part for part in (source.reason, f"{checked[:1].upper()}{checked[1:]}") if part)


def _tip(source: Source, progress: SourceProgress | None) -> str:
    lines = [folder_words(source.path), explanation_words(source)]
    if checked := checked_words(source):
        lines.append(f"Last {checked}.")
    if progress is not None:
        lines.append(f"{_PHASES.get(progress.phase, progress.phase)}: {progress.current}".rstrip(": "))
        if progress.words:
            lines.append(f"{progress.words:,} found by their words already")
        if progress.passages_per_s >= 1:
            lines.append(f"{progress.passages_per_s:,.0f} passages a second")
    return "\n".join(lines)
