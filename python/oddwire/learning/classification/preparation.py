"""Columns of any table as a matrix of numbers: categories by a bounded vocabulary, missing values marked.

What was learned from the training rows (values of a category, the middle of a number) is part of the model,
so that other rows are seen in the same way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from oddwire.errors import UsageError
from oddwire.learning.classification.left_out import as_numbers, is_port, why_left_out

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["Encoding", "Holds", "Preparation", "Prepared"]

# The most frequent values of a category; all others are one.
VOCABULARY = 31
OTHER, MISSING = "(other)", "(missing)"
# Text is cut to so many characters before it is compared: a hostile cell may be a megabyte.
LONGEST_TEXT = 100
MOST_COLUMNS = 2_000
WELL_KNOWN, REGISTERED = 1_024, 49_152
# Beyond it a 32-bit float is infinite.
LARGEST = 3e38
NAMED = 5


class Encoding(StrEnum):
    """How a category becomes numbers: a column of 0 and 1 for each value, or the value's rank."""

    ONE_HOT = "one-hot"
    ORDINAL = "ordinal"


class Holds(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    CATEGORY = "category"
    PORT = "port"


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """One column of the table, and what was learned of it."""

    name: str
    holds: Holds
    values: tuple[str, ...] = ()
    middle: float = 0.0
    marked: bool = False

    def features(self, encoding: Encoding) -> list[str]:
        """Return the names of the columns of the matrix that it becomes."""
        if self.holds is Holds.NUMBER:
            return [self.name, f"{self.name} missing"] if self.marked else [self.name]
        if encoding is Encoding.ORDINAL:
            return [self.name]
        return [f"{self.name} = {value}" for value in (*self.values, OTHER, MISSING)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Preparation:
    """The columns that a model looks at, and those left out, by the reason."""

    columns: tuple[Prepared, ...]
    left_out: Mapping[str, tuple[str, ...]]
    encoding: Encoding = Encoding.ONE_HOT

    @classmethod
    def learned(
        cls,
        table: "pl.DataFrame",
        *,
        keep: Sequence[str] = (),
        drop: Sequence[str] = (),
        encoding: Encoding = Encoding.ONE_HOT,
    ) -> "Preparation":
        """Learn from training rows, the label not among their columns; `keep` overrides reasons."""
        for name in (*keep, *drop):
            if name not in table.columns:
                raise UsageError(f"no column named '{name}'", hint="see the head line of the table")
        left_out: dict[str, list[str]] = {"as asked": list(drop)} if drop else {}
        columns = []
        for column in table.drop(drop):
            reason = None if column.name in keep else why_left_out(column)
            if reason is None:
                columns.append(_learned(column, kept=column.name in keep))
            else:
                left_out.setdefault(reason, []).append(column.name)
        if not columns:
            raise UsageError("no column is left to learn from", hint="name some with --keep COLUMN")
        if len(columns) > MOST_COLUMNS:
            raise UsageError(f"{len(columns):,} columns are too many", hint=f"use at most {MOST_COLUMNS:,}")
        named = {reason: tuple(names) for reason, names in left_out.items()}
        return cls(columns=tuple(columns), left_out=named, encoding=encoding)

    @property
    def features(self) -> list[str]:
        """The names of the columns of the matrix."""
        return [name for column in self.columns for name in column.features(self.encoding)]

    @property
    def groups(self) -> dict[str, slice]:
        """The columns of the matrix that each column of the table becomes."""
        found, at = {}, 0
        for column in self.columns:
            width = len(column.features(self.encoding))
            found[column.name] = slice(at, at + width)
            at += width
        return found

    def matrix(self, table: "pl.DataFrame") -> "np.ndarray":
        """Return rows as 32-bit floats, without gaps; refuses a table that lacks a column."""
        import numpy as np

        self._has_all(table)
        matrix = np.zeros((len(table), len(self.features)), dtype=np.float32)
        for column in self.columns:
            place = self.groups[column.name]
            _fill(matrix[:, place], column, table[column.name], self.encoding)
        return matrix

    def _has_all(self, table: "pl.DataFrame") -> None:
        lacking = [column.name for column in self.columns if column.name not in table.columns]
        if lacking:
            named = ", ".join(lacking[:NAMED]) + (", ..." if len(lacking) > NAMED else "")
            raise UsageError(
                f"the table has no {named}", hint="the model needs the columns that it was trained with"
            )

    def to_dict(self) -> dict[str, Any]:
        """Return the same as plain values, for a model file."""
        return {
            "columns": [asdict(column) for column in self.columns],
            "left_out": {reason: list(names) for reason, names in self.left_out.items()},
            "encoding": str(self.encoding),
        }

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Preparation":
        """Return what `to_dict` told."""
        columns = tuple(
            Prepared(
                name=str(one["name"]),
                holds=Holds(one["holds"]),
                values=tuple(map(str, one["values"])),
                middle=float(one["middle"]),
                marked=bool(one["marked"]),
            )
            for one in told["columns"]
        )
        left_out = {str(reason): tuple(map(str, names)) for reason, names in told["left_out"].items()}
        return cls(columns=columns, left_out=left_out, encoding=Encoding(told["encoding"]))


def _learned(column: "pl.Series", *, kept: bool) -> Prepared:
    """Return a column with what its training values teach; a port that is kept on purpose is a number."""
    if is_port(column.name) and not kept:
        return Prepared(name=column.name, holds=Holds.PORT, values=_vocabulary(_port_classes(column)))
    numbers = _numbers(column)
    if numbers is None:
        return Prepared(name=column.name, holds=Holds.CATEGORY, values=_vocabulary(_texts(column)))
    middle = numbers.median()
    return Prepared(
        name=column.name,
        holds=Holds.NUMBER,
        middle=float(middle) if isinstance(middle, (int, float)) else 0.0,
        marked=numbers.null_count() > 0,
    )


def _vocabulary(texts: "pl.Series") -> tuple[str, ...]:
    """Return the most frequent values, the first of the alphabet among equals."""
    import polars as pl

    counted = texts.drop_nulls().alias("value").value_counts()
    ranked = counted.sort("count", "value", descending=[True, False]).head(VOCABULARY)
    return tuple(ranked["value"].cast(pl.String).to_list())


def _fill(place: "np.ndarray", column: Prepared, values: "pl.Series", encoding: Encoding) -> None:
    """Write one column of the table into its columns of the matrix."""
    if column.holds is Holds.NUMBER:
        numbers = _numbers(values, forced=True)
        assert numbers is not None  # noqa: S101  # forced
        place[:, 0] = numbers.fill_null(column.middle).to_numpy()
        if column.marked:
            place[:, 1] = numbers.is_null().to_numpy()
        return
    texts = _port_classes(values) if column.holds is Holds.PORT else _texts(values)
    ranks = _ranks(texts, column.values)
    if encoding is Encoding.ORDINAL:
        place[:, 0] = ranks
    else:
        for at in range(place.shape[1]):
            place[:, at] = ranks == at


def _ranks(texts: "pl.Series", vocabulary: Sequence[str]) -> "np.ndarray":
    """Return each value's place in the vocabulary; then comes `other`, then `missing`."""
    import polars as pl

    places = {value: at for at, value in enumerate(vocabulary)}
    known = texts.replace_strict(
        list(places), list(places.values()), default=len(places), return_dtype=pl.Int32
    ) if places else pl.zeros(len(texts), dtype=pl.Int32, eager=True)  # fmt: skip
    missing = pl.DataFrame({"known": known, "missing": texts.is_null()})
    return missing.select(
        pl.when("missing").then(len(places) + 1).otherwise("known").cast(pl.Int32)
    ).to_series().to_numpy()  # fmt: skip


def _numbers(column: "pl.Series", *, forced: bool = False) -> "pl.Series | None":
    """Return numbers, null where there is none or it is infinite; None for what is no number."""
    import polars as pl

    numbers: pl.Series | None
    if column.dtype == pl.String:
        numbers = column.str.strip_chars().cast(pl.Float64, strict=False) if forced else as_numbers(column)
    elif column.dtype.is_numeric() or column.dtype in {pl.Boolean, pl.Null}:
        numbers = column.cast(pl.Float64)
    elif column.dtype.is_temporal():
        numbers = column.to_physical().cast(pl.Float64)
    else:
        numbers = pl.Series(column.name, [None] * len(column), dtype=pl.Float64) if forced else None
    if numbers is None:
        return None
    usable = pl.col("n").is_finite()
    return pl.DataFrame({"n": numbers}).select(
        pl.when(usable).then(pl.col("n").clip(-LARGEST, LARGEST))
    ).to_series()  # fmt: skip


def _texts(column: "pl.Series") -> "pl.Series":
    """Return values as short text, null where there is none."""
    import polars as pl

    return column.cast(pl.String, strict=False).str.slice(0, LONGEST_TEXT).alias(column.name)


def _port_classes(column: "pl.Series") -> "pl.Series":
    """Return ports below 1024 as they are, and the others by their class."""
    import polars as pl

    numbers = column.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False).cast(pl.Int64)
    port = pl.col("port")
    return pl.DataFrame({"port": numbers}).select(
        pl.when(port < WELL_KNOWN).then(port.cast(pl.String))
        .when(port < REGISTERED).then(pl.lit("registered"))
        .when(port >= REGISTERED).then(pl.lit("ephemeral"))
    ).to_series()  # fmt: skip
