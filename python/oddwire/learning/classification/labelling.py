"""Flows of labelled captures: which label each flow bears, by its time and its two ends."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from oddwire.learning.right_kinds import BENIGN, IGNORE
from oddwire.learning.scoring import Label

if TYPE_CHECKING:
    import polars as pl

__all__ = ["NEEDED", "labels_of_flows"]

# What of a flow decides.
NEEDED = ("start", "end", "src_ip", "dst_ip", "src_mac", "dst_mac")
NS = 1_000_000_000


def labels_of_flows(flows: "pl.DataFrame", labels: Sequence[Label]) -> "pl.Series":
    """Return the label of each flow of one capture, null for a flow that nobody judged.

    A row of the labels is about the flows that overlap its interval and are between an attacker and a victim,
    or have one end among them where only one side is named. Attacks come first, in the order of the file;
    then what is not scored, then ordinary traffic: a `benign` row, or all else where the remainder is benign.
    """
    import polars as pl

    attacks = [one for one in labels if one.kind not in {BENIGN, IGNORE}]
    ignored = [one for one in labels if one.kind == IGNORE]
    benign = [one for one in labels if one.kind == BENIGN]
    found = pl.lit(BENIGN) if any(one.rest_is_benign for one in labels) else pl.lit(None, dtype=pl.String)
    # The last one that is put around the others is the first that is asked.
    for one in [*reversed(benign), *reversed(ignored), *reversed(attacks)]:
        said = pl.lit(None, dtype=pl.String) if one.kind == IGNORE else pl.lit(one.kind)
        found = pl.when(_is_about(one)).then(said).otherwise(found)
    return flows.select(found.alias("label")).to_series()


def _is_about(one: Label) -> "pl.Expr":
    import polars as pl

    met = pl.lit(value=True)
    if one.start_s is not None:
        met = met & (pl.col("end").to_physical() >= round(one.start_s * NS))
    if one.end_s is not None:
        met = met & (pl.col("start").to_physical() <= round(one.end_s * NS))
    attackers, victims = sorted(one.attackers), sorted(one.victims)
    if attackers and victims:
        return met & (
            (_end("src", attackers) & _end("dst", victims)) | (_end("dst", attackers) & _end("src", victims))
        )
    hosts = attackers or victims
    return met & (_end("src", hosts) | _end("dst", hosts)) if hosts else met


def _end(side: str, hosts: Sequence[str]) -> "pl.Expr":
    """Say whether an end of the flow is one of the hosts, by its address or hardware address."""
    import polars as pl

    within = pl.col(f"{side}_ip").is_in(hosts) | pl.col(f"{side}_mac").is_in(hosts)
    return within.fill_null(value=False)
