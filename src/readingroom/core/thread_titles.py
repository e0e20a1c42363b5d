"""A title for a thread, made of its first question and answer without a model."""

import re
from collections import Counter
from collections.abc import Sequence

from readingroom.core.telling_words import IDLE_WORDS
from readingroom.core.text_spans import words

MOST_CHARS = 56
_LEAST_CHARS = 4
"""What is left of a question below this (`AI`, `Why?`) is no title."""

# What a question begins with and its subject does not need. Longest first; tried again until nothing goes.
_OPENINGS = re.compile(
    r"""^(?:
      (?:hi|hello|hey|hallo|please|bitte|ok|okay|so|and|und|also)\b[\s,!.]*
    | (?:can|could|would|will)\s+you\s+(?:please\s+)?
    | (?:i\s+(?:want|need|would\s+like)\s+to\s+know|i\s+wonder|do\s+you\s+know)\s+
    | (?:tell|show|give|find|explain)\s+(?:to\s+)?me\s+(?:about\s+)?
    | (?:according\s+to|based\s+on|in|from)\s+(?:the|my|these|our)\s+(?:documents?|files?|texts?|papers?|sources?)\b[\s,]*
    | what\s+(?:does|do|did)\s+.{1,60}?\s(?:say|says|state|write|tell\s+(?:me|us))\s+(?:about|on|of|regarding)\s+
    | what(?:\s+exactly)?\s+(?:is|are|was|were)\s+(?:it\s+)?
    | what['’]s\s+
    | (?:who|where|which)\s+(?:is|are|was|were)\s+
    | (?:is|are)\s+there\s+(?:any(?:thing)?\s+)?
    | what\s+(?!do|did|does|has|have|had|can|will|would|should|must|may)(?=[^\W\d_]+\s)
    | (?:was|wer|welche[rsmn]?|wo)\s+(?:ist|sind|war|waren)\s+
    | (?:the|a|an|my|our|der|die|das|den|dem|ein|eine)\s+
    | (?:qu['’]est-ce\s+que|quel(?:le)?s?\s+(?:est|sont)|qu[ée]\s+es|cu[aá]l(?:es)?\s+(?:es|son))\s+
    )""",
    re.IGNORECASE | re.VERBOSE,
)
_ENDS = " \t\n.,:;!?…¿¡-–—\"'“”„«»()[]*#>`_"
_MARKS = re.compile(r"\[\d+(?:\s*,\s*\d+)*\]|[*_`#>|]+")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s+|\n+")
_POINTING = frozenset(
    "this that these those it them they he she document documents file files text summarise summarize summary explain "
    "more please briefly short list everything anything something".split()
)


def title_of(question: str, answer: str = "") -> str:
    """`What is the notice period for part-timers?` becomes `Notice period for part-timers`.

    A question that names no subject of its own (`Summarise this`) takes the answer's key phrase beside it.
    """
    subject = _subject(question)
    if answer and not _telling(subject) and (phrase := key_phrase(answer)):
        return _cut(_capital(f"{subject}: {phrase}" if len(subject) >= _LEAST_CHARS else phrase))
    return _cut(_capital(subject))


def key_phrase(text: str) -> str:
    """The words that say most of a text; empty where there are none.

    Of the phrases between idle words and punctuation, and all parts of them, the one with the highest product of how
    often it stands and a power of its length: twice `annual leave policy` says more than once `policy lapses`.
    """
    often: Counter[str] = Counter()
    written: dict[str, str] = {}
    for sentence in _SENTENCE.split(_MARKS.sub(" ", text)):
        for run in _runs(sentence):
            for start in range(len(run)):
                for end in range(start + 1, min(len(run), start + _MOST_WORDS) + 1):
                    phrase = " ".join(run[start:end])
                    often[phrase.casefold()] += 1
                    written.setdefault(phrase.casefold(), phrase)
    if not often:
        return ""
    return written[max(often, key=lambda phrase: often[phrase] * (phrase.count(" ") + 1) ** _LENGTH_COUNTS)]


_LENGTH_COUNTS = 1.5
_MOST_WORDS = 4
_TOKENS = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[^\w\s]")


def _runs(sentence: str) -> list[Sequence[str]]:
    runs: list[list[str]] = [[]]
    for token in _TOKENS.findall(sentence):
        if not token[0].isalnum() or token.casefold() in IDLE_WORDS:
            runs.append([])
        else:
            runs[-1].append(token)
    return [run for run in runs if any(word[0].isalpha() for word in run)]


def _subject(question: str) -> str:
    # A long question says what it is about in its last sentence that asks, or in its first.
    parts = [part for part in _SENTENCE.split(question.strip()) if part.strip(_ENDS)]
    asking = [part for part in parts if part.rstrip().endswith(("?", "？"))]
    whole = " ".join((asking[-1:] or parts[:1] or [question])[0].split())
    subject = whole
    # What stays a question keeps its mark.
    while (shorter := _OPENINGS.sub("", subject, count=1)) != subject:
        if len(shorter.strip(_ENDS)) < _LEAST_CHARS:
            break
        subject = shorter
    return whole if subject == whole else subject.strip(_ENDS)


def _telling(subject: str) -> bool:
    return any(word not in IDLE_WORDS and word not in _POINTING for word in words(subject))


def _capital(title: str) -> str:
    return title[:1].upper() + title[1:]


def _cut(title: str) -> str:
    """Shorten it to `MOST_CHARS`, at a word where there is one."""
    if len(title) <= MOST_CHARS:
        return title
    head = title[: MOST_CHARS - 1]
    at = head.rfind(" ")
    return f"{head[:at] if at > MOST_CHARS // 2 else head}".rstrip(_ENDS) + "…"
