"""Something that can be done with what is selected, for a menu and for buttons."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """One thing that can be done."""

    text: str
    do: Callable[[], object]
    enabled: bool = True
    fitting: bool = False
    """It is what things in this state are most likely wanted for."""
    needless: bool = False
    """It is for things in another state, and a menu leaves it out."""
    group: int = 0
    """A menu draws a line between groups."""
