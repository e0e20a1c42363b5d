"""The bottom band: what is being indexed, how many documents there are, and where everything stays."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from readingroom.core.counting import count_words
from readingroom.core.errors import UserFixableError
from readingroom.core.models import SourceProgress, SwitchProgress
from readingroom.ui.models.model_words import leaves_words
from readingroom.ui.widgets.header import StateDot
from readingroom.ui.widgets.link_button import LinkButton
from readingroom.ui.widgets.plain_text import PlainLabel, plain_tip

_NOTHING_LEAVES = "Nothing leaves this computer"


class StatusLine(QWidget):
    """Shows what it is told, in a line of 26 px."""

    pause_toggled = Signal()
    """The person wants indexing to rest, or to go on."""
    stop_requested = Signal()
    """Give up the export or import under way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusLine")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(26)
        self._dot = StateDot(self)
        self._work = PlainLabel(self)
        self._pause = LinkButton("Pause", self)
        self._pause.clicked.connect(self.pause_toggled)
        self._documents = PlainLabel(self)
        self._place = PlainLabel(_NOTHING_LEAVES, self)
        self._switching = PlainLabel(self)
        self._transfer = PlainLabel(self)
        self._stop = LinkButton("Stop", self)
        self._stop.clicked.connect(self.stop_requested)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 0)
        row.setSpacing(6)
        row.addWidget(self._dot)
        row.addWidget(self._work)
        row.addWidget(self._pause)
        row.addSpacing(12)
        row.addWidget(self._documents)
        row.addSpacing(12)
        row.addWidget(self._switching)
        row.addWidget(self._transfer)
        row.addWidget(self._stop)
        row.addStretch()
        row.addWidget(self._place)
        self.show_progress((), 0)
        self.show_documents(None, 0)
        self.show_switching(None)
        self.show_transfer("")

    def show_progress(
        self,
        progress: Sequence[SourceProgress],
        folders: int,
        problem: UserFixableError | None = None,
        mended: int = 0,
        paused: str = "",
    ) -> None:
        """Say how many of the folders are being worked on, and how fast, or what keeps the work from going on."""
        busy = [entry for entry in progress if entry.phase != "idle"]
        self._offer_pause(offered=bool(busy or paused), paused=bool(paused))
        self._work.setToolTip(plain_tip(f"{problem} {problem.hint}") if problem else "")
        if problem is not None:
            self._work.setText(str(problem))
            self._dot.show_role("warning", hollow=False)
            return
        if paused:
            waiting = sum(entry.total - entry.done for entry in busy)
            wait = f" · {waiting:,} document{' waits' if waiting == 1 else 's wait'}" if waiting else ""
            self._work.setText(paused + wait)
            self._dot.show_role("warning", hollow=True)
            return
        rate = sum(entry.passages_per_s for entry in busy)
        if busy:
            words = f"Indexing {len(busy)} of {count_words(folders, 'folder')}"
            words += f" · {rate:.0f} passages/s" if rate >= 1 else ""
        else:
            words = "Up to date" if folders else "No folders"
            words += f" · {count_words(mended, 'passage')} mended" if mended else ""
        self._work.setText(words)
        self._dot.show_role("accent" if folders else "faint", hollow=not busy)

    def _offer_pause(self, *, offered: bool, paused: bool) -> None:
        self._pause.setText("Resume" if paused else "Pause")
        self._pause.setAccessibleName("Resume indexing" if paused else "Pause indexing")
        self._pause.setToolTip(f"{self._pause.accessibleName()} (Ctrl+Shift+P)")
        self._pause.setVisible(offered)

    def show_documents(self, documents: int | None, attention: int) -> None:
        """Say how many documents the workspace has, and how many the person should look at."""
        words = "" if documents is None else count_words(documents, "document")
        if documents is not None and attention:
            words += f", {attention:,} need{'s' if attention == 1 else ''} attention"
        self._documents.setText(words)

    def show_place(self, qdrant_url: str, model_address: str = "") -> None:
        """Say what leaves this computer, if anything does; without a Qdrant server passages are kept here."""
        kept = f"Passages are kept at {qdrant_url}" if qdrant_url else ""
        leaves = leaves_words(model_address)
        self._place.setText(" · ".join(part for part in (kept, leaves) if part) or _NOTHING_LEAVES)

    def show_switching(self, progress: SwitchProgress | None) -> None:
        """Say how far the change to another embedding model is; nothing where none is under way."""
        self._switching.setVisible(progress is not None)
        if progress is not None:
            what = "Renewing the index" if progress.recut else "Changing the model"
            self._switching.setText(
                f"{what} · {progress.done:,} of {max(progress.total, progress.done):,} passages"
            )
            self._switching.setToolTip(
                plain_tip(
                    "The text is cut anew, by a better rule. The present index answers until that is done."
                    if progress.recut
                    else f"{progress.model}. The present one answers until that is done."
                )
            )

    def show_transfer(self, words: str) -> None:
        """Say how far an export or import is, with a way to stop it; nothing where none is under way."""
        self._transfer.setText(words)
        self._stop.setAccessibleName(f"Stop: {words}")
        for part in (self._transfer, self._stop):
            part.setVisible(bool(words))
