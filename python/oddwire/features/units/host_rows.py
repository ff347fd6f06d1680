"""Rows of hosts: what each local host did in each window or hour."""

from typing import TYPE_CHECKING

from oddwire.features.units.keys import INSIDE, OUTSIDE
from oddwire.features.units.steps import ICMP, UDP, directed

if TYPE_CHECKING:
    import polars as pl

__all__ = ["host_hours", "host_rows"]


def host_rows(steps: "pl.DataFrame", asked: "pl.DataFrame | None") -> "pl.DataFrame":
    """Return one row a window and local host that sent something, numbers as `host`; features as Float32.

    Steps have the sides of both ends and `news`: local services that are used for the first time.
    """
    import polars as pl

    rows = (
        directed(steps)
        .filter((pl.col("host_side") == INSIDE) & ((pl.col("packets_out") > 0) | (pl.col("packets_in") > 0)))
        .group_by("window", "host")
        .agg(*_volume(), *_contacts())
        .filter(pl.col("packets_out") > 0)
    )
    if asked is None:
        rows = rows.with_columns(
            pl.lit(None, pl.UInt32).alias(name)
            for name in ("dns_queries", "dns_names", "dns_failed", "dns_characters")
        )
    else:
        asked = asked.rename({"src": "host"})
        rows = rows.join(asked.lazy(), on=["window", "host"], how="left").with_columns(
            pl.col("dns_queries", "dns_names", "dns_failed", "dns_characters").fill_null(0)
        )
    made = rows.with_columns(*_ratios()).drop("dns_characters", "bytes_out").sort("window", "host")
    table = made.collect()
    return table.select("window", "host", pl.exclude("window", "host").cast(pl.Float32))


def _volume() -> list["pl.Expr"]:
    import polars as pl

    outside, inside = pl.col("peer_side") == OUTSIDE, pl.col("peer_side") == INSIDE
    packets = pl.col("packets_out")
    return [
        packets.sum(),
        pl.col("packets_in").sum(),
        pl.col("bytes_out").sum(),
        pl.col("payload_out").filter(inside).sum().alias("payload_out_inside"),
        pl.col("payload_in").filter(inside).sum().alias("payload_in_inside"),
        pl.col("payload_out").filter(outside).sum().alias("payload_out_outside"),
        pl.col("payload_in").filter(outside).sum().alias("payload_in_outside"),
        pl.col("length_max").max().alias("length_max_out"),
        packets.filter(pl.col("protocol") == UDP).sum().alias("udp_out"),
        packets.filter(pl.col("protocol").is_in(ICMP)).sum().alias("icmp_out"),
        pl.col("rst_in").sum().alias("resets_in"),
    ]


def _contacts() -> list["pl.Expr"]:
    import polars as pl

    mine, begun = pl.col("mine"), pl.col("begun")
    sent = pl.col("packets_out") > 0
    began = mine & (begun > 0)
    answered = ~mine & (begun > 0) & sent
    return [
        begun.filter(mine).sum().alias("begun"),
        begun.filter(~mine).sum().alias("accepted"),
        pl.col("peer").filter(began & (pl.col("peer_side") == INSIDE)).n_unique().alias("contacted_inside"),
        pl.col("peer").filter(began & (pl.col("peer_side") == OUTSIDE)).n_unique().alias("contacted_outside"),
        pl.col("peer").filter(~mine & (begun > 0)).n_unique().alias("callers"),
        pl.col("port").filter(began).n_unique().alias("ports"),
        pl.col("port").filter(answered).n_unique().alias("offered"),
        pl.col("failed").filter(mine).sum().alias("failed"),
        pl.col("news").sum().alias("new_inside"),
        pl.col("peer").filter(sent).n_unique().alias("sent_to"),
        (
            pl.col("src_ports").filter(mine & sent).sum() + pl.col("port").filter(~mine & sent).n_unique()
        ).alias("from_ports"),
        (
            pl.col("port").filter(mine & sent).n_unique() + pl.col("src_ports").filter(~mine & sent).sum()
        ).alias("to_ports"),
    ]


def _ratios() -> list["pl.Expr"]:
    import polars as pl

    out = pl.col("payload_out_inside") + pl.col("payload_out_outside")
    total = out + pl.col("payload_in_inside") + pl.col("payload_in_outside")
    return [
        (pl.col("bytes_out") / pl.col("packets_out")).alias("length_mean_out"),
        pl.when(total > 0).then(out / total).alias("upload_share"),
        pl.when(pl.col("begun") > 0).then(pl.col("failed") / pl.col("begun")).alias("failed_share"),
        pl.when(pl.col("dns_queries") > 0)
        .then(pl.col("dns_characters") / pl.col("dns_queries"))
        .alias("dns_length"),
    ]


def host_hours(hour: int, steps: "pl.DataFrame", asked: "list[pl.DataFrame]") -> "pl.DataFrame":
    """Return one row a local host of an hour, of the steps and questions of its minutes."""
    import polars as pl

    whole = steps.with_columns(pl.lit(hour, pl.Int64).alias("window"))
    questions = None
    if asked:
        questions = pl.concat(asked).group_by("src").agg(pl.exclude("src", "window").sum())
        questions = questions.with_columns(pl.lit(hour, pl.Int64).alias("window"))
    sent = [
        steps.filter(pl.col(f"packets_{way}") > 0).select("window", host=end)
        for end, way in (("src", "out"), ("dst", "in"))
    ]
    minutes = pl.concat(sent).group_by("host").agg(pl.col("window").n_unique().cast(pl.Float32))
    return host_rows(whole, questions).join(
        minutes.rename({"window": "active_minutes"}), on="host", how="left"
    )
