"""Exchanges of echo requests and replies that no ping makes, pair by pair and tick by tick."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.base.window import Window

if TYPE_CHECKING:
    import polars as pl

__all__ = ["ECHO_NEED", "Echo", "echoes"]

ECHO_NEED = frozenset(
    f"talks.{name}"
    for name in [
        "tick",
        "src",
        "dst",
        "protocol",
        "icmp_type",
        "packets_out",
        "packets_in",
        "payload_out",
        "payload_in",
        "bytes_out",
        "bytes_in",
        "length_squares_out",
        "length_squares_in",
        "length_min_out",
        "length_max_out",
        "length_min_in",
        "length_max_in",
        "first",
        "last",
    ]
)
ICMP, ICMP6 = 1, 58
ECHO, ECHO6 = (0, 8), (128, 129)
MOST_PAIRS = 2_000
# Less than this no ping of an operating system carries: it puts the time in.
LEAST_PAYLOAD = 8
# Means of sizes that differ by less may differ by chance.
SLACK = 4.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Echo:
    """What one pair exchanged in one tick: packets and payload both ways, and the lengths of frames."""

    tick: int
    src: str
    dst: str
    first: int
    last: int
    packets_out: int
    packets_in: int
    payload_out: int
    payload_in: int
    out: tuple[int, int]
    back: tuple[int, int]
    # Sums of the lengths and of their squares, of each side.
    lengths: tuple[int, int, int, int]

    @property
    def is_tiny(self) -> bool:
        """Say whether requests carry less than any ping does."""
        return (
            self.packets_out > 0 and max(self.payload_out, self.payload_in) < LEAST_PAYLOAD * self.packets_out
        )

    @property
    def is_unsolicited(self) -> bool:
        """Say whether there are answers with data and no questions."""
        return self.packets_out == 0 and self.payload_in > 0

    @property
    def is_unlike(self) -> bool:
        """Say whether the answers are not what was asked: other sizes, or more of them."""
        if not self.packets_out or not self.packets_in:
            return False
        asked, answered = self.payload_out / self.packets_out, self.payload_in / self.packets_in
        if self.packets_in < self.packets_out:
            # Large ones may have been lost on the way.
            return answered > 1.25 * asked + 4 * SLACK
        if self.packets_in > 1.5 * self.packets_out + 4:
            return True
        if abs(asked - answered) <= SLACK:
            return False
        if self.out[0] == self.out[1] and self.back[0] == self.back[1] and answered < asked:
            # Some hosts cut their answers short, always to the same size; nobody keeps asking them that fast.
            return self.packets_out > FAST_PACKETS
        return True

    @property
    def is_spread(self) -> bool:
        """Say whether sizes are many: of two sizes alone the variance follows from their mean."""
        sides = ((self.packets_out, self.out, 0), (self.packets_in, self.back, 2))
        for packets, (low, high), at in sides:
            if packets < SPREAD_PACKETS or high - low < VARIED:
                continue
            mean = self.lengths[at] / packets
            variance = self.lengths[at + 1] / packets - mean * mean
            if variance < SPREAD * (high - mean) * (mean - low):
                return True
        return False

    def overlaps(self, before: tuple[int, int]) -> bool:
        """Say whether sizes vary, and to and fro: not ever upwards, as in a search for the largest."""
        low, high = self.sizes
        return high - low >= VARIED and low < before[1] and high > before[0]

    @property
    def sizes(self) -> tuple[int, int]:
        """Return the shortest and the longest frame of the side whose sizes vary more."""
        return max(self.out, self.back, key=lambda sizes: (sizes[1] - sizes[0], sizes))


FAST_PACKETS, VARIED = 50, 16
SPREAD_PACKETS, SPREAD = 8, 0.8


def echoes(window: Window) -> Iterator[Echo]:
    """Yield what pairs exchanged, tick by tick, without ordinary pings whose answers mirror them."""
    import polars as pl

    talks = window.talks
    echo = ((pl.col("protocol") == ICMP) & pl.col("icmp_type").is_in(ECHO)) | (
        (pl.col("protocol") == ICMP6) & pl.col("icmp_type").is_in(ECHO6)
    )
    # Few packets are of ICMP; the rest is looked at among them alone.
    rows = talks.filter(pl.col("protocol").is_in([ICMP, ICMP6])).filter(echo)
    if rows.is_empty():
        return
    asked, answered = pl.col("payload_out"), pl.col("payload_in")
    is_ping = (
        (pl.col("length_min_out") == pl.col("length_max_out"))
        & (pl.col("packets_out") > 0)
        & (asked >= LEAST_PAYLOAD * pl.col("packets_out"))
        & (asked * pl.col("packets_in") == answered * pl.col("packets_out"))
        & (pl.col("packets_in") <= 1.5 * pl.col("packets_out") + 4)
    )
    grouped = _summed(rows.filter(~is_ping))
    found = grouped.rows()
    names = window.hosts.names([row[1] for row in found] + [row[2] for row in found])
    for row, src, dst in zip(found, names, names[len(found) :], strict=False):
        tick, _, _, first, last, packets_out, packets_in, payload_out, payload_in, *lengths = row
        yield Echo(
            tick=tick,
            src=src,
            dst=dst,
            first=first,
            last=last,
            packets_out=packets_out,
            packets_in=packets_in,
            payload_out=payload_out,
            payload_in=payload_in,
            out=(lengths[0] or 0, lengths[1]),
            back=(lengths[2] or 0, lengths[3]),
            lengths=(lengths[4], lengths[5], lengths[6], lengths[7]),
        )


def _summed(rows: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    sums = ("packets_out", "packets_in", "payload_out", "payload_in")
    return (
        rows.group_by("tick", "src", "dst", maintain_order=True)
        .agg(
            pl.col("first").min(),
            pl.col("last").max(),
            *(pl.col(name).sum() for name in sums),
            pl.col("length_min_out").filter(pl.col("packets_out") > 0).min(),
            pl.col("length_max_out").max(),
            pl.col("length_min_in").filter(pl.col("packets_in") > 0).min(),
            pl.col("length_max_in").max(),
            *(
                pl.col(name).sum()
                for name in ("bytes_out", "length_squares_out", "bytes_in", "length_squares_in")
            ),
        )
        .filter(pl.int_range(pl.len()).over("tick") < MOST_PAIRS)
        .sort("tick", maintain_order=True)
    )
