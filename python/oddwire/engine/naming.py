"""The names of the flows behind evidence, a bounded list a finding."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oddwire import native
from oddwire.base.window import Hosts
from oddwire.records.evidence import ARP, Evidence, FlowKey, Selector
from oddwire.records.judged import TICK_NS

if TYPE_CHECKING:
    import polars as pl

__all__ = ["MOST_FLOWS", "flow_ids", "flows_of"]

MOST_FLOWS = 16
ICMP = {1, 58}


def flows_of(evidence: Evidence, talks: "pl.DataFrame", hosts: Hosts) -> list[FlowKey]:
    """Return the first flows of the tick in which evidence was given, among the packets that it names."""
    import polars as pl

    if evidence.flows:
        return list(evidence.flows)
    now = talks.filter(pl.col("tick") == evidence.at_ns - TICK_NS)
    found: dict[FlowKey, None] = {}
    for selector in evidence.selectors:
        if (wanted := _condition(selector, hosts)) is None:
            continue
        rows = now.filter(wanted).head(MOST_FLOWS - len(found))
        found |= dict.fromkeys(_keys(rows, hosts))
        if len(found) >= MOST_FLOWS:
            break
    return list(found)


def flow_ids(flows: Sequence[FlowKey]) -> tuple[str, ...]:
    """Return the names of flows, as the tables give them."""
    rows = [
        (
            one.src,
            one.dst,
            one.src_port,
            one.dst_port,
            one.protocol,
            one.ip_version,
            one.vlans,
            one.tunnel,
            one.born_ns,
        )
        for one in flows
    ]
    return tuple(native.flow_names(rows)) if rows else ()


def _condition(selector: Selector, hosts: Hosts) -> "pl.Expr | None":
    """Return which rows a selector means; None where it means no flows."""
    import polars as pl

    if selector.protocol == ARP:
        return None
    ways = []
    for a, b, port in ((selector.a, selector.b, "dst_port"), (selector.b, selector.a, "src_port")):
        parts = [_end(end, side, hosts) for end, side in ((a, "src"), (b, "dst")) if end is not None]
        if selector.port is not None:
            parts.append(pl.col(port) == selector.port)
        ways.append(pl.all_horizontal(parts) if parts else pl.lit(value=True))
    wanted = ways[0] | ways[1]
    return wanted if selector.protocol is None else wanted & (pl.col("protocol") == selector.protocol)


def _end(end: str, side: str, hosts: Hosts) -> "pl.Expr":
    import polars as pl

    if end.count(":") == 5 and "::" not in end:  # noqa: PLR2004  # a hardware address has six parts
        return pl.col("mac_out" if side == "src" else "mac_in") == int(end.replace(":", ""), 16)
    number = hosts.number(end)
    return pl.lit(value=False) if number is None else pl.col(side) == number


def _keys(rows: "pl.DataFrame", hosts: Hosts) -> list[FlowKey]:
    names = hosts.names([*rows["src"], *rows["dst"]])
    return [
        FlowKey(
            src=src,
            dst=dst,
            src_port=row["icmp_type"] or 0 if row["protocol"] in ICMP else row["src_port"],
            dst_port=row["icmp_code"] or 0 if row["protocol"] in ICMP else row["dst_port"],
            protocol=row["protocol"],
            ip_version=row["ip_version"],
            vlans=row["vlans"],
            tunnel=row["tunnel"],
            born_ns=row["born"],
        )
        for src, dst, row in zip(names, names[rows.height :], rows.iter_rows(named=True), strict=False)
        if "unnamed" not in {src, dst}
    ]
