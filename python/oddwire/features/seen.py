"""Hosts that were looked at in this run, by their numbers: so that each is looked at only once."""

from typing import TYPE_CHECKING

from oddwire.base.window import Hosts

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Locals", "Seen"]


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


class Locals:
    """Which numbers of this run belong to hosts of the local network; each is looked up once."""

    def __init__(self) -> None:
        self._seen = Seen()
        self._local = Seen()

    def mask(self, numbers: "pl.Series", hosts: Hosts) -> "pl.Series":
        """Say which of these numbers, one at least, are local hosts."""
        import polars as pl

        fresh = numbers.filter(self._seen.fresh(numbers)).unique()
        if not fresh.is_empty():
            self._seen.add(fresh)
            named = zip(fresh.to_list(), hosts.names(fresh.to_list()), strict=True)
            local = [number for number, name in named if hosts.is_local(name)]
            self._local.add(pl.Series(local, dtype=fresh.dtype))
        return ~self._local.fresh(numbers)

    def clear(self) -> None:
        """Forget all."""
        self._seen.clear()
        self._local.clear()
