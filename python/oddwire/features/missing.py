"""What clients ask web servers for that is not there: paths that one would try, and no parts of pages."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.window import Window

__all__ = ["MISSING_NEED", "MOST_PATHS", "Missed", "missed"]

_COLUMNS = "tick src dst dst_port first method host path status referrer proxied"
MISSING_NEED = frozenset(f"http.{name}" for name in _COLUMNS.split())
MOST_GROUPS, MOST_PATHS, LONGEST = 500, 320, 80
REFUSALS = (400, 401, 403, 404, 405, 406, 410, 500, 501)
METHODS = ("GET", "HEAD", "POST")
# Deeper paths, numbers, hashes and parts of pages are asked for by programs that know what they want.
DEPTH = 3
PART = (
    r"(?i)\.(png|jpe?g|gif|svg|ico|webp|avif|css|js|map|mjs|woff2?|ttf|"
    r"mp[34]|ts|m4s|m3u8|mpd|pdb|deb|rpm|crl)$"
)
NUMBER = r"(?i)(/[0-9_.-]+(\.\w+)?/?$)|[0-9a-f]{12,}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Missed:
    """What one client asked of one site in one tick."""

    tick: int
    client: str
    server: str
    port: int
    site: str
    requests: int
    refused: int
    referred: int
    # Paths that are not there, with the time at which each was asked for first.
    paths: tuple[tuple[str, int], ...]


def missed(window: Window) -> Iterator[Missed]:
    """Yield, tick by tick, the clients that asked for what is not there, with all that they asked then."""
    import polars as pl

    rows = window.said.get("http")
    if rows is None or rows.is_empty():
        return
    is_refused = pl.col("status").is_in(REFUSALS)
    if not rows.select(is_refused.any()).item():
        return
    path = pl.col("path")
    is_guess = (
        is_refused
        & pl.col("method").is_in(METHODS)
        & (path.str.count_matches("/", literal=True) <= DEPTH)
        & ~path.str.contains(PART)
        & ~path.str.contains(NUMBER)
    )
    answered = rows.filter(pl.col("status").is_not_null() & ~pl.col("proxied").fill_null(value=False))
    marked = answered.with_columns(
        is_refused.alias("refused"), is_guess.fill_null(value=False).alias("guess")
    )
    guesses = pl.col("guess")
    grouped = (
        marked.sort("tick", "first", maintain_order=True)
        .group_by("tick", "src", "dst", "dst_port", pl.col("host").fill_null(""), maintain_order=True)
        .agg(
            pl.len().alias("requests"),
            pl.col("refused").sum(),
            pl.col("referrer").is_not_null().sum().alias("referred"),
            path.filter(guesses).str.slice(0, LONGEST).head(MOST_PATHS).alias("paths"),
            pl.col("first").filter(guesses).head(MOST_PATHS).alias("times"),
        )
        .filter(pl.col("refused") > 0)
        .filter(pl.int_range(pl.len()).over("tick") < MOST_GROUPS)
    )
    names = window.hosts.names(grouped["src"].to_list() + grouped["dst"].to_list())
    for row, client, server in zip(grouped.iter_rows(), names, names[grouped.height :], strict=False):
        tick, _, _, port, site, requests, refused, referred, paths, times = row
        yield Missed(
            tick=tick,
            client=client,
            server=server,
            port=port,
            site=site[:LONGEST],
            requests=requests,
            refused=refused,
            referred=referred,
            paths=tuple(zip(paths, times, strict=True)),
        )
