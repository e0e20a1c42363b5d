"""What a workspace has of its own for its answers, and what the person's instructions say when they are filled in."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

MOST_PASSAGES = 30
MOST_TEMPERATURE = 2.0
LONGEST_INSTRUCTIONS = 8000
"""Characters; a small model has room for some 20,000 in all."""

VARIABLES = {
    "workspace": "its name",
    "documents": "how many it holds",
    "date": "today, as 2026-03-09",
    "weekday": "as Monday",
    "time": "as 14:05",
    "language": "of this computer, as English",
    "model": "the one that answers",
}
"""What may stand in braces in the instructions, and what it becomes."""

_BRACED = re.compile(r"\{([a-z]+)\}")


@dataclass(frozen=True, slots=True)
class Answering:
    """Each field as the person set it; the default stands for what holds without a setting."""

    model: str = ""
    """Empty: the one chosen for all workspaces."""
    temperature: float | None = None
    """None: the model's own."""
    instructions: str = ""
    """Added to the rules by which a model keeps to the passages; may hold `{date}` and the other `VARIABLES`."""
    passages: int | None = None
    """Put before the model for a question; None: as for all workspaces."""
    threshold: float | None = None
    """How near a passage must come in meaning (0 to 1) to be put before the model; None: as measured."""

    @property
    def is_default(self) -> bool:
        """Whether nothing was set."""
        return self == Answering()


def answering_from(values: Mapping[str, Any]) -> Answering:
    """From what was stored or entered; what is of a wrong type is left out, what is too much is cut."""
    model, instructions = values.get("model"), values.get("instructions")
    return Answering(
        model if isinstance(model, str) else "",
        _within(values.get("temperature"), 0.0, MOST_TEMPERATURE),
        instructions.strip()[:LONGEST_INSTRUCTIONS] if isinstance(instructions, str) else "",
        None if (passages := _within(values.get("passages"), 1, MOST_PASSAGES)) is None else round(passages),
        _within(values.get("threshold"), 0.0, 1.0),
    )


def answering_values(answering: Answering) -> dict[str, Any]:
    """Only what was set, to be stored."""
    defaults = asdict(Answering())
    return {name: value for name, value in asdict(answering).items() if value != defaults[name]}


def filled(instructions: str, values: Mapping[str, str]) -> str:
    """The instructions with their variables replaced, once: what a value says is not looked through again.

    Not `str.format`, in which `{workspace.__class__}` reaches into the program and a lone brace is an error. What is no
    variable stays as it stands.
    """
    return _BRACED.sub(lambda found: values.get(found[1], found[0]), instructions)


def unknown_variables(instructions: str) -> list[str]:
    """What stands in braces and is no variable, so that a typing error is seen."""
    found = dict.fromkeys(_BRACED.findall(instructions))
    return [name for name in found if name not in VARIABLES]


def _within(value: Any, least: float, most: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return None
    return min(max(float(value), least), most)
