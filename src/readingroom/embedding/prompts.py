"""What a model wants said before a question and before a passage; fastembed adds nothing of the kind.

Left out, such a model finds worse: its makers trained it with these words. They are from the models' own pages.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Prompts:
    """Put before the text as they stand."""

    query: str = ""
    passage: str = ""

    @property
    def passage_tokens(self) -> int:
        """How much of the token window they take from a passage, at most."""
        return max(8, len(self.passage) // 2) if self.passage else 0


NONE = Prompts()
_SENTENCE = Prompts("Represent this sentence for searching relevant passages: ")
# The first that fits. jina-embeddings-v3 is not here: fastembed gives it the task by `query_embed`.
_BY_NAME: tuple[tuple[re.Pattern[str], Prompts], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), prompts)
    for pattern, prompts in (
        (r"\bbge-\w+-zh\b", Prompts("为这个句子生成表示以用于检索相关文章：")),
        (r"\bbge-(small|base|large)-en\b", _SENTENCE),
        (r"\bmxbai-embed-(large|xsmall)", _SENTENCE),
        (r"\bsnowflake-arctic-embed-\w+-v2", Prompts("query: ")),
        (r"\bsnowflake-arctic-embed", _SENTENCE),
        (r"\bnomic-embed-text", Prompts("search_query: ", "search_document: ")),
        (r"\b(multilingual-)?e5-(small|base|large)", Prompts("query: ", "passage: ")),
        (r"\bembeddinggemma", Prompts("task: search result | query: ", "title: none | text: ")),
        (
            r"\bqwen3-embedding",
            Prompts(
                "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"
            ),
        ),
    )
)
_LONGEST = 400


def prompts_of(name: str) -> Prompts:
    """Those of a model that is known by name."""
    return next((prompts for pattern, prompts in _BY_NAME if pattern.search(name)), NONE)


def cache_key(model: str) -> str:
    """What its embeddings of passages go by: its name, and what it is told before each."""
    told = prompts_of(model).passage
    return f"{model}\n{told}" if told else model


def prompts_in(folder: Path) -> Prompts | None:
    """Those that a folder of sentence-transformers gives; None where it says nothing of them."""
    try:
        config: Any = json.loads((folder / "config_sentence_transformers.json").read_text("utf-8"))
        given = config["prompts"]
        found = Prompts(_first(given, "query", "s2p_query"), _first(given, "document", "passage"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return found if found != NONE else None


def _first(given: dict[str, Any], *names: str) -> str:
    return next((said[:_LONGEST] for name in names if isinstance(said := given.get(name), str) and said), "")
