"""What calibration has seen: how many days, hour by hour, and how many hosts in each."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import polars as pl

__all__ = ["DAY_NS", "HOUR_NS", "Exposure"]

HOUR_NS = 3_600 * 1_000_000_000
DAY_NS = 24 * HOUR_NS
SECOND_NS = 1_000_000_000
HOUR_S = 3_600
# Silence of the whole network up to this long was watched; longer silence is a gap in the capture. Where it
# was a quiet night instead, the day counts for less than it was, and the promise errs towards fewer alarms.
LONGEST_SILENCE_NS = HOUR_NS
# Ten years of hours.
MOST_HOURS = 87_600


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Exposure:
    """The hours that were watched: their number since 1970, seconds of each, hosts seen in each."""

    hours: "np.ndarray"
    seconds: "np.ndarray"
    hosts: "np.ndarray"

    @classmethod
    def of(cls, table: "pl.DataFrame", *, window_ns: int) -> "Exposure":
        """Return what windows have seen; columns `start_ns` and `subject`, a row a host and window."""
        import numpy as np
        import polars as pl

        starts = table["start_ns"].unique().sort().to_numpy()
        if not starts.size:
            raise UsageError("the capture holds no window to calibrate with")
        hours, seconds = _watched(starts, window_ns)
        seen = table.group_by(pl.col("start_ns") // HOUR_NS).agg(pl.col("subject").n_unique())
        hosts = np.zeros(hours.size, dtype=np.int64)
        hosts[np.searchsorted(hours, seen["start_ns"].to_numpy())] = seen["subject"].to_numpy()
        return cls(hours=hours, seconds=seconds, hosts=hosts)

    @property
    def days(self) -> float:
        """Return how many days were watched, without gaps."""
        return float(self.seconds.sum()) / 86_400

    @property
    def host_hours(self) -> int:
        """Return how many hours of hosts were seen: the blocks of resampling."""
        return max(int(self.hosts.sum()), 1)

    @property
    def gap_hours(self) -> int:
        """Return how many whole hours between the first and the last were not watched."""
        return int(self.hours[-1] - self.hours[0]) + 1 - self.hours.size

    def by_day(self) -> "tuple[np.ndarray, np.ndarray]":
        """Return the days (their number since 1970) and which part of each was watched."""
        import numpy as np

        days, place = np.unique(self.hours // 24, return_inverse=True)
        return days, np.bincount(place, weights=self.seconds) / 86_400

    def joined(self, other: "Exposure") -> "Exposure":
        """Return both together; an hour that both have seen counts once, with the most of either."""
        import numpy as np

        hours, place = np.unique(np.concatenate((self.hours, other.hours)), return_inverse=True)
        seconds, hosts = np.zeros(hours.size), np.zeros(hours.size, dtype=np.int64)
        split = self.hours.size
        seconds[place[:split]] = self.seconds
        # Captures that follow each other share an hour and split its seconds; nothing is longer than an hour.
        np.add.at(seconds, place[split:], other.seconds)
        np.maximum.at(hosts, place[:split], self.hosts)
        np.maximum.at(hosts, place[split:], other.hosts)
        return Exposure(hours=hours, seconds=np.minimum(seconds, HOUR_S), hosts=hosts)

    def save(self) -> "dict[str, np.ndarray]":
        """Return everything as arrays of numbers."""
        return {"hours": self.hours, "seconds": self.seconds, "hosts": self.hosts}

    @classmethod
    def load(cls, arrays: "Mapping[str, np.ndarray]") -> "Exposure":
        """Return what was saved; refuse arrays that are no exposure."""
        import numpy as np

        try:
            hours = np.asarray(arrays["hours"], dtype=np.int64)
            seconds = np.asarray(arrays["seconds"], dtype=np.float64)
            hosts = np.asarray(arrays["hosts"], dtype=np.int64)
        except (KeyError, TypeError, ValueError) as error:
            raise UsageError("the calibration of the model is damaged") from error
        same = hours.ndim == 1 and hours.shape == seconds.shape == hosts.shape
        if not (same and 1 <= hours.size <= MOST_HOURS and np.all(np.diff(hours) > 0) and np.all(hosts >= 0)):
            raise UsageError("the calibration of the model is damaged", hint="its hours are in no order")
        if not np.all((seconds >= 0) & (seconds <= HOUR_S)):
            raise UsageError("the calibration of the model is damaged", hint="its hours are no hours")
        return cls(hours=hours, seconds=seconds, hosts=hosts)


def _watched(starts: "np.ndarray", window_ns: int) -> "tuple[np.ndarray, np.ndarray]":
    """Return the hours that stretches of windows touch, and the seconds of each that they fill."""
    import numpy as np

    breaks = np.flatnonzero(np.diff(starts) > window_ns + LONGEST_SILENCE_NS)
    begins = starts[np.concatenate(([0], breaks + 1))]
    ends = starts[np.concatenate((breaks, [starts.size - 1]))] + window_ns
    first, last = begins // HOUR_NS, (ends - 1) // HOUR_NS
    touched = int((last - first + 1).sum())
    if touched > MOST_HOURS:
        raise UsageError("the captures span more than ten years", hint="calibrate with less")
    parts = [np.arange(one, two + 1) for one, two in zip(first, last, strict=True)]
    stretch = np.repeat(np.arange(begins.size), [part.size for part in parts])
    hour = np.concatenate(parts)
    filled = np.minimum(ends[stretch], (hour + 1) * HOUR_NS) - np.maximum(begins[stretch], hour * HOUR_NS)
    hours, place = np.unique(hour, return_inverse=True)
    return hours, np.minimum(np.bincount(place, weights=filled / SECOND_NS), HOUR_S)
