"""Which addresses somebody called by a name: in an answer of DNS, in a hello of TLS, in a request of HTTP."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Window

if TYPE_CHECKING:
    import polars as pl

__all__ = ["NAMED_NEED", "Named"]

NAMED_NEED = frozenset(
    {"dns.tick", "dns.src", "dns.answers", "tls.tick", "tls.dst", "tls.sni", "quic.tick", "quic.dst"}
    | {"quic.sni", "http.tick", "http.dst", "http.host", "http.address_as_host"}
)
MOST_ADDRESSES, MOST_ASKERS, MOST_ANSWERS = 100_000, 20_000, 16
# So many names looked up by a host show that it looks names up where we see it.
TELLING_LOOKUPS = 3
ADDRESS = r"^[0-9.]+$|^[0-9a-fA-F:]*:[0-9a-fA-F:.]*$"


class Named:
    """Since when addresses are called by a name, and since when hosts are seen to look names up."""

    def __init__(self) -> None:
        self.addresses: dict[str, int] = {}
        # Ticks of the first lookups of each host.
        self.askers: dict[str, list[int]] = {}

    def add(self, window: Window) -> None:
        """Take what a window says of names."""
        dns = window.said.get("dns")
        if dns is not None and not dns.is_empty():
            self._answers(dns, window)
        for protocol, name in (("tls", "sni"), ("quic", "sni"), ("http", "host")):
            rows = window.said.get(protocol)
            if rows is None or rows.is_empty():
                continue
            rows = rows.filter(rows[name].is_not_null())
            if protocol == "http":
                rows = rows.filter(rows["address_as_host"].eq_missing(False))  # noqa: FBT003  # a value
            rows = rows.select("dst", "tick").unique("dst", keep="first", maintain_order=True)
            self._note(zip(window.hosts.names(rows["dst"].to_list()), rows["tick"].to_list(), strict=True))

    def is_named(self, address: str, tick: int) -> bool:
        """Say whether somebody called an address by a name until a tick."""
        since = self.addresses.get(address)
        return since is not None and since <= tick

    def looks_up(self, host: str, tick: int) -> bool:
        """Say whether a host was seen to look up names: then an address without one means something."""
        ticks = self.askers.get(host, ())
        return len(ticks) >= TELLING_LOOKUPS and ticks[TELLING_LOOKUPS - 1] <= tick

    def _answers(self, dns: "pl.DataFrame", window: Window) -> None:
        import polars as pl

        told = dns.filter(pl.col("answers").is_not_null() & (pl.col("answers") != ""))
        if told.is_empty():
            return
        one_each = told.select(pl.col("answers").str.split(",").list.head(MOST_ANSWERS), "tick")
        addresses = one_each.explode("answers").unique("answers", keep="first", maintain_order=True)
        self._note(addresses.filter(pl.col("answers").str.contains(ADDRESS)).iter_rows())
        few = told.select("src", "tick").filter(pl.int_range(pl.len()).over("src") < TELLING_LOOKUPS)
        for host, tick in zip(window.hosts.names(few["src"].to_list()), few["tick"].to_list(), strict=True):
            self._asked(host, tick)

    def _asked(self, host: str, tick: int) -> None:
        ticks = self.askers.get(host)
        if ticks is None and len(self.askers) < MOST_ASKERS:
            ticks = self.askers[host] = []
        if ticks is not None and len(ticks) < TELLING_LOOKUPS:
            ticks.append(tick)

    def _note(self, told: Iterable[tuple[str, int]]) -> None:
        for address, tick in told:
            if address in self.addresses:
                continue
            if len(self.addresses) >= MOST_ADDRESSES:
                del self.addresses[next(iter(self.addresses))]
            self.addresses[address] = tick

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "addresses": dict(self.addresses),
            "askers": {host: list(ticks) for host, ticks in self.askers.items()},
        }

    def load(self, state: dict[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.addresses = dict(state["addresses"])
        self.askers = {host: list(ticks) for host, ticks in state["askers"].items()}

    def merge(self, state: dict[str, Any]) -> None:
        """Remember also what another saved."""
        for address, tick in state["addresses"].items():
            self.addresses[address] = min(tick, self.addresses.get(address, tick))
        for address in list(self.addresses)[: max(len(self.addresses) - MOST_ADDRESSES, 0)]:
            del self.addresses[address]
        for host, ticks in state["askers"].items():
            self.askers[host] = sorted([*self.askers.get(host, []), *ticks])[:TELLING_LOOKUPS]
