"""The lines over a document: what keeps it from being shown as it is, and what was noticed while it was read."""

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from readingroom.core.models import SEARCHABLE_STATES, Document, DocumentState
from readingroom.core.places import clipped
from readingroom.ui.widgets.plain_text import PlainLabel, plain_tip

_READ = SEARCHABLE_STATES | {DocumentState.OFFLINE}
_LONGEST_NOTE = 220
"""Characters; a tip has the rest."""


class ViewerNotices(QWidget):
    """A warning, and below it a quieter note; hidden while there is nothing to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.warning = PlainLabel(self)
        self.warning.setObjectName("viewerNotice")
        self.note = PlainLabel(self)
        self.note.setObjectName("viewerNote")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for label in (self.warning, self.note):
            label.setWordWrap(True)
            layout.addWidget(label)

    def tell(self, warnings: Sequence[str], document: Document, *, blank: bool) -> None:
        """Say these, and what the document's reader noted; of a `blank` one its reason is said elsewhere."""
        note = document.reason if document.state in _READ and not blank else ""
        self.warning.setText(" ".join(warnings))
        self.warning.setVisible(bool(warnings))
        self.note.setText(clipped(note, _LONGEST_NOTE))
        self.note.setToolTip(plain_tip(note) if len(note) > _LONGEST_NOTE else "")
        self.note.setVisible(bool(note))
        self.setVisible(bool(warnings or note))
