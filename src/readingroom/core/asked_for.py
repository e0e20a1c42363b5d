"""What a question asks for by its form: phrases in quotation marks, documents by their names, breadth."""

import re
from functools import lru_cache
from itertools import pairwise

from readingroom.core.text_spans import FoldedText, words

_QUOTED = re.compile(r"(?<!\w)\"(?=\S)([^\"]+)(?<=\S)\"|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|「([^」]+)」")
_NAME_PARTS = re.compile(r"[^\W\d_]+|\d+")
_TELLING_LETTERS = 3
"""`5.txt` and `v2.md` are named by no question that has a 5 or a v in it."""
_BREADTH = re.compile(
    r"\b(compar\w+|contrast\w*|versus|vs|across|differen(t|ces?)|differs?|each|every|various|overview"
    r"|(which|what|all( the)?) (documents?|files?|contracts?|papers?|reports?|letters?|studies|articles?|sources?)"
    r"|vergleich\w*|unterschied\w*|unterscheid\w+|jede[rsmn]?|verschieden\w*|überblick"
    r"|welche[nrm]? (dokumente|dateien|verträge\w*|berichte\w*|briefe\w*)"
    r"|différences?|chacun\w*|chaque|aperçu|quels (documents|fichiers|contrats|rapports)"
    r"|diferencias?|cada|diversos|qué (documentos|archivos|contratos|informes))\b",
    re.IGNORECASE,
)


def quoted_phrases(question: str) -> tuple[str, ...]:
    """The phrases in quotation marks, in order; a single mark (inches, an apostrophe) makes none."""
    found = (next(filter(None, groups), "").strip() for groups in _QUOTED.findall(question))
    return tuple(dict.fromkeys(phrase for phrase in found if words(phrase)))


def phrases_held(phrases: tuple[str, ...], text: str) -> int:
    """How many of the phrases stand in the text, differences of case, space and hyphenation aside."""
    folded = FoldedText(text)
    return sum(folded.find(phrase) is not None for phrase in phrases)


def named_share(question: str, stem: str) -> float:
    """How much of a file's name (without its ending) the question says: 0 to 1.

    `FOOTLOCKER_2022_8K` is named by `the 8K of Foot Locker`: neighbouring words count joined as well. Nothing of
    a name counts unless a word of it is said.
    """
    parts, said = _parts(stem), _said(question)
    held = [part for part in parts if part in said]
    if not any(part.isalpha() and len(part) >= _TELLING_LETTERS for part in held):
        return 0.0
    return len(held) / len(parts)


@lru_cache(maxsize=1024)
def _parts(stem: str) -> tuple[str, ...]:
    return tuple(part.casefold() for part in _NAME_PARTS.findall(stem))


@lru_cache(maxsize=16)
def _said(question: str) -> frozenset[str]:
    """Words and numbers of a question, neighbouring ones joined as well."""
    asked = [part for word in words(question) for part in _NAME_PARTS.findall(word)]
    return frozenset((*asked, *(one + other for one, other in pairwise(asked))))


def asks_for_breadth(question: str) -> bool:
    """Whether it wants to hear of several documents rather than the most of one: a comparison, each, which documents."""
    return _BREADTH.search(question) is not None
