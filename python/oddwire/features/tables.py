"""What of the tables there is: a detector that can do without one asks for it only where it exists."""

from collections.abc import Iterable

from oddwire.records.judged import TABLES

__all__ = ["where_there_is"]


def where_there_is(table: str, columns: Iterable[str]) -> frozenset[str]:
    """Return the needs of those columns that a table has; none where there is no such table."""
    known = TABLES.get(table, ())
    return frozenset(f"{table}.{column}" for column in columns if column in known)
