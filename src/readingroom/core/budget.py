"""What fits before a model: tokens of a text by the model's own count, and what stays out where all is too much."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from readingroom.core.counting import count_words

T = TypeVar("T")

ANSWER_TOKENS = 1536
"""Room kept for an answer by a model of which nothing is known yet."""
MOST_ANSWER_TOKENS = 8192
LEAST_CONTEXT = 4096
"""Ollama's own default: no machine that runs a model has too little memory for it."""
MOST_CONTEXT_ELSEWHERE = 32_768
"""On a computer whose memory we cannot see."""
_UNKNOWN_BYTES = 192 * 1024
"""Of a token of context: more than models of 4 to 14 billion parameters take (147 kB in qwen3:4b)."""
_MEMORY_SHARE = 0.25
"""Of what is free; the model itself may not be loaded yet."""
_STEP = 2048
_TURN_TOKENS = 16
_MARGIN = 1.03
_HISTORY_SHARE = 0.25
"""Of the prompt's room, before passages; what these leave is the conversation's as well."""

# Before a model has counted. Low on purpose: English runs at 4 to 4.5 characters a token, code and German nearer 3.
# Too large a context costs memory only; one too small makes a server drop the beginning, where the rules stand.
_LATIN, _LETTERS, _WIDE = 1 / 3.0, 1 / 1.6, 1.5
_LEAST_RATE, _MOST_RATE = 0.5, 2.5
"""Of the rates above: no tokenizer in use lies beyond."""
_LEAST_BELIEVED, _MOST_BELIEVED = 0.4, 4.0
"""A server that has the beginning of a prompt from before may count the rest only."""
_FALLING = 0.3


