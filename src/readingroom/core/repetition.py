"""Notices that a model goes round in circles."""

_LONGEST_UNIT = 1500
_TIMES = 4
_LONG_UNIT, _TIMES_LONG = 300, 3
_LEAST_CHARS = 160
"""Of repetition in all; a line of dashes or a row of a table is shorter."""
_LEAST_CHARS_SIGNS = 600
"""Where what is repeated has no letter in it."""


def repeated_from(text: str) -> int | None:
    """Where the first repetition begins if the text ends in the same words over and over, else None.

    Something said once stays: what is cut off at the offset given is all that follows it.
    """
    for length in range(1, min(_LONGEST_UNIT, len(text) // _TIMES_LONG) + 1):
        unit = text[-length:]
        least = _LEAST_CHARS if any(map(str.isalpha, unit)) else _LEAST_CHARS_SIGNS
        times = max(_TIMES_LONG if length >= _LONG_UNIT else _TIMES, -(-least // length))
        if text.endswith(unit * times):
            return _second(text, unit)
    return None


def _second(text: str, unit: str) -> int:
    start = len(text)
    while text.endswith(unit, 0, start):
        start -= len(unit)
    return start + len(unit)
