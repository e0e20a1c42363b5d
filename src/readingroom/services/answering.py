"""What each workspace has of its own for its answers."""

import locale
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from readingroom.core.answering import Answering, answering_from, answering_values, filled
from readingroom.core.catalog import WorkspaceCatalog
from readingroom.core.copies import local_now
from readingroom.core.ids import WorkspaceId
from readingroom.core.models import Workspace
from readingroom.core.text_spans import storable
from readingroom.services.listeners import Listeners
from readingroom.services.preferences import PreferenceService

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
# The window speaks English, so a code is told by the language's English name; others stay codes.
_LANGUAGES = {
    "ar": "Arabic", "bg": "Bulgarian", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek", "en": "English",
    "es": "Spanish", "et": "Estonian", "fi": "Finnish", "fr": "French", "he": "Hebrew", "hi": "Hindi",
    "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "ja": "Japanese", "ko": "Korean",
    "lt": "Lithuanian", "lv": "Latvian", "nb": "Norwegian", "nl": "Dutch", "nn": "Norwegian", "no": "Norwegian",
    "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian",
    "sr": "Serbian", "sv": "Swedish", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian", "vi": "Vietnamese",
    "zh": "Chinese",
}  # fmt: skip


class AnsweringService:
    """Methods block briefly; any thread may call. `changed` carries the workspace."""

    def __init__(self, catalog: WorkspaceCatalog, preferences: PreferenceService) -> None:
        self._catalog = catalog
        self._preferences = preferences
        self.changed: Listeners[WorkspaceId] = Listeners()

    def of(self, workspace_id: WorkspaceId) -> Answering:
        """As the person set it; all defaults for a workspace that is gone."""
        return answering_from(self._catalog.answering(workspace_id))

    def change(self, workspace_id: WorkspaceId, answering: Answering) -> Answering:
        """Keep it, within its limits, and give it as it was kept; `Answering()` resets it to the defaults."""
        answering = replace(answering, instructions=storable(answering.instructions))
        kept = answering_from(answering_values(answering))
        self._catalog.set_answering(workspace_id, answering_values(kept))
        self.changed.publish(workspace_id)
        return kept

    def passages(self, answering: Answering) -> int:
        """How many passages are put before the model."""
        return answering.passages or self._preferences.settings.passages


def answering_of(
    catalog: WorkspaceCatalog,
    workspace_id: WorkspaceId,
    model: str = "",
    now: Callable[[], datetime] = local_now,
) -> Answering:
    """What holds for a question asked now: as it was set, the variables in the instructions replaced."""
    answering = answering_from(catalog.answering(workspace_id))
    if not answering.instructions:
        return answering
    workspace = next((known for known in catalog.workspaces() if known.id == workspace_id), None)
    values = variables(workspace, model, now()) if workspace else {}
    return replace(answering, instructions=filled(answering.instructions, values))


def variables(workspace: Workspace, model: str, now: datetime) -> dict[str, str]:
    """What the variables in instructions stand for at this moment."""
    code = (locale.getlocale()[0] or "en").replace("-", "_").partition("_")[0]
    return {
        "workspace": " ".join(workspace.name.split()),
        "documents": f"{workspace.documents:,}",
        "date": f"{now:%Y-%m-%d}",
        "weekday": _WEEKDAYS[now.weekday()],
        "time": f"{now:%H:%M}",
        "language": _LANGUAGES.get(code.casefold(), code),
        "model": model,
    }
