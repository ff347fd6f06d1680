"""Hosts that were looked at in this run, by their numbers: so that each is looked at only once."""

from typing import TYPE_CHECKING

from oddwire.base.window import Hosts

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Seen", "local_mask"]


class Seen:
    """Numbers of this run that were looked at. A note to oneself, never part of what is saved."""

    def __init__(self) -> None:
        self._flags: pl.Series | None = None

    def fresh(self, numbers: "pl.Series") -> "pl.Series":
        """Say which of these numbers, one at least, were not looked at yet."""
        return ~self._room(numbers).gather(numbers)

    def add(self, numbers: "pl.Series") -> None:
        """Note that these, each once, were looked at."""
        if not numbers.is_empty():
            self._room(numbers).scatter(numbers, True)  # noqa: FBT003  # a value, not a switch

    def _room(self, numbers: "pl.Series") -> "pl.Series":
        """Return a flag for each number; there are a few million hosts at most."""
        import polars as pl

        need = int(numbers.max() or 0) + 1  # type: ignore[arg-type]  # numbers are numbers
        have = 0 if self._flags is None else len(self._flags)
        if self._flags is None or have < need:
            more = pl.repeat(False, max(need, 2 * have) - have, dtype=pl.Boolean, eager=True)  # noqa: FBT003  # a value
            self._flags = more if self._flags is None else pl.concat([self._flags, more], rechunk=True)
        return self._flags

    def clear(self) -> None:
        """Forget all."""
        self._flags = None


def local_mask(numbers: "pl.Series", hosts: Hosts) -> "pl.Series":
    """Say which of these numbers, one at least, are hosts of the local network.

    Each is looked up once in a run, however many ask.
    """
    import polars as pl

    if local_mask not in hosts.notes:
        hosts.notes[local_mask] = (Seen(), Seen())
    seen, local = hosts.notes[local_mask]
    fresh = numbers.filter(seen.fresh(numbers)).unique()
    if not fresh.is_empty():
        seen.add(fresh)
        named = zip(fresh.to_list(), hosts.names(fresh.to_list()), strict=True)
        found = [number for number, name in named if hosts.is_local(name)]
        local.add(pl.Series(found, dtype=fresh.dtype))
    found_local: pl.Series = ~local.fresh(numbers)
    return found_local
