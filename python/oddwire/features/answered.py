"""Names: which addresses stood in an answer of DNS, and which hosts ask for names at all."""

from collections.abc import Mapping
from typing import Any

from oddwire.base.window import Window

__all__ = ["ANSWERED_NEED", "Answered"]

ANSWERED_NEED = frozenset(f"dns.{name}" for name in ("tick", "src", "answers"))
ADDRESS = r"^([0-9]+\.){3}[0-9]+$|:"
MOST_NAMED = 65_536


class Answered:
    """Addresses that a name stood for, and hosts that asked for names, with the tick of the first."""

    def __init__(self, *, most: int = MOST_NAMED) -> None:
        self.most = most
        self.addresses: dict[str, int] = {}
        self.askers: dict[str, int] = {}

    def see(self, window: Window) -> None:
        """Note what the answers of a window say."""
        import polars as pl

        rows = window.said["dns"].filter(pl.col("answers").is_not_null())
        if rows.is_empty():
            return
        told = (
            rows.lazy()
            .select("tick", pl.col("answers").str.split(","))
            .unique("answers", keep="first", maintain_order=True)
            .explode("answers")
            .filter(pl.col("answers").str.contains(ADDRESS))
            .unique("answers", keep="first", maintain_order=True)
            .collect()
        )
        for tick, address in told.iter_rows():
            _note(self.addresses, address, tick, self.most)
        asked = rows.unique("src", keep="first", maintain_order=True).select("src", "tick").rows()
        names = window.hosts.names([number for number, _ in asked])
        for (_, tick), name in zip(asked, names, strict=True):
            _note(self.askers, name, tick, self.most)

    def is_named(self, address: str, tick: int) -> bool:
        """Say whether a name was known for an address by a tick."""
        return self.addresses.get(address, tick + 1) <= tick

    def asks(self, host: str, tick: int) -> bool:
        """Say whether a host had asked for names by a tick."""
        return self.askers.get(host, tick + 1) <= tick

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {"addresses": dict(self.addresses), "askers": dict(self.askers)}

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.addresses, self.askers = dict(state["addresses"]), dict(state["askers"])

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved."""
        for mine, theirs in ((self.addresses, state["addresses"]), (self.askers, state["askers"])):
            for name, tick in theirs.items():
                mine[name] = min(tick, mine.get(name, tick))
            for name in list(mine)[: max(len(mine) - self.most, 0)]:
                del mine[name]


def _note(known: dict[str, int], name: str, tick: int, most: int) -> None:
    if name not in known:
        if len(known) >= most:
            del known[next(iter(known))]
        known[name] = tick
