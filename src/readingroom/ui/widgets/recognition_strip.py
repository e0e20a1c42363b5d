"""A quiet strip that says how much text in pictures is left to recognise, and lets it be paused."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from readingroom.core.counting import count_words
from readingroom.core.recognition import RecognitionStatus
from readingroom.ui.models.wording import about_words, time_left_words
from readingroom.ui.theme import icon_pixmap, when_palette_changes
from readingroom.ui.widgets.link_button import LinkButton
from readingroom.ui.widgets.plain_text import PlainLabel, plain_tip

_STEPS = 1000


class RecognitionStrip(QFrame):
    """Shows what it is told; hidden while nothing is left."""

    pause_requested = Signal()
    resume_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("recognitionStrip")
        self._status: RecognitionStatus | None = None
        self._pages = 0
        self._icon = PlainLabel(self)
        self._title = PlainLabel(self)
        self._title.setObjectName("recognitionTitle")
        self._title.setWordWrap(True)
        self._detail = PlainLabel(self)
        self._detail.setObjectName("recognitionDetail")
        self._detail.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button = LinkButton("Pause", self)
        self.button.clicked.connect(self._press)
        self.bar = QProgressBar(self)
        self.bar.setObjectName("recognitionBar")
        self.bar.setRange(0, _STEPS)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Pages recognised")
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(self._title)
        words.addWidget(self._detail)
        row = QHBoxLayout()
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.bar)
        when_palette_changes(self._paint_icon)
        self.hide()

    @property
    def text(self) -> str:
        """What it says, its lines joined."""
        return " ".join(text for text in (self._title.text(), self._detail.text()) if text)

    def show_status(self, status: RecognitionStatus | None) -> None:
        """Say how it stands; hide for None and where nothing is left."""
        if status == self._status:
            return
        before = 0 if self._status is None else self._status.pages_left
        self._status = status
        left = 0 if status is None else status.pages_left
        # A document that is done is no longer counted: how many there were is known only by having looked.
        self._pages = self._pages + max(0, left - before) if left else 0
        self.setVisible(left > 0)
        if status is None or not left:
            return
        done = self._pages - left
        title, detail = strip_words(status, done, self._pages)
        self._title.setText(title)
        self._detail.setText(detail)
        self._detail.setToolTip(plain_tip(detail))
        self._detail.setVisible(bool(detail))
        self.button.setText("Resume" if status.paused else "Pause")
        self.button.setAccessibleName(f"{self.button.text()} recognising text in pictures")
        self.button.setVisible(not status.problem)
        self.bar.setValue(round(_STEPS * done / self._pages))
        self.bar.setVisible(done > 0 or bool(status.current))
        self.setAccessibleName(self.text)
        self._paint_icon()

    def _press(self) -> None:
        if self._status is not None:
            (self.resume_requested if self._status.paused else self.pause_requested).emit()

    def _paint_icon(self) -> None:
        trouble = self._status is not None and bool(self._status.problem)
        name, role = ("triangle-alert", "warning") if trouble else ("scan-text", "soft")
        self._icon.setPixmap(icon_pixmap(name, role, 16, self.devicePixelRatioF()))


def strip_words(status: RecognitionStatus, done: int, pages: int) -> tuple[str, str]:
    """A sentence for how it stands, and a second for what is going on; `done` of `pages` since it began."""
    have = "has" if status.pages_left == 1 else "have"
    what = f"{count_words(status.pages_left, 'page')} in {count_words(status.documents, 'document')} {have} no text."
    if status.problem:
        return what, status.problem
    if status.paused:
        return what, "Recognising it is paused."
    if status.current:
        title = f"Recognising text: {done:,} of {count_words(pages, 'page')}"
        return f"{title} · {time_left_words(status.seconds_left)}", status.current
    return what, f"Recognising it takes {about_words(status.seconds_left)}, after everything else is read."
