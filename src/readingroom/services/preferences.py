"""The person's preferences, kept in the catalog."""

from dataclasses import replace
from typing import Any

from readingroom.config.settings import Settings, settings_from
from readingroom.core.catalog import WorkspaceCatalog
from readingroom.services.listeners import Listeners


class PreferenceService:
    """Reads are from memory; changes are written at once. `changed` carries the new settings."""

    def __init__(self, catalog: WorkspaceCatalog) -> None:
        self._catalog = catalog
        self._settings = settings_from(catalog.setting_values())
        self.changed: Listeners[Settings] = Listeners()

    @property
    def settings(self) -> Settings:
        """As they are now."""
        return self._settings

    def update(self, **changes: Any) -> Settings:
        """Change some fields of `Settings` by name; raises `TypeError` for a name that is none."""
        updated = replace(self._settings, **changes)
        for name, value in changes.items():
            self._catalog.set_setting(name, value)
        self._settings = updated
        self.changed.publish(updated)
        return updated