@dataclass(frozen=True, slots=True)
class TokenRates:
    """Tokens a character, for a model, by kind of script; and how long its answers get."""

    latin: float = _LATIN
    letters: float = _LETTERS
    """Cyrillic, Greek, Arabic, Hebrew, the scripts of India and others that are no Latin."""
    wide: float = _WIDE
    """Chinese, Japanese, Korean, and signs beyond."""
    answer: int = ANSWER_TOKENS
    """Room to keep, thoughts included."""

    def tokens(self, text: str) -> int:
        """Of the text, rather too many."""
        latin, letters, wide = _kinds(text)
        return math.ceil((latin * self.latin + letters * self.letters + wide * self.wide) * _MARGIN)

    def of_turns(self, texts: Sequence[str]) -> int:
        """Of a prompt with so many turns."""
        return sum(self.tokens(text) + _TURN_TOKENS for text in texts)

    def learnt(
        self, texts: Sequence[str], prompt_tokens: int, answer_tokens: int, num_ctx: int
    ) -> "TokenRates":
        """With what a server counted for a prompt of these turns.

        More than was thought is believed at once, less by and by. Nothing is learnt from a count that only part of
        the prompt can have given: one that fills the context, or is beyond belief.
        """
        answer = max(min(math.ceil(answer_tokens * 1.25), MOST_ANSWER_TOKENS), ANSWER_TOKENS)
        answer = max(answer, (self.answer + answer) // 2)
        thought = self.of_turns(texts) / _MARGIN
        ratio = prompt_tokens / thought if thought else 0.0
        cut_off = prompt_tokens + _TURN_TOKENS >= num_ctx
        if cut_off or not _LEAST_BELIEVED <= ratio <= _MOST_BELIEVED:
            return replace(self, answer=answer)
        step = ratio - 1 if ratio > 1 else _FALLING * (ratio - 1)
        rates = (self.latin, self.letters, self.wide)
        kinds = [sum(column) for column in zip(*map(_kinds, texts), strict=True)]
        shares = [count * rate for count, rate in zip(kinds, rates, strict=True)]
        whole = sum(shares) or 1.0
        latin, letters, wide = (
            min(max(rate * (1 + step * share / whole), first * _LEAST_RATE), first * _MOST_RATE)
            for rate, share, first in zip(rates, shares, (_LATIN, _LETTERS, _WIDE), strict=True)
        )
        return TokenRates(latin, letters, wide, answer)


@dataclass(frozen=True, slots=True)
class Window:
    """The context that a model can have here."""

    tokens: int
    rates: TokenRates = TokenRates()

    @property
    def answer(self) -> int:
        """Room kept for the answer: what it takes, but no more than a third."""
        return min(self.rates.answer, self.tokens // 3)

    @property
    def prompt(self) -> int:
        """Room for all turns together."""
        return self.tokens - self.answer

    def holding(self, text: str) -> "Window":
        """With less room, since this is said besides what the prompt is made of."""
        return replace(self, tokens=max(0, self.tokens - self.rates.tokens(text) - 2 * _TURN_TOKENS))

    def context_for(self, texts: Sequence[str], *, at_least: int = 0) -> int:
        """`num_ctx` for these turns and the answer, in steps; `at_least` keeps a server from loading the model anew."""
        needed = self.rates.of_turns(texts) + self.answer
        return min(self.tokens, max(math.ceil(needed / _STEP) * _STEP, at_least))


def rates_from(value: object) -> TokenRates:
    """From what was stored; what is not of the right shape is as if nothing had been learnt."""
    first = TokenRates()
    if not isinstance(value, Mapping):
        return first
    rates = (value.get("latin"), value.get("letters"), value.get("wide"))
    answer = value.get("answer")
    if not isinstance(answer, int) or not all(isinstance(rate, float) and rate > 0 for rate in rates):
        return first
    latin, letters, wide = (float(rate) for rate in rates if rate)
    return TokenRates(latin, letters, wide, answer)


def window(limit: int, rates: TokenRates, *, free_bytes: int | None, context_bytes: int | None) -> Window:
    """The model's limit, or what memory allows where that is less; `free_bytes` None stands for another computer's."""
    if free_bytes is None:
        return Window(min(limit, MOST_CONTEXT_ELSEWHERE), rates)
    room = int(free_bytes * _MEMORY_SHARE / (context_bytes or _UNKNOWN_BYTES))
    return Window(min(limit, max(LEAST_CONTEXT, room // _STEP * _STEP)), rates)


def first_that_fit(items: Sequence[T], room: int, cost: Callable[[T], int]) -> list[T]:
    """Whole ones in order, up to the first for which there is no room."""
    kept: list[T] = []
    for item in items:
        room -= cost(item)
        if room < 0:
            break
        kept.append(item)
    return kept


def all_that_fit(items: Sequence[T], room: int, cost: Callable[[T], int]) -> list[T]:
    """Whole ones in order, without those for which there is no room."""
    kept: list[T] = []
    for item in items:
        if (needed := cost(item)) <= room:
            room -= needed
            kept.append(item)
    return kept


def history_room(room: int) -> int:
    """What the conversation may take before passages are chosen."""
    return int(room * _HISTORY_SHARE)


def left_out_words(counts: Mapping[str, tuple[int, int]], names: Sequence[str], tokens: int) -> str:
    """What did not fit, as a sentence; `counts` has for each noun how many did not and how many there were."""
    parts = [
        f"{missing} of {count_words(whole, noun)}" for noun, (missing, whole) in counts.items() if missing
    ]
    parts += [f"“{name}” as a whole" for name in names]
    if not parts:
        return ""
    listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"Left out, as the model reads {tokens:,} tokens at once here: {listed}."


def _kinds(text: str) -> tuple[int, int, int]:
    """Characters that are Latin (with digits and signs), of other alphabets, and wide."""
    if text.isascii():
        return len(text), 0, 0
    wide = sum(1 for character in text if character >= "\u2e80")
    latin = sum(1 for character in text if character < "\u0370" or "\u1e00" <= character < "\u2e80")
    return latin, len(text) - latin - wide, wide
