"""Recognising text in pictures, as the window and the command line see it: how much is left, pause, resume."""

from collections.abc import Callable, Sequence

from readingroom.core.ids import DocumentId, WorkspaceId
from readingroom.core.recognition import RecognitionCatalog, RecognitionStatus
from readingroom.services.listeners import Listeners
from readingroom.services.preferences import PreferenceService
from readingroom.services.recognise_pump import RecognisePump


class RecogniseService:
    """Safe for any thread. `IngestService.progressed` tells of each page as well."""

    def __init__(
        self,
        catalog: RecognitionCatalog,
        pump: RecognisePump,
        preferences: PreferenceService,
        *,
        wake: Callable[[], None],
    ) -> None:
        """`wake` lets the pump look for work."""
        self._catalog = catalog
        self._pump = pump
        self._preferences = preferences
        self._wake = wake
        self.beginning: Listeners[RecognitionStatus] = pump.beginning
        """Tells what is left, of all workspaces, before the first page after a rest; on the pump's thread."""
        self.changed: Listeners[RecognitionStatus] = Listeners()
        """Paused, resumed, turned on or off, or other languages; on the caller's thread."""

    @property
    def automatic(self) -> bool:
        """Whether pages are recognised without being asked for."""
        return self._preferences.settings.recognise

    @property
    def languages(self) -> Sequence[str]:
        """Two-letter codes of the languages of the person's scans; none: each page decides."""
        return self._preferences.settings.recognition_languages.split()

    def status(self, workspace_id: WorkspaceId | None = None) -> RecognitionStatus:
        """What is left, of one workspace or of all. Quick."""
        return self._pump.status(workspace_id)

    def pause(self) -> None:
        """Stop after the page under way, also over restarts, until `resume`."""
        self._preferences.update(recognition_paused=True)
        self._tell()

    def resume(self) -> None:
        """Go on."""
        self._pump.held = False
        self._preferences.update(recognition_paused=False)
        self._tell()

    def hold(self) -> None:
        """Recognise nothing in this run of the program."""
        self._pump.held = True

    def set_automatic(self, *, automatic: bool) -> None:
        """Turn it on or off; what was recognised stays."""
        self._preferences.update(recognise=automatic)
        self._tell()

    def set_languages(self, languages: Sequence[str]) -> None:
        """Change the languages; pages that were read badly or not at all are recognised again."""
        self._preferences.update(recognition_languages=" ".join(languages))
        self._catalog.forget_doubtful()
        self._tell()

    def again(self, document_ids: Sequence[DocumentId]) -> None:
        """Recognise pages of these documents again that failed or were read badly."""
        self._pump.retry(document_ids)
        self._tell()

    def _tell(self) -> None:
        self._wake()
        self.changed.publish(self.status())
