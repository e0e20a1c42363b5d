"""Tells questions that lean on the conversation from those that stand alone, and makes them whole."""

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from readingroom.core.conversation import Message, Role
from readingroom.core.telling_words import IDLE_WORDS
from readingroom.core.text_spans import words

T = TypeVar("T")

_FAR_BACK = 3
"""Questions that lean on each other in a row."""
_LONGEST_CARRIED = 400
"""Characters: a pasted letter is no subject."""
_SHORT_WORDS = 4
_DEPTH = 10
"""Of reciprocal rank fusion; 60 lost 0.3% of recall (`benchmarks/follow_ups.py`)."""
_WEIGHT_OF_WHOLE = 2.0
"""1 and 3 gave 1.7 and 0.8 points of recall less."""

# Words that point at something said before. Left out are those that mostly stand for nothing (es, ce) or join
# clauses (that, deren); what is left of them is caught by `_POINTING_PHRASE`.
_POINTING = frozenset(
    # English
    "it they them he she him her his its their theirs hers this these those ones latter former thereof else "
    # German
    "er ihn ihm sie ihr ihre ihrer ihrem ihren ihnen sein seine seiner seinem seinen dieser diese dieses diesem "
    "diesen davon dafür dazu darin daran darauf daraus dabei damit dagegen danach dort "
    # French
    "il elle ils elles lui leur leurs celui celle ceux celles cela ça cette cet ces "
    # Spanish, Portuguese, Italian
    "él ella ellos ellas ello eso esto ese esa esos esas este esta estos estas su sus allí "
    "ele eles elas isso isto esse essa esses essas dele dela deles delas "
    "lui lei loro essi esse questo questa questi queste quello quella quelli quelle "
    # Russian
    "он она оно они его её ее их ему ей им этот эта это эти этого этой этих этому там".split()
)
_OF_A_PERSON = frozenset(
    "he him his she her hers er ihn ihm sein seine seiner seinem seinen ihr ihre ihrer ihrem ihren sie il elle lui "
    "él ella su sus ele ela lui lei он его ему она её ее ей их".split()
)
_NAME = re.compile(r"(?<=\w[ ,])[^\W\d_a-zß-ÿа-яё]\w+")
"""A capital inside a sentence: in German any noun."""
_POINTING_PHRASE = re.compile(
    r"\b(?:of|for|about|in|with|after|before|to|from|on|by|than|do|does|did|is|was|are) that\b(?! \w+ (?:is|are|was)\b)"
    r"|\bthat\W*$|\bthe (?:other|same)s?\W*$|\b(?:what|which|who) other\b"
    r"|(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bbe )\bthere\b(?! (?:is|are|was|were)\b)|\bthe (?:first|second|last) one\b|\bdas\W*$|\bes\W*$"
    r"|它|她们?|(?<!其)他们?(?!国|人)|这个|那个|这些|那些|上述|(?:それ|これ|あれ)(?:は|を|が|に|の)|その|彼",
    re.IGNORECASE,
)
_POINTING_AT_NOTHING = re.compile(
    r"\b(?:is|was|does|did|can|would|will) it (?:take|possible|necessary|true|mean|allowed|legal)\b"
    r"|\bil y a\b|\by a-t-il\b|\bfaut-il\b|\bs'agit-il\b|\bil faut\b"
    # `Combien de points Ronnie Hillman a-t-il marqués`: the pronoun repeats the subject before it.
    r"|(?<=\w)-(?:t-)?(?:il|elle|ils|elles)\b",
    re.IGNORECASE,
)
_CONNECTIVE = re.compile(
    r"^\W*(?:(?:and|but|or|also|then|und|aber|oder|auch|et|mais|ou|y|pero|o|e|mas|а|и|но|или)\b"
    r"|(?:what|how) about\b|what else\b|was ist mit\b|wie (?:steht|sieht) es\b|qu['’]en est-il\b|et pour\b"
    r"|qué (?:hay|pasa|tal) (?:de|con)\b|che dire\b|что насчёт\b|как насчёт\b|那|还有|وماذا|では|じゃあ)",
    re.IGNORECASE,
)
_DEFINING = re.compile(
    r"^\W*(?:what|who) (?:is|are|was|were)\b|^\W*(?:was|wer) (?:ist|sind|war)\b|^\W*qu['’]est|^\W*qui\b"
    r"|^\W*(?:qué|quién) (?:es|son|fue)\b",
    re.IGNORECASE,
)
_ELLIPTIC_LETTERS = re.compile("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")
_ASIDE = re.compile(r"呢[？?]?\s*$")


def depends(question: str) -> bool:
    """Whether it can only be understood with what was said before. Leans to yes: see `merged`."""
    if _CONNECTIVE.search(question) or _ASIDE.search(question) or _POINTING_PHRASE.search(question):
        return True
    said = _POINTING_AT_NOTHING.sub(" ", question)
    pointing = _POINTING - _OF_A_PERSON if _NAME.search(said) else _POINTING
    return not pointing.isdisjoint(words(said)) or _is_elliptic(question)


def made_whole(question: str, history: Sequence[Message]) -> str | None:
    """The question with the questions it leans on, by rule; None where it stands alone or nothing was said before.

    Words before and behind serve searching as well as a sentence would: recall is that of the question written out.
    """
    earlier = [message.text for message in history if message.role is Role.USER]
    if not earlier or not depends(question):
        return None
    carried: list[str] = []
    for text in reversed(earlier[-_FAR_BACK:]):
        carried.insert(0, text[:_LONGEST_CARRIED].strip())
        if not depends(text):
            break
    return " ".join((*carried, question.strip()))


def merged(as_asked: Iterable[T], whole: Iterable[T], *, key: Callable[[T], Hashable]) -> list[T]:
    """One order of what two forms of a question found, by rank (reciprocal rank fusion).

    What both found comes once, as the form found it that put it higher.
    """
    scores: dict[Hashable, float] = {}
    found: dict[Hashable, T] = {}
    for items, weight in ((whole, _WEIGHT_OF_WHOLE), (as_asked, 1.0)):
        for rank, item in enumerate(items, start=1):
            found.setdefault(key(item), item)
            scores[key(item)] = scores.get(key(item), 0.0) + weight / (_DEPTH + rank)
    return [found[name] for name in sorted(scores, key=lambda name: -scores[name])]


def _is_elliptic(question: str) -> bool:
    if _ELLIPTIC_LETTERS.search(question) or _DEFINING.search(question):
        return False
    said = words(question)
    telling = [word for word in said if word not in IDLE_WORDS]
    return len(said) <= 2 or (len(said) <= _SHORT_WORDS and len(telling) <= 1)
