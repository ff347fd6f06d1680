"""What is asked of controllers over Modbus and DNP3: grouped by tick, client, device and order."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.base.window import Window

if TYPE_CHECKING:
    import polars as pl

__all__ = ["CONTROLLERS_NEED", "DNP3", "MODBUS", "Order", "orders"]

MODBUS, DNP3 = "modbus", "dnp3"
_COMMON = ("tick", "src", "dst", "dst_port", "protocol", "first", "function", "function_name", "answer_bytes")
_MODBUS = ("unit", "write", "subfunction", "address", "exception")
_DNP3 = ("destination", "control", "objects", "internal_indications")
CONTROLLERS_NEED = frozenset(
    [f"modbus.{name}" for name in (*_COMMON, *_MODBUS)] + [f"dnp3.{name}" for name in (*_COMMON, *_DNP3)]
)
MOST_GROUPS, MOST_ADDRESSES = 2_000, 512
# Functions that halt a device or take it off the net, with the subfunction of Modbus's diagnostics.
_RESTART, _LISTEN_ONLY = 1, 4
_DIAGNOSTICS = 8
_COLD, _WARM, _STOP = 13, 14, 18
# What every master of DNP3 does when it connects: sets the clock, clears the mark of a restart, unsolicited
# messages off and on, freezes and delays.
_HOUSEKEEPING = (0, 1, 7, 8, 9, 10, 11, 12, 20, 21, 22, 23, 24)
_WRITE = 2
_UNKNOWN_TO_DEVICE = "function_not_supported|object_unknown"


@dataclass(frozen=True, kw_only=True, slots=True)
class Order:
    """What one client asked of one device in one tick, of one function and with one kind of outcome."""

    tick: int
    src: str
    dst: str
    port: int
    transport: str
    spoken: str
    function: int
    # In words where it has a name.
    word: str
    is_command: bool
    halts: bool
    unit: int
    refused: bool
    # The exception of Modbus, 0 without one; of DNP3 -1 where the device did not understand.
    refusal: int
    answered: bool
    count: int
    first: int
    last: int
    addresses: tuple[int, ...]

    @property
    def device(self) -> str:
        """Return what names the device among all."""
        return f"{self.dst}|{self.spoken}"


def orders(window: Window) -> Iterator[Order]:
    """Yield what was asked of controllers, tick by tick."""
    import polars as pl

    parts = []
    for spoken, make in ((MODBUS, _of_modbus), (DNP3, _of_dnp3)):
        rows = window.said.get(spoken)
        if rows is not None and not rows.is_empty():
            parts.append(_grouped(make(rows)).with_columns(pl.lit(spoken).alias("spoken")))
    if not parts:
        return
    found = pl.concat(parts).sort("tick", "first", maintain_order=True)
    names = window.hosts.names(found["src"].to_list() + found["dst"].to_list())
    for row, src, dst in zip(found.iter_rows(named=True), names, names[found.height :], strict=False):
        row.update(src=src, dst=dst, port=row.pop("dst_port"), refused=row["refusal"] != 0)
        row["transport"] = "udp" if row.pop("protocol") == 17 else "tcp"  # noqa: PLR2004  # UDP
        row["word"] = row["word"] or f"function {row['function']}"
        row["addresses"] = tuple(row["addresses"])
        yield Order(**row)


def _of_modbus(rows: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    halts = (pl.col("function") == _DIAGNOSTICS) & pl.col("subfunction").is_in([_RESTART, _LISTEN_ONLY])
    return rows.with_columns(
        pl.col("write").fill_null(value=False).alias("is_command"),
        halts.fill_null(value=False).alias("halts"),
        pl.col("exception").fill_null(0).cast(pl.Int16).alias("refusal"),
        (pl.col("answer_bytes").is_not_null()).alias("answered"),
        pl.col("unit").cast(pl.Int64).fill_null(-1).alias("unit"),
        pl.col("address").cast(pl.Int64),
    )


def _of_dnp3(rows: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    function = pl.col("function")
    keeps_house = function.is_in(_HOUSEKEEPING) | (
        (function == _WRITE) & pl.col("objects").fill_null("").str.contains(r"^(50v|80v|$)")
    )
    told = pl.col("internal_indications").fill_null("").str.contains(_UNKNOWN_TO_DEVICE)
    return rows.filter(function.is_not_null()).with_columns(
        (pl.col("control").fill_null(value=False) & ~keeps_house).alias("is_command"),
        function.is_in([_COLD, _WARM, _STOP]).alias("halts"),
        pl.when(told).then(-1).otherwise(0).cast(pl.Int16).alias("refusal"),
        (pl.col("answer_bytes").is_not_null()).alias("answered"),
        pl.col("destination").cast(pl.Int64).fill_null(-1).alias("unit"),
        pl.lit(None, dtype=pl.Int64).alias("address"),
    )


def _grouped(rows: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    by = ("tick", "src", "dst", "function", "unit", "is_command", "halts", "refusal", "answered")
    return (
        rows.filter(pl.col("function").is_not_null())
        .group_by(*by, maintain_order=True)
        .agg(
            pl.col("dst_port").first(),
            pl.col("protocol").first(),
            pl.col("function_name").first().alias("word"),
            pl.len().cast(pl.Int64).alias("count"),
            pl.col("first").min(),
            pl.col("first").max().alias("last"),
            pl.col("address")
            .drop_nulls()
            .unique(maintain_order=True)
            .head(MOST_ADDRESSES)
            .alias("addresses"),
        )
        .filter(pl.int_range(pl.len()).over("tick") < MOST_GROUPS)
    )
