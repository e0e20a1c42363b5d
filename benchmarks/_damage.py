"""Damaged copies of files: cut off at a random byte, or with random bytes changed; the same for the same seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

_MOST_FLIPS = 20


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to damage a file; applying it is deterministic."""

    file: str
    kind: str
    """`intact`, `truncated` or `flipped`."""
    number: int
    seed: int

    @property
    def name(self) -> str:
        """For people and for the journal: another seed gives other names."""
        return f"{self.file} {self.kind} {self.seed}.{self.number}"

    def applied(self, data: bytes) -> bytes:
        """The damaged bytes: a random part from the front, or 1 to 20 bytes given another value."""
        if self.kind == "intact" or not data:
            return data
        chance = random.Random(f"{self.seed} {self.name}")
        if self.kind == "truncated":
            return data[: chance.randrange(len(data))]
        damaged = bytearray(data)
        for _ in range(chance.randint(1, _MOST_FLIPS)):
            damaged[chance.randrange(len(data))] ^= chance.randint(1, 255)
        return bytes(damaged)


def variants(file: str, *, truncations: int, flips: int, seed: int) -> Iterator[Variant]:
    """The file as it is, then its damaged variants."""
    yield Variant(file, "intact", 0, seed)
    yield from (Variant(file, "truncated", number, seed) for number in range(truncations))
    yield from (Variant(file, "flipped", number, seed) for number in range(flips))
