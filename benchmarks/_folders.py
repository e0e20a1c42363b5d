"""Folders for benchmarks: texts of made-up words, written quickly and the same for the same seed."""

import random
from pathlib import Path

_STARTS = "b d f g k l m n p r s t v br dr gr pl st tr".split()
_ENDS = "a e i o u an el in or um ab ed ig ot un".split()
_WORDS = [start + middle + end for start in _STARTS for middle in _ENDS[:5] for end in ("", "n", "rt", "m")]


def write_texts(folder: Path, files: int, *, words: int, seed: int, distinct: int | None = None) -> None:
    """Write `files` text files, 500 a folder; with `distinct` no more than so many different texts."""
    chance = random.Random(seed)
    texts: list[str] = []
    for number in range(files):
        if distinct is None or len(texts) < distinct:
            texts.append(text(chance, words))
        place = folder / f"{number // 500:03}" / f"{number:06}.txt"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(texts[number % len(texts)], encoding="utf-8")


def text(chance: random.Random, words: int) -> str:
    """Sentences of ten words."""
    chosen = chance.choices(_WORDS, k=words)
    lines = [" ".join(chosen[start : start + 10]).capitalize() + "." for start in range(0, words, 10)]
    return "\n".join(lines) + "\n"


def rare_word(number: int) -> str:
    """A word that stands nowhere else, of letters only: words with digits in them are cut apart."""
    return "zu" + "".join("bcdfghjklm"[int(digit)] for digit in str(number)) + "ok"
