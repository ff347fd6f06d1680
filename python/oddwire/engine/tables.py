"""Tables of captures into files, whatever the table and the format."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from typing import Any, TypeAlias

from oddwire import native
from oddwire.errors import UsageError
from oddwire.features.profile_schema import PROFILE_COLUMNS
from oddwire.sources.files import Capture

__all__ = ["PROTOCOLS", "TABLES", "Job", "Rows", "columns_of", "formats", "rows_of", "write"]

Path: TypeAlias = str | PathLike[str]
PROTOCOLS = native.protocols()
TABLES = ("packets", "flows", "slices", "profiles", "pairs", "domains", "hosts", "arp", *PROTOCOLS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """A table that is wanted, of which captures, in which shape."""

    table: str
    capture: Capture
    shape: native.Shape = field(default_factory=native.Shape)
    formula_safe: bool = True

    def with_defaults(self, *, columns: Sequence[str], limit: int) -> "Job":
        """Return the same job, with these columns where none were named, and at most so many rows."""
        shape = native.Shape(columns=self.shape.columns or columns, filter=self.shape.filter, limit=limit)
        return Job(table=self.table, capture=self.capture, shape=shape, formula_safe=self.formula_safe)


@dataclass(kw_only=True, slots=True)
class Rows:
    """Rows as tuples, batch by batch; `stats` is there once all were taken."""

    columns: Sequence[tuple[str, str]]
    batches: Iterator[Sequence[tuple[Any, ...]]]
    stats: Mapping[str, Any] = field(default_factory=dict)


def formats() -> list[str]:
    """Return the names of all file formats."""
    return [*native.formats(), "sqlite"]


def columns_of(table: str) -> Sequence[Mapping[str, Any]]:
    """Return name, type, unit, meaning and formula of every column of a table."""
    if table == "profiles":
        return [column.to_dict() for column in PROFILE_COLUMNS]
    return native.columns(table)


def write(
    job: Job, path: Path | None, file_format: str, *, progress: native.Progress | None = None
) -> Mapping[str, Any]:
    """Write a table to a file, or to standard output; return what the run saw."""
    if file_format not in formats():
        raise UsageError(f"unknown format '{file_format}'", hint=f"choose one of {', '.join(formats())}")
    if file_format == "sqlite":
        return _write_sqlite(job, path)
    if job.table == "profiles":
        return _write_profiles(job, path, file_format)
    return native.write_table(
        job.capture.inputs,
        job.table,
        path,
        file_format,
        shape=job.shape,
        options=job.capture.core_options(),
        formula_safe=job.formula_safe,
        progress=progress,
    )


def rows_of(job: Job) -> Rows:
    """Return a table's rows as tuples of Python values, for a screen or a database."""
    types = {column["name"]: column["type"] for column in columns_of(job.table)}
    if job.table == "profiles":
        frame, stats = job.capture.profile_table(job.shape)
        named = [(name, types[name]) for name in frame.columns]
        return Rows(columns=named, batches=_batches(native.adopted(frame)), stats=stats)
    stream = job.capture.stream(job.table, job.shape)
    rows = Rows(columns=[(name, types[name]) for name in stream.names()], batches=iter(()))

    def taken() -> Iterator[Sequence[tuple[Any, ...]]]:
        yield from _batches(stream)
        with native.core_errors():
            rows.stats = stream.stats() or {}

    rows.batches = taken()
    return rows


def _batches(stream: native.Batches) -> Iterator[Sequence[tuple[Any, ...]]]:
    while True:
        with native.core_errors():
            batch = stream.next_rows()
        if batch is None:
            return
        yield batch


def _write_sqlite(job: Job, path: Path | None) -> Mapping[str, Any]:
    from oddwire.sinks.sqlite import write_sqlite

    if path is None:
        raise UsageError("SQLite needs a file", hint="name it with -o OUT.sqlite")
    rows = rows_of(job)
    written = write_sqlite(path, job.table, rows.columns, rows.batches)
    return {**rows.stats, "rows": written}


def _write_profiles(job: Job, path: Path | None, file_format: str) -> Mapping[str, Any]:
    frame, stats = job.capture.profile_table(job.shape)
    rows = native.write_stream(frame, path, file_format, formula_safe=job.formula_safe)
    return {**stats, "rows": rows}
