"""What is held of an hour until it is over: steps, births and questions, bounded."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from oddwire.features.units.pair_rows import PAIR

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

__all__ = ["HeldHour"]

# Rows of each kind; what goes beyond is put together, and dropped where that is not enough.
MOST_HELD = 1_000_000
# Contacts of one pair whose times are kept.
MOST_BIRTHS = 256
MINUTE_NS = 60 * 1_000_000_000


@dataclass(kw_only=True)
class HeldHour:
    """The steps, births and questions of one hour.

    While fewer than the bound are held, nothing depends on when they came.
    """

    hour: int
    most: int = MOST_HELD
    _steps: "list[pl.DataFrame]" = field(default_factory=list)
    _births: "list[pl.DataFrame]" = field(default_factory=list)
    _asked: "list[pl.DataFrame]" = field(default_factory=list)

    def add(self, steps: "pl.DataFrame", births: "pl.DataFrame", asked: "pl.DataFrame | None") -> None:
        """Take what some minutes tell."""
        _hold(self._steps, self._marked(steps), self._together, self.most)
        _hold(self._births, births, _first_of_each, self.most)
        if asked is not None:
            _hold(self._asked, asked.with_columns(window=self._hour), _asked_together, self.most)

    def steps(self) -> "pl.DataFrame":
        """Return the steps, with the minutes in which either side sent as bits."""
        import polars as pl

        return pl.concat(self._steps)

    def births(self) -> "pl.DataFrame":
        """Return when conversations were born, of each pair the first."""
        import polars as pl

        return _first_of_each(pl.concat(self._births))

    def asked(self) -> "pl.DataFrame | None":
        """Return what was asked, once a host and name; None where nobody listened."""
        import polars as pl

        return _asked_together(pl.concat(self._asked)) if self._asked else None

    @property
    def _hour(self) -> "pl.Expr":
        import polars as pl

        return pl.lit(self.hour, pl.Int64)

    def _marked(self, steps: "pl.DataFrame") -> "pl.DataFrame":
        import polars as pl

        minute = pl.lit(2, pl.UInt64).pow((pl.col("window") - self.hour) // MINUTE_NS).cast(pl.UInt64)
        return steps.with_columns(
            pl.when(pl.col(f"packets_{way}") > 0).then(minute).otherwise(0).alias(f"minutes_{way}")
            for way in ("out", "in")
        ).with_columns(window=self._hour)

    @staticmethod
    def _together(steps: "pl.DataFrame") -> "pl.DataFrame":
        """Return minutes as one step a pair."""
        import polars as pl

        bits, longest = ("minutes_out", "minutes_in"), ("length_max_out", "length_max_in")
        same = ("window", "src_side", "dst_side")
        sums = [name for name in steps.columns if name not in {*PAIR, *bits, *longest, *same, "tick"}]
        return (
            steps.group_by(*PAIR)
            .agg(
                pl.col(*same).first(),
                pl.col(*sums).sum(),
                pl.col(*bits).bitwise_or(),
                pl.col(*longest).max(),
                pl.col("tick").min(),
            )
            .select(steps.columns)
            .sort("tick", *PAIR)
        )


def _hold(
    held: "list[pl.DataFrame]",
    fresh: "pl.DataFrame",
    together: "Callable[[pl.DataFrame], pl.DataFrame]",
    most: int,
) -> None:
    """Add rows to those held; beyond the bound put all together, and keep those that came first."""
    import polars as pl

    held.append(fresh)
    if sum(one.height for one in held) > most:
        held[:] = [together(pl.concat(held)).head(most)]


def _first_of_each(births: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    if births.height <= MOST_BIRTHS:
        return births
    ordered = births.sort("born", *PAIR)
    return ordered.filter(pl.int_range(pl.len()).over(PAIR) < MOST_BIRTHS)


def _asked_together(asked: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    counts = pl.col("dns_queries", "dns_failed", "dns_characters")
    return asked.group_by("window", "src", "name", maintain_order=True).agg(counts.sum())
