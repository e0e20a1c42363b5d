"""The pieces that pages of the settings are made of."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from readingroom.ui.widgets.plain_text import PlainLabel


class SettingsPage(QWidget):
    """A title and what stands below it, in one column."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settingsPage")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(title)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(28, 24, 28, 24)
        self.column.setSpacing(8)
        heading = PlainLabel(title, self)
        heading.setObjectName("settingsTitle")
        self.column.addWidget(heading)
        self.column.addSpacing(4)

    def shown(self) -> None:
        """Bring it up to date: the person looks at it now."""

    def stop(self) -> None:
        """Hear nothing more of the services."""

    def add_heading(self, text: str, explanation: str = "") -> None:
        """Start a group."""
        label = PlainLabel(text, self)
        label.setObjectName("settingsHeading")
        self.column.addWidget(label)
        if explanation:
            self.column.addWidget(soft_label(explanation, self))

    def add_card(self) -> "Card":
        """Add a frame with rows."""
        card = Card(self)
        self.column.addWidget(card)
        return card


class Card(QFrame):
    """Rows under each other with lines between."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settingsCard")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(1, 1, 1, 1)
        self._column.setSpacing(0)

    def rows(self) -> list["Row"]:
        """List the rows from the top."""
        found = (self._column.itemAt(place).widget() for place in range(self._column.count()))  # type: ignore[union-attr]
        return [row for row in found if isinstance(row, Row)]

    def add(self, row: "Row") -> None:
        """Add a row at the end."""
        self._column.addWidget(row)
        self._draw_lines()

    def clear(self) -> None:
        """Take all rows out."""
        for row in self.rows():
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()

    def _draw_lines(self) -> None:
        rows = self.rows()
        for row in rows:
            row.setProperty("last", "true" if row is rows[-1] else "false")
            row.style().unpolish(row)
            row.style().polish(row)


class Row(QFrame):
    """A title with a line below it on the left, controls on the right, and room for more beneath."""

    def __init__(self, title: str, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("settingsRow")
        self.title = PlainLabel(title, self)
        self.text = soft_label(text, self)
        self.text.setVisible(bool(text))
        self.controls = QHBoxLayout()
        self.controls.setSpacing(8)
        self.beneath = QVBoxLayout()
        self.beneath.setSpacing(8)
        self.heads = QHBoxLayout()
        self.heads.setSpacing(8)
        self.heads.addWidget(self.title)
        self.heads.addStretch()
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addLayout(self.heads)
        words.addWidget(self.text)
        top = QHBoxLayout()
        top.setSpacing(12)
        top.addLayout(words, 1)
        top.addLayout(self.controls)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 12, 10)
        column.setSpacing(8)
        column.addLayout(top)
        column.addLayout(self.beneath)

    def say(self, text: str) -> None:
        """Change the line below the title."""
        self.text.setText(text)
        self.text.setVisible(bool(text))


def soft_label(text: str, parent: QWidget | None = None) -> QLabel:
    """Make a line of explanation."""
    label = PlainLabel(text, parent)
    label.setObjectName("settingsHint")
    label.setWordWrap(True)
    return label


def badge(text: str, parent: QWidget | None = None) -> QLabel:
    """Make a small word that says what something is."""
    label = PlainLabel(text, parent)
    label.setObjectName("settingsBadge")
    return label


def warning_label(parent: QWidget | None = None) -> QLabel:
    """Make a line for what went wrong; hidden until it says something."""
    label = PlainLabel(parent)
    label.setObjectName("settingsWarning")
    label.setWordWrap(True)
    label.hide()
    return label


def say_failure(label: QLabel, error: Exception | None) -> None:
    """Show an error's own words and its hint; nothing for None."""
    hint = getattr(error, "hint", "")
    label.setText("" if error is None else f"{error} {hint}".strip())
    label.setVisible(error is not None)
