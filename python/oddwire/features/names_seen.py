"""Which addresses were told as answers, which for names anybody can have, and whose questions are seen."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Window
from oddwire.features.dynamic_names import DYNAMIC

if TYPE_CHECKING:
    import polars as pl

__all__ = ["NAMES_NEED", "NamesSeen"]

MOST_ADDRESSES, MOST_ASKERS, MOST_DYNAMIC = 60_000, 20_000, 5_000
# After so many answers it is plain that the capture shows the names that a host asks for.
LEAST_ANSWERS = 3
NAMES_NEED: frozenset[str] = frozenset(
    f"dns.{name}" for name in ("tick", "src", "service", "query", "answers", "answer_types")
) | {"tls.tick", "tls.dst", "tls.sni", "http.tick", "http.dst", "http.host", "http.address_as_host"}


class NamesSeen:
    """Addresses by the tick in which they were first told; bounded, the first ones stay."""

    def __init__(self) -> None:
        self.told: dict[str, int] = {}
        # Host -> the ticks of its first few answers.
        self.askers: dict[str, list[int]] = {}
        # Addresses that were told for names which services give to anybody.
        self.dynamic: dict[str, int] = {}

    def add(self, window: Window) -> None:
        """Take the answers of a window."""
        self._add_called(window)
        if window.said.get("dns") is None:
            return
        told = window.view(_told)
        for address, tick in zip(told["answers"].to_list(), told["tick"].to_list(), strict=True):
            if len(self.told) < MOST_ADDRESSES:
                self.told.setdefault(address, tick)
        dynamic = window.view(_dynamic)
        for address, tick in zip(dynamic["answers"].to_list(), dynamic["tick"].to_list(), strict=True):
            if len(self.dynamic) < MOST_DYNAMIC:
                self.dynamic.setdefault(address, tick)
        askers = window.view(_askers)
        names = window.hosts.names(askers["src"].to_list())
        for name, ticks in zip(names, askers["tick"].to_list(), strict=True):
            known = self.askers.get(name)
            if known is None and len(self.askers) < MOST_ASKERS:
                known = self.askers[name] = []
            if known is not None and len(known) < LEAST_ANSWERS:
                known += ticks
                del known[LEAST_ANSWERS:]

    def _add_called(self, window: Window) -> None:
        """Take the names by which servers are called: somebody was told those before."""
        called = window.view(_called)
        names = window.hosts.names(called["dst"].to_list())
        for address, tick in zip(names, called["tick"].to_list(), strict=True):
            if len(self.told) < MOST_ADDRESSES:
                self.told.setdefault(address, tick)

    def is_named(self, address: str, tick: int) -> bool:
        """Say whether anybody had been told this address by a tick."""
        told = self.told.get(address)
        return told is not None and told <= tick

    def is_dynamic(self, address: str, tick: int) -> bool:
        """Say whether this address had been told, by a tick, for a name that a service gives to anybody."""
        told = self.dynamic.get(address)
        return told is not None and told <= tick

    def is_nameless(self, host: str, address: str, tick: int) -> bool:
        """Say whether a host, whose questions are seen, went to an address that nobody had been told."""
        ticks = self.askers.get(host) or []
        return len(ticks) >= LEAST_ANSWERS and ticks[-1] < tick and not self.is_named(address, tick)

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {"told": dict(self.told), "askers": self.askers, "dynamic": dict(self.dynamic)}

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.told = dict(state["told"])
        self.askers = {host: list(ticks) for host, ticks in state["askers"].items()}
        self.dynamic = dict(state.get("dynamic", {}))

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what others saw."""
        for address, tick in state["told"].items():
            if address in self.told or len(self.told) < MOST_ADDRESSES:
                self.told[address] = min(tick, self.told.get(address, tick))
        for address, tick in state.get("dynamic", {}).items():
            if address in self.dynamic or len(self.dynamic) < MOST_DYNAMIC:
                self.dynamic[address] = min(tick, self.dynamic.get(address, tick))
        for host, ticks in state["askers"].items():
            if host in self.askers or len(self.askers) < MOST_ASKERS:
                self.askers[host] = sorted([*self.askers.get(host, []), *ticks])[:LEAST_ANSWERS]


def _found(window: Window) -> "pl.DataFrame":
    """Return the answers that name addresses."""
    import polars as pl

    return window.said["dns"].filter(
        (pl.col("service") == "dns") & pl.col("answer_types").str.contains("A", literal=True)
    )


def _told(window: Window) -> "pl.DataFrame":
    """Return each address that was told, with the tick in which it first was."""
    return _addresses(window.view(_found))


def _dynamic(window: Window) -> "pl.DataFrame":
    """Return the addresses that were told for names which services give to anybody."""
    import polars as pl

    return _addresses(window.view(_found).filter(pl.col("query").str.contains(DYNAMIC)))


def _called(window: Window) -> "pl.DataFrame":
    """Return the servers that were called by a name in a hello or a request, with the tick of the first."""
    import polars as pl

    calls = {
        "tls": pl.col("sni").is_not_null(),
        "http": ~pl.col("address_as_host") & pl.col("host").is_not_null(),
    }
    parts = [
        window.said[name].filter(is_named).select("dst", "tick")
        for name, is_named in calls.items()
        if name in window.said
    ]
    if not parts:
        return pl.DataFrame(schema={"dst": pl.UInt32, "tick": pl.UInt64})
    return pl.concat(parts).group_by("dst", maintain_order=True).agg(pl.col("tick").min())


def _addresses(found: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    return (
        found.select(pl.col("answers").str.split(","), "tick")
        .explode("answers")
        .filter(pl.col("answers").str.contains(r"^[0-9a-fA-F.:]+$"))
        .group_by("answers", maintain_order=True)
        .agg(pl.col("tick").min())
    )


def _askers(window: Window) -> "pl.DataFrame":
    """Return the ticks of the first few answers that each host had."""
    import polars as pl

    return window.view(_found).group_by("src", maintain_order=True).agg(pl.col("tick").head(LEAST_ANSWERS))
