"""Behind which hardware address name servers are, and which host has one: as seen in what they say."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, NamedTuple

from oddwire.base.window import Window, mac_text

__all__ = ["SERVERS_NEED", "Behind", "Forger"]

SERVERS_NEED = frozenset(
    f"talks.{name}"
    for name in ("tick", "src", "dst", "src_port", "dst_port", "protocol", "mac_out", "mac_in", "mac_also_in")
)
DNS_PORT, UDP = 53, 17
MOST_KNOWN, MOST_EACH = 2_000, 4


class Forger(NamedTuple):
    """Who gave the other of two answers: a hardware address, and the address that it has been seen with."""

    mac: str
    ip: str | None


class Behind:
    """The hardware addresses of name servers, where only one answered, and of clients."""

    def __init__(self) -> None:
        # Hardware addresses in the order in which they were seen: the first is the usual one.
        self.servers: OrderedDict[str, list[str]] = OrderedDict()
        self.owners: OrderedDict[str, str] = OrderedDict()
        self._rows: list[tuple[int, str, str, int | None, int | None]] = []
        self._raced: dict[tuple[int, str, str, int], list[str]] = {}

    def take(self, window: Window) -> None:
        """Take what this window shows; it is learned tick by tick."""
        import polars as pl

        talks = window.talks.filter((pl.col("dst_port") == DNS_PORT) & (pl.col("protocol") == UDP))
        self._rows, self._raced = [], {}
        talks = talks.filter(pl.col("mac_out").is_not_null() | pl.col("mac_in").is_not_null())
        if talks.is_empty():
            return
        seen = talks.select("tick", "src", "dst", "mac_out", "mac_in", "mac_also_in")
        numbers = pl.concat([seen["src"], seen["dst"]]).unique().to_list()
        names = dict(zip(numbers, window.hosts.names(numbers), strict=True))
        single = seen.filter(pl.col("mac_also_in").is_null()).drop("mac_also_in")
        ends = ["src", "dst", "mac_out", "mac_in"]
        ordered = single.sort("tick", maintain_order=True).unique(ends, keep="first", maintain_order=True)
        self._rows = [
            (tick, names[src], names[dst], out, back) for tick, src, dst, out, back in ordered.iter_rows()
        ]
        raced = talks.filter(pl.col("mac_also_in").is_not_null())
        columns = ("tick", "src", "dst", "src_port", "mac_in", "mac_also_in")
        for tick, src, dst, port, *macs in raced.select(columns).iter_rows():
            key = (tick, names[src], names[dst], port)
            self._raced[key] = [text for mac in macs if (text := mac_text(mac))]

    def learn(self, until_tick: int) -> None:
        """Learn what was seen until a tick."""
        for tick, client, server, out, back in self._rows:
            if tick > until_tick:
                break
            if (text := mac_text(out)) and text not in self.owners:
                self.owners[text] = client
                if len(self.owners) > MOST_KNOWN:
                    self.owners.popitem(last=False)
            if text := mac_text(back):
                macs = self.servers.setdefault(server, [])
                if text not in macs and len(macs) < MOST_EACH:
                    macs.append(text)
                if len(self.servers) > MOST_KNOWN:
                    self.servers.popitem(last=False)
        self._rows = [row for row in self._rows if row[0] > until_tick]

    def forger(self, tick: int, client: str, server: str, port: int) -> Forger | None:
        """Return who forged one of two answers, if they came from two hardware addresses."""
        macs = self._raced.get((tick, client, server, port), [])
        if len(macs) < 2:  # noqa: PLR2004  # both are needed
            return None
        usual = self.servers.get(server, [])
        # The usual one is no forger; where none is known, the forger had to be first.
        found = max(macs, key=lambda mac: usual.index(mac) if mac in usual else MOST_EACH)
        owner = self.owners.get(found)
        return Forger(found, None if owner == server else owner)

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "servers": {name: list(macs) for name, macs in self.servers.items()},
            "owners": dict(self.owners),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.servers = OrderedDict((name, list(macs)) for name, macs in state["servers"].items())
        self.owners = OrderedDict(state["owners"])
        self._rows, self._raced = [], {}

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved."""
        for name, macs in state["servers"].items():
            mine = self.servers.setdefault(name, [])
            mine += [mac for mac in macs if mac not in mine][: MOST_EACH - len(mine)]
        for mac, owner in state["owners"].items():
            self.owners.setdefault(mac, owner)
        self.servers = OrderedDict(sorted(self.servers.items())[-MOST_KNOWN:])
        self.owners = OrderedDict(sorted(self.owners.items())[-MOST_KNOWN:])
