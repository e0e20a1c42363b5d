"""Counts in sentences."""


def count_words(count: int, noun: str) -> str:
    """`1 document`, `1,204 documents`; for nouns that take an s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
