"""Kitsune's method as a baseline: AfterImage's figures of every packet, judged by KitNET.

On captures a step is a packet. Simulated weeks have no packets: there a step is a row of `talks`, what one
conversation did in five seconds, with the mean length of its packets; that is kinder to memory than to the
method, and the table of results says so. It learns from at most 200,000 steps spread over the training (the
published code stops after 55,000 packets).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from oddwire.testing.contest.afterimage import FADINGS, Steps, figures
from oddwire.testing.contest.contestant import Contestant, nothing_scored
from oddwire.testing.contest.kitnet import KitNet
from oddwire.testing.contest.minutes import MINUTE_NS

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from oddwire.testing.contest.stretch import Stretch

__all__ = ["Kitsune"]

MOST_LEARNED = 200_000
# Steps whose figures are made at once, and how many before them are looked at first, so that sums are warm.
AT_ONCE = 200_000
# After so long the slowest sum has faded to less than a thousandth.
WARM_S = 10.0 / FADINGS[-1]
_TALKS = (
    *("first", "src", "dst", "src_port", "dst_port", "protocol", "mac_out"),
    *("packets_out", "packets_in", "bytes_out", "bytes_in"),
)
_PACKETS = ("time_ns", "src", "dst", "src_port", "dst_port", "protocol", "mac", "length")


class Kitsune(Contestant):
    """Every step by the errors of its autoencoders; a host's minute is as odd as its oddest step."""

    about: ClassVar[str] = "Kitsune's method: damped statistics of every step, ensemble of autoencoders"

    def fit(self, train: "Stretch", calibrate: "Stretch") -> None:
        """Learn from a part of all steps."""
        _ = calibrate
        import numpy as np

        counts = [steps.height for steps in _steps(train)]
        share = min(1.0, MOST_LEARNED / max(sum(counts), 1))
        rng = np.random.default_rng([self.seed, 1])
        kept = [table[rng.random(len(table)) < share] for _, table in _tables(_steps(train))]
        self.net = KitNet(seed=self.seed)
        self.net.fit(np.concatenate(kept))

    def score(self, stretch: "Stretch") -> "pl.DataFrame":
        """Return each host's minutes by their oddest step."""
        import polars as pl

        found = [
            _by_minute(steps, self.net.score(table), stretch.inside)
            for steps, table in _tables(_steps(stretch))
        ]
        if not found:
            return nothing_scored()
        rows = pl.concat(found).group_by("subject", "start_ns").agg(pl.all().get(pl.col("score").arg_max()))
        end = pl.col("start_ns") + MINUTE_NS
        rows = rows.select("subject", "start_ns", end_ns=end, at_ns="at_ns", score="score")
        return stretch.named(rows.sort("start_ns", "subject"))


def _by_minute(steps: "pl.DataFrame", score: "np.ndarray", inside: list[int]) -> "pl.DataFrame":
    """Return the oddest step of each minute of our own hosts: of the sender, else of the receiver."""
    import polars as pl

    who = pl.when(pl.col("src").is_in(inside)).then("src").when(pl.col("dst").is_in(inside)).then("dst")
    return (
        steps.select(
            subject=who,
            start_ns=pl.col("time_ns") // MINUTE_NS * MINUTE_NS,
            at_ns="time_ns",
            score=pl.Series(score, dtype=pl.Float64),
        )
        .drop_nulls("subject")
        .group_by("subject", "start_ns")
        .agg(pl.all().get(pl.col("score").arg_max()))
    )


def _steps(stretch: "Stretch") -> Iterator["pl.DataFrame"]:
    """Yield the steps of a stretch in the order of time: its packets where it has them, else its talks."""
    import polars as pl

    packets = False
    for table in stretch.each("steps", _PACKETS):
        packets = True
        yield table.sort("time_ns", maintain_order=True)
    if packets:
        return
    count = pl.col("packets_out") + pl.col("packets_in")
    for talks in stretch.each("talks", _TALKS):
        yield talks.select(
            "src",
            "dst",
            "src_port",
            "dst_port",
            "protocol",
            time_ns=pl.col("first").cast(pl.Int64),
            mac=pl.col("mac_out").fill_null(0),
            length=(pl.col("bytes_out") + pl.col("bytes_in")) / count.clip(lower_bound=1),
        ).sort("time_ns", maintain_order=True)


def _tables(parts: Iterator["pl.DataFrame"]) -> Iterator[tuple["pl.DataFrame", "np.ndarray"]]:
    """Yield steps with their figures; sums begin with the steps before, which are looked at twice."""
    import polars as pl

    before: pl.DataFrame | None = None
    for part in parts:
        for begin in range(0, part.height, AT_ONCE):
            now = part[begin : begin + AT_ONCE]
            # After so much quiet all sums are empty; another capture is not the first one going on.
            if before is not None and int(now["time_ns"][0]) - int(before["time_ns"][-1]) > WARM_S * 1e9:
                before = None
            both = now if before is None else pl.concat([before.select(now.columns), now])
            yield now, figures(_as_steps(both))[both.height - now.height :]
            since = int(now["time_ns"][-1]) - round(WARM_S * 1e9)
            before = both.filter(pl.col("time_ns") >= since).tail(AT_ONCE)


def _as_steps(rows: "pl.DataFrame") -> Steps:
    """Return the keys and values of steps as numbers."""
    import numpy as np
    import polars as pl

    sender, a, b, a_socket, b_socket = (
        rows.select(pl.struct(columns).hash(seed=1)).to_series().to_numpy()
        for columns in (
            ["mac", "src"],
            [pl.col("src").alias("host")],
            [pl.col("dst").alias("host")],
            [pl.col("src").alias("host"), pl.col("src_port").alias("port"), "protocol"],
            [pl.col("dst").alias("host"), pl.col("dst_port").alias("port"), "protocol"],
        )
    )
    times = rows["time_ns"].to_numpy()
    return Steps(
        times_s=(times - times[0]) / 1e9 if len(times) else times.astype(np.float64),
        lengths=rows["length"].cast(pl.Float64).to_numpy(),
        sender=sender,
        channel=_both_ways(a, b),
        forth=a < b,
        sockets=_both_ways(a_socket, b_socket),
        sockets_forth=a_socket < b_socket,
    )


def _both_ways(a: "np.ndarray", b: "np.ndarray") -> "np.ndarray":
    """Return one key for a channel whichever way a step goes."""
    import numpy as np

    low, high = np.minimum(a, b), np.maximum(a, b)
    key: np.ndarray = low * np.uint64(0x9E3779B97F4A7C15) + high
    return key
