"""The 100 figures that Kitsune keeps of every packet: AfterImage, after the paper and its published code.

For each of five fadings (lambda, a second): of the sender's hardware and network address the weight, mean
and variance of lengths (3); of the channel between two hosts these, and radius, magnitude, covariance and
correlation with the way back (7); of the channel the same three of times between packets (3); of the channel
between two sockets again seven. The code calls the variance `std`, and so it is a variance here. Different
from the code: the channel between hosts is keyed by both ends as the paper says (the code keys it by the
sender), and a covariance is updated once a packet (the code does it twice).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.testing.contest.damped import Streams

if TYPE_CHECKING:
    import numpy as np

__all__ = ["FADINGS", "FIGURES", "Steps", "figures"]

FADINGS = (5.0, 3.0, 1.0, 0.1, 0.01)
FIGURES = 20 * len(FADINGS)
# The published code starts weights so, to divide by them.
LEAST = 1e-20
# Lengths that never vary have a variance of rounding errors, and no correlation.
NOISE = 1e-6


@dataclass(frozen=True, kw_only=True, slots=True)
class Steps:
    """Packets, or what stands for them, in the order of time.

    Keys are numbers: `sender` of both addresses of the sender, `channel` and `sockets` of both ends whichever
    way it goes, `forth` and `sockets_forth` say which way.
    """

    times_s: "np.ndarray"
    lengths: "np.ndarray"
    sender: "np.ndarray"
    channel: "np.ndarray"
    forth: "np.ndarray"
    sockets: "np.ndarray"
    sockets_forth: "np.ndarray"


def figures(steps: Steps) -> "np.ndarray":
    """Return one row of 100 figures a step."""
    import numpy as np

    times, lengths = steps.times_s, steps.lengths.astype(np.float64)
    sender = Streams(steps.sender, times)
    ways = Streams(_one_way(steps.channel, steps.forth), times)
    found = np.empty((len(times), FIGURES), dtype=np.float32)
    jitter = ways.since_last()
    both = _Both(steps.channel, steps.forth, times)
    sockets = _Both(steps.sockets, steps.sockets_forth, times)
    for at, fading in enumerate(FADINGS):
        columns = [
            *_of_one(sender, lengths, fading),
            *both.of_two(lengths, fading),
            *_of_one(ways, jitter, fading),
            *sockets.of_two(lengths, fading),
        ]
        for place, column in enumerate(columns):
            found[:, 20 * at + place] = column
    return found


def _one_way(keys: "np.ndarray", forth: "np.ndarray") -> "np.ndarray":
    """Return a key for each way of a channel."""
    import numpy as np

    turned: np.ndarray = keys ^ np.where(forth, np.uint64(0x9E3779B97F4A7C15), np.uint64(0))
    return turned


def _of_one(streams: Streams, values: "np.ndarray", fading: float) -> "np.ndarray":
    """Return weight, mean and variance of each step's stream, the step included."""
    import numpy as np

    ordered = streams.into(values)
    weight, total, squares = streams.sums(np.stack([np.ones_like(ordered), ordered, ordered**2]), fading)
    weight = weight + LEAST
    mean = total / weight
    return streams.back(np.stack([weight, mean, np.abs(squares / weight - mean**2)]))


class _Both:
    """A channel and its two ways."""

    def __init__(self, keys: "np.ndarray", forth: "np.ndarray", times_s: "np.ndarray") -> None:
        self.channel = Streams(keys, times_s)
        self.ways = Streams(_one_way(keys, forth), times_s)
        self.other = self.channel.last_of_other(self.channel.into(forth))

    def of_two(self, values: "np.ndarray", fading: float) -> "np.ndarray":
        """Return weight, mean, variance, radius, magnitude, covariance and correlation."""
        import numpy as np

        own = self.channel.into(_of_one(self.ways, values, fading))
        _, mean, variance = own
        # What the other way knew at its last step; fading changes neither a mean nor a variance.
        has_other = self.other >= 0
        mean_other, variance_other = (np.where(has_other, one[self.other], 0.0) for one in (mean, variance))
        off = self.channel.into(values) - mean
        product = np.where(has_other, off * off[self.other], 0.0)
        shared, weight = self.channel.sums(np.stack([product, np.ones_like(product)]), fading)
        covariance = shared / (weight + LEAST)
        spread = np.sqrt(variance * variance_other)
        varies = np.minimum(variance, variance_other) > NOISE
        correlation = np.where(varies, covariance / np.where(varies, spread, 1.0), 0.0)
        radius = np.sqrt(variance**2 + variance_other**2)
        magnitude = np.sqrt(mean**2 + mean_other**2)
        return self.channel.back(np.vstack([own, [radius, magnitude, covariance, correlation]]))
