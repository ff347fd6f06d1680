"""Capture files as tables in Python."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import TYPE_CHECKING, Any

from oddwire import native
from oddwire.errors import MissingComponent, OddwireError
from oddwire.features.profiles import profiles_of

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

__all__ = ["Capture", "Table", "read"]

type Path = str | PathLike[str]
DEFAULT_WINDOW_S = 60.0
NS = 1_000_000_000


def read(*inputs: Path, **options: Any) -> "Capture":  # noqa: ANN401  # the fields of native.Options
    """Name captures to make tables of; nothing is read before a table is asked for.

    Files, folders and patterns are read in time order. Options are those of `oddwire.native.Options`, such as
    `dedupe=True`, `threads=2`, `bpf="tcp port 80"` or `window_s=60`.

    >>> import oddwire
    >>> flows = oddwire.read("monday.pcap", "tuesday.pcap.gz").flows()      # doctest: +SKIP
    """
    window_s = float(options.pop("window_s", DEFAULT_WINDOW_S))
    return Capture(inputs=tuple(inputs), window_s=window_s, options=native.Options(**options))


@dataclass(frozen=True, kw_only=True, slots=True)
class Capture:
    """Captures that tables are made of, one pass a table."""

    inputs: tuple[Path, ...]
    window_s: float = DEFAULT_WINDOW_S
    options: native.Options = native.Options()

    def packets(self, **shape: Any) -> "Table":  # noqa: ANN401  # the fields of native.Shape
        """Return the table of packets; `columns`, `filter` and `limit` choose of it."""
        return self._table("packets", **shape)

    def flows(self, **shape: Any) -> "Table":  # noqa: ANN401
        """Return the table of flows."""
        return self._table("flows", **shape)

    def slices(self, **shape: Any) -> "Table":  # noqa: ANN401
        """Return the table of slices: what each flow did in each window."""
        return self._table("slices", **shape)

    def pairs(self, **shape: Any) -> "Table":  # noqa: ANN401
        """Return the table of pairs that had contact at least three times."""
        return self._table("pairs", **shape)

    def profiles(self, *, filter: str | None = None) -> "pl.DataFrame":  # noqa: A002  # the word of the command
        """Return the table of profiles: one row a window and source host."""
        import polars as pl

        frames = list(self.profile_frames())
        frame = pl.concat(frames) if frames else pl.concat(profiles_of([], self.window_ns))
        return frame if filter is None else pl.DataFrame(native.filtered(frame, filter))

    def profile_frames(self, run: "SliceRun | None" = None) -> Iterator["pl.DataFrame"]:
        """Yield profiles window by window, in bounded memory."""
        yield from profiles_of(run if run is not None else self.slice_run(), self.window_ns)

    def slice_run(self) -> "SliceRun":
        """Return the slices as frames, batch by batch, and afterwards what the run saw."""
        return SliceRun(batches=self._open("slices", native.Shape()))

    def summary(
        self, *, top: int = 20, describe: bool = False, progress: native.Progress | None = None
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return the figures of the captures, and what the run saw."""
        return native.summarise(
            self.inputs, top=top, describe=describe, options=self.options, progress=progress
        )

    @property
    def window_ns(self) -> int:
        """The length of a window in nanoseconds."""
        return round(self.window_s * NS)

    def _table(self, name: str, **shape: Any) -> "Table":  # noqa: ANN401
        return Table(name=name, capture=self, shape=native.Shape(**shape))

    def _open(self, name: str, shape: native.Shape) -> native.Batches:
        return native.open_table(self.inputs, name, shape=shape, options=self.core_options())

    def core_options(self) -> native.Options:
        """Return the options with the window in them."""
        return native.Options(extra={**self.options.to_dict(), "window_ns": self.window_ns})


@dataclass(frozen=True, kw_only=True, slots=True)
class SliceRun:
    """Slices as Polars frames, one after the other."""

    batches: native.Batches

    def __iter__(self) -> Iterator["pl.DataFrame"]:
        """Yield the frames."""
        import polars as pl

        while True:
            with native.stream_errors():
                batch = self.batches.next_batch()
            if batch is None:
                return
            yield pl.DataFrame(batch)

    def stats(self) -> dict[str, Any]:
        """Return what the run saw, once all frames were taken."""
        with native.stream_errors():
            return self.batches.stats() or {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A table that is made when it is used: as a frame, a stream, or a file."""

    name: str
    capture: Capture
    shape: native.Shape = native.Shape()

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Hand the batches to any Arrow consumer, without a copy."""
        return self.batches().__arrow_c_stream__(requested_schema)

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401  # whatever a Polars frame has
        """Answer like the Polars frame that this table is when it is looked at."""
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(self.to_polars(), name)

    def __len__(self) -> int:
        """Return the number of rows."""
        return self.to_polars().height

    def __getitem__(self, key: Any) -> Any:  # noqa: ANN401
        """Answer like the Polars frame."""
        return self.to_polars()[key]

    def __repr__(self) -> str:
        """Show the Polars frame."""
        return repr(self.to_polars())

    def batches(self) -> native.Batches:
        """Start the run and return the stream of its batches, for one reader."""
        return self.capture._open(self.name, self.shape)  # noqa: SLF001  # the two are one thing

    def to_polars(self) -> "pl.DataFrame":
        """Return a Polars frame of all rows."""
        import polars as pl

        batches = self.batches()
        try:
            return pl.DataFrame(batches)
        except OddwireError:
            raise
        except Exception:
            with native.stream_errors():
                batches.stats()  # raises what ended the run early, in our own words
            raise

    def to_pandas(self) -> "pd.DataFrame":
        """Return a pandas frame of all rows; needs the extra `pandas`."""
        try:
            import pandas as pd  # noqa: F401
            import pyarrow as pa
        except ImportError:
            message = "a pandas frame needs pandas and pyarrow"
            raise MissingComponent(message, extra="pandas") from None
        table = pa.RecordBatchReader.from_stream(self.batches()).read_all()
        return table.to_pandas()

    def write(self, path: Path, *, format: str | None = None) -> dict[str, Any]:  # noqa: A002
        """Write all rows to a file whose ending names the format; return what the run saw."""
        file_format = format or str(path).rpartition(".")[2]
        return native.write_table(
            self.capture.inputs,
            self.name,
            path,
            file_format,
            shape=self.shape,
            options=self.capture.core_options(),
        )

    def columns(self) -> Sequence[Mapping[str, Any]]:
        """Return name, type, unit, meaning and formula of every column there is."""
        return native.columns(self.name)
