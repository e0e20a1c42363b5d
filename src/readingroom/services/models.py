"""The answering model and the embedding models: state, lists, choice, download."""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from readingroom.core.cancellation import CancelToken
from readingroom.core.catalog import Building, IndexCatalog
from readingroom.core.chunking import capacity, chunker_name
from readingroom.core.embedding_forms import EmbeddingForm
from readingroom.core.errors import EmbeddingModelUnavailable
from readingroom.core.ids import IndexId, WorkspaceId
from readingroom.core.language_model import LanguageModel, LanguageModelStatus
from readingroom.core.model_server import ServerKind
from readingroom.core.models import DownloadProgress, EmbeddingModel, Index, SwitchCost, SwitchProgress
from readingroom.core.ports import EmbeddingModels
from readingroom.services.embedding_speed import EmbeddingSpeeds
from readingroom.services.pace import Pace, TimeLeft
from readingroom.services.preferences import PreferenceService

log = logging.getLogger(__name__)


_COUNTING_SHARE = 20.0
"""Counting a million passages takes a third of a second, and whoever shows it asks each second."""


class ModelService:
    """Methods block (up to two seconds when the server is silent): call them from a pool."""

    def __init__(
        self,
        catalog: IndexCatalog,
        language_model: LanguageModel,
        embedding_models: EmbeddingModels,
        preferences: PreferenceService,
        *,
        index_added: Callable[[], None],
        speeds: EmbeddingSpeeds | None = None,
    ) -> None:
        """`index_added` wakes those who build; without `speeds` no durations are known."""
        self._catalog = catalog
        self._language_model = language_model
        self._embedding_models = embedding_models
        self._preferences = preferences
        self._index_added = index_added
        self._speeds = speeds
        self._looked: dict[WorkspaceId, tuple[float, Building | None]] = {}
        """What was last seen of a change, and until when that will do."""
        self._lock = threading.Lock()
        self._paces: dict[IndexId, _SwitchPace] = {}

    def status(self) -> LanguageModelStatus:
        """The server's state now; never raises."""
        return self._language_model.status()

    def choose_chat_model(self, name: str) -> None:
        """For all workspaces without a choice of their own; empty means the first the server lists."""
        if self._preferences.settings.server_kind is ServerKind.OPENAI:
            self._preferences.update(openai_model=name)
        else:
            self._preferences.update(chat_model=name)

    def embedding_models(self) -> Sequence[EmbeddingModel]:
        """The bundled one first."""
        return self._embedding_models.list()

    def download(self, name: str, *, cancel: CancelToken) -> Iterator[DownloadProgress]:
        """Raises `EmbeddingModelUnavailable` with what to do, `Cancelled`."""
        return self._embedding_models.download(name, cancel=cancel)

    def add_from_folder(self, folder: Path) -> EmbeddingModel:
        """Copy a model with its ONNX file and tokenizer from a folder. Takes seconds.

        Raises `EmbeddingModelUnavailable` with what is wrong with the folder, `DiskFull`.
        """
        return self._embedding_models.add(folder)

    def speed(self, name: str) -> float | None:
        """Passages a minute with that model on this computer; None where it was never tried."""
        return None if self._speeds is None else self._speeds.of(name)

    def measure(self, name: str, *, cancel: CancelToken) -> float | None:
        """Try a model that is here for some seconds; passages a minute.

        Raises `EmbeddingModelUnavailable`, `WorkerFailure`, `Cancelled`.
        """
        return None if self._speeds is None else self._speeds.measure(name, cancel)

    def cost(self, workspace_id: WorkspaceId, model: EmbeddingModel) -> SwitchCost:
        """What a change to that model takes. Passages embedded with it before cost less."""
        active = self._catalog.active_index(workspace_id)
        _, passages = self._catalog.chunk_counts(workspace_id)
        if active is not None and _capacity_of(active):
            # A model that reads less at a time needs more passages for the same text.
            passages = round(passages * _capacity_of(active) / capacity(model.max_tokens))
        return SwitchCost(passages, self._seconds(model.name, passages))

    def switching(self, workspace_id: WorkspaceId) -> SwitchProgress | None:
        """How far a change is; None where none is under way. Quick: of a large workspace it is counted now and then."""
        building = self._building(workspace_id)
        if building is None:
            return None
        active = self._catalog.active_index(workspace_id)
        if active is not None and active.id == building.index.id:
            # It took over since it was looked at.
            self._looked.pop(workspace_id, None)
            return None
        name = building.index.embedding_model
        same = active is not None and active.embedding_model == name
        reformed = active is not None and same and active.form != building.index.form
        with self._lock:
            pace = self._paces.setdefault(building.index.id, _SwitchPace(building.embedded))
            left = pace.seconds_left(building)
        return SwitchProgress(
            name, building.embedded, building.expected, left,
            recut=same and not reformed, form=building.index.form if reformed else None,
        )  # fmt: skip

    def give_up_switching(self, workspace_id: WorkspaceId) -> None:
        """Stay with the present model. What was embedded is kept, should the change be wanted after all."""
        for index in self._catalog.indexes(workspace_id):
            if not index.active:
                self._catalog.drop_index(index.id)
        self._looked.pop(workspace_id, None)
        self._index_added()

    def _building(self, workspace_id: WorkspaceId) -> Building | None:
        started = time.monotonic()
        until, building = self._looked.get(workspace_id, (0.0, None))
        if started >= until:
            building = self._catalog.building(workspace_id)
            ended = time.monotonic()
            self._looked[workspace_id] = ended + _COUNTING_SHARE * (ended - started), building
        return building

    def _seconds(self, name: str, passages: int) -> float | None:
        speed = self.speed(name)
        return None if speed is None else 60.0 * passages / speed

    def change_embedding_model(
        self, workspace_id: WorkspaceId, name: str | None = None, form: EmbeddingForm | None = None
    ) -> Index:
        """Build a new index beside the old one in the background; the old one answers until it is complete.

        Without a name the workspace's own model is used again, without a form its own as far as the model allows.
        An index that is being built is given up. Raises `EmbeddingModelUnavailable` for a model that is not on this
        computer, and for a form that it does not have.
        """
        active = self._catalog.active_index(workspace_id)
        model = self._embedding_models.describe(
            name or (active.embedding_model if active else self._preferences.settings.embedding_model)
        )
        if not (model.bundled or model.downloaded):
            raise EmbeddingModelUnavailable(
                f"The embedding model {model.name} is not on this computer yet.",
                hint="Download it in Settings, under Models; that is the only time it needs the network.",
            )
        form = form or _form_for(model, active)
        if form.dimension not in _lengths(model):
            raise EmbeddingModelUnavailable(
                f"Embeddings of {model.name} cannot be cut to {form.dimension} numbers.",
                hint="Choose one of the sizes that Settings offers for it.",
            )
        for index in self._catalog.indexes(workspace_id):
            if not index.active:
                self._catalog.drop_index(index.id)
        index = self._catalog.create_index(
            workspace_id,
            model.name,
            form.dimension,
            chunker_name(model.max_tokens),
            active=active is None,
            precision=form.precision,
        )
        self._looked.pop(workspace_id, None)
        self._index_added()
        return index

    def renew_indexes(self) -> int:
        """Have a new index built for each workspace whose chunks were cut by an older rule; returns how many.

        For the start of the program. The old index answers meanwhile, and one that is being built already goes on.
        """
        renewed = 0
        by_workspace: dict[WorkspaceId, list[Index]] = defaultdict(list)
        for index in self._catalog.indexes():
            by_workspace[index.workspace_id].append(index)
        for workspace_id, indexes in by_workspace.items():
            # What is being built is what the workspace is to have.
            wanted = min(indexes, key=lambda index: index.active)
            if self._is_outdated(wanted):
                model = self._embedding_models.describe(wanted.embedding_model)
                self.change_embedding_model(workspace_id, model.name, _form_for(model, wanted))
                renewed += 1
        if renewed:
            log.info("The indexes of %s workspaces are built anew: text is cut by a newer rule", renewed)
        return renewed

    def _is_outdated(self, index: Index) -> bool:
        try:
            model = self._embedding_models.describe(index.embedding_model)
        except EmbeddingModelUnavailable:
            return False
        here = model.bundled or model.downloaded
        return here and index.chunker != chunker_name(model.max_tokens)


def _form_for(model: EmbeddingModel, former: Index | None) -> EmbeddingForm:
    """As exact as before, and as short where the model stays and still has that length."""
    if former is None:
        return EmbeddingForm(model.dimension)
    stays = former.embedding_model == model.name and former.dimension in _lengths(model)
    return EmbeddingForm(former.dimension if stays else model.dimension, former.precision)


def _lengths(model: EmbeddingModel) -> tuple[int, ...]:
    return model.dimension, *model.shorter


class _SwitchPace:
    """How fast an index is built, told by looking at it."""

    def __init__(self, embedded: int) -> None:
        self._embedded = embedded
        self._pace = Pace()
        self._left = TimeLeft()

    def seconds_left(self, building: Building) -> float | None:
        """None until the pace is known: at first the work stands behind other work, and is partly done before."""
        if building.embedded > self._embedded:
            self._pace.note(building.embedded - self._embedded)
            self._embedded = building.embedded
        return self._left.say(building.expected - building.embedded, self._pace)


def _capacity_of(index: Index) -> int:
    """The tokens of its chunks, from the name of the rule by which they were cut; 0 for a name that tells none."""
    said = index.chunker.rpartition("-")[2]
    return int(said) if said.isdecimal() else 0
