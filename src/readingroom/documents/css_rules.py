"""Reads style sheets as far as they may hide text: what rules say of elements, and what they may say."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SIMPLE = re.compile(r"([a-z][a-z0-9]*|\*)?((?:[.#][\w-]+)*)", re.IGNORECASE)
_PART = re.compile(r"([.#])([\w-]+)")
_STEP = re.compile(r"[\s>+~]+")
_CONDITION = re.compile(r":[\w-]+(?:\([^)]*\))?|\[[^\]]*\]")
_PSEUDO_ELEMENT = re.compile(r"::|:(?:before|after|first-l\w+)", re.IGNORECASE)
_TAG = re.compile(r"(?:^|[\s>+~])[a-z]", re.IGNORECASE)
_BLOCKS_OF_RULES = re.compile(r"@(?:media|supports|layer|container|document|-moz-document)\b", re.IGNORECASE)
_TELLING = re.compile(
    r"display|visibility|font|colou?r|background|position|left|top|indent|margin|clip|height|width|mso-hide",
    re.IGNORECASE,
)
_BRACES = re.compile(r"[{}]")
_MAX_SHEET = 1_000_000
_MAX_DECLARATIONS = 10_000
_MAX_SELECTOR = 300
UNKNOWN = "?"
"""A value that depends on what is not followed here."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a selector says of the elements that its last step fits."""

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
    """The rules of a sheet that may hide text.

    Those with conditions (selectors of several steps, `:hover`, `@media`) make the values they set unknown.
    """
    sheet = _COMMENT.sub(" ", sheet[:_MAX_SHEET]).replace("<!--", " ").replace("-->", " ")
    at, conditional_until = 0, 0
    while (opening := sheet.find("{", at)) >= 0:
        head = sheet[at:opening].rpartition(";")[2].rpartition("}")[2].strip()
        if head.startswith("@"):
            if not _BLOCKS_OF_RULES.match(head):
                at = _past_block(sheet, opening)
                continue
            if opening >= conditional_until:
                conditional_until = _past_block(sheet, opening)
            at = opening + 1
            continue
        closing = sheet.find("}", opening)
        closing = len(sheet) if closing < 0 else closing
        body = sheet[opening + 1 : closing]
        if _TELLING.search(body):
            for selector in head.split(","):
                rule = _rule(selector.strip(), body, sure=opening >= conditional_until)
                if rule is not None:
                    yield rule
        at = closing + 1


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


def _past_block(sheet: str, opening: int) -> int:
    depth = 0
    for match in _BRACES.finditer(sheet, opening):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return match.end()
    return len(sheet)


def _rule(selector: str, body: str, *, sure: bool) -> Rule | None:
    if not selector or len(selector) > _MAX_SELECTOR or _PSEUDO_ELEMENT.search(selector):
        return None
    last = _STEP.split(_CONDITION.sub("", selector).strip())[-1]
    match = _SIMPLE.fullmatch(last)
    if match is None:
        return None
    parts = _PART.findall(match[2])
    identifiers = [name for mark, name in parts if mark == "#"]
    if len(identifiers) > 1:
        return None
    values, important = declarations(body)
    if not sure or last != selector:
        values, important = dict.fromkeys(values, UNKNOWN), dict.fromkeys(important, UNKNOWN)
    return Rule(
        100 * selector.count("#") + 10 * sum(map(selector.count, ".:[")) + len(_TAG.findall(selector)),
        (match[1] or "").lower(),
        frozenset(name for mark, name in parts if mark == "."),
        "".join(identifiers),
        values,
        important,
    )
