"""Whole minutes: rows are held until the minute to which they belong is over, however windows are cut."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

__all__ = ["FOREVER", "WINDOW_NS", "Minutes", "within"]

WINDOW_NS = 60 * 1_000_000_000
FOREVER = 2**63 - 1


class Minutes:
    """What was seen of the minute that is not over."""

    def __init__(self) -> None:
        self._held: dict[str, list[pl.DataFrame]] = {}

    def add(self, tables: "Mapping[str, pl.DataFrame]", end_ns: int) -> "dict[str, pl.DataFrame]":
        """Take tables of a window that ends then; return their rows of all minutes that are over."""
        import polars as pl

        cut = end_ns if end_ns == FOREVER else end_ns - end_ns % WINDOW_NS
        ready = {}
        for name, table in tables.items():
            held = self._held.pop(name, [])
            whole = pl.concat([*held, table]) if held else table
            if whole.is_empty() or cut == FOREVER or whole["tick"].max() < cut:  # type: ignore[operator]  # numbers
                ready[name], self._held[name] = whole, [whole.clear()]
                continue
            ready[name] = within(whole, "tick", from_ns=0, until_ns=cut)
            self._held[name] = [within(whole, "tick", from_ns=cut, until_ns=FOREVER)]
        return ready

    def rest(self) -> "dict[str, pl.DataFrame]":
        """Return what is held, and forget it."""
        import polars as pl

        left = {name: pl.concat(held) for name, held in self._held.items()}
        self._held = {}
        return left


def within(table: "pl.DataFrame", column: str, *, from_ns: int, until_ns: int) -> "pl.DataFrame":
    """Return the rows of a span of time."""
    import polars as pl

    return table.filter((pl.col(column) >= from_ns) & (pl.col(column) < until_ns))
