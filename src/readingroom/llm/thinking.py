"""Tells what a model thinks before it answers from the answer, where the server does not keep the two apart."""

import re
from collections.abc import Iterator

from readingroom.core.language_model import Thought

_OPENINGS = {
    "<think>": "</think>",
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "[THINK]": "[/THINK]",
}
_LONGEST = max(map(len, _OPENINGS))
_HALF_TAG = re.compile(r"(?:<|\[)[/A-Za-z]{0,10}\Z")


class ThinkingSplitter:
    """Takes an answer in pieces and tells one `<think>...</think>` at its beginning apart.

    Servers that know of thinking send it apart from the answer; older ones, and those that do not know the
    model, send it in the text.
    """

    def __init__(self) -> None:
        self._held = ""
        self._close = ""
        """The tag that ends the thinking; empty before and after it."""
        self._passing = False
        self._thought = False

    def feed(self, piece: str) -> Iterator[str | Thought]:
        """Yield what is known of both now. To be drawn to its end."""
        self._held += piece
        if not self._passing and not self._close:
            self._look()
        if self._close:
            yield from self._think()
        if self._passing:
            yield from self._answer()

    def end(self) -> Iterator[str | Thought]:
        """Yield what was held back."""
        if self._held and self._close:
            yield Thought(self._held)
        elif self._held.strip() or not self._thought:
            yield from filter(None, [self._held])
        self._held = ""

    def _look(self) -> None:
        begun = self._held.lstrip()
        for opening, close in _OPENINGS.items():
            if begun.startswith(opening):
                self._close, self._held = close, begun.removeprefix(opening).lstrip()
                return
        self._passing = not any(opening.startswith(begun) for opening in _OPENINGS)

    def _think(self) -> Iterator[Thought]:
        thought, closed, answer = self._held.partition(self._close)
        if closed:
            self._held, self._close = answer, ""
            self._passing = self._thought = True
            if thought := thought.rstrip():
                yield Thought(thought)
            return
        # The tag may come in two pieces.
        half = _HALF_TAG.search(thought)
        known = thought[: half.start()] if half else thought
        self._held = thought[len(known) :]
        if known:
            yield Thought(known)

    def _answer(self) -> Iterator[str]:
        if self._thought:
            self._held = self._held.lstrip()
            self._thought = not self._held
        if self._held:
            answer, self._held = self._held, ""
            yield answer
