"""Checks the records of a workspace file against their types; what is at fault is never quoted."""

from typing import TYPE_CHECKING, Any

from readingroom.core.errors import PortableFileDamaged

if TYPE_CHECKING:
    from pydantic_core import SchemaValidator

_LONGEST_LIST = 2_000_000

_validators: dict[type, "SchemaValidator"] = {}


def validated(kind: type, text: bytes) -> Any:
    """A value of that type and no other. Raises `PortableFileDamaged`."""
    from pydantic import ValidationError

    if (validator := _validators.get(kind)) is None:
        validator = _validators[kind] = _validator(kind)
    try:
        return validator.validate_json(text, strict=True)
    except ValidationError as error:
        # Without its cause, which quotes the text.
        raise damaged(f"{kind.__name__}: {error.error_count()} faults") from None


def _validator(kind: type) -> "SchemaValidator":
    from pydantic import TypeAdapter
    from pydantic_core import SchemaValidator

    schema: Any = TypeAdapter(kind).core_schema
    _bound_lists(schema)
    return SchemaValidator(schema)


def _bound_lists(schema: object) -> None:
    """Have every list end at its first fault: of four million wrong items each took 400 bytes to tell of."""
    if isinstance(schema, dict):
        if schema.get("type") == "list":
            schema |= {"fail_fast": True, "max_length": _LONGEST_LIST}
        for value in schema.values():
            _bound_lists(value)
    elif isinstance(schema, list):
        for value in schema:
            _bound_lists(value)


def damaged(detail: str = "") -> PortableFileDamaged:
    """What is said of any file that cannot be taken."""
    note = f" ({detail})" if detail else ""
    return PortableFileDamaged(f"This file is no exported workspace, or it is damaged or cut short{note}.")
