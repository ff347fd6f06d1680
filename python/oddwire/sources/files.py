"""Capture files as tables in Python."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from typing import TYPE_CHECKING, Any, TypeAlias

from oddwire import native
from oddwire.errors import UsageError
from oddwire.features.profile_schema import PROFILE_COLUMNS
from oddwire.features.profiles import profiles_of

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Capture", "SliceRun", "read"]

Path: TypeAlias = str | PathLike[str]
DEFAULT_WINDOW_S = 60.0
NS = 1_000_000_000


def read(*inputs: Path, window_s: float = DEFAULT_WINDOW_S, **options: Any) -> "Capture":  # noqa: ANN401  # the fields of Options
    """Name captures to make tables of; nothing is read before a table is asked for.

    Files, folders and patterns are read in time order. Further options are the fields of
    `oddwire.native.Options`, such as `dedupe=True`, `threads=2` or `bpf="tcp port 80"`.

    >>> import oddwire
    >>> flows = oddwire.read("monday.pcap", "tuesday.pcap.gz").flows()      # doctest: +SKIP
    """
    return Capture(inputs=inputs, window_s=window_s, options=native.Options(**options))


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """Captures that tables are made of, one pass a table.

    A table is a Polars frame; `to_pandas()` of the frame gives a pandas one (extra `pandas`), and any Arrow
    consumer takes it. `stream` gives the same table batch by batch, in bounded memory.
    """

    inputs: tuple[Path, ...]
    window_s: float = DEFAULT_WINDOW_S
    options: native.Options = field(default_factory=native.Options)

    def packets(
        self, *, columns: Sequence[str] | None = None, filter: str | None = None, limit: int | None = None
    ) -> "pl.DataFrame":
        """Return the table of packets: one row a frame, whatever it holds."""
        return self._frame("packets", native.Shape(columns=columns, filter=filter, limit=limit))

    def flows(
        self, *, columns: Sequence[str] | None = None, filter: str | None = None, limit: int | None = None
    ) -> "pl.DataFrame":
        """Return the table of flows: one row a conversation."""
        return self._frame("flows", native.Shape(columns=columns, filter=filter, limit=limit))

    def slices(
        self, *, columns: Sequence[str] | None = None, filter: str | None = None, limit: int | None = None
    ) -> "pl.DataFrame":
        """Return the table of slices: what each flow did in each window."""
        return self._frame("slices", native.Shape(columns=columns, filter=filter, limit=limit))

    def pairs(
        self, *, columns: Sequence[str] | None = None, filter: str | None = None, limit: int | None = None
    ) -> "pl.DataFrame":
        """Return the table of pairs: who contacted whom at least three times, and when."""
        return self._frame("pairs", native.Shape(columns=columns, filter=filter, limit=limit))

    def table(
        self,
        name: str,
        *,
        columns: Sequence[str] | None = None,
        filter: str | None = None,
        limit: int | None = None,
    ) -> "pl.DataFrame":
        """Return any table by its name: what was said in a protocol, such as `dns` or `tls`."""
        shape = native.Shape(columns=columns, filter=filter, limit=limit)
        return self.profile_table(shape)[0] if name == "profiles" else self._frame(name, shape)

    def profiles(
        self, *, columns: Sequence[str] | None = None, filter: str | None = None, limit: int | None = None
    ) -> "pl.DataFrame":
        """Return the table of profiles: one row a window and source host."""
        return self.profile_table(native.Shape(columns=columns, filter=filter, limit=limit))[0]

    def profile_table(self, shape: native.Shape) -> tuple["pl.DataFrame", Mapping[str, Any]]:
        """Return the profiles in a shape, and what the run saw."""
        import polars as pl

        run = self.slice_run()
        names = None if shape.columns is None or "all" in shape.columns else _profile_columns(shape.columns)
        frames = []
        for frame in profiles_of(run, self.window_ns):
            kept = pl.DataFrame(native.filtered(frame, shape.filter)) if shape.filter else frame
            frames.append(kept if names is None else kept.select(names))
        table = pl.concat(frames)
        return table if shape.limit is None else table.head(shape.limit), run.stats()

    def summary(
        self, *, top: int = 20, describe: bool = False, progress: native.Progress | None = None
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return the figures of the captures, and what the run saw."""
        options = self.core_options()
        return native.summarise(self.inputs, top=top, describe=describe, options=options, progress=progress)

    def stream(self, table: str, shape: native.Shape | None = None) -> native.Batches:
        """Return a table as a stream of Arrow batches, for one reader; the run goes on while it is read."""
        if self.options.follow:
            message = "a capture that still grows can be written or summarised, not held"
            raise UsageError(message, hint="choose a file format, such as --format csv")
        return native.open_table(
            self.inputs, table, shape=shape or native.Shape(), options=self.core_options()
        )

    def write(
        self, table: str, path: Path, *, format: str | None = None, shape: native.Shape | None = None
    ) -> Mapping[str, Any]:
        """Write a table to a file, whose ending names the format; return what the run saw."""
        file_format, shape = format or str(path).rpartition(".")[2], shape or native.Shape()
        if table == "profiles":
            frame, stats = self.profile_table(shape)
            return {**stats, "rows": native.write_stream(frame, path, file_format)}
        return native.write_table(
            self.inputs, table, path, file_format, shape=shape, options=self.core_options()
        )

    def slice_run(self) -> "SliceRun":
        """Return the slices as frames, batch by batch, and afterwards what the run saw."""
        return SliceRun(batches=self.stream("slices"))

    def with_bpf(self, text: str) -> "Capture":
        """Return the same captures, seen through a packet filter in the words of tcpdump."""
        return replace(self, options=replace(self.options, bpf=text))

    @property
    def window_ns(self) -> int:
        """The length of a window in nanoseconds."""
        return round(self.window_s * NS)

    def core_options(self) -> native.Options:
        """Return the options with the window among them."""
        return native.with_window(self.options, self.window_ns)

    def _frame(self, table: str, shape: native.Shape) -> "pl.DataFrame":
        import polars as pl

        batches = self.stream(table, shape)
        try:
            return pl.DataFrame(batches)
        except Exception:
            with native.core_errors():
                batches.stats()  # raises what ended the run early, in our own words
            raise


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceRun:
    """Slices as Polars frames, one after the other."""

    batches: native.Batches

    def __iter__(self) -> Iterator["pl.DataFrame"]:
        """Yield the frames."""
        import polars as pl

        while True:
            with native.core_errors():
                batch = self.batches.next_batch()
            if batch is None:
                return
            yield pl.DataFrame(batch)

    def stats(self) -> Mapping[str, Any]:
        """Return what the run saw, once all frames were taken."""
        with native.core_errors():
            return self.batches.stats() or {}


def _profile_columns(names: Sequence[str]) -> Sequence[str]:
    """Return the names, all of which the table has."""
    from difflib import get_close_matches

    there = [column.name for column in PROFILE_COLUMNS]
    for name in names:
        if name not in there:
            near = get_close_matches(name, there, n=1)
            hint = f"did you mean '{near[0]}'?" if near else "see `oddwire columns profiles`"
            raise UsageError(f"unknown column '{name}'", hint=hint)
    return names
