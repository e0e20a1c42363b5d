"""Decides whether words of a passage bear out a claim; thresholds and how they were found stand in ADR 21."""

import re
from collections.abc import Sequence

from readingroom.core.facts import missing_numbers, names_in
from readingroom.core.models import Passage
from readingroom.core.shared_words import Shared, stems
from readingroom.core.text_spans import FoldedText, words

MIN_SHARE = 0.5
"""Of the claim's words, weighed by rarity, in a sentence of the passage."""
MIN_SIMILARITY = 0.5
"""Cosine of claim and sentence, with all-MiniLM-L6-v2."""
MIN_BOTH = 0.8
"""The two together."""
MIN_ANYWHERE = 0.75
"""Of the claim's words in the passage as a whole: it sums up several sentences or rows, and no one of them is its place."""
MIN_RATIO = 85.0
"""Of signs alike, in hundred, between the claim and the stretch of the passage most like it."""
OFFER_SHARE = 0.6
OFFER_SIMILARITY = 0.75
"""What is offered unasked must be surer than what the answer names itself."""
OFFER_WORTH_A_LOOK = 0.25
LEAST_OFFER_WORDS = 4

_LONGEST_SUMMED_UP = 4_000
"""Characters; all words of a sentence stand somewhere in a whole document."""
_LEAST_QUOTED = 3
"""Words; fewer in quotation marks are a manner of speaking."""
_QUOTATION = re.compile(r"[\"“„«]([^\"”“«»]{8,}?)[\"”“»]")
_NEARLY_SAME = 0.75
_LITTLE_MORE = 1.2
_RATHER = re.compile(
    r"\bnot only\b|\b(?:not|nicht|no|pas)\b.{1,80}?\b(?:but|rather|sondern|sino|mais)\b", re.IGNORECASE
)
"""`not kept, but forfeited` says what the other half does."""
_ASIDE = re.compile(r"\([^()]*\)")
_NEGATION = re.compile(
    r"\b(?:not?|never|cannot|nor|neither|none|nobody|nothing|without|nicht|nie|niemals|keine?[mnrs]?|ohne|pas|jamais|sans|nunca|sin)\b"
    r"|n['’]t\b",
    re.IGNORECASE,
)
_LABEL = re.compile(r"\A[^.:]{1,60}:\s")
"""`Leave Policy: ten days carry over` has a title of the answer's own."""
_SILENCE = re.compile(
    r"\b(?:not?|never|n[’']t|nothing|neither|nicht|keine?|aucune?|no)\b(?:\W+\w+){0,4}?\W+"
    r"(?:mention|state|say|said|specif|describe|contain|provide|address|answer|cover|discuss|indicate|erwähn|nenn|beantwort|"
    r"mentionn|menciona)\w*|\b(?:mention|say|state|specify|provide|contain)s?\s+(?:nothing|no)\b",
    re.IGNORECASE,
)


def quotations(claim: str) -> list[str]:
    """What the claim says word for word."""
    return [quote for quote in _QUOTATION.findall(claim) if len(words(quote)) >= _LEAST_QUOTED]


def says_of_silence(claim: str) -> bool:
    """`The passages do not mention it`: no words of a passage can bear that out."""
    return _SILENCE.search(claim) is not None


def bears_out(share: float, similarity: float) -> bool:
    """Whether a sentence with so much in common says what the claim does."""
    return share >= MIN_SHARE or similarity >= MIN_SIMILARITY or share + similarity >= MIN_BOTH


def sums_up(shared: Shared | None, passage: Passage) -> bool:
    """Whether a claim's words stand in the passage, if not in one place."""
    return shared is not None and shared.anywhere >= MIN_ANYWHERE and len(passage.text) <= _LONGEST_SUMMED_UP


def worth_offering(claim: str) -> bool:
    """Whether a sentence says enough by itself that a source may be offered for it."""
    ends = claim.rstrip(' *_"”’)')[-1:]
    return ends not in (":", "?") and len(stems(claim)) >= LEAST_OFFER_WORDS and not says_of_silence(claim)


def contradicted(
    claim: str,
    nearest: str,
    passages: Sequence[Passage],
    *,
    question: str = "",
    others: Sequence[Passage] = (),
) -> bool:
    """Whether the claim has a number or a date that none of its passages has, or a name that is not theirs.

    A name that the question or one of the `others` says may stand for `the company` here, unless the nearest sentence
    has another one; a number may not.
    """
    sources = [source for passage in passages for source in _texts(passage)]
    if missing_numbers(claim, sources):
        return True
    own = FoldedText("\n".join(sources)).folded
    strange = [name for name in names_in(_LABEL.sub("", claim)) if not _is_known(name, own)]
    if not strange:
        return False
    around = FoldedText(
        "\n".join((question, *(text for passage in others for text in _texts(passage))))
    ).folded
    if not all(_is_known(name, around) for name in strange):
        return True
    said = FoldedText(claim).folded
    return any(not _is_known(name, said) for name in names_in(nearest))


def turned_round(claim: str, nearest: str, share: float) -> bool:
    """Whether one of two sentences that are nearly the same, word for word, denies what the other says."""
    denies, denied = (
        _NEGATION.search(_RATHER.sub("", claim)) is not None,
        _NEGATION.search(_ASIDE.sub("", nearest)) is not None,
    )
    if denies == denied or share < _NEARLY_SAME:
        return False
    # A source may deny something else beside what the claim takes from it.
    return denies or len(nearest) <= _LITTLE_MORE * len(claim)


def _texts(passage: Passage) -> tuple[str, ...]:
    return (
        passage.text,
        passage.context,
        *passage.heading,
        passage.path.stem,
        passage.place,
        passage.container,
    )


def _is_known(name: str, folded: str) -> bool:
    plain = re.sub(r"'s?$", "", FoldedText(name).folded).rstrip(".")
    return plain in folded or (len(plain) > 4 and plain.rstrip("s") in folded)
