"""Writes data (objects, lists, values) as readable lines: `key: value`, nested by indentation, or as tables."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from readingroom.core.extraction import Table
from readingroom.documents.office.table_text import cell_text

_DEEPEST = 40
_LONGEST_LIST = 200
"""Characters; values of a shorter list stand on one line."""
_TABLE_ROWS = 3
_TABLE_COLUMNS = 40
_TABLE_CELL = 300
"""Characters; longer values are prose and read better under their key."""
_TABLE_SAMPLE = 1000
_FILLED = 0.6
"""Of a table's cells, so that it is more than objects of many kinds side by side."""


class LimitReached(Exception):
    """The text is as long as it may be."""


class DataText:
    """Takes values and writes them; offsets count from `start`."""

    def __init__(self, start: int, max_chars: int) -> None:
        """`max_chars` bounds the offset."""
        self._pieces: list[str] = []
        self._offset = start
        self._max_chars = max_chars
        self._is_fresh = True
        self.tables: list[Table] = []

    @property
    def text(self) -> str:
        """What was written."""
        return "".join(self._pieces)

    def value(self, value: Any, depth: int = 0) -> None:
        """Write a value of any kind. Raises `LimitReached`, having written what fits."""
        if isinstance(value, Mapping):
            self._object(value, depth)
        elif isinstance(value, list):
            self._list(value, depth)
        else:
            self.line(_scalar(value), depth)

    def line(self, text: str, depth: int = 0) -> None:
        """Write a line, or lines: each is indented. Raises `LimitReached`."""
        if not text.strip():
            return
        indent = "  " * min(depth, _DEEPEST)
        self._write(f"{indent}{text}".replace("\n", f"\n{indent}") + "\n")
        self._is_fresh = False

    def gap(self) -> None:
        """Leave one line blank, unless one is."""
        if not self._is_fresh:
            self._write("\n")
            self._is_fresh = True

    def table(self, records: Sequence[Mapping[str, Any]], columns: Sequence[str], first_row: int = 1) -> None:
        """Write records of values a line each under the names of their columns."""
        self.gap()
        header = " | ".join(cell_text(column) for column in columns)
        start = self._offset
        self._write(header + "\n")
        first = self._offset
        try:
            for record in records:
                self._write(" | ".join(cell_text(_scalar(record.get(column))) for column in columns) + "\n")
        finally:
            self.tables.append(Table(start, self._offset, header, ((first, first_row),)))
        self._is_fresh = False
        self.gap()

    def _object(self, value: Mapping[str, Any], depth: int) -> None:
        for key, inner in value.items():
            self._keyed(key, inner, depth)

    def _keyed(self, key: str, value: Any, depth: int) -> None:
        if not isinstance(value, Mapping | list):
            self.line(f"{key}: {_scalar(value)}".rstrip() if value is not None else f"{key}:", depth)
            return
        if not value:
            return
        if isinstance(value, list) and (short := _short_list(value)):
            self.line(f"{key}: {short}", depth)
            return
        self.line(f"{key}:", depth)
        if depth >= _DEEPEST:
            self.line(_flat(value), depth + 1)
        else:
            self.value(value, depth + 1)

    def _list(self, values: list[Any], depth: int) -> None:
        if columns := table_columns(values):
            self.table(values, columns)
            return
        for value in values:
            if isinstance(value, Mapping | list) and depth < _DEEPEST:
                # What belongs together is kept in one chunk.
                self.gap()
                self.value(value, depth + 1 if isinstance(value, list) else depth)
                self.gap()
            else:
                self.line(f"- {_flat(value)}", depth)

    def _write(self, piece: str) -> None:
        room = self._max_chars - self._offset
        if len(piece) > room:
            self._pieces.append(piece[:room])
            self._offset += room
            raise LimitReached
        self._pieces.append(piece)
        self._offset += len(piece)


def table_columns(values: Sequence[Any]) -> tuple[str, ...]:
    """The columns of the table that the values are; none where they are not alike, or hold more than values."""
    if len(values) < _TABLE_ROWS:
        return ()
    columns: dict[str, None] = {}
    filled = 0
    for value in values:
        if not isinstance(value, Mapping) or not value or len(value) > _TABLE_COLUMNS:
            return ()
        if any(isinstance(inner, Mapping | list) for inner in value.values()):
            return ()
        if any(isinstance(inner, str) and len(inner) > _TABLE_CELL for inner in value.values()):
            return ()
        columns.update(dict.fromkeys(value))
        filled += len(value)
        if len(columns) > _TABLE_COLUMNS:
            return ()
    return tuple(columns) if filled >= _FILLED * len(columns) * len(values) else ()


def one_line(record: Mapping[str, Any]) -> str:
    """Write `key: value; key: value`, keys of inner objects joined by a dot."""
    return "; ".join(
        f"{key}: {' '.join(text.split())}" for key, text in _leaves(record, "", 0) if text.strip()
    )


def _leaves(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and depth < _DEEPEST:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else key, depth + 1)
    elif (
        isinstance(value, list)
        and depth < _DEEPEST
        and any(isinstance(item, Mapping | list) for item in value)
    ):
        for item in value:
            yield from _leaves(item, path, depth + 1)
    else:
        yield path, _flat(value)


def _short_list(values: list[Any]) -> str:
    if len(values) > _LONGEST_LIST or any(isinstance(value, Mapping | list) for value in values):
        return ""
    joined = ", ".join(_scalar(value) for value in values)
    return joined if len(joined) <= _LONGEST_LIST and "\n" not in joined else ""


def _flat(value: Any, depth: int = 0) -> str:
    """Write a value of any kind on one line; what is nested without end is left out."""
    if depth > _DEEPEST:
        return "…"
    if isinstance(value, Mapping):
        return "; ".join(f"{key}: {_flat(inner, depth + 1)}" for key, inner in value.items())
    if isinstance(value, list):
        return ", ".join(_flat(inner, depth + 1) for inner in value)
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
