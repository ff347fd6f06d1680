"""Baselines of one figure: a threshold on a single count, and what a count cannot be better than."""

from typing import TYPE_CHECKING, ClassVar

from oddwire.testing.contest.contestant import Contestant
from oddwire.testing.contest.minutes import COUNTS, MINUTE_NS, minutes

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from oddwire.testing.contest.stretch import Stretch

__all__ = ["Chance", "OneRule", "PacketRate", "Placed", "Single"]

# The share of ordinary minutes that a rule of one figure is to raise.
RAISED = 0.001


def _scored(stretch: "Stretch", rows: "pl.DataFrame", score: "np.ndarray") -> "pl.DataFrame":
    import polars as pl

    end = pl.col("minute") + MINUTE_NS
    frame = rows.select(
        subject="host", start_ns="minute", end_ns=end, at_ns=end, score=pl.Series(score, dtype=pl.Float64)
    )
    return stretch.named(frame)


class Single(Contestant):
    """A count of one minute of a host, against all minutes of all hosts that it learned from."""

    about: ClassVar[str] = "one count of a host's minute, by how rare so much is"

    def __init__(self, *, name: str, seed: int = 0, feature: str = "packets_out") -> None:
        super().__init__(name=name, seed=seed)
        self.feature = feature

    def fit(self, train: "Stretch", calibrate: "Stretch") -> None:
        """Remember the values."""
        _ = calibrate
        import numpy as np

        self.known = np.sort(minutes(train)[self.feature].to_numpy())

    def score(self, stretch: "Stretch") -> "pl.DataFrame":
        """Return how rare so high a value is; beyond all that is known, higher is odder still."""
        rows = minutes(stretch)
        return _scored(stretch, rows, _rarity(self.known, rows[self.feature].to_numpy()))


def _rarity(known: "np.ndarray", values: "np.ndarray") -> "np.ndarray":
    """Return the negative logarithm of the share of known values that are as high."""
    import numpy as np

    count = len(known)
    above = count - np.searchsorted(known, values, side="left")
    most = max(float(known[-1]) if count else 0.0, 1.0)
    beyond = np.log1p(np.maximum(values - most, 0) / most)
    rare: np.ndarray = -np.log10((above + 1) / (count + 1)) + beyond
    return rare


class OneRule(Single):
    """The single count whose threshold kept its promise best, judged without any attack.

    For each count the threshold that one minute in a thousand of the first half of the training exceeds is
    tried on the second half; the count is taken that exceeds it most nearly as often.
    """

    about: ClassVar[str] = "the one count whose threshold holds best on the training itself"

    def fit(self, train: "Stretch", calibrate: "Stretch") -> None:
        """Choose the count, then learn it."""
        _ = calibrate
        import numpy as np

        rows = minutes(train)
        half = rows.height // 2
        off = {}
        for name in COUNTS:
            values = rows[name].to_numpy()
            threshold = np.quantile(values[:half], 1 - RAISED)
            share = float((values[half:] > threshold).mean())
            off[name] = abs(np.log((share + RAISED / 10) / RAISED))
        self.feature = min(COUNTS, key=lambda name: (off[name], name))
        self.known = np.sort(rows[self.feature].to_numpy())


class PacketRate(Contestant):
    """A boxplot of packets a minute: how many spreads of the middle half above it, over all hosts."""

    about: ClassVar[str] = "a boxplot of packets a minute, over all hosts"

    def fit(self, train: "Stretch", calibrate: "Stretch") -> None:
        """Learn the quartiles."""
        _ = calibrate
        import numpy as np

        rows = minutes(train)
        rate = (rows["packets_out"] + rows["packets_in"]).to_numpy()
        self.middle, self.upper = np.quantile(rate, [0.5, 0.75])

    def score(self, stretch: "Stretch") -> "pl.DataFrame":
        """Return the distance above the upper quartile."""
        rows = minutes(stretch)
        rate = (rows["packets_out"] + rows["packets_in"]).to_numpy()
        return _scored(stretch, rows, (rate - self.upper) / max(self.upper - self.middle, 1.0))


class Chance(Contestant):
    """A number by lot for each minute: whatever it finds is found by luck."""

    about: ClassVar[str] = "a number by lot: what luck alone finds"

    def fit(self, train: "Stretch", calibrate: "Stretch") -> None:
        """Learn nothing."""

    def score(self, stretch: "Stretch") -> "pl.DataFrame":
        """Return numbers by lot."""
        import numpy as np

        rows = minutes(stretch)
        return _scored(stretch, rows, np.random.default_rng([self.seed, 7]).random(rows.height))


class Placed(Contestant):
    """Scores by the time of day or by the host alone: what it finds leaked out of how attacks were placed."""

    about: ClassVar[str] = "time of day, or which host, alone: what leaks from how attacks were placed"

    def __init__(self, *, name: str, seed: int = 0, by: str = "hour") -> None:
        super().__init__(name=name, seed=seed)
        self.by = by

    def fit(self, train: "Stretch", calibrate: "Stretch") -> None:
        """Learn how busy each hour of the day, or each host, is."""
        _ = calibrate
        import polars as pl

        rows = self._keyed(train, minutes(train))
        self.share = rows.group_by("key").agg(count=pl.len()).sort("key")

    def score(self, stretch: "Stretch") -> "pl.DataFrame":
        """Return how seldom it is busy."""
        import polars as pl

        rows = minutes(stretch)
        keyed = self._keyed(stretch, rows).join(self.share, on="key", how="left", maintain_order="left")
        return _scored(stretch, rows, (-keyed["count"].fill_null(0).cast(pl.Float64)).to_numpy())

    def _keyed(self, stretch: "Stretch", rows: "pl.DataFrame") -> "pl.DataFrame":
        import polars as pl

        if self.by == "hour":
            return rows.select(key=(pl.col("minute") // (60 * MINUTE_NS) % 24).cast(pl.String))
        return stretch.named(rows.select(key="host"), "key")
