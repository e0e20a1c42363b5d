"""The links of an answer, with the addresses they lead to; none is followed before the person has said so twice."""

from collections.abc import Callable, Iterator, Sequence
from urllib.parse import urlsplit

from markdown_it.token import Token
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from readingroom.core.addresses import host_of
from readingroom.core.places import clipped
from readingroom.ui.widgets.link_button import LinkButton
from readingroom.ui.widgets.markdown_blocks import markdown_parser
from readingroom.ui.widgets.plain_text import PlainLabel, plain_tip

_SCHEMES = frozenset({"http", "https", "mailto"})
_MOST = 8
_SHOWN_CHARS = 90


def addresses_in(markdown: str) -> list[str]:
    """Where its links lead, in order, each once; pictures and what no browser opens are left out."""
    if "](" not in markdown and "<" not in markdown:
        return []
    found = (str(token.attrs.get("href", "")) for token in _links(markdown_parser().parse(markdown)))
    return list(dict.fromkeys(address for address in found if urlsplit(address).scheme in _SCHEMES))[:_MOST]


class AnswerLinks(QWidget):
    """Below the answer; hidden where it has no links."""

    def __init__(
        self, parent: QWidget | None = None, *, open_url: Callable[[QUrl], object] = QDesktopServices.openUrl
    ) -> None:
        super().__init__(parent)
        self._open_url = open_url
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self.hide()

    def show_for(self, markdown: str) -> None:
        """List the links of that text in place of what is listed."""
        while (item := self._column.takeAt(0)) is not None:
            if (row := item.widget()) is not None:
                row.hide()
                row.deleteLater()
        addresses = addresses_in(markdown)
        for address in addresses:
            self._column.addWidget(_LinkRow(address, self._open_url, self))
        self.setVisible(bool(addresses))


class _LinkRow(QWidget):
    def __init__(self, address: str, open_url: Callable[[QUrl], object], parent: QWidget) -> None:
        super().__init__(parent)
        shown = clipped(address, _SHOWN_CHARS)
        self.link = LinkButton(f"Link to {shown}".replace("&", "&&"), self)
        self.link.setCheckable(True)
        self.link.setToolTip(plain_tip(address))
        self.asking = QWidget(self)
        words = PlainLabel(f"Leave for {host_of(address) or 'your mail program'}?", self.asking)
        words.setObjectName("stageText")
        go, copy = LinkButton("Open in browser", self.asking), LinkButton("Copy address", self.asking)
        row = QHBoxLayout(self.asking)
        row.setContentsMargins(12, 0, 0, 0)
        row.setSpacing(12)
        for widget in (words, go, copy):
            row.addWidget(widget)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self.link, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.asking)
        self.asking.hide()
        self.link.toggled.connect(self.asking.setVisible)
        go.clicked.connect(lambda: open_url(QUrl(address)))
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(address))


def _links(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type == "link_open":
            yield token
        if token.children:
            yield from _links(token.children)
