"""What is left out of one folder: the rules, with what they would do, and the list of what they did."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeyEvent, Qt, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from readingroom.core.counting import count_words
from readingroom.core.models import Source
from readingroom.core.source_rules import LeftOutFile, SourceRules
from readingroom.services.source_rules import RulesChange, RuleService, RulesPreview
from readingroom.ui.alive import while_alive
from readingroom.ui.dialogs.left_out_list import LeftOutList
from readingroom.ui.dialogs.settings_parts import say_failure, soft_label, warning_label
from readingroom.ui.models.source_words import source_name
from readingroom.ui.models.wording import folder_words, showable
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.theme import code_font
from readingroom.ui.widgets.check_box import CheckBox
from readingroom.ui.widgets.plain_text import PlainLabel
from readingroom.ui.widgets.segments import Segments

PREVIEW_MS = 250
"""Trying rules on 40,000 documents takes some 0.1 s, off the GUI thread: wait until a quick typist pauses."""
_USUAL_LIMIT_MB = 100
_ALWAYS = (
    "Hidden files, folders of builds and caches, lock files of office programs and unfinished downloads are"
    " always left out."
)
_SYNTAX = "One pattern a line. * stands for any letters, / at the end for a folder, ! at the start reads it after all."


class RulesDialog(QDialog):
    """Changes hold once they are saved, and can be undone. Escape closes it."""

    changed = Signal(object)  # RulesChange

    def __init__(
        self,
        rules: RuleService,
        runner: TaskRunner,
        source: Source,
        parent: QWidget | None = None,
        *,
        left_out: bool = False,
    ) -> None:
        """`left_out` shows first what is left out."""
        super().__init__(parent)
        self.setObjectName("rulesDialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(f"Left out of {source_name(source)}")
        self.setAccessibleName(self.windowTitle())
        self._rules = rules
        self._runner = runner
        self._source = source
        self._trying = QTimer(self, singleShot=True, interval=PREVIEW_MS)
        self._build_layout()
        self._connect()
        self.pages.choose(int(left_out))
        self._turn(int(left_out))
        self._try()
        runner.call(lambda: rules.left_out(source.id), while_alive(self, self.list.show_entries), self._fail)

    @property
    def rules(self) -> SourceRules:
        """As they stand in the dialog."""
        limit = self.limit.value() if self.limited.isChecked() else None
        return SourceRules(self.editor.toPlainText().strip("\n"), self.git.isChecked(), limit)

    def _build_layout(self) -> None:
        title = PlainLabel(self.windowTitle(), self)
        title.setProperty("role", "title")
        place = PlainLabel(folder_words(self._source.path), self)
        place.setProperty("role", "small")
        place.setWordWrap(True)
        count = f" ({self._source.left_out:,})" if self._source.left_out else ""
        self.pages = Segments("Show", ("Rules", f"Left out{count}"), self)
        self.list = LeftOutList(self._source, self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self._rules_page())
        self._stack.addWidget(self.list)
        self.failure = warning_label(self)
        self.cancel = QPushButton("Cancel", self)
        self.cancel.setAutoDefault(False)
        self.save = QPushButton("Save", self)
        self.save.setObjectName("primary")
        self.save.setAutoDefault(False)
        head = QHBoxLayout()
        head.addWidget(self.pages)
        head.addStretch()
        low = QHBoxLayout()
        low.addWidget(self.failure, 1)
        low.addStretch()
        low.addWidget(self.cancel)
        low.addWidget(self.save)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(4)
        column.addWidget(title)
        column.addWidget(place)
        column.addSpacing(10)
        column.addLayout(head)
        column.addSpacing(8)
        column.addWidget(self._stack, 1)
        column.addSpacing(10)
        column.addLayout(low)
        self.resize(560, 540)

    def _rules_page(self) -> QWidget:
        page = QWidget(self)
        rules = self._source.rules
        label = PlainLabel("Leave out", page)
        label.setProperty("role", "strong")
        self.editor = QPlainTextEdit(rules.patterns, page)
        self.editor.setObjectName("rulesEditor")
        self.editor.setFont(code_font())
        self.editor.setTabChangesFocus(True)
        self.editor.moveCursor(QTextCursor.MoveOperation.End)
        self.editor.setAccessibleName("Patterns of files and folders to leave out, one a line")
        self.editor.setPlaceholderText("*.log\nold drafts/\n!old drafts/final.docx")
        self.preview = PlainLabel(page)
        self.preview.setObjectName("rulesPreview")
        self.preview.setWordWrap(True)
        self.broken = warning_label(page)
        self.git = CheckBox("Also leave out what .gitignore files name", page)
        self.git.setChecked(rules.git_ignore)
        self.limited = CheckBox("Leave out files larger than", page)
        self.limited.setChecked(rules.max_file_mb is not None)
        self.limit = QSpinBox(page)
        self.limit.setRange(1, 16_384)
        self.limit.setSuffix(" MB")
        self.limit.setFixedWidth(96)
        self.limit.lineEdit().setTextMargins(6, 0, 6, 0)
        self.limit.setValue(rules.max_file_mb or _USUAL_LIMIT_MB)
        self.limit.setEnabled(self.limited.isChecked())
        self.limit.setAccessibleName("Largest file that is read, in megabytes")
        limits = QHBoxLayout()
        limits.setSpacing(8)
        limits.addWidget(self.limited)
        limits.addWidget(self.limit)
        limits.addStretch()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(label)
        column.addWidget(self.editor, 1)
        column.addWidget(soft_label(_SYNTAX, page))
        column.addWidget(self.broken)
        column.addSpacing(6)
        column.addWidget(self.git)
        column.addLayout(limits)
        column.addSpacing(6)
        column.addWidget(self.preview)
        column.addWidget(soft_label(_ALWAYS, page))
        return page

    def _connect(self) -> None:
        self.pages.chosen.connect(self._turn)
        self.editor.textChanged.connect(self._trying.start)
        self.git.toggled.connect(self._trying.start)
        self.limited.toggled.connect(self.limit.setEnabled)
        self.limited.toggled.connect(self._trying.start)
        self.limit.valueChanged.connect(self._trying.start)
        self._trying.timeout.connect(self._try)
        self.cancel.clicked.connect(self.reject)
        self.save.clicked.connect(self._save)
        self.list.reading_wanted.connect(self._read_after_all)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.save.click()
        else:
            super().keyPressEvent(event)

    def _turn(self, page: int) -> None:
        self._stack.setCurrentIndex(page)
        self.save.setVisible(page == 0)
        self.cancel.setText("Close" if page else "Cancel")
        (self.list.letters if page else self.editor).setFocus()

    def _try(self) -> None:
        tried = self.rules

        def show(preview: RulesPreview) -> None:
            if tried == self.rules:
                self._show_preview(preview)

        self._runner.call(
            lambda: self._rules.preview(self._source.id, tried), while_alive(self, show), self._fail
        )

    def _show_preview(self, preview: RulesPreview) -> None:
        self.preview.setText(preview_words(preview))
        lines = ", ".join(f"{number:,}" for number in preview.not_understood[:5])
        many = len(preview.not_understood) > 1
        self.broken.setText(
            f"{f'Lines {lines} are' if many else f'Line {lines} is'} no pattern and leaves out nothing."
        )
        self.broken.setVisible(bool(preview.not_understood))

    def _save(self) -> None:
        rules = self.rules
        if rules == self._source.rules:
            self.accept()
            return
        self._change(lambda: self._rules.change(self._source.id, rules))

    def _read_after_all(self, entry: LeftOutFile) -> None:
        self._change(lambda: self._rules.read_after_all(self._source.id, entry))

    def _change(self, change: Callable[[], RulesChange]) -> None:
        self.save.setEnabled(False)

        def done(made: RulesChange) -> None:
            self.changed.emit(made)
            self.accept()

        self._runner.call(change, while_alive(self, done), self._fail)

    def _fail(self, error: Exception) -> None:
        self.save.setEnabled(True)
        say_failure(self.failure, error)


def preview_words(preview: RulesPreview) -> str:
    """Say what rules would do: `Leaves out 12 of 465 documents: a.log, b.log and 10 more.`."""
    if not preview.gone:
        told = f"Leaves out none of {count_words(preview.documents, 'document')}."
    else:
        more = preview.gone - len(preview.examples)
        names = ", ".join(showable(name) for name in preview.examples)
        rest = f" and {more:,} more" if more else ""
        told = f"Leaves out {preview.gone:,} of {count_words(preview.documents, 'document')}: {names}{rest}."
    if preview.back:
        told += f" Reads {preview.back:,} that {'is' if preview.back == 1 else 'are'} left out now."
    return told
