"""Our table of packets beside what tshark says, cell by cell."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import oddwire
from tests.heavy.described import Cells, cells, is_first_fragment
from tests.heavy.tshark_rows import SINGLE, Row, Tshark

COLUMNS = [
    "number",
    "time",
    "length",
    "captured",
    "vlan",
    "src_ip",
    "dst_ip",
    "protocol",
    "src_port",
    "dst_port",
    "ttl",
    "tcp_flags",
]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One cell that is not the same; number 0 stands for the whole capture."""

    capture: str
    number: int
    field: str
    ours: str
    theirs: str
    protocols: str

    def __str__(self) -> str:
        return (
            f"{self.capture} #{self.number} {self.field}: {self.ours or 'none'}, "
            f"tshark {self.theirs or 'none'} ({self.protocols})"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What came of one capture."""

    packets: int
    filled: Counter[str]
    differences: list[Difference]


def compare(tshark: Tshark, capture: Path, name: str) -> Comparison:
    """Compare every cell of every frame of a capture."""
    theirs, ours = expected(tshark, capture), actual(capture)
    if ours is None or theirs is None:
        return Comparison(
            packets=0,
            filled=Counter(),
            differences=list(_readable(name, ours is not None, theirs is not None)),
        )
    found = [
        difference
        for number in sorted(ours.keys() | theirs.keys())
        for difference in _frame(name, number, ours.get(number), theirs.get(number))
    ]
    filled = Counter(field for row, _ in theirs.values() for field, value in row.items() if value)
    return Comparison(packets=len(theirs), filled=filled, differences=found)


def expected(tshark: Tshark, capture: Path) -> dict[int, tuple[Cells, str]] | None:
    """Return what tshark says of every frame, by number.

    tshark keeps the inside of a datagram's first fragment for the frame that completes it. Oddwire shows the
    ports of the first fragment at once: those frames are held against a run that puts nothing together.
    """
    rows = tshark.rows(capture)
    if rows is None:
        return None
    first = {row["frame.number"] for row in rows if is_first_fragment(row)}
    single = {row["frame.number"]: row for row in tshark.rows(capture, *SINGLE) or ()} if first else {}
    return dict(
        _numbered(
            single.get(row["frame.number"], row) if row["frame.number"] in first else row for row in rows
        )
    )


def _numbered(rows: Iterable[Row]) -> Iterator[tuple[int, tuple[Cells, str]]]:
    for row in rows:
        yield int(row["frame.number"][0]), (cells(row), ":".join(row["frame.protocols"]))


def actual(capture: Path) -> dict[int, Cells] | None:
    """Return what our table of packets says of every frame, by number; None when it is no capture to us."""
    import polars as pl

    try:
        frame = oddwire.read(capture).packets(columns=COLUMNS)
    except oddwire.CaptureError:
        return None
    table = frame.with_columns(pl.col("time").cast(pl.Int64)).select(
        pl.col(name).cast(pl.String).fill_null("") for name in COLUMNS
    )
    return {int(number): dict(zip(COLUMNS[1:], row, strict=True)) for number, *row in table.iter_rows()}


def _frame(
    name: str, number: int, ours: Cells | None, theirs: tuple[Cells, str] | None
) -> Iterator[Difference]:
    if ours is None or theirs is None:
        protocols = theirs[1] if theirs else ""
        yield Difference(
            capture=name,
            number=number,
            field="frame",
            protocols=protocols,
            ours="there" if ours else "",
            theirs="there" if theirs else "",
        )
        return
    for field, value in theirs[0].items():
        if ours[field] != value:
            yield Difference(
                capture=name, number=number, field=field, ours=ours[field], theirs=value, protocols=theirs[1]
            )


def _readable(name: str, ours: bool, theirs: bool) -> Iterator[Difference]:
    if ours != theirs:
        yield Difference(
            capture=name,
            number=0,
            field="file",
            protocols="",
            ours="read" if ours else "",
            theirs="read" if theirs else "",
        )
