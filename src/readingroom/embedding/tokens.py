"""An embedder's own tokenizer, for counting and cutting: loaded without the model."""

import re
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tokenizers import Encoding, Tokenizer

from readingroom.core.errors import EmbeddingModelUnavailable
from readingroom.embedding.model_files import locate

_LONE_SURROGATES = re.compile("[\ud800-\udfff]")
_BATCH = 256
_UNKNOWN = "[UNK]"


def speakable(text: str) -> str:
    """Replace what UTF-8 cannot hold, one character for one, so that offsets stay."""
    return _LONE_SURROGATES.sub("\ufffd", text)


class TokenCounter:
    """Counts tokens as the model will see them, special tokens left out, nothing cut off."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Take over `tokenizer`: its padding and truncation are switched off."""
        tokenizer.no_padding()
        tokenizer.no_truncation()
        self.tokenizer = tokenizer
        self.special_tokens: int = tokenizer.num_special_tokens_to_add(is_pair=False)

    def count(self, texts: Sequence[str]) -> list[int]:
        """Count each text."""
        counts: list[int] = []
        for first in range(0, len(texts), _BATCH):
            batch = [speakable(text) for text in texts[first : first + _BATCH]]
            encodings = self.tokenizer.encode_batch_fast(batch, add_special_tokens=False)
            counts.extend(len(encoding) for encoding in encodings)
        return counts


def share_held_whole(encoding: Encoding) -> float:
    """Of the words in a text cut by a WordPiece vocabulary, signs left out, the share that is one known token."""
    words: dict[int, list[str]] = defaultdict(list)
    for token, word in zip(encoding.tokens, encoding.word_ids, strict=True):
        if word is not None:
            words[word].append(token)
    spoken = [tokens for tokens in words.values() if tokens[0] == _UNKNOWN or tokens[0][0].isalnum()]
    whole = [tokens for tokens in spoken if len(tokens) == 1 and tokens[0] != _UNKNOWN]
    return len(whole) / len(spoken) if spoken else 1.0


def load_counter(models_dir: Path, model: str) -> tuple[TokenCounter, int]:
    """Load the counter of a model that is here, and its token window. Raises `EmbeddingModelUnavailable`."""
    files = locate(models_dir, model)
    try:
        tokenizer = Tokenizer.from_file(str(files.folder / "tokenizer.json"))
    except Exception as error:  # the library raises bare Exception for a file it cannot use
        raise EmbeddingModelUnavailable(
            f"The tokenizer of the embedding model {model} cannot be read.",
            hint="Download the model again in Settings.",
        ) from error
    return TokenCounter(tokenizer), files.max_tokens
