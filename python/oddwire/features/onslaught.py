"""Packets that nobody asked for, one row a flow and tick, from sender to victim; and sums of them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Window
from oddwire.features.tries import SYN_A
from oddwire.records.evidence import MOST_TARGETS

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ONE_WAY_NEED", "SIDES", "grouped", "one_way", "spread"]

TCP, UDP, ICMP, ICMP6 = 6, 17, 1, 58
# Fewer packets a tick to one receiver are no flood of any kind.
LEAST_PACKETS = 80
# Victims that are looked at in one tick.
MOST_GROUPS = 200
# A source of so large a share floods by itself; where such sources make up nearly all, each is told by
# itself.
HEAVY, NEARLY_ALL = 0.1, 0.85
SIDES = (
    "packets",
    "bytes",
    "payload",
    "length_squares",
    "length_min",
    "length_max",
    "fin",
    "syn",
    "rst",
    "psh",
    "ack",
    "urg",
)
ONE_WAY_NEED: frozenset[str] = frozenset(
    {f"talks.{name}_{way}" for name in SIDES for way in ("out", "in")}
    | {
        f"talks.{name}"
        for name in (
            "tick",
            "src",
            "dst",
            "src_port",
            "dst_port",
            "protocol",
            "state",
            "born",
            "first",
            "last",
        )
    }
)


def one_way(window: Window) -> "pl.DataFrame":
    """Return the flows that went one way in their tick, or were only refused, where many of them meet.

    Columns: tick, sender, victim, sport, dport, protocol, packets (and the other sides), refused (packets
    with which the victim said no), born, first, last, state. Left out are ICMP, pure SYNs (they ask), and old
    TCP flows that may be half of a conversation.
    """
    import polars as pl

    talks = window.talks
    is_tcp = pl.col("protocol") == TCP
    # Resets alone are the victim's refusal, when there is something that they refuse.
    refused = is_tcp & (pl.col("rst_in") == pl.col("packets_in")) & (pl.col("packets_out") > 0)
    refusing = is_tcp & (pl.col("rst_out") == pl.col("packets_out"))
    came = (pl.col("packets_in") == 0) | refused
    went = (pl.col("packets_out") == 0) | refusing
    fresh = (pl.col("born") == pl.col("first")) | (
        pl.when(came)
        .then(pl.col("length_max_out") == pl.col("length_min_out"))
        .otherwise(pl.col("length_max_in") == pl.col("length_min_in"))
    )
    small = (
        talks.lazy()
        .with_row_index("at")
        .filter(
            (came | went)
            & (pl.col("src") != pl.col("dst"))
            & ~pl.col("protocol").is_in([ICMP, ICMP6, 2])
            & (~is_tcp | ((pl.col("state") & SYN_A == 0) & fresh))
        )
        .select(
            "at",
            "tick",
            pl.when(came).then(pl.col("dst")).otherwise(pl.col("src")).alias("victim"),
            came.alias("came"),
            (pl.col("packets_out") + pl.col("packets_in")).alias("many"),
        )
        .collect()
    )
    # Only where much meets, which is nearly nowhere, the rest of the columns is looked at.
    much = small.group_by("tick", "victim").agg(pl.col("many").sum()).filter(pl.col("many") >= LEAST_PACKETS)
    small = small.join(much, on=["tick", "victim"], how="semi", maintain_order="left")
    rows = talks[small["at"]].with_columns(small["victim"], small["came"])

    def side(out: str, back: str, name: str) -> "pl.Expr":
        return pl.when("came").then(pl.col(out)).otherwise(pl.col(back)).alias(name)

    return rows.select(
        "tick",
        "victim",
        side("src", "dst", "sender"),
        side("src_port", "dst_port", "sport"),
        side("dst_port", "src_port", "dport"),
        "protocol",
        *(side(f"{name}_out", f"{name}_in", name) for name in SIDES),
        pl.when(is_tcp).then(side("rst_in", "rst_out", "refused")).otherwise(0).alias("refused"),
        "born",
        "first",
        "last",
        "state",
    )


def grouped(
    window: Window,
    rows: "pl.DataFrame",
    *,
    least: int,
    by: Sequence[str] = ("victim",),
    sums: Sequence[str] = (),
    counted: Sequence[str] = (),
    apart: bool = True,
) -> list[dict[str, Any]]:
    """Return sums by tick and victim, in order of ticks, of those with at least so many packets.

    Where few senders make up nearly all of it, and `apart`, each of them has a sum of its own, with its name;
    `sender_name` of the others is empty. `sums` are columns that are added up too; of those `counted`
    the distinct values are.
    """
    import polars as pl

    keys = ["tick", *by]
    rows = _where_much(rows, keys, least)
    if rows.is_empty():
        return []
    rows = _by_source(rows, keys) if apart else rows.with_columns(pl.lit(-1, dtype=pl.Int64).alias("who"))
    keys.append("who")
    found = (
        rows.group_by(keys, maintain_order=True)
        .agg(
            pl.len().alias("flows"),
            *([] if "protocol" in keys else [pl.col("protocol").first()]),
            pl.col("packets", "bytes", "payload", "length_squares", *sums).sum(),
            pl.col("sender").n_unique().alias("senders"),
            pl.col("sport").n_unique().alias("sports"),
            pl.col("dport").n_unique().alias("dports"),
            *(pl.col(name).n_unique() for name in counted),
            *([] if "victim" in keys else [pl.col("victim").first()]),
            (pl.col("packets") == 1).sum().alias("singles"),
            pl.col("first").min(),
            pl.col("last").max(),
            pl.col("sender").unique(maintain_order=True).head(MOST_TARGETS).alias("some_senders"),
            pl.col("dport").head(64).unique().sort().head(MOST_TARGETS).alias("some_ports"),
            pl.col("length_min").min(),
            pl.col("length_max").max(),
        )
        .filter(pl.col("packets") >= least)
        .sort("tick", maintain_order=True)
        .filter(pl.int_range(pl.len()).over("tick") < MOST_GROUPS)
        .to_dicts()
    )
    numbers = sorted(
        {
            number
            for group in found
            for number in (group["victim"], group["who"], *group["some_senders"])
            if number >= 0
        }
    )
    names = dict(zip(numbers, window.hosts.names(numbers), strict=True))
    for group in found:
        group["victim_name"] = names[group["victim"]]
        group["sender_name"] = names.get(group["who"], "")
        group["sender_names"] = [names[number] for number in group["some_senders"]]
    return found


def _where_much(rows: "pl.DataFrame", keys: list[str], least: int) -> "pl.DataFrame":
    """Return the rows of those groups that have at least so many packets."""
    import polars as pl

    if rows.is_empty():
        return rows
    sums = rows.group_by(keys).agg(pl.col("packets").sum())
    much = sums.filter(pl.col("packets") >= least)
    return rows if len(much) == len(sums) else rows.join(much, on=keys, how="semi", maintain_order="left")


def _by_source(rows: "pl.DataFrame", keys: list[str]) -> "pl.DataFrame":
    """Return the rows with `who`: their sender where few senders make up nearly all of a group, otherwise -1.

    What little others send to such a victim is left out.
    """
    import polars as pl

    sent = rows.group_by([*keys, "sender"]).agg(pl.col("packets").sum().alias("sent"))
    total = sent.group_by(keys).agg(pl.col("sent").sum().alias("total"))
    heavy = sent.join(total, on=keys).filter(pl.col("sent") >= HEAVY * pl.col("total"))
    told_apart = (
        heavy.group_by(keys)
        .agg(pl.col("sent").sum().alias("heavy"), pl.col("total").first())
        .filter(pl.col("heavy") >= NEARLY_ALL * pl.col("total"))
        .select(keys)
    )
    who = pl.lit(-1, dtype=pl.Int64).alias("who")
    if told_apart.is_empty():
        return rows.with_columns(who)
    named = heavy.join(told_apart, on=keys, how="semi").select(
        *keys, "sender", pl.col("sender").cast(pl.Int64).alias("who")
    )
    apart = rows.join(named, on=[*keys, "sender"], how="inner", maintain_order="left")
    others = rows.join(told_apart, on=keys, how="anti", maintain_order="left").with_columns(who)
    return pl.concat([apart, others.select(apart.columns)])


def spread(group: dict[str, Any]) -> float:
    """Return how unlike the packets of a group are in length: the deviation as a share of the mean."""
    mean: float = group["bytes"] / group["packets"]
    variance: float = max(group["length_squares"] / group["packets"] - mean * mean, 0.0)
    return variance**0.5 / mean if mean else 0.0
