"""RITA's formula for beacons as a contestant: each pair of an inside and an outside host, a day at a time."""

from typing import TYPE_CHECKING, ClassVar

from oddwire.features.rita import rita_score
from oddwire.learning.alarm_rates import DAY_NS
from oddwire.testing.contest.contestant import SCORED, Contestant

if TYPE_CHECKING:
    import polars as pl

    from oddwire.testing.contest.stretch import Stretch

__all__ = ["Rita"]

SECOND = 1_000_000_000
_READ = ("src", "dst", "src_port", "dst_port", "protocol", "born", "bytes_out", "last")


class Rita(Contestant):
    """The score of RITA 5 over the contacts of a day, as it would judge the logs of a day at its end."""

    about: ClassVar[str] = "RITA's beacon score of each pair and day, known at the end of the day"

    def fit(self, train: "Stretch", calibrate: "Stretch") -> None:
        """Learn nothing: it is a formula."""

    def score(self, stretch: "Stretch") -> "pl.DataFrame":
        """Return one row a pair and day that has enough contacts."""
        import polars as pl

        contacts = self._contacts(stretch)
        rows = []
        for today in contacts.partition_by("day"):
            times = today["born"].to_list()
            span_s = (times[0] / SECOND, times[-1] / SECOND)
            # Its logs of a day are judged when the day is over.
            known = (int(today["day"][0]) + 1) * DAY_NS
            for pair in today.partition_by("src", "dst"):
                starts = pair["born"].to_list()
                found = rita_score([start / SECOND for start in starts], pair["bytes"].to_list(), span_s)
                if found is not None:
                    rows.append((pair["src"][0], starts[0], starts[-1], known, found.score))
        schema = {name: getattr(pl, dtype) for name, dtype in SCORED.items()} | {"subject": pl.UInt32}
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        return stretch.named(frame).sort("start_ns", "subject", "score")

    @staticmethod
    def _contacts(stretch: "Stretch") -> "pl.DataFrame":
        """Return the conversations of our own hosts with others: when each began, and how much was sent."""
        import polars as pl

        inside = pl.col("src").is_in(stretch.inside) & ~pl.col("dst").is_in(stretch.inside)
        keys = ["src", "dst", "src_port", "dst_port", "protocol", "born"]
        schema = {**dict.fromkeys(keys[:2], pl.UInt32), "born": pl.Int64, "bytes": pl.Int64}
        parts = [
            talks.filter(inside)
            .group_by(keys)
            .agg(bytes=pl.col("bytes_out").sum().cast(pl.Int64))
            .select("src", "dst", pl.col("born").cast(pl.Int64), "bytes")
            for talks in stretch.each("talks", _READ[:-1])
        ]
        contacts = pl.concat([pl.DataFrame(schema=schema), *parts])
        return contacts.with_columns(day=pl.col("born") // DAY_NS).sort("born", "src", "dst")
