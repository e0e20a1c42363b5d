"""The words and phrases that are a text's own: frequent in it, rare in the others of the workspace."""

import math
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from readingroom.core.idle_words import idle_words

_LONGEST = 3
"""Words in a phrase."""
_MOST_CHARS = 150_000
"""Of a text, from its beginning: 0.2 s. What a document is about is said by then."""
_BREAK = re.compile(r"[.!?;:,()\[\]{}|/\\\"“”„«»…•·<>=\n\t]+|\s[-–—]\s|[。！？、，；：]")
_WORD = re.compile(r"[^\W\d_](?:[\w’'-]*\w)?")
_LEAST_CHARS = 3
_JOINING = frozenset("of de du del di da van von".split())
"""Idle words that may stand within a phrase."""
_NOUN_BONUS = 1.4
"""For phrases whose last word is written with a capital within sentences: names, and in German all nouns."""
_SAME_SHARE = 0.6
"""Of a phrase's places at which it stands within a longer one, from which on only the longer one is told."""
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class KeyPhrase:
    """As it is mostly written, and how often."""

    text: str
    count: int


@dataclass(frozen=True, slots=True)
class Rarity:
    """In how many of some documents words stand, looked at for comparison."""

    documents: int = 0
    holding: Counter[str] = field(default_factory=Counter)

    def weight(self, word: str) -> float:
        """More for a rarer word; without documents to compare with all weigh the same."""
        return math.log((self.documents + 2) / (self.holding[word] + 1))


def rarity(texts: Iterable[str]) -> Rarity:
    """Count words over the beginnings of documents."""
    holding: Counter[str] = Counter()
    count = 0
    for text in texts:
        count += 1
        holding.update({_stem(word) for word in _WORD.findall(unicodedata.normalize("NFKC", text))})
    return Rarity(count, holding)


def key_phrases(text: str, *, most: int = 6, known: Rarity | None = None) -> list[KeyPhrase]:
    """The best first. None for scripts without spaces, whose words cannot be told."""
    text = unicodedata.normalize("NFKC", text[:_MOST_CHARS]).replace("\u00ad", "")
    if len(_UNSPACED.findall(text[:4000])) > len(text[:4000]) // 4:
        return []
    counts, written, capital = _candidates(text)
    if not counts:
        return []
    known = known or Rarity()
    least = 2 if sum(counts.values()) > 400 else 1
    scores = {
        key: math.log(1 + count)
        * sum(known.weight(word) for word in key)
        / math.sqrt(len(key))
        * (_NOUN_BONUS if capital[key] > count / 2 else 1.0)
        for key, count in counts.items()
        if count >= least
    }
    chosen: list[tuple[str, ...]] = []
    for key in sorted(scores, key=lambda key: (-scores[key], key)):
        if any(_alike(key, other) for other in chosen):
            continue
        if any(_holds(longer, key) and counts[longer] >= _SAME_SHARE * counts[key] for longer in scores):
            continue
        chosen.append(key)
        if len(chosen) == most:
            break
    return [KeyPhrase(written[key].most_common(1)[0][0], counts[key]) for key in chosen]


def _candidates(
    text: str,
) -> tuple[Counter[tuple[str, ...]], dict[tuple[str, ...], Counter[str]], Counter[tuple[str, ...]]]:
    idle = idle_words()
    counts: Counter[tuple[str, ...]] = Counter()
    written: dict[tuple[str, ...], Counter[str]] = defaultdict(Counter)
    capital: Counter[tuple[str, ...]] = Counter()
    for stretch in _BREAK.split(text):
        words = _WORD.findall(stretch)
        telling = [word.casefold() not in idle and len(word) >= _LEAST_CHARS for word in words]
        stems = [_stem(word) for word in words]
        for first in range(len(words)):
            if not telling[first]:
                continue
            for last in range(first, min(first + _LONGEST, len(words))):
                if not telling[last]:
                    if words[last].casefold() in _JOINING:
                        continue
                    break
                key = tuple(stems[first : last + 1])
                counts[key] += 1
                written[key][" ".join(words[first : last + 1])] += 1
                capital[key] += last > 0 and words[last][0].isupper()
    return counts, written, capital


def _stem(word: str) -> str:
    """Near enough to count singular and plural together."""
    plain = word.casefold().removesuffix("’s").removesuffix("'s")
    return (
        plain[:-1]
        if len(plain) > _LEAST_CHARS + 1 and plain.endswith("s") and not plain.endswith("ss")
        else plain
    )


def _alike(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one is within the other, or they are pieces of one longer phrase: `twelve months ended`, `months ended June`."""
    return _holds(one, other) or _holds(other, one) or len(set(one) & set(other)) > 1


def _holds(longer: Sequence[str], shorter: Sequence[str]) -> bool:
    if len(shorter) >= len(longer):
        return False
    return any(
        tuple(longer[at : at + len(shorter)]) == tuple(shorter)
        for at in range(len(longer) - len(shorter) + 1)
    )
