"""Requests over clear HTTP to outside hosts that no page leads to: posts, and questions with parameters."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire import native
from oddwire.base.window import Window
from oddwire.features.seen import local_mask

__all__ = ["ASKED_OUTSIDE_NEED", "Asked", "asked_outside", "greeted_outside"]

_COLUMNS = """
    tick src dst dst_port first method host path query_names status agent referrer address_as_host proxied
    request_bytes
"""
_HELLO = "tick src dst dst_port first sni subject issuer self_signed established"
ASKED_OUTSIDE_NEED = frozenset(
    {f"http.{name}" for name in _COLUMNS.split()} | {f"tls.{name}" for name in _HELLO.split()}
)
MOST_ROWS, LONGEST = 2_000, 120
MISSING = 404
# Calls of devices among each other, whose methods HTTP does not know, are left alone.
HOST_AS_ISSUER = r"^CN=[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}(,|$)"
METHODS = ("GET", "POST")
LEAST_QUERY = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One request; `host` is the registered domain, or the address where nobody calls it by a name.

    Of a TLS session the path is empty, and `host` is whom the certificate is for.
    """

    tick: int
    time: int
    client: str
    server: str
    port: int
    host: str
    path: str
    query: str
    is_post: bool
    by_address: bool
    is_missing: bool
    has_agent: bool
    size: int


def asked_outside(window: Window) -> Iterator[Asked]:
    """Yield, in the order of ticks, the requests of inside hosts that are worth remembering."""
    import polars as pl

    rows = window.said.get("http")
    if rows is None or rows.is_empty():
        return
    query = pl.col("query_names").fill_null("")
    is_post = pl.col("method") == "POST"
    is_question = (query.str.count_matches(",", literal=True) >= LEAST_QUERY - 1) & (pl.col("path") != "/")
    is_by_address = pl.col("address_as_host").fill_null(value=False)
    is_odd_post = is_post & (is_by_address | (pl.col("status") == MISSING))
    no_page = pl.col("referrer").is_null()
    rows = rows.filter(
        pl.col("method").is_in(METHODS)
        & pl.col("host").is_not_null()
        & pl.col("path").is_not_null()
        & (is_odd_post | (no_page & (is_post | is_question)))
        & ~pl.col("proxied").fill_null(value=False)
    )
    if rows.is_empty():
        return
    outside = ~local_mask(rows["dst"], window.hosts) & local_mask(rows["src"], window.hosts)
    rows = rows.filter(outside).sort("tick", "first", maintain_order=True)
    rows = rows.filter(pl.int_range(pl.len()).over("tick") < MOST_ROWS)
    hosts = rows["host"].to_list()
    domains = native.registered_domains(hosts)
    names = window.hosts.names(rows["src"].to_list() + rows["dst"].to_list())
    for row, host, domain, client, server in zip(
        rows.iter_rows(named=True), hosts, domains, names, names[rows.height :], strict=False
    ):
        by_address = bool(row["address_as_host"])
        yield Asked(
            tick=row["tick"],
            time=row["first"],
            client=client,
            server=server,
            port=row["dst_port"],
            host=server if by_address else domain or host[:LONGEST],
            path=row["path"][:LONGEST],
            query=(row["query_names"] or "")[:LONGEST],
            is_post=row["method"] == "POST",
            by_address=by_address,
            is_missing=row["status"] == MISSING,
            has_agent=bool(row["agent"]),
            size=row["request_bytes"] or 0,
        )


def greeted_outside(window: Window) -> Iterator[Asked]:
    """Yield, in the order of ticks, TLS sessions with nameless outside hosts that vouch for themselves."""
    import polars as pl

    rows = window.said.get("tls")
    if rows is None or rows.is_empty():
        return
    # No authority is called like a host.
    homemade = pl.col("self_signed") | pl.col("issuer").str.contains(HOST_AS_ISSUER)
    rows = rows.filter(pl.col("sni").is_null() & homemade.fill_null(value=False))
    if rows.is_empty():
        return
    outside = ~local_mask(rows["dst"], window.hosts) & local_mask(rows["src"], window.hosts)
    rows = rows.filter(outside & pl.col("established").fill_null(value=False))
    rows = rows.sort("tick", "first", maintain_order=True)
    rows = rows.filter(pl.int_range(pl.len()).over("tick") < MOST_ROWS)
    names = window.hosts.names(rows["src"].to_list() + rows["dst"].to_list())
    for row, client, server in zip(rows.iter_rows(named=True), names, names[rows.height :], strict=False):
        yield Asked(
            tick=row["tick"],
            time=row["first"],
            client=client,
            server=server,
            port=row["dst_port"],
            host=(row["subject"] or "")[:LONGEST],
            path="",
            query="",
            is_post=False,
            by_address=True,
            is_missing=False,
            has_agent=False,
            size=0,
        )
