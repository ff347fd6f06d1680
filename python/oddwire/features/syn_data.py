"""Data in segments that ask for a connection which then never comes about: bytes where none belong."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from oddwire.base.window import Window

__all__ = ["SYN_DATA_NEED", "SynData", "Told"]

SECOND = 1_000_000_000
TCP = 6
SYN_A, SYNACK_B, RST_B = 1 << 0, 1 << 3, 1 << 7
MOST_PAIRS, MOST_SIZES, MOST_ROWS = 2_000, 16, 400
# So many tries, for so long, no more than so many a second, of so many sizes: no repetition and no flood.
LEAST_TRIES, LEAST_NS, LEAST_KINDS, MOST_A_SECOND = 20, 60 * SECOND, 6, 10
QUIET_NS = 600 * SECOND
_READ = "tick src dst dst_port protocol state first last payload_out payload_in"
SYN_DATA_NEED: frozenset[str] = frozenset(f"talks.{name}" for name in _READ.split())


class Told(NamedTuple):
    """What a host put into openings that came to nothing."""

    tick: int
    src: str
    dst: str
    port: int
    start_ns: int
    end_ns: int
    tries: int
    size: int


class SynData:
    """Pairs of hosts by port: when first and last, how many tries and bytes, and of what sizes."""

    def __init__(self) -> None:
        self.pairs: dict[str, list[Any]] = {}

    def told(self, window: Window) -> Iterator[Told]:
        """Yield the pairs with enough of it, each time it doubled."""
        rows = _rows(window)
        names = window.hosts.names([row[end] for row in rows for end in ("src", "dst")])
        for at, row in enumerate(rows):
            src, dst = names[2 * at : 2 * at + 2]
            found = self._add(f"{src}|{dst}|{row['dst_port']}", row)
            if found is not None:
                first, last, tries, size, _, _ = found
                yield Told(row["tick"], src, dst, row["dst_port"], first, last, tries, size)

    def _add(self, key: str, row: Mapping[str, Any]) -> list[Any] | None:
        """Add the tries of a tick; return the pair when there is more to tell."""
        pair = self.pairs.pop(key, None)
        if pair is None or row["first"] - pair[1] > QUIET_NS:
            if len(self.pairs) >= MOST_PAIRS:
                del self.pairs[next(iter(self.pairs))]
            pair = [row["first"], row["last"], 0, 0, [], 0]
        self.pairs[key] = pair
        pair[1] = max(pair[1], row["last"])
        pair[2] += row["tries"]
        pair[3] += row["payload_out"]
        pair[4] = sorted({*pair[4], *row["sizes"]})[:MOST_SIZES]
        first, last, tries, _, sizes, told = pair
        is_much = tries >= max(LEAST_TRIES, 2 * told) and len(sizes) >= LEAST_KINDS
        is_slow = last - first >= LEAST_NS and tries * SECOND <= MOST_A_SECOND * (last - first)
        if not is_much or not is_slow:
            return None
        pair[5] = tries
        return pair

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {key: [*pair[:4], list(pair[4]), pair[5]] for key, pair in self.pairs.items()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.pairs = {key: [*pair[:4], list(pair[4]), pair[5]] for key, pair in state.items()}

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved."""
        for key, (first, last, tries, size, sizes, told) in state.items():
            mine = self.pairs.setdefault(key, [first, last, 0, 0, [], 0])
            kinds = sorted({*mine[4], *sizes})[:MOST_SIZES]
            ends = (min(mine[0], first), max(mine[1], last))
            self.pairs[key] = [*ends, mine[2] + tries, mine[3] + size, kinds, max(mine[5], told)]
        while len(self.pairs) > MOST_PAIRS:
            del self.pairs[next(iter(self.pairs))]


def _rows(window: Window) -> list[dict[str, Any]]:
    """Return openings that carried data and were not accepted, by tick, pair and port."""
    import polars as pl

    state = pl.col("state")
    wanted = window.talks.lazy().filter(
        (pl.col("protocol") == TCP)
        & (pl.col("payload_out") > 0)
        & (state & SYN_A != 0)
        & (state & SYNACK_B == 0)
        # Quick openings carry data, too, and go unanswered where they are filtered; after a refusal they end.
        & (state & RST_B != 0)
        & (pl.col("payload_in") == 0)
    )
    found = wanted.select(_READ.split()).collect()
    if found.is_empty():
        return []
    ticks = window.quality.one_sided
    return (
        found.filter(~pl.col("tick").is_in(list(ticks)))
        .group_by("tick", "src", "dst", "dst_port", maintain_order=True)
        .agg(
            pl.col("first").min(),
            pl.col("last").max(),
            pl.len().alias("tries"),
            pl.col("payload_out").unique().sort().head(MOST_SIZES).alias("sizes"),
            pl.col("payload_out").sum(),
        )
        .sort("tick", maintain_order=True)
        .filter(pl.int_range(pl.len()).over("tick") < MOST_ROWS)
        .to_dicts()
    )
