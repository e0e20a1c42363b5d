"""Leaves out what a model thinks before it answers, where the server does not keep the two apart."""

_OPEN = "<think>"
_CLOSE = "</think>"


class ThinkingFilter:
    """Takes an answer in pieces and drops one `<think>...</think>` at its beginning.

    Servers that know of thinking send it apart from the answer; older ones, and those that do not know the
    model, send it in the text.
    """

    def __init__(self) -> None:
        self._held = ""
        self._inside = False
        self._passing = False

    def feed(self, piece: str) -> str:
        """Return what of the answer is known now."""
        if self._passing:
            return piece
        self._held += piece
        if not self._inside:
            begun = self._held.lstrip()
            if _OPEN.startswith(begun[: len(_OPEN)]) and len(begun) < len(_OPEN):
                return ""
            if not begun.startswith(_OPEN):
                return self._pass(self._held)
            self._inside = True
        _, closed, answer = self._held.partition(_CLOSE)
        return self._pass(answer.lstrip()) if closed and answer.strip() else ""

    def end(self) -> str:
        """Return what was held back and is an answer after all."""
        return "" if self._passing or self._inside else self._pass(self._held)

    def _pass(self, answer: str) -> str:
        self._passing = True
        self._held = ""
        return answer
