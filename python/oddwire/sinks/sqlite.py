"""Tables as SQLite: one table a file, typed columns, times as text that SQLite's own functions read."""

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeAlias

from oddwire.errors import OutputError
from oddwire.records.units import time_text

__all__ = ["write_sqlite"]

Value: TypeAlias = int | float | bool | str | None
TYPES = {"bool": "INTEGER", "float64": "REAL", "string": "TEXT"}
LARGEST = 2**63 - 1


def write_sqlite(
    path: str | os.PathLike[str],
    table: str,
    columns: Sequence[tuple[str, str]],
    batches: Iterable[Sequence[tuple[Value, ...]]],
) -> int:
    """Write rows into a new table of a database; return how many.

    An old table of the name is replaced at the end; the database stays as it was when anything fails before.
    """
    place = Path(path)
    names = ", ".join(f'"{name}" {_type(kind)}' for name, kind in columns)
    marks = ", ".join("?" * len(columns))
    times = [kind.startswith("timestamp") for _, kind in columns]
    rows, fresh = 0, not place.exists()
    try:
        with closing(sqlite3.connect(place, isolation_level=None)) as base, base:
            base.execute("BEGIN")  # the table is dropped and made within one transaction as well
            base.execute(f'DROP TABLE IF EXISTS "{table}"')
            base.execute(f'CREATE TABLE "{table}" ({names})')
            for batch in batches:
                values = [_row(row, times) for row in batch]
                base.executemany(f'INSERT INTO "{table}" VALUES ({marks})', values)  # noqa: S608  # our own names
                rows += len(values)
    except BaseException as failure:
        if fresh:
            place.unlink(missing_ok=True)
        if not isinstance(failure, sqlite3.Error):
            raise
        raise OutputError(f"cannot write the database: {failure}", where=str(place)) from failure
    return rows


def _type(kind: str) -> str:
    return TYPES.get(kind, "TEXT" if kind.startswith(("timestamp", "decimal", "list")) else "INTEGER")


def _row(row: tuple[Value, ...], times: Sequence[bool]) -> tuple[Value, ...]:
    return tuple(_value(value, is_time=is_time) for value, is_time in zip(row, times, strict=True))


def _value(value: Value, *, is_time: bool) -> Value:
    if is_time and isinstance(value, int):
        return time_text(value)
    if isinstance(value, int) and value > LARGEST:
        return str(value)
    return value
