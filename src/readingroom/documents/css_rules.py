"""Reads style sheets as far as they may hide text: simple selectors and what they say of an element."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SIMPLE = re.compile(r"([a-z][a-z0-9]*|\*)?((?:[.#][\w-]+)*)", re.IGNORECASE)
_PART = re.compile(r"([.#])([\w-]+)")
_TELLING = re.compile(
    r"display|visibility|font|colou?r|background|position|left|top|indent|margin|clip|height|width|mso-hide",
    re.IGNORECASE,
)
_MAX_SHEET = 1_000_000
_MAX_DECLARATIONS = 10_000
_BRACES = re.compile(r"[{}]")


@dataclass(frozen=True, slots=True)
class Rule:
    """What a simple selector says of the elements it fits."""

    weight: int
    tag: str
    classes: frozenset[str]
    identifier: str
    values: Mapping[str, str]
    important: Mapping[str, str]
    """Stronger than all others, an element's own included."""

    @property
    def key(self) -> str:
        """The most telling part of the selector: what an element must have for the rule to fit."""
        if self.identifier:
            return f"#{self.identifier}"
        return f".{min(self.classes)}" if self.classes else self.tag


def rules_of(sheet: str) -> Iterator[Rule]:
    """The rules of a sheet that may hide text; selectors of more than one step are passed over."""
    for selector, body in _selectors(sheet[:_MAX_SHEET]):
        rule = _simple_rule(selector, body)
        if rule is not None:
            yield rule


def declarations(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """Properties and their values: those as they are, and the important ones."""
    values: dict[str, str] = {}
    important: dict[str, str] = {}
    for declaration in text[:_MAX_DECLARATIONS].split(";"):
        name, colon, value = declaration.partition(":")
        value, mark, _ = value.lower().partition("!")
        if colon:
            (important if mark else values)[name.strip().lower()] = value.strip()
    return values, important


def _selectors(sheet: str) -> Iterator[tuple[str, str]]:
    """Selectors and declarations outside of `@media` and the like, whose conditions are not known."""
    sheet = _COMMENT.sub(" ", sheet).replace("<!--", " ").replace("-->", " ")
    at = 0
    while (opening := sheet.find("{", at)) >= 0:
        head = sheet[at:opening].rpartition(";")[2].strip()
        if head.startswith("@"):
            at = _past_block(sheet, opening)
            continue
        closing = sheet.find("}", opening)
        closing = len(sheet) if closing < 0 else closing
        body = sheet[opening + 1 : closing]
        if _TELLING.search(body):
            for selector in head.split(","):
                yield selector.strip(), body
        at = closing + 1


def _past_block(sheet: str, opening: int) -> int:
    depth = 0
    for match in _BRACES.finditer(sheet, opening):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.end()
    return len(sheet)


def _simple_rule(selector: str, body: str) -> Rule | None:
    match = _SIMPLE.fullmatch(selector)
    if match is None or not selector:
        return None
    parts = _PART.findall(match[2])
    classes = frozenset(name for mark, name in parts if mark == ".")
    identifiers = [name for mark, name in parts if mark == "#"]
    if len(identifiers) > 1:
        return None
    tag = (match[1] or "").lower()
    weight = 100 * len(identifiers) + 10 * len(classes) + (tag not in {"", "*"})
    return Rule(weight, tag, classes, "".join(identifiers), *declarations(body))
