"""A calm strip that says that many files are gone at once, and asks what became of them."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from readingroom.core.models import Source, SourceState
from readingroom.ui.models.source_words import source_name, vanished_words
from readingroom.ui.theme import icon_pixmap, when_palette_changes
from readingroom.ui.widgets.plain_text import PlainLabel


class VanishedStrip(QFrame):
    """Hidden while there is nothing to ask; nothing is lost by leaving it where it is."""

    removal_confirmed = Signal(object)  # Source
    keeping_wanted = Signal(object)  # Source

    def __init__(self, parent: QWidget | None = None, *, narrow: bool = False) -> None:
        """`narrow` is for the card of the source itself, which says its name already."""
        super().__init__(parent)
        self.setObjectName("vanishedStrip")
        self.setProperty("narrow", "true" if narrow else "false")
        self._source: Source | None = None
        self._narrow = narrow
        self._icon = PlainLabel(self)
        self._icon.setVisible(not narrow)
        self._words = PlainLabel(self)
        self._words.setObjectName("vanishedWords")
        self._words.setWordWrap(True)
        self.removed = QPushButton("They were deleted", self)
        self.kept = QPushButton("Keep them", self)
        for button in (self.kept, self.removed):
            button.setObjectName("vanishedButton")
            button.setAutoDefault(False)
        self.removed.setToolTip("Remove them; they can be brought back for 30 days")
        self.kept.setToolTip("Go on finding them, though their files are gone")
        self.removed.clicked.connect(lambda: self.removal_confirmed.emit(self._source))
        self.kept.clicked.connect(lambda: self.keeping_wanted.emit(self._source))
        buttons = QBoxLayout(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        buttons.setSpacing(6)
        buttons.addWidget(self.kept)
        buttons.addWidget(self.removed)
        if not narrow:
            buttons.addStretch()
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(self._words)
        words.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(*((8, 7, 8, 8) if narrow else (12, 10, 12, 10)))
        row.setSpacing(8)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        when_palette_changes(self._paint_icon)
        self._paint_icon()
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return self._words.text()

    def show_source(self, source: Source | None, documents: int) -> None:
        """Ask about a source; hide for None and where nothing vanished. `documents` is how many it has."""
        asking = source is not None and source.state is SourceState.ASKING and source.vanished > 0
        self._source = source if asking else None
        if source is not None and asking:
            self._words.setText(vanished_words(source, documents, named=not self._narrow))
            self.setAccessibleName(vanished_words(source, documents))
            name = source_name(source)
            self.removed.setAccessibleName(f"They were deleted from {name}")
            self.kept.setAccessibleName(f"Keep the files of {name}")
        self.setVisible(asking)

    def _paint_icon(self) -> None:
        self._icon.setPixmap(icon_pixmap("triangle-alert", "warning", 16, self.devicePixelRatioF()))
