"""A stretch of traffic on disk: the tables that judges read, in parts by time, read by every contestant."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from oddwire.base.window import Hosts
from oddwire.engine.analysis import local_test
from oddwire.engine.judging import Tables
from oddwire.engine.settings import LOCAL_NETS
from oddwire.testing.windows import nothing_said, recorded

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Stretch", "kept"]

NAMES, ENDS = "names.json", "ends.json"


@dataclass(frozen=True)
class Stretch:
    """Some traffic, in a folder: one folder a part, one Parquet file a table that has rows.

    Hosts are numbers in the tables; the same number may be another host in another stretch.
    """

    folder: Path

    @cached_property
    def names(self) -> list[str | None]:
        """Return the addresses behind the numbers."""
        found: list[str | None] = json.loads((self.folder / NAMES).read_text(encoding="utf-8"))
        return found

    @cached_property
    def hosts(self) -> Hosts:
        """Return who is who."""
        numbers = {name: number for number, name in enumerate(self.names) if name}
        return Hosts(
            lambda wanted: [self.names[one] if one < len(self.names) else None for one in wanted],
            local_test(LOCAL_NETS),
            lambda addresses: [numbers.get(one) for one in addresses],
        )

    @cached_property
    def inside(self) -> list[int]:
        """Return the numbers of the hosts of our own networks."""
        is_local = local_test(LOCAL_NETS)
        return [number for number, name in enumerate(self.names) if name and is_local(name)]

    @cached_property
    def parts(self) -> list[Path]:
        """Return the folders of the parts, in the order of time."""
        return sorted(one for one in self.folder.iterdir() if one.is_dir())

    def each(self, table: str, columns: Sequence[str]) -> Iterator["pl.DataFrame"]:
        """Yield a table part by part, only the columns named; parts without a row are passed over."""
        import polars as pl

        for part in self.parts:
            path = part / f"{table}.parquet"
            if path.is_file():
                yield pl.read_parquet(path, columns=list(columns))

    def spans(self) -> Iterator[tuple[Tables, int | None]]:
        """Yield all tables part by part, and the time before which all is complete; None with the last."""
        import polars as pl

        empty = {**recorded([]).tables, **nothing_said()}
        ends: list[int | None] = json.loads((self.folder / ENDS).read_text(encoding="utf-8"))
        for part, end in zip(self.parts, ends, strict=True):
            held = {path.stem: pl.read_parquet(path) for path in sorted(part.glob("*.parquet"))}
            yield {name: held.get(name, table) for name, table in empty.items()}, end

    def named(self, frame: "pl.DataFrame", column: str = "subject") -> "pl.DataFrame":
        """Return a frame in which hosts that were numbers are addresses."""
        import polars as pl

        book = pl.Series(column, self.names, dtype=pl.String)
        return frame.with_columns(book.gather(frame[column].cast(pl.UInt32)).alias(column))


def kept(
    spans: Iterable[tuple[Tables, int | None]], names: Callable[[], Sequence[str | None]], folder: Path
) -> Stretch:
    """Write spans as a stretch; the names of hosts are asked for when all spans have been seen."""
    folder.mkdir(parents=True)
    ends = []
    for at, (tables, complete_ns) in enumerate(spans):
        part = folder / f"{at:04}"
        part.mkdir()
        for name, table in tables.items():
            if not table.is_empty():
                table.write_parquet(part / f"{name}.parquet", compression="lz4", statistics=False)
        ends.append(complete_ns)
    (folder / ENDS).write_text(json.dumps(ends), encoding="utf-8")
    (folder / NAMES).write_text(json.dumps(list(names())), encoding="utf-8")
    return Stretch(folder)
