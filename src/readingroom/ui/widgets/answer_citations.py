"""Which citation each chip of an answer stands for: by number while it is written, by sentence once it is checked."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtGui import QTextCharFormat, QTextFormat

from readingroom.core.conversation import Citation, Support
from readingroom.ui.widgets.citation_chip import chip_format, chip_label, chip_number, chip_turn
from readingroom.ui.widgets.markdown_blocks import OFFER

_MARKER_OR_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|\[(\d{1,3})\](?!\()", re.DOTALL)
"""Of a text that holds no other markers; `core.markers` takes ten times as long, and this runs where the window is drawn."""
_OFFER_MARK = re.compile("\ue000\\d*\ue001|[\ue000\ue001]")


class AnswerCitations:
    """What an answer's markers mean. A passage may be cited by several sentences, by other words of it each time."""

    def __init__(self, by_number: Mapping[int, Citation] | None = None) -> None:
        self.by_number: Mapping[int, Citation] = dict(by_number or {})
        """For numbers no sentence of which was checked."""
        self._of_turn: dict[tuple[int, int], Citation] = {}
        self.offers: Sequence[Citation] = ()
        self._changed: frozenset[Citation] = frozenset()

    @classmethod
    def checked(
        cls, text: str, citations: Sequence[Citation], others: Iterable[Citation] = ()
    ) -> "AnswerCitations":
        """Those of a complete answer; `others` are of passages, for numbers without a citation."""
        own = [citation for citation in citations if not citation.offered]
        made = cls({c.n: c for c in (*others, *reversed(own))})
        made.offers = sorted((c for c in citations if c.offered), key=lambda c: c.claim_end)
        turns: dict[int, int] = {}
        several = {n for n, count in Counter(c.n for c in own).items() if count > 1}
        for marker in _MARKER_OR_CODE.finditer(text) if several else ():
            number = int(marker.group(1) or 0)
            if number not in several:
                continue
            turn = turns[number] = turns.get(number, -1) + 1
            before = [c for c in own if c.n == number and c.claim_start <= marker.start()]
            if before:
                made._of_turn[number, turn] = before[-1]
        return made

    def labels(self) -> frozenset[str]:
        """What is written on its chips."""
        return frozenset(map(self._label, (*self.by_number.values(), *self._of_turn.values())))

    def of(self, fmt: QTextFormat) -> Citation | None:
        """The citation of a chip's format."""
        number = chip_number(fmt)
        return None if number is None else self._citation(number, chip_turn(fmt))

    def format_for(self, number: int, turn: int) -> QTextCharFormat | None:
        """See `markdown_blocks.ChipFor`."""
        citation = self._citation(number, turn)
        if citation is None:
            return None
        return chip_format(number, self._label(citation), turn)

    def with_offers(self, text: str) -> str:
        """The text with a mark after each sentence for which a source is offered."""
        parts = [text]
        for turn, offer in reversed(list(enumerate(self.offers))):
            head = parts.pop()
            end = offer.claim_start + len(head[offer.claim_start : offer.claim_end].rstrip(" |"))
            parts += [head[end:], OFFER.format(turn), head[:end]]
        return "".join(reversed(parts))

    def mark_changed(self, changed: frozenset[Citation]) -> None:
        """Note whose documents have changed since."""
        self._changed = changed

    def has_changed(self, citation: Citation) -> bool:
        """Whether the document has changed since it was cited."""
        return citation in self._changed

    @staticmethod
    def is_quiet(citation: Citation | None) -> bool:
        """Whether its chip is to be drawn as what the answer does not rest on."""
        return citation is not None and (
            citation.offered or not citation.located or citation.support is Support.NONE
        )

    def _label(self, citation: Citation) -> str:
        return chip_label(citation.n, citation, changed=self.has_changed(citation))

    def _citation(self, number: int, turn: int) -> Citation | None:
        if number == 0:
            return self.offers[turn] if turn < len(self.offers) else None
        return self._of_turn.get((number, turn)) or self.by_number.get(number)


def without_offers(text: str) -> str:
    """The text as the answer has it; also of one that came with such marks, which are ours alone."""
    return _OFFER_MARK.sub("", text)
