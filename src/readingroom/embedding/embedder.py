"""One embedding model loaded with fastembed on one thread, from files that are here."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from readingroom.core.errors import EmbeddingModelUnavailable
from readingroom.core.ports import Embeddings
from readingroom.embedding.bundled import give_session
from readingroom.embedding.model_files import BUNDLED_AS, BUNDLED_DIMENSION, ModelFiles, is_bundled, locate
from readingroom.embedding.tokens import share_held_whole, speakable

if TYPE_CHECKING:
    from fastembed import TextEmbedding


class FastembedEmbedder:
    """Embeds on the calling thread. One caller at a time; load another for another thread."""

    def __init__(self, models_dir: Path, model: str) -> None:
        """Load the model; some 0.3 s for the bundled one, importing fastembed some 0.6 s on top.

        Raises `EmbeddingModelUnavailable`.
        """
        files = locate(models_dir, model)
        self._model = model
        self._max_tokens = files.max_tokens
        self._prompts = files.prompts
        try:
            self._fastembed = load_session(files, model)
        except Exception as error:  # onnxruntime and tokenizers raise their own and bare ones for bad files
            raise EmbeddingModelUnavailable(
                f"The embedding model {model} cannot be loaded: {error}",
                hint="Install the program again."
                if is_bundled(model)
                else "Download it again in Settings, or choose another model.",
            ) from error
        self._dimension = int(self._fastembed.embedding_size)

    @property
    def model(self) -> str:
        """The name it is chosen by."""
        return self._model

    @property
    def dimension(self) -> int:
        """Length of an embedding."""
        return self._dimension

    @property
    def max_tokens(self) -> int:
        """The token window for a text, special tokens included."""
        return self._max_tokens

    def embed_passages(self, texts: Sequence[str]) -> Embeddings:
        """Embed in one batch, padded to its longest: hand over texts of like length, few at a time."""
        if not texts:
            return np.empty((0, self._dimension), np.float32)
        spoken = [self._prompts.passage + speakable(text) for text in texts]
        return self._unit_rows(self._fastembed.passage_embed(spoken, batch_size=len(spoken)))

    def embed_query(self, text: str) -> NDArray[np.float32]:
        """Embed a question: (dimension,), unit length."""
        spoken = self._prompts.query + speakable(text)
        row: NDArray[np.float32] = self._unit_rows(self._fastembed.query_embed(spoken))[0]
        return row

    def known_share(self, text: str) -> float:
        """Share of the words that the vocabulary holds whole, 1 where that says nothing of the language."""
        tokenizer = getattr(self._fastembed.model, "tokenizer", None)
        # Other kinds of vocabulary are those of models for many languages, and cut at will.
        if tokenizer is None or type(tokenizer.model).__name__ != "WordPiece":
            return 1.0
        return share_held_whole(tokenizer.encode(speakable(text), add_special_tokens=False))

    def _unit_rows(self, rows: Iterable[NDArray[Any]]) -> Embeddings:
        """Stack; some models that fastembed lists do not normalise."""
        stacked: Embeddings = np.stack(list(rows)).astype(np.float32, copy=False)
        lengths = np.linalg.norm(stacked, axis=1, keepdims=True)
        return np.asarray(stacked / np.maximum(lengths, 1e-12), np.float32)


def load_session(files: ModelFiles, model: str) -> "TextEmbedding":
    """Load from files that are here; raises what onnxruntime and tokenizers do."""
    from fastembed import TextEmbedding

    known_as = model
    if is_bundled(model):
        known_as = BUNDLED_AS
        _register(known_as, files, "mean", BUNDLED_DIMENSION)
    elif files.pooling:
        _register(known_as, files, files.pooling, files.dimension)
    loaded = TextEmbedding(
        known_as,
        # One thread a session: with more, idle ones spin and the cost of a token doubles.
        threads=1,
        cuda=False,
        specific_model_path=str(files.folder),
        local_files_only=True,
        lazy_load=files.graph is not None,
    )
    if files.graph is not None and files.weights is not None:
        give_session(loaded.model, files.graph, files.weights, files.folder)
    # Tokenizer files carry leftovers: this model's pads to 128 always and truncates at 128.
    tokenizer = getattr(loaded.model, "tokenizer", None)
    if tokenizer is not None:
        padding = tokenizer.padding or {}
        tokenizer.enable_truncation(max_length=files.window)
        tokenizer.enable_padding(
            direction=padding.get("direction", "right"),
            pad_id=padding.get("pad_id", 0),
            pad_type_id=padding.get("pad_type_id", 0),
            pad_token=padding.get("pad_token", "[PAD]"),
        )
    return loaded


def _register(known_as: str, files: ModelFiles, pooling: str, dimension: int) -> None:
    """Tell fastembed of a model that it does not list."""
    from fastembed import TextEmbedding
    from fastembed.common.model_description import ModelSource, PoolingType

    if any(entry["model"] == known_as for entry in TextEmbedding.list_supported_models()):
        return
    TextEmbedding.add_custom_model(
        known_as,
        pooling=PoolingType.CLS if pooling == "cls" else PoolingType.MEAN,
        normalization=True,
        # A source has to be named and is never asked: the files are given by path.
        sources=ModelSource(hf=known_as),
        dim=dimension,
        # Absolute, so that weights and tokenizer may lie in two folders without copying either.
        model_file=str(files.weights),
    )
