"""Hosts that knock at many doors of one kind, enter some, and whose victims then do the same."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oddwire.base.window import Window
from oddwire.features.seen import local_mask

__all__ = ["DOORS", "WORMS_NEED", "Spread", "Worms"]

_COLUMNS = ("tick", "src", "dst", "dst_port", "protocol", "syn_out", "payload_in", "first", "last")
WORMS_NEED = frozenset(f"talks.{name}" for name in _COLUMNS)
SECOND = 1_000_000_000
TCP = 6
# Services by which worms enter.
DOORS = (22, 23, 135, 139, 445, 2323, 3389, 5900)
# So many hosts that do not open in a tick are a sweep; so many in all make a sweeper.
KNOCKS_IN_TICK, KNOCKS = 4, 12
# Bytes to and fro of a session that may be an entry.
LEAST_ENTRY = 200
MOST_SWEEPERS, MOST_ENTRIES, MOST_IN_TICK, MOST_LENGTH = 1_000, 4_000, 200, 16


@dataclass(slots=True)
class Sweep:
    """The knocks of a host at one kind of door."""

    first: int
    last: int
    knocks: int = 0
    told: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Spread:
    """A chain of hosts that swept, each entered by the one before; when each was, and when each swept."""

    tick: int
    port: int
    path: tuple[str, ...]
    entries: tuple[tuple[int, int], ...] = field(default=())
    sweeps: tuple[Sweep, ...] = field(default=())


class Worms:
    """Sweepers by host and port, and whom they entered; of too many the longest untouched goes."""

    def __init__(self, *, span_s: int) -> None:
        self.span_ns = span_s * SECOND
        self.sweeps: OrderedDict[str, Sweep] = OrderedDict()
        # Whom a sweeper entered: by server and port the client, and from when until when.
        self.entries: OrderedDict[str, tuple[str, int, int]] = OrderedDict()

    def spreads(self, window: Window, sessions: Sequence[Mapping[str, Any]]) -> Iterator[Spread]:
        """Add the sweeps and sessions of a window, and yield the chains whose last host sweeps on."""
        knocks = _knocks(window)
        if not knocks and not self.sweeps:
            return
        events: list[tuple[int, int, Mapping[str, Any]]] = [(row["tick"], 0, row) for row in knocks]
        events += [(row["tick"], 1, row) for row in sessions if row["dst_port"] in DOORS]
        events.sort(key=lambda event: event[:2])
        for tick, is_session, row in events:
            if is_session:
                self._enter(row)
            elif spread := self._sweep(tick, row):
                yield spread

    def _enter(self, row: Mapping[str, Any]) -> None:
        sweep = self.sweeps.get(f"{row['client']}|{row['dst_port']}")
        if sweep is None or row["payload_out"] + row["payload_in"] < LEAST_ENTRY:
            return
        key = f"{row['server']}|{row['dst_port']}"
        client, first, last = self.entries.pop(key, (row["client"], row["first"], row["first"]))
        if client == row["client"]:
            last = max(last, row["last"])
        elif row["first"] - last > self.span_ns:
            client, first, last = row["client"], row["first"], row["last"]
        if len(self.entries) >= MOST_ENTRIES:
            self.entries.popitem(last=False)
        self.entries[key] = (client, first, last)

    def _sweep(self, tick: int, row: Mapping[str, Any]) -> Spread | None:
        key = f"{row['client']}|{row['dst_port']}"
        sweep = self.sweeps.pop(key, None)
        if sweep is None or row["first"] - sweep.last > self.span_ns:
            sweep = Sweep(first=row["first"], last=row["last"])
            if len(self.sweeps) >= MOST_SWEEPERS:
                self.sweeps.popitem(last=False)
        self.sweeps[key] = sweep
        sweep.last, sweep.knocks = max(sweep.last, row["last"]), sweep.knocks + row["knocks"]
        if sweep.knocks < max(KNOCKS, 2 * sweep.told):
            return None
        path = self._path(row["client"], row["dst_port"])
        if len(path) < 2:  # noqa: PLR2004  # nobody entered it
            return None
        sweep.told = sweep.knocks
        port = row["dst_port"]
        return Spread(
            tick=tick,
            port=port,
            path=tuple(path),
            entries=tuple(self.entries[f"{server}|{port}"][1:] for server in path[1:]),
            sweeps=tuple(self.sweeps[f"{host}|{port}"] for host in path),
        )

    def _path(self, host: str, port: int) -> list[str]:
        """Return the sweepers through which a host was entered, the first of all first."""
        path = [host]
        while len(path) < MOST_LENGTH:
            own, entry = self.sweeps.get(f"{path[0]}|{port}"), self.entries.get(f"{path[0]}|{port}")
            if own is None or entry is None:
                break
            client, first, _ = entry
            theirs = self.sweeps.get(f"{client}|{port}")
            is_later = first < own.first <= first + self.span_ns
            if client in path or theirs is None or theirs.knocks < KNOCKS or not is_later:
                break
            path.insert(0, client)
        return path

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "sweeps": {key: [one.first, one.last, one.knocks, one.told] for key, one in self.sweeps.items()},
            "entries": {key: list(entry) for key, entry in self.entries.items()},
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.sweeps = OrderedDict((key, Sweep(*saved)) for key, saved in state["sweeps"].items())
        self.entries = OrderedDict(
            (key, (client, first, last)) for key, (client, first, last) in state["entries"].items()
        )

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved; of a sweep that both saw, that of more knocks."""
        for key, saved in state["sweeps"].items():
            theirs, mine = Sweep(*saved), self.sweeps.get(key)
            if mine is None or theirs.knocks > mine.knocks:
                self.sweeps[key] = theirs
        for key, (client, first, last) in state["entries"].items():
            known = self.entries.get(key)
            if known is None or first < known[1]:
                self.entries[key] = (client, first, last)
        while len(self.sweeps) > MOST_SWEEPERS:
            self.sweeps.popitem(last=False)
        while len(self.entries) > MOST_ENTRIES:
            self.entries.popitem(last=False)


def _knocks(window: Window) -> list[dict[str, Any]]:
    """Return at how many doors inside hosts knocked in each tick without being let in."""
    import polars as pl

    asked = window.talks.select(_COLUMNS).filter(
        pl.col("dst_port").is_in(DOORS)
        & (pl.col("protocol") == TCP)
        & (pl.col("syn_out") > 0)
        & (pl.col("payload_in") == 0)
    )
    if len(asked) < KNOCKS_IN_TICK:
        return []
    rows = (
        asked.group_by("tick", "src", "dst_port", maintain_order=True)
        .agg(pl.col("dst").n_unique().alias("knocks"), pl.col("first").min(), pl.col("last").max())
        .filter(pl.col("knocks") >= KNOCKS_IN_TICK)
        .sort("tick", "first", maintain_order=True)
        .filter(pl.int_range(pl.len()).over("tick") < MOST_IN_TICK)
    )
    if rows.is_empty():
        return []
    rows = rows.filter(local_mask(rows["src"], window.hosts))
    found = rows.to_dicts()
    for row, name in zip(found, window.hosts.names(rows["src"].to_list()), strict=True):
        row["client"] = name
    return found
