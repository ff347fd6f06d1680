"""Who answers on the segment when neighbours call for a name: with whose address, and for how many names."""

from collections.abc import Iterator
from re import sub
from typing import NamedTuple

from oddwire.base.window import Window
from oddwire.features.asked_rows import is_group

__all__ = ["Called", "called_names", "stem_of"]

BY_CALL = ("llmnr", "nbns", "mdns")
LINK_LOCAL = "fe80:"


class Called(NamedTuple):
    """One answer to a call for a name, given with the answerer's own address."""

    tick: int
    service: str
    answerer: str
    caller: str
    name: str
    time_ns: int
    answers: str


def called_names(window: Window) -> Iterator[Called]:
    """Yield the answers in which hosts say that a name is theirs, in order."""
    import polars as pl

    rows = window.said.get("dns")
    if rows is None or rows.is_empty():
        return
    rows = rows.filter(
        pl.col("service").is_in(BY_CALL)
        & (pl.col("message") == "response")
        & (pl.col("operation") == "query")
        & (pl.col("code") == "NOERROR")
        & pl.col("answers").is_not_null()
        & pl.col("query_type").is_in(["A", "AAAA", "ANY", "NB"])
    ).sort("tick", "first", "query", maintain_order=True)
    if rows.is_empty():
        return
    numbers = pl.concat([rows["src"], rows["dst"]]).unique().to_list()
    names = dict(zip(numbers, window.hosts.names(numbers), strict=True))
    columns = ("tick", "service", "src", "dst", "query", "answers", "first")
    for tick, service, src, dst, query, answers, first in rows.select(columns).iter_rows():
        answerer, stem = names[dst], stem_of(query)
        is_own = answerer in answers.split(",") or (service != "nbns" and answerer.startswith(LINK_LOCAL))
        if is_own and stem and not is_group(answerer) and not query.startswith("_") and "._" not in query:
            yield Called(tick, service, answerer, names[src], stem, first, answers)


def stem_of(query: str) -> str:
    """Return the name itself: without suffix, letter case, and the number that tells equal ones apart."""
    name = query.partition("<")[0].strip().lower().partition(".")[0]
    return sub(r"(?:-\d+| ?\(\d+\))$", "", name) if name.isprintable() and "\\x" not in name else ""
