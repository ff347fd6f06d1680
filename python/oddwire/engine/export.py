"""Findings into tables of other programs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from oddwire import native
from oddwire.errors import UsageError
from oddwire.records.finding import Finding
from oddwire.sinks.findings import findings_frame

if TYPE_CHECKING:
    import polars as pl

__all__ = ["export", "split_target", "write_rows"]

FORMATS = ("csv", "json", "parquet", "sqlite")


def split_target(text: str) -> tuple[str, Path]:
    """Return format and file of `csv:out.csv`; a format alone writes `findings.csv` here."""
    file_format, _, path = text.partition(":")
    if file_format not in FORMATS:
        raise UsageError(f"findings are not exported as '{file_format}'", hint=f"use {', '.join(FORMATS)}")
    return file_format, Path(path or f"findings.{file_format}")


def export(findings: Sequence[Finding], file_format: str, path: Path) -> None:
    """Write the findings as a table."""
    frame = findings_frame(findings)
    if file_format == "sqlite":
        from oddwire.sinks.sqlite import write_sqlite

        kinds = {"String": "string", "Float64": "float64"}
        columns = [(name, kinds.get(str(kind), "int64")) for name, kind in frame.schema.items()]
        write_sqlite(path, "findings", columns, [frame.rows()])
    else:
        native.write_stream(frame, path, file_format)


def write_rows(rows: "pl.DataFrame", path: Path) -> None:
    """Write any table, in the format that the file's name says; CSV where it says nothing."""
    suffix = path.suffix.lstrip(".").lower()
    native.write_stream(rows, path, suffix if suffix in {"json", "jsonl", "parquet", "arrow"} else "csv")
