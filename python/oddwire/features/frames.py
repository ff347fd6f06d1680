"""Which hardware addresses spoke in whose name: what protocols of the local link do not say of themselves."""

from typing import TYPE_CHECKING

from oddwire.base.window import Window

if TYPE_CHECKING:
    import polars as pl

__all__ = ["SPEAKERS_NEED", "Speakers", "speakers"]

SPEAKERS_NEED = frozenset(f"talks.{name}" for name in ["tick", "src", "dst", "vlans", "mac_out", "mac_in"])
# (tick, VLANs, host) -> the hardware addresses that sent in its name.
Speakers = dict[tuple[int, int, int], tuple[int, ...]]


def speakers(window: Window, rows: "pl.DataFrame", which: "pl.Expr") -> Speakers:
    """Return who sent in the name of hosts in the ticks of some rows, by the conversations chosen."""
    import polars as pl

    ticks = rows["tick"].unique()
    talks = window.talks.filter(which).filter(pl.col("tick").is_in(ticks.implode()))
    sides = [
        talks.select("tick", "vlans", pl.col(host).alias("host"), pl.col(mac).alias("mac"))
        for host, mac in (("src", "mac_out"), ("dst", "mac_in"))
    ]
    found: Speakers = {}
    seen = pl.concat(sides).drop_nulls("mac").unique(maintain_order=True).sort("tick", "vlans", "host", "mac")
    for tick, vlans, host, mac in seen.iter_rows():
        found[tick, vlans, host] = (*found.get((tick, vlans, host), ()), mac)
    return found
