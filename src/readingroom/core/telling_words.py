"""The words of a question by which it can be told from others."""

import re
from functools import lru_cache

from readingroom.core.text_spans import words

_STEM = 6
"""Letters: a stem good enough to tell words apart, in any language that is written in letters."""
_HAN_AND_KANA = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")

# Words that say nothing of the subject, in English; other languages are judged by all words.
IDLE_WORDS = frozenset(
    "a an and any are as at be been but by can could did do does for from had has have how i if in into is it its "
    "many me much my no not of on or our should so than that the their them there these they this those to us was "
    "we were what when where which who whom whose why will with would you your about tell say says said".split()
)
IDLE_TERMS = frozenset(word[:_STEM] for word in IDLE_WORDS)


_KEPT = 512
"""A question looks at its 50 passages twice, and the next one in a conversation often at the same."""


@lru_cache(maxsize=_KEPT)
def terms(text: str) -> tuple[str, ...]:
    """Its words without their endings, Han and Kana by the character, in order."""
    if _HAN_AND_KANA.search(text) is None:
        return tuple([word if word.isdigit() else word[:_STEM] for word in words(text)])
    found: list[str] = []
    for word in words(text):
        if _HAN_AND_KANA.search(word):
            found.extend(word)
        else:
            found.append(word if word.isdigit() else word[:_STEM])
    return tuple(found)
