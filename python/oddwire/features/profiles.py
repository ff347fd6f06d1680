"""Profiles: what each source host did in each window, computed from slices.

A window is complete when slices of the window after next have come: then its rows are yielded and forgotten,
so memory holds a few windows, however long the capture is.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from oddwire.features.profile_schema import PROFILE_COLUMNS

if TYPE_CHECKING:
    import polars as pl

__all__ = ["profiles_of"]

# How many (host, destination) pairs are remembered for "new destinations"; beyond it all are forgotten.
MAX_KNOWN = 1_000_000
SLACK_NS = 15_000_000_000
FLAGS = ("fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr")
# The bits of `state_bits`, for the end that stands first in the pair.
SYN, SYNACK, RST, FIRST = 1 << 0, 1 << 2, 1 << 6, 1 << 12
TLS = ("https", "tls", "quic", "imaps", "pop3s", "smtps", "ldaps", "ftps")


def profiles_of(slices: Iterable["pl.DataFrame"], window_ns: int) -> Iterator["pl.DataFrame"]:
    """Yield profiles, windows in order, from slices as they come; at least one frame, which may be empty."""
    import polars as pl

    known = pl.DataFrame(schema={"host": pl.String, "peer": pl.String})
    waiting = _directed(_no_slices())
    latest = None
    for frame in slices:
        waiting = pl.concat([waiting, _directed(frame)])
        newest = _newest(frame)
        if newest is None or (latest is not None and newest <= latest):
            continue
        latest = newest
        over = pl.col("window").dt.timestamp("ns") < latest - max(window_ns, SLACK_NS)
        complete, waiting = waiting.filter(over), waiting.filter(~over)
        if complete.height:
            known, profiled = _profile(complete, known)
            yield profiled
    yield _profile(waiting, known)[1]


def _newest(frame: "pl.DataFrame") -> int | None:
    """Return the start of the newest window of a frame."""
    import polars as pl

    newest: int | None = frame.select(pl.col("window").dt.timestamp("ns").max()).item()
    return newest


def _no_slices() -> "pl.DataFrame":
    """Return a frame of slices without rows."""
    import polars as pl

    times = {"window": pl.Datetime("ns", "UTC")}
    texts = dict.fromkeys(("a_ip", "b_ip", "service"), pl.String)
    sides = ("packets", "bytes", "payload", "length_squares", "ttl_sum", *FLAGS)
    numbers = [f"{name}_{way}" for name in sides for way in ("ab", "ba")]
    numbers += ["length_max_ab", "length_max_ba", "a_port", "b_port", "protocol", "state_bits", "layer_bits"]
    return pl.DataFrame(schema={**times, **texts, **dict.fromkeys(numbers, pl.UInt64)})


def _directed(slices: "pl.DataFrame") -> "pl.DataFrame":
    """Return each slice twice: as each of its two hosts saw it."""
    import polars as pl

    return pl.concat([_seen_by(slices, "a", "b"), _seen_by(slices, "b", "a")])


def _seen_by(slices: "pl.DataFrame", me: str, other: str) -> "pl.DataFrame":
    import polars as pl

    out, back = me + other, other + me
    shift = 0 if me == "a" else 1
    bits = pl.col("state_bits").cast(pl.UInt64)

    def has(bit: int, *, mine: bool) -> "pl.Expr":
        return (bits & (bit << (shift if mine else 1 - shift))) != 0

    begun = has(SYN, mine=True) | (~has(SYN, mine=False) & ~has(SYNACK, mine=True) & has(FIRST, mine=True))
    return slices.select(
        "window",
        "service",
        protocol=pl.col("protocol").cast(pl.UInt8),
        host=pl.col(f"{me}_ip"),
        peer=pl.col(f"{other}_ip"),
        host_port=pl.col(f"{me}_port").cast(pl.UInt32),
        peer_port=pl.col(f"{other}_port").cast(pl.UInt32),
        layer_bits=pl.col("layer_bits").cast(pl.UInt64),
        packets=pl.col(f"packets_{out}").cast(pl.UInt64),
        packets_in=pl.col(f"packets_{back}").cast(pl.UInt64),
        bytes_out=pl.col(f"bytes_{out}").cast(pl.UInt64),
        bytes_in=pl.col(f"bytes_{back}").cast(pl.UInt64),
        payload_out=pl.col(f"payload_{out}").cast(pl.UInt64),
        payload_in=pl.col(f"payload_{back}").cast(pl.UInt64),
        squares=pl.col(f"length_squares_{out}").cast(pl.Float64),
        length_max=pl.col(f"length_max_{out}").cast(pl.UInt32),
        ttl_sum=pl.col(f"ttl_sum_{out}").cast(pl.UInt64),
        begun=begun,
        refused=has(RST, mine=False) & ~has(SYNACK, mine=False),
        **{flag: pl.col(f"{flag}_{out}").cast(pl.UInt64) for flag in FLAGS},
    )


def _profile(directed: "pl.DataFrame", known: "pl.DataFrame") -> tuple["pl.DataFrame", "pl.DataFrame"]:
    """Return the destinations known from now on, and the profiles."""
    import polars as pl

    keys = ["window", "host"]
    sent = directed.filter(pl.col("packets") > 0)
    profiles = (
        sent.group_by(keys)
        .agg(*_sums(), *_uniques(), *_answers())
        .join(
            directed.filter(pl.col("packets_in") > 0)
            .group_by(keys)
            .agg(sources_in=pl.col("peer").n_unique().cast(pl.UInt64)),
            on=keys,
            how="left",
        )
        .join(_new_destinations(sent, known), on=keys, how="left")
        .join(_port_entropy(sent), on=keys, how="left")
        .join(_answers_visible(directed), on="window", how="left")
        .with_columns(pl.col("sources_in", "new_dst_ips").fill_null(0), *_ratios())
    )
    seen = pl.concat([known, sent.select("host", "peer")]).unique(maintain_order=False)
    names = [column.name for column in PROFILE_COLUMNS]
    profiles = profiles.rename({"host": "src_ip"}).select(names).sort("window", "src_ip")
    return (seen if seen.height <= MAX_KNOWN else known.clear()), profiles


def _answers_visible(directed: "pl.DataFrame") -> "pl.DataFrame":
    """Say for each window whether any flow shows both directions: else "unanswered" means nothing."""
    import polars as pl

    both = (pl.col("packets") > 0) & (pl.col("packets_in") > 0)
    return directed.group_by("window").agg(visible=both.any())


def _sums() -> list["pl.Expr"]:
    import polars as pl

    totals = (
        "packets",
        "packets_in",
        "bytes_out",
        "bytes_in",
        "payload_out",
        "payload_in",
        "squares",
        "ttl_sum",
    )
    return [
        *(pl.col(name).sum() for name in totals),
        *(pl.col(flag).sum().alias(f"{flag}_sum") for flag in FLAGS),
        pl.len().cast(pl.UInt64).alias("flows"),
        pl.col("length_max").max(),
        pl.col("service").eq("dns").sum().cast(pl.UInt64).alias("dns_flows"),
        pl.col("service").is_in(TLS).sum().cast(pl.UInt64).alias("tls_flows"),
    ]


def _uniques() -> list["pl.Expr"]:
    import polars as pl

    def unique(column: str, name: str) -> "pl.Expr":
        return pl.col(column).drop_nulls().n_unique().cast(pl.UInt64).alias(name)

    return [
        unique("peer", "unique_dst_ips"),
        unique("host_port", "unique_src_ports"),
        unique("peer_port", "unique_dst_ports"),
        unique("protocol", "unique_protocols"),
        pl.col("layer_bits").bitwise_or().bitwise_count_ones().cast(pl.UInt64).alias("unique_layers"),
    ]


def _answers() -> list["pl.Expr"]:
    import polars as pl

    begun = pl.col("begun")
    tcp = begun & (pl.col("protocol") == 6)  # noqa: PLR2004  # TCP's number
    silent = pl.col("packets_in") == 0
    failed = (tcp & (silent | pl.col("refused"))).sum()
    return [
        begun.sum().cast(pl.UInt64).alias("begun_flows"),
        pl.col("peer").filter(begun).n_unique().cast(pl.UInt64).alias("contacted"),
        ((begun & silent).sum() / begun.sum()).fill_nan(None).alias("unanswered_ratio"),
        (failed / tcp.sum()).fill_nan(None).alias("failed_ratio"),
    ]


def _ratios() -> list["pl.Expr"]:
    import polars as pl

    packets, sent = pl.col("packets"), pl.col("bytes_out")
    mean = sent / packets
    return [
        pl.col("begun_flows").alias("begun"),
        mean.alias("length_mean"),
        (pl.col("squares") / packets - mean**2).clip(0).sqrt().alias("length_std"),
        (pl.col("ttl_sum") / packets).alias("ttl_mean"),
        _over("unique_src_ports", "unique_dst_ports").alias("port_ratio"),
        _over("packets", "unique_dst_ips").alias("packets_per_dst"),
        _over("unique_dst_ips", "flows").alias("dsts_per_flow"),
        (sent / (sent + pl.col("bytes_in"))).alias("upload_ratio"),
        *(pl.when(pl.col("visible")).then(pl.col(name)) for name in ("unanswered_ratio", "failed_ratio")),
    ]


def _over(top: str, bottom: str) -> "pl.Expr":
    """Return a ratio that is null where there is nothing to divide by."""
    import polars as pl

    return pl.when(pl.col(bottom) > 0).then(pl.col(top) / pl.col(bottom))


def _new_destinations(sent: "pl.DataFrame", known: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    firsts = sent.group_by("host", "peer").agg(pl.col("window").min())
    news = firsts.join(known, on=["host", "peer"], how="anti")
    return news.group_by("window", "host").agg(new_dst_ips=pl.len().cast(pl.UInt64))


def _port_entropy(sent: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    by_port = (
        sent.filter(pl.col("peer_port").is_not_null())
        .group_by("window", "host", "peer_port")
        .agg(pl.col("packets").sum())
    )
    share = pl.col("packets") / pl.col("packets").sum()
    entropy = (share * share.log(2)).sum().abs()
    # Sorted, since a sum of fractions depends on their order, and two runs must give the same bytes.
    by_port = by_port.sort("window", "host", "peer_port")
    return by_port.group_by("window", "host", maintain_order=True).agg(dst_port_entropy=entropy)
