"""What can be done with an answer, in a quiet row below it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from readingroom.core.conversation import Message
from readingroom.ui.theme import set_icon
from readingroom.ui.widgets.branch_stepper import BranchStepper
from readingroom.ui.widgets.link_button import LinkButton


class AnswerActions(QWidget):
    """Asks for it by signals; shows only what can be done now."""

    copy_requested = Signal()
    copy_cited_requested = Signal()
    again_requested = Signal(str)  # the model's name, or empty for the one that is chosen
    resume_requested = Signal()
    stop_requested = Signal()
    step_requested = Signal(object)  # MessageId

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.models: Callable[[], Sequence[str]] = tuple
        self.stepper = BranchStepper("answer", self)
        self.copy = LinkButton("Copy", self)
        self.copy_cited = LinkButton("Copy with sources", self)
        self.copy_cited.setToolTip("Markdown, with a list of what it cites below")
        self.again = LinkButton("Ask again", self)
        self.again_with = QToolButton(self)
        self.again_with.setObjectName("branchArrow")
        set_icon(self.again_with, "chevron-down")
        self.again_with.setIconSize(QSize(14, 14))
        self.again_with.setFixedSize(20, 20)
        self.again_with.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.again_with.setAccessibleName("Ask again with another model")
        self.again_with.setToolTip("Ask again with another model")
        self.resume = LinkButton("Continue", self)
        self.resume.setToolTip("Let the model go on where the answer ends")
        self.stop = LinkButton("Stop", self)
        self._left_stop = False
        """Stop had the focus when it went; Continue, if it comes, is what takes its place."""
        self._build_layout()
        self._connect()

    def _build_layout(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        again = QHBoxLayout()
        again.setSpacing(2)
        again.addWidget(self.again)
        again.addWidget(self.again_with)
        for part in (self.stepper, self.resume, self.copy, self.copy_cited):
            row.addWidget(part)
        row.addLayout(again)
        row.addWidget(self.stop)
        row.addStretch()
        for hidden in (self.copy, self.copy_cited, self.again, self.again_with, self.resume, self.stop):
            hidden.hide()

    def _connect(self) -> None:
        self.stepper.step_requested.connect(self.step_requested)
        self.copy.clicked.connect(self.copy_requested)
        self.copy_cited.clicked.connect(self.copy_cited_requested)
        self.again.clicked.connect(lambda: self.again_requested.emit(""))
        self.again_with.clicked.connect(self._open_menu)
        self.resume.clicked.connect(self.resume_requested)
        self.stop.clicked.connect(self.stop_requested)

    def show_writing(self) -> None:
        """Only Stop, while the answer is being written."""
        self.stop.show()

    def show_for(self, message: Message | None, *, written: bool) -> None:
        """Offer what goes with an answer as it was kept; None for one that failed before it was."""
        self.copy.setVisible(written)
        self.copy_cited.setVisible(written and message is not None and bool(message.cited))
        self.again.show()
        self.again_with.show()
        if message is not None:
            self.stepper.show_message(message)
        # A button that is hidden while it has the focus gives it to some other, across the window.
        self._left_stop = self.stop.hasFocus()
        if self._left_stop:
            (self.copy if written else self.again).setFocus(Qt.FocusReason.OtherFocusReason)
        self.stop.hide()

    def offer_resuming(self, *, offered: bool) -> None:
        """Let the answer be continued."""
        self.resume.setVisible(offered)
        if offered and self._left_stop:
            self.resume.setFocus(Qt.FocusReason.OtherFocusReason)
        self._left_stop = False

    def model_menu(self) -> QMenu:
        """List the models by which it can be asked again; the menu deletes itself when closed."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        names = self.models()
        for name in names:
            action = menu.addAction(f"Ask again with {name}".replace("&", "&&"))
            action.triggered.connect(lambda _checked=False, name=name: self.again_requested.emit(name))
        if not names:
            menu.addAction("No model is running").setEnabled(False)
        return menu

    def _open_menu(self) -> None:
        self.model_menu().popup(self.again_with.mapToGlobal(QPoint(0, self.again_with.height() + 2)))
