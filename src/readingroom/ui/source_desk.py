"""What a person does with linked folders, from wherever in the window it is asked for."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from readingroom.core.counting import count_words
from readingroom.core.models import Source, SourceProgress, SourceState
from readingroom.services.bundle import Services
from readingroom.services.source_rules import RulesChange
from readingroom.ui.library import Library
from readingroom.ui.models.source_words import source_name
from readingroom.ui.panes.sidebar import Sidebar
from readingroom.ui.tasks import TaskRunner
from readingroom.ui.widgets.vanished_strip import VanishedStrip

_TICK_MS = 30_000
"""Cards say how many minutes ago a folder was looked through."""


class SourceDesk(QObject):
    """Opens the dialogs, asks the library for changes, and says what was done."""

    said = Signal(str, object)
    """A sentence, and the call that undoes it."""

    def __init__(
        self, services: Services, runner: TaskRunner, library: Library, sidebar: Sidebar, window: QWidget
    ) -> None:
        super().__init__(window)
        self._services = services
        self._runner = runner
        self._library = library
        self._window = window
        sidebar.source_removed.connect(library.remove_source)
        sidebar.source_paused.connect(lambda source: library.pause(source.id))
        sidebar.source_resumed.connect(lambda source: library.resume(source.id))
        sidebar.source_checked.connect(lambda source: library.reconcile(source.id))
        sidebar.source_rules_wanted.connect(self.open_rules)
        sidebar.source_left_out_wanted.connect(lambda source: self.open_rules(source, left_out=True))
        sidebar.source_removal_confirmed.connect(self.confirm_removal)
        sidebar.source_keeping_wanted.connect(self.keep_vanished)
        self._tick = QTimer(self, interval=_TICK_MS)
        self._tick.timeout.connect(library.load_sources)
        self._tick.start()

    def follow(self, strip: VanishedStrip) -> None:
        """Have another part of the window ask about what vanished."""
        strip.removal_confirmed.connect(self.confirm_removal)
        strip.keeping_wanted.connect(self.keep_vanished)

        def show(sources: Sequence[Source], progress: Sequence[SourceProgress]) -> None:
            asking = next((s for s in sources if s.state is SourceState.ASKING and s.vanished), None)
            totals = {entry.source_id: entry.total for entry in progress}
            strip.show_source(asking, 0 if asking is None else totals.get(asking.id, 0))

        self._library.sources_loaded.connect(show)

    def open_rules(self, source: Source, *, left_out: bool = False) -> None:
        """Open what is left out of a folder, not blocking the window."""
        from readingroom.ui.dialogs.rules_dialog import RulesDialog

        dialog = RulesDialog(self._services.rules, self._runner, source, self._window, left_out=left_out)
        dialog.changed.connect(self._tell_change)
        dialog.open()

    def open_removed(self) -> None:
        """Open what was removed of the workspace lately, not blocking the window."""
        from readingroom.ui.dialogs.removed_dialog import RemovedDialog

        workspace_id = self._library.current
        if workspace_id is not None:
            RemovedDialog(self._services.sources, self._runner, workspace_id, self._window).open()

    def confirm_removal(self, source: Source) -> None:
        """Remove what vanished at once."""
        removed = count_words(source.vanished, "document")
        self._library.change(
            lambda: self._services.sources.confirm_removal(source.id),
            lambda: self.said.emit(
                f"Removed {removed} of {source_name(source)}. They can be brought back for 30 days.", None
            ),
        )

    def keep_vanished(self, source: Source) -> None:
        """Keep what vanished at once."""
        kept = count_words(source.vanished, "document")
        self._library.change(
            lambda: self._services.sources.keep_vanished(source.id),
            lambda: self.said.emit(f"Kept {kept} of {source_name(source)}.", None),
        )

    def _tell_change(self, change: RulesChange) -> None:
        self._library.load_sources()
        self.said.emit(
            change_words(change), lambda: self._library.change(lambda: self._services.rules.undo(change))
        )


def change_words(change: RulesChange) -> str:
    """Say what the rules did: `Left out 12 documents of Contracts.`."""
    name = source_name(change.source)
    if change.removed and change.added:
        return f"{name}: {count_words(change.removed, 'document')} left out, {change.added:,} to be read."
    if change.removed:
        return f"Left out {count_words(change.removed, 'document')} of {name}."
    if change.added:
        return f"{count_words(change.added, 'document')} of {name} will be read."
    return f"Saved the rules of {name}."
