"""Rows with labels: tables that bear a column of labels, or flows of captures whose truth is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from oddwire.engine.labels import places_of, read_labels
from oddwire.errors import CaptureError, UsageError
from oddwire.learning.classification.labelling import labels_of_flows
from oddwire.learning.classification.left_out import normalised
from oddwire.records.units import count_text
from oddwire.sources.files import Capture, SliceRun

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["LABEL", "LabelledRows", "Rows", "frames_of", "is_table", "labelled_rows"]

LABEL = "label"
SEPARATORS = {".csv": ",", ".tsv": "\t"}
BATCH_ROWS = 50_000
LONGEST_LABEL = 100
# More classes than this are no classes.
MOST_CLASSES = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """Where labelled rows come from, and how many of them are kept."""

    inputs: Sequence[Path]
    label_column: str | None = None
    labels: Path | None = None
    most: int = 1_000_000
    seed: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelledRows:
    """Rows with the class of each, and what the reader should know of them."""

    table: "pl.DataFrame"
    classes: "np.ndarray"
    of: str
    names: Sequence[str]
    remarks: list[str] = field(default_factory=list)


def labelled_rows(rows: Rows) -> LabelledRows:
    """Read labelled rows; beyond `most` rows a part is drawn evenly, and said."""
    if not rows.inputs:
        raise UsageError("no file is named", hint="name tables, or captures with --labels")
    remarks: list[str] = []
    frames: Iterator[pl.DataFrame]
    tables = [is_table(one) for one in rows.inputs]
    if all(tables):
        frames = (_labelled(frame, path, rows) for path in rows.inputs for frame in frames_of(path))
        of = "rows"
    elif any(tables):
        raise UsageError("tables and captures are named together", hint="name one kind of file at a time")
    else:
        frames, of = _labelled_flows(rows, remarks), "flows"
    drawn = _Drawn(most=rows.most, seed=rows.seed)
    for frame in frames:
        drawn.add(frame)
    table = drawn.table()
    remarks += drawn.remarks()
    classes = table[LABEL].to_numpy() if len(table) else _none()
    if len(set(classes.tolist())) > MOST_CLASSES:
        raise UsageError(
            f"more than {MOST_CLASSES} different labels",
            hint="name the column of classes with --label-column",
        )
    names = [path.name for path in rows.inputs]
    return LabelledRows(table=table.drop(LABEL), classes=classes, of=of, names=names, remarks=remarks)


def is_table(path: Path) -> bool:
    """Say whether a file is a table, by its ending; everything else is a capture."""
    return path.suffix.lower() in {*SEPARATORS, ".parquet"}


def frames_of(path: Path) -> Iterator["pl.DataFrame"]:
    """Yield the rows of a table or the flows of a capture, part by part, in their order."""
    if not is_table(path):
        yield from SliceRun(batches=Capture(inputs=(path,)).stream("flows"))
        return
    import polars as pl

    if not path.is_file():
        raise UsageError("no such file", where=str(path), hint="check the name")
    separator = SEPARATORS.get(path.suffix.lower())
    try:
        if separator is None:
            scan = pl.scan_parquet(path)
        else:
            # The types are decided by all rows: a file whose last row alone has text is no error.
            scan = pl.scan_csv(path, separator=separator, infer_schema_length=None, encoding="utf8-lossy")
        names = scan.collect_schema().names()
        stripped = [name.strip() for name in names]
        if len(set(stripped)) < len(names):
            raise UsageError("two columns have the same name", where=str(path), hint="rename one of them")
        scan = scan.rename(dict(zip(names, stripped, strict=True)))
        yield from scan.collect_batches(chunk_size=BATCH_ROWS, maintain_order=True)
    except pl.exceptions.PolarsError as error:
        what = str(error).strip().partition("\n")[0]
        raise UsageError(f"this is no table that can be read: {what}", where=str(path)) from None


def _labelled(frame: "pl.DataFrame", path: Path, rows: Rows) -> "pl.DataFrame":
    """Return a table with its labels as text in a column of a fixed name."""
    name = _label_column(frame.columns, path, rows.label_column)
    labels = _as_text(frame[name])
    return (
        frame.drop(name)
        .rename({LABEL: f"{LABEL} "} if LABEL in frame.columns and name != LABEL else {})
        .with_columns(labels)
    )


def _label_column(columns: Sequence[str], path: Path, said: str | None) -> str:
    """Return the column of labels: as said, else the one that is called so."""
    if said is not None:
        if said.strip() in columns:
            return said.strip()
        raise UsageError(f"no column named '{said}'", where=str(path), hint=_some(columns))
    for word in (LABEL, "class"):
        found = [name for name in columns if normalised(name) == word]
        if len(found) == 1:
            return found[0]
    raise UsageError("which column holds the labels?", where=str(path), hint="name it with --label-column")


def _some(columns: Sequence[str]) -> str:
    most = 12
    return f"there are {', '.join(columns[:most])}" + (", ..." if len(columns) > most else "")


def _as_text(labels: "pl.Series") -> "pl.Series":
    """Return labels as short text; whole numbers without a fraction, null where there is none."""
    import polars as pl

    if labels.dtype.is_float():
        whole = labels.drop_nulls()
        if bool((whole == whole.round()).all()) and bool(whole.is_finite().all()):
            labels = labels.cast(pl.Int64)
    text = labels.cast(pl.String, strict=False).str.strip_chars().str.slice(0, LONGEST_LABEL)
    return pl.DataFrame({LABEL: text}).select(
        pl.when(pl.col(LABEL).str.len_chars() > 0).then(pl.col(LABEL))
    ).to_series()  # fmt: skip


def _labelled_flows(rows: Rows, remarks: list[str]) -> Iterator["pl.DataFrame"]:
    """Yield the flows of every labelled capture, each capture on its own."""
    if rows.labels is None:
        raise UsageError("captures have no labels of their own", hint="name a CSV of them with --labels")
    labels = read_labels(rows.labels)
    places = places_of(dict.fromkeys(one.capture for one in labels), rows.inputs, {}, None)
    if not places:
        raise UsageError("none of the labelled captures is among the files", where=str(rows.labels))
    for capture, place in sorted(places.items()):
        mine = [one for one in labels if one.capture == capture]
        try:
            for flows in frames_of(place):
                yield flows.with_columns(labels_of_flows(flows, mine).alias(LABEL))
        except CaptureError as error:
            remarks.append(f"{capture}: not used: {error.message}")


def _none() -> "np.ndarray":
    import numpy as np

    return np.zeros(0, dtype=object)


class _Drawn:
    """Rows that were drawn: those with the smallest of random numbers, given in the order of the input.

    So what is kept depends on the seed and the order of the rows, and not on how they come in parts.
    """

    def __init__(self, *, most: int, seed: int) -> None:
        import numpy as np

        self.most = most
        self._numbers = np.random.default_rng(seed)
        self._kept: list[pl.DataFrame] = []
        self._held = 0
        self._labelled = 0
        self._unlabelled = 0

    def add(self, frame: "pl.DataFrame") -> None:
        """Take rows; those without a label are counted only."""
        import polars as pl

        there = frame.filter(pl.col(LABEL).is_not_null())
        self._unlabelled += len(frame) - len(there)
        drawn = pl.Series("(drawn)", self._numbers.random(len(there)))
        order = pl.int_range(self._labelled, self._labelled + len(there), eager=True).alias("(order)")
        self._labelled += len(there)
        self._kept.append(there.with_columns(drawn, order))
        self._held += len(there)
        if self._held > 2 * self.most:
            self._prune()

    def table(self) -> "pl.DataFrame":
        """Return the rows."""
        import polars as pl

        if not self._kept:
            return pl.DataFrame(schema={LABEL: pl.String})
        self._prune()
        return self._kept[0].sort("(order)").drop("(drawn)", "(order)")

    def remarks(self) -> Iterator[str]:
        """Yield what a reader should know of the rows."""
        if self._unlabelled:
            yield f"{count_text(self._unlabelled, 'row')} without a label left out"
        if self._labelled > self.most:
            yield f"{self.most:,} of {self._labelled:,} labelled rows drawn at random; more with --max-rows"

    def _prune(self) -> None:
        import polars as pl

        whole = pl.concat(self._kept, how="diagonal_relaxed")
        if len(whole) > self.most:
            whole = whole.bottom_k(self.most, by=["(drawn)", "(order)"])
        self._kept, self._held = [whole], len(whole)
