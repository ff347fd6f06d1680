"""The tables of a workspace as Parquet files that are named by their content."""

import io
import json
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oddwire.errors import StoreError
from oddwire.records.finding import nanoseconds
from oddwire.store.durable import write_whole
from oddwire.store.manifest import Part

if TYPE_CHECKING:
    import polars as pl

__all__ = ["finding_rows", "plain", "plain_rows", "read_part", "write_part"]

TIMES = ("start", "end")


def write_part(folder: Path, table: str, rows: Sequence[Mapping[str, Any]]) -> Part:
    """Write rows as one part of a table; nobody sees it before a manifest names it."""
    import polars as pl

    columns = {name: pl.Datetime("ns", "UTC") for name in TIMES if name in rows[0]}
    frame = pl.DataFrame(rows, infer_schema_length=None, schema_overrides=columns)
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", statistics=True)
    content = buffer.getvalue()
    digest = blake2b(content, digest_size=32).hexdigest()
    name = f"{table}/{digest[:24]}.parquet"
    write_whole(folder / name, content)
    return Part(name=name, rows=len(rows), blake2b=digest)


def read_part(folder: Path, part: Part) -> "pl.DataFrame":
    """Return the rows of a part as they were written; FileNotFoundError where it is gone."""
    import polars as pl

    path = folder / part.name
    content = path.read_bytes()
    if blake2b(content, digest_size=32).hexdigest() != part.blake2b:
        raise StoreError(
            "the content of this part is not what was written",
            where=str(path),
            hint="restore it from a copy; `oddwire store check` says what else is damaged",
        )
    return pl.read_parquet(content)


def finding_rows(run: str, findings: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return findings as rows: what one searches for as columns, and the whole line."""
    return [
        {
            "run": run,
            "id": one["id"],
            "kind": one["kind"],
            "detector": one["detector"],
            "severity": one["severity"],
            "start": nanoseconds(one["start"]),
            "end": nanoseconds(one["end"]),
            "subject_ip": one["subject"].get("ip") or "",
            "subject_mac": one["subject"].get("mac") or "",
            "title": one["title"],
            "line": plain(one),
        }
        for one in findings
    ]


def plain_rows(folder: Path, parts: Iterable[Part]) -> list[dict[str, Any]]:
    """Return the rows of parts with times as nanoseconds, as they were given."""
    import polars as pl

    rows: list[dict[str, Any]] = []
    for part in parts:
        frame = read_part(folder, part)
        times = [pl.col(name).dt.epoch("ns") for name in TIMES if name in frame.columns]
        rows += frame.with_columns(times).to_dicts()
    return rows


def plain(value: Mapping[str, Any]) -> str:
    """Return the one line of JSON that holds a value."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
