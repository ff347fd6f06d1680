"""Registered domains that clients asked for and that do not exist, row by row."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from oddwire.base.window import Window
from oddwire.features.asked_rows import plain_questions
from oddwire.features.babble import babble, top_level

if TYPE_CHECKING:
    import polars as pl

__all__ = ["DEAD_NEED", "FAILED", "FOUND", "LOST", "MISSING", "Answered", "answered_domains", "signs_of_life"]

DEAD_NEED = frozenset(
    f"dns.{name}"
    for name in (
        "tick",
        "src",
        "dst",
        "dst_port",
        "protocol",
        "first",
        "service",
        "operation",
        "query",
        "query_type",
        "domain",
        "code",
        "name_length",
        "latency_ns",
    )
)
_READ = (
    *("tick", "src", "dst", "dst_port", "protocol", "first"),
    *("query_type", "domain", "code", "name_length", "latency_ns"),
)
FOUND, MISSING, FAILED, LOST = "found", "missing", "failed", "lost"
# A longer part before the domain says that somebody knows a host there; `www` says nothing.
MOST_BEFORE = 4
# Letters are babble from so many bits of surprise a letter on; short names are often short for something.
BABBLE, BABBLE_SHORT = 5.2, 6.2
LONG_LABEL, SHORT_LABEL = 7, 5


class Answered(NamedTuple):
    """What became of one client's question for one domain."""

    tick: int
    client: str
    server: str
    port: int
    protocol: int
    time_ns: int
    last_ns: int
    domain: str
    fate: str
    is_babble: bool


def answered_domains(window: Window, known: set[str]) -> Iterator[Answered]:
    """Yield what became of questions for domains, in order, of clients known or that missed one now."""
    import polars as pl

    rows = window.view(plain_questions)
    if rows.is_empty():
        return
    rows = rows.select(_READ).filter(
        pl.col("query_type").is_in(["A", "AAAA", "ANY"]) & pl.col("domain").is_not_null()
    )
    failing = rows.filter(pl.col("code").is_null() | (pl.col("code") != "NOERROR"))
    numbers = rows["src"].unique().to_list()
    names = dict(zip(numbers, window.hosts.names(numbers), strict=True))
    wanted = set(failing["src"].unique().to_list()) | {one for one in numbers if names[one] in known}
    rows = _dated(rows.filter(pl.col("src").is_in(list(wanted))))
    if rows.is_empty():
        return
    servers = rows["dst"].unique().to_list()
    names |= dict(zip(servers, window.hosts.names(servers), strict=True))
    odd = _babbling(rows.filter(pl.col("fate") != FOUND)["domain"].unique().to_list())
    for tick, src, dst, port, protocol, first, latency, domain, fate in rows.iter_rows():
        yield Answered(
            tick, names[src], names[dst], port, protocol, first, first + latency, domain, fate, domain in odd
        )


def signs_of_life(window: Window, known: set[str]) -> Iterator[tuple[int, str, int]]:
    """Yield tick, server and time of answers, for servers known or that leave a question unanswered now."""
    import polars as pl

    rows = window.view(plain_questions)
    if rows.is_empty() or not (known or rows["code"].null_count()):
        return
    rows = rows.select("tick", "dst", "first", "latency_ns", "code")
    mute = pl.col("code").is_null()
    losing = set(rows.filter(mute)["dst"].unique().to_list())
    servers = rows["dst"].unique().to_list()
    names = dict(zip(servers, window.hosts.names(servers), strict=True))
    wanted = [one for one in servers if one in losing or names[one] in known]
    if not wanted:
        return
    answered = (pl.col("first") + pl.col("latency_ns").fill_null(0)).max()
    alive = rows.filter(~mute & pl.col("dst").is_in(wanted)).group_by("tick", "dst").agg(answered)
    for tick, dst, time_ns in alive.sort("tick", "dst").iter_rows():
        yield tick, names[dst], time_ns


def _dated(rows: "pl.DataFrame") -> "pl.DataFrame":
    """Return one row a tick, client, domain and fate, in order; what names a host in a domain is left out."""
    import polars as pl

    before = pl.col("name_length").cast(pl.Int64) - pl.col("domain").str.len_chars().cast(pl.Int64) - 1
    fate = (
        pl.when(pl.col("code").is_null())
        .then(pl.lit(LOST))
        .when(pl.col("code") == "NOERROR")
        .then(pl.lit(FOUND))
        .when(pl.col("code") == "NXDOMAIN")
        .then(pl.lit(MISSING))
        .otherwise(pl.lit(FAILED))
    )
    top = pl.col("domain").str.extract(r"([^.]*)$", 1)
    return (
        rows.filter(((before <= MOST_BEFORE) | (pl.col("code") == "NOERROR")) & top.is_in(list(top_level())))
        .with_columns(fate.alias("fate"), pl.col("latency_ns").fill_null(0))
        .sort("tick", "first", "domain", "query_type", maintain_order=True)
        .group_by("tick", "src", "domain", "fate", maintain_order=True)
        .agg(pl.col(name).first() for name in ("dst", "dst_port", "protocol", "first", "latency_ns"))
        .select("tick", "src", "dst", "dst_port", "protocol", "first", "latency_ns", "domain", "fate")
    )


def _babbling(domains: list[str]) -> set[str]:
    """Return the domains whose chosen label is babble."""
    labels = [domain.partition(".")[0] for domain in domains]
    found = set()
    for domain, label, bits in zip(domains, labels, babble(labels), strict=True):
        size = len(label)
        is_odd = bits >= BABBLE if size >= LONG_LABEL else size >= SHORT_LABEL and bits >= BABBLE_SHORT
        if is_odd and not label.startswith("xn--"):
            found.add(domain)
    return found
