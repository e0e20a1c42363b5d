"""Where things lie: the person's data folder, and the resources shipped with the program."""

import os
import sys
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

APP_NAME = "Reading Room"
PACKAGE = "readingroom"
DATA_DIR_VARIABLE = "READINGROOM_DATA_DIR"


@dataclass(frozen=True, slots=True)
class DataPaths:
    """The layout of the data folder. Nothing here touches the disk but `create`."""

    root: Path

    @property
    def catalog(self) -> Path:
        """The truth."""
        return self.root / "catalog.sqlite"

    @property
    def embedding_cache(self) -> Path:
        """Derived: (model, text hash) -> embedding."""
        return self.root / "embeddings.sqlite"

    @property
    def damaged_embedding_cache(self) -> Path:
        """One that was damaged and begun anew."""
        return self.root / "embeddings-damaged.sqlite"

    @property
    def vectors(self) -> Path:
        """Derived: a folder a workspace, in it a folder an index."""
        return self.root / "vectors"

    @property
    def models(self) -> Path:
        """Embedding models the person downloaded."""
        return self.root / "models"

    @property
    def backups(self) -> Path:
        """Copies of the catalog, and catalogs that were damaged."""
        return self.root / "backups"

    @property
    def logs(self) -> Path:
        """The program's log, rotated."""
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        """Held while a Reading Room uses the folder."""
        return self.root / "lock"

    @property
    def unlocated(self) -> Path:
        """Never made: where folders of imported workspaces are said to be until the person says where they are."""
        return self.root / "not located yet"

    def create(self) -> None:
        """Make the folders that must be there, readable by the person alone."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (self.vectors, self.models, self.backups, self.logs):
            folder.mkdir(mode=0o700, exist_ok=True)


def data_paths(override: Path | None = None) -> DataPaths:
    """The data folder: `override`, else the environment's, else the platform's."""
    if override is not None:
        return DataPaths(override.expanduser().absolute())
    if named := os.environ.get(DATA_DIR_VARIABLE):
        return DataPaths(Path(named).expanduser().absolute())
    from platformdirs import user_data_path

    return DataPaths(user_data_path(APP_NAME, appauthor=False))


def resource_path(name: str) -> Path:
    """A file or folder in `resources/`, in a checkout, a wheel or a bundle."""
    bundled = getattr(sys, "_MEIPASS", None)
    if bundled is not None:
        return Path(bundled) / PACKAGE / "resources" / name
    packaged = Path(str(resources.files(PACKAGE))) / "resources" / name
    if packaged.exists():
        return packaged
    return Path(__file__).resolve().parents[3] / "resources" / name
