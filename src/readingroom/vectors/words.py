"""The words of a text as a sparse BM25 vector: the one place that decides how text becomes words.

Han and Kana become single characters and pairs of neighbours, Arabic and Thai are cut by the engine's
multilingual tokenizer, everything else by its word tokenizer with the English stemmer. nDCG@10 of words alone
over whole entries (Edge 0.9.0, `Modifier.Idf`, k 1.2, b 0.75; `avg_len` 256 where nothing is said):

    rule                              scifact cranfield xquad en    de    zh    es    ru    ar
    English, TokenizerType.Word         0.683     0.365    0.970 0.931 0.114 0.954 0.872 0.883
    English, Multilingual               0.680     0.366    0.966 0.923 0.963 0.951 0.862 0.902
    Word, neither stems nor stop words  0.661     0.338    0.960 0.918 0.114 0.950 0.872 0.884
    Word and Multilingual by script     0.683     0.365    0.970 0.930 0.966 0.956 0.872 0.911
    the same, stop words in documents   0.683     0.375    0.969 0.930 0.966 0.957 0.872 0.911
    the same, avg_len 150               0.696     0.386    0.969 0.930 0.967 0.955 0.871 0.912
    this module                         0.696     0.386    0.969 0.930 0.968 0.955 0.871 0.912

The multilingual tokenizer guesses the language of a Han text and takes a short Japanese question for Chinese:
`検索` did not find `文章を検索する`. Accents are folded, so that `Hauser` finds `Häuser`; that changed no
figure by more than 0.002.
"""

import re
import unicodedata
from dataclasses import dataclass

from qdrant_edge import (
    Bm25,
    Bm25Config,
    DisabledStemmer,
    SnowballLanguage,
    SnowballParams,
    StopwordsSet,
    TokenizerType,
)

WORDS_RULE = "words-1"
"""Kept beside every index: vectors made by another rule cannot be compared with these."""

# BM25 weighs a chunk's length against the mean. A chunk holds at most 254 tokens, some 150 words; a Han
# character is a token and counts twice here. 150 instead gave 0.963 on xquad zh.
MEAN_WORDS = 150.0
MEAN_GRAMS = 300.0

_HAN_AND_KANA = re.compile(
    "[\u3005\u3007\u3040-\u30ff\u3100-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
# It leaves Lao, Khmer and Burmese whole, so those stay with the word tokenizer, which cuts at vowel signs.
_ARABIC_AND_THAI = re.compile("[\u0600-\u06ff\u0750-\u077f\u08a0-\u08ff\u0e00-\u0e7f]+")
_SOFT_HYPHEN = "\u00ad"
_NO_STOP_WORDS = StopwordsSet(custom=set())


@dataclass(frozen=True, slots=True)
class WordVector:
    """Word hashes and their weights; empty for a text without words."""

    indices: list[int]
    values: list[float]


def passage_words(text: str) -> WordVector:
    """Weigh a passage's words by frequency and length. Their rarity is the store's part, at query time."""
    weights: dict[int, float] = {}
    for model, part in _parts(text, _WORDS):
        vector = model.embed_document(part)
        weights.update(zip(vector.indices, vector.values, strict=True))
    return WordVector(list(weights), list(weights.values()))


def query_words(text: str) -> WordVector:
    """Take the words of a question, each of weight 1, without stop words unless there is nothing else."""
    # `The Who`, `To be or not to be`: passages keep their stop words, so these can be found.
    words = _query_words(text, _WORDS_BUT_STOP_WORDS) or _query_words(text, _WORDS)
    return WordVector(words, [1.0] * len(words))


def _query_words(text: str, spaced: Bm25) -> list[int]:
    found: dict[int, None] = {}
    for model, part in _parts(text, spaced):
        found.update(dict.fromkeys(model.embed_query(part).indices))
    return list(found)


def _parts(text: str, spaced: Bm25) -> list[tuple[Bm25, str]]:
    # NFKC composes umlauts that macOS and some PDF files take apart, and undoes ligatures and wide letters.
    text = unicodedata.normalize("NFKC", text).replace(_SOFT_HYPHEN, "")
    parts = []
    if runs := _HAN_AND_KANA.findall(text):
        text = _HAN_AND_KANA.sub(" ", text)
        parts.append((_GRAMS, " ".join(gram for run in runs for gram in _grams(run))))
    if runs := _ARABIC_AND_THAI.findall(text):
        text = _ARABIC_AND_THAI.sub(" ", text)
        parts.append((_SEGMENTED, " ".join(runs)))
    return [(spaced, text), *parts]


def _grams(run: str) -> list[str]:
    return [*run, *(run[i : i + 2] for i in range(len(run) - 1))]


_WORDS = Bm25(
    Bm25Config(
        avg_len=MEAN_WORDS,
        tokenizer=TokenizerType.Word,
        stemmer=SnowballParams(SnowballLanguage.English),
        stopwords=_NO_STOP_WORDS,
        ascii_folding=True,
    )
)
_WORDS_BUT_STOP_WORDS = Bm25(Bm25Config(tokenizer=TokenizerType.Word, language="english", ascii_folding=True))
_GRAMS = Bm25(
    Bm25Config(
        avg_len=MEAN_GRAMS,
        tokenizer=TokenizerType.Whitespace,
        stemmer=DisabledStemmer(),
        stopwords=_NO_STOP_WORDS,
    )
)
_SEGMENTED = Bm25(
    Bm25Config(
        avg_len=MEAN_WORDS,
        tokenizer=TokenizerType.Multilingual,
        stemmer=DisabledStemmer(),
        stopwords=_NO_STOP_WORDS,
    )
)
