"""What was searched for an answer besides the question as it was asked, and what of it the model did not get."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from readingroom.core.conversation import Searched
from readingroom.ui.widgets.plain_text import PlainLabel


def details_of(searched: Searched | None) -> list[str]:
    """The lines to show; none for a question that was searched for as it stands, with all before the model."""
    if searched is None:
        return []
    forms = list(dict.fromkeys(query for query in searched.queries if query))
    lines = [f"Searched for “{forms[0]}”", *(f"and for “{form}”" for form in forms[1:])] if forms else []
    return [*lines, searched.left_out] if searched.left_out else lines


class SearchedDetails(QWidget):
    """Quiet lines above the passages."""

    def __init__(self, searched: Searched | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for line in details_of(searched):
            label = PlainLabel(line, self)
            label.setObjectName("stageText")
            label.setWordWrap(True)
            column.addWidget(label)
