"""Decides whether what was found speaks to the question at all."""

from collections.abc import Sequence

from readingroom.core.models import Passage
from readingroom.core.text_spans import words

MIN_SIMILARITY = 0.35
"""Cosine of all-MiniLM-L6-v2."""
MIN_WORD_SHARE = 0.5
"""Share of the question's telling words that a passage holds; either of the two is enough.

`benchmarks/relevance.py`, xquad en against 525 questions of scifact and cranfield: 0.3% of its own questions
refused and 13% of the foreign ones let through to the model, which is told to refuse as well; at 0.40 it is 1.7%
and 5%. A good question refused is the worse mistake.
"""

# Words that say nothing of the subject, in English; other languages are judged by similarity and by all words.
IDLE_WORDS = frozenset(
    "a an and any are as at be been but by can could did do does for from had has have how i if in into is it its "
    "many me much my no not of on or our should so than that the their them there these they this those to us was "
    "we were what when where which who whom whose why will with would you your about tell say says said".split()
)


def is_relevant(question: str, passage: Passage, threshold: float | None = None) -> bool:
    """Whether the passage is near enough in meaning, or shares enough of the question's words.

    A threshold that the person set decides alone, where the nearness is known.
    """
    if threshold is not None and passage.similarity is not None:
        return passage.similarity >= threshold
    if passage.similarity is not None and passage.similarity >= MIN_SIMILARITY:
        return True
    wanted = {word for word in words(question) if word not in IDLE_WORDS}
    if not wanted:
        return passage.similarity is None
    held = set(words(passage.text)) | {word for title in passage.heading for word in words(title)}
    return len(wanted & held) / len(wanted) >= MIN_WORD_SHARE


def relevant(
    question: str, passages: Sequence[Passage], threshold: float | None = None
) -> tuple[Passage, ...]:
    """The passages that speak to the question, order kept."""
    return tuple(passage for passage in passages if is_relevant(question, passage, threshold))
