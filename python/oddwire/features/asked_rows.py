"""Questions that were put to name servers, as several detectors read them."""

from typing import TYPE_CHECKING

from oddwire.base.window import Window

if TYPE_CHECKING:
    import polars as pl

__all__ = ["is_group", "plain_questions"]

ALL = "255.255.255.255"
FIRST_GROUP, LAST_GROUP = 224, 239


def is_group(address: str) -> bool:
    """Say whether an address is that of a group or of all: nobody's own, so neither client nor server."""
    if ":" in address:
        return address.startswith("ff")
    first = address.partition(".")[0]
    return address == ALL or (first.isdecimal() and FIRST_GROUP <= int(first) <= LAST_GROUP)


def plain_questions(window: Window) -> "pl.DataFrame":
    """Return what name servers were asked and answered: no calls to neighbours, no updates, no groups."""
    import polars as pl

    rows = window.said.get("dns")
    if rows is None or rows.is_empty():
        return pl.DataFrame()
    rows = rows.filter((pl.col("service") == "dns") & (pl.col("operation") == "query"))
    if rows.is_empty():
        return rows
    numbers = pl.concat([rows["src"], rows["dst"]]).unique()
    texts = window.hosts.names(numbers.to_list())
    groups = [number for number, text in zip(numbers.to_list(), texts, strict=True) if is_group(text)]
    return rows.filter(~pl.col("src").is_in(groups) & ~pl.col("dst").is_in(groups)) if groups else rows
