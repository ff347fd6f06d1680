"""Who reaches the outside through another machine of its link: what no router of that link does."""

from collections.abc import Collection
from dataclasses import dataclass

from oddwire.base.window import Window, mac_text
from oddwire.features.seen import local_mask

__all__ = ["WAYS6_NEED", "WAYS_NEED", "Way", "ways_of_ipv6", "ways_out"]

WAYS_NEED = frozenset(f"talks.{name}" for name in ("tick", "src", "dst", "vlans", "mac_out", "mac_in"))

WAYS6_NEED = frozenset(f"icmp.{name}" for name in ("tick", "src", "vlans", "type", "router_lifetime_s"))
ADVERTISE = 134


@dataclass(frozen=True, kw_only=True, slots=True)
class Way:
    """That a machine went out in a tick, under an address of the inside, through another one."""

    tick: int
    vlans: int
    ip: str
    mac: str
    gateway: str


def ways_out(window: Window, macs: Collection[str]) -> list[Way]:
    """Return how those of some hardware addresses went out and were answered, once a tick and address."""
    import polars as pl

    numbers = [int(mac.replace(":", ""), 16) for mac in macs if mac]
    if not numbers or window.talks.is_empty():
        return []
    mac = pl.col("mac_out")
    rows = window.talks.filter(mac.is_in(numbers) & (pl.col("mac_in") != mac))
    if rows.is_empty():
        return []
    goes_out = local_mask(rows["src"], window.hosts) & ~local_mask(rows["dst"], window.hosts)
    rows = rows.filter(goes_out).unique(
        ["tick", "vlans", "src", "mac_out"], keep="first", maintain_order=True
    )
    rows = rows.sort("tick", maintain_order=True)
    names = window.hosts.names(rows["src"].to_list())
    ends = rows.select("tick", "vlans", "mac_out", "mac_in").iter_rows()
    return [
        Way(tick=tick, vlans=vlans, ip=ip, mac=mac_text(out) or "", gateway=mac_text(into) or "")
        for (tick, vlans, out, into), ip in zip(ends, names, strict=True)
    ]


def ways_of_ipv6(window: Window) -> list[tuple[int, int, str]]:
    """Return the ticks, VLANs and addresses of routers of IPv6 that announced themselves as a way out."""
    import polars as pl

    rows = window.said.get("icmp")
    if rows is None or rows.is_empty():
        return []
    is_router = (pl.col("type") == ADVERTISE) & (pl.col("router_lifetime_s") > 0)
    rows = rows.filter(is_router).select("tick", "vlans", "src").unique(maintain_order=True)
    rows = rows.sort("tick", maintain_order=True)
    names = window.hosts.names(rows["src"].to_list())
    return [(tick, vlans, ip) for (tick, vlans, _), ip in zip(rows.iter_rows(), names, strict=True)]
