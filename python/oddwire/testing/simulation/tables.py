"""A plan as the tables that judges read, exactly as the core would give them for a capture of it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from oddwire.testing.simulation.book import Book, book_of
from oddwire.testing.simulation.calendar import MONDAY_NS
from oddwire.testing.simulation.conversations import NS
from oddwire.testing.simulation.ended_rows import ended_rows
from oddwire.testing.simulation.pieces import pieces_of
from oddwire.testing.simulation.spoken import spoken_rows
from oddwire.testing.simulation.talk_rows import talk_rows
from oddwire.testing.windows import Recording, Tables, arp_frame

if TYPE_CHECKING:
    import polars as pl

__all__ = ["addresses", "recording_of", "spans"]

HOUR_NS = 3_600 * NS


def addresses(plan: "pl.DataFrame") -> list[str]:
    """Return the addresses of a plan in the order of the numbers that the tables call them by."""
    return list(book_of(plan).names)


def recording_of(plan: "pl.DataFrame") -> Recording:
    """Return a whole plan as tables."""
    import polars as pl

    parts = [tables for tables, _ in spans(plan)]
    tables = {name: pl.concat([one[name] for one in parts]) for name in parts[0]}
    return Recording(tables=tables, names=addresses(plan))


def spans(plan: "pl.DataFrame", hours: int = 24) -> Iterator[tuple[Tables, int | None]]:
    """Yield the tables of a plan span by span, and until when all is told; all spans together are the whole.

    Hosts have the same numbers in every span: those of `addresses`.
    """
    import polars as pl

    plan = plan.sort("start_ns", maintain_order=True)
    book = book_of(plan)
    held: dict[str, pl.DataFrame] = {}
    packets = 0
    cuts = _cuts(plan, hours * HOUR_NS)
    for number, end_ns in enumerate(cuts):
        begin_ns = cuts[number - 1] if number else 0
        fresh = _rendered(plan.filter(pl.col("start_ns").is_between(begin_ns, end_ns, closed="left")), book)
        whole = {name: pl.concat([held[name], rows]) if held else rows for name, rows in fresh.items()}
        is_last = number == len(cuts) - 1
        ready, held = _split(whole, None if is_last else end_ns)
        talks, packets = _numbered(ready["talks"], packets)
        yield {**ready, "talks": talks}, None if is_last else end_ns


def _cuts(plan: "pl.DataFrame", span_ns: int) -> list[int]:
    """Return where spans end; they begin with whole days."""
    first, last = plan["start_ns"].min(), plan["start_ns"].max()
    if not isinstance(first, int) or not isinstance(last, int):
        return [MONDAY_NS + span_ns]
    begin = first - (first - MONDAY_NS) % span_ns
    return list(range(begin + span_ns, last + span_ns + 1, span_ns))


def _rendered(plan: "pl.DataFrame", book: Book) -> "dict[str, pl.DataFrame]":
    """Return all rows of conversations, those of later spans too."""
    pieces = pieces_of(plan)
    talks = talk_rows(plan, pieces, book)
    ended = ended_rows(talks)
    said = spoken_rows(plan, talks)
    return {"talks": talks.drop("segment", "row"), "ended": ended, "arp": arp_frame(tick=[]), **said}


def _split(
    whole: "dict[str, pl.DataFrame]", end_ns: int | None
) -> "tuple[dict[str, pl.DataFrame], dict[str, pl.DataFrame]]":
    """Return what belongs to a span, in order, and what is for later."""
    import polars as pl

    if end_ns is None:
        return {name: _ordered(rows) for name, rows in whole.items()}, {}
    now = pl.col("tick") < end_ns
    return (
        {name: _ordered(rows.filter(now)) for name, rows in whole.items()},
        {name: rows.filter(~now) for name, rows in whole.items()},
    )


def _ordered(rows: "pl.DataFrame") -> "pl.DataFrame":
    """Sort rows by what does not depend on where spans were cut."""
    keys = [
        name
        for name in ("tick", "first", "born", "src", "src_port", "dst", "dst_port")
        if name in rows.columns
    ]
    return rows.sort(keys, maintain_order=True)


def _numbered(talks: "pl.DataFrame", before: int) -> "tuple[pl.DataFrame, int]":
    """Give packets their numbers, as if those of each row had come one after the other."""
    import polars as pl

    count = pl.col("packets_out") + pl.col("packets_in")
    until = count.cum_sum() + before
    talks = talks.with_columns(
        (until - count).cast(pl.UInt64).alias("first_packet"),
        (until - 1).cast(pl.UInt64).alias("last_packet"),
    )
    return talks, before + int((talks["packets_out"] + talks["packets_in"]).sum())
