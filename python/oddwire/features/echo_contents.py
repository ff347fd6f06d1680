"""What echoes carry, by how mixed their bytes are: a ping sends the same again and again, a tunnel not."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from oddwire.base.window import Window

__all__ = ["CONTENTS_NEED", "Change", "Contents"]

_COLUMNS = (
    *("tick", "src", "dst", "first", "input", "first_packet", "kind", "identifier", "sequence"),
    *("data_bytes", "data_entropy"),
)
CONTENTS_NEED = frozenset(f"icmp.{name}" for name in _COLUMNS)
SECOND = 1_000_000_000
ASKED, ANSWERED = "echo", "echo_reply"
# Of less data the clock at their head may be all.
LEAST_BYTES = 16
MEASURED_BYTES = 512
# So many of one pair in a tick tell enough; so many are looked at in all.
MOST_OF_PAIR, MOST_OF_TICK = 64, 2_000
# More in a tick are a flood.
FAST = 1_000
MOST_PAIRS, MOST_SIZES, MOST_LEVELS, MOST_WAITING = 2_000, 6, 16, 16
# Bits by which the data must differ to be told apart; a clock at the head of a ping moves it by less.
STEP = 3.0
MOST_SQUARE = 200.0
# After so long without a change it begins anew.
STILL_NS = 300 * SECOND


@dataclass(slots=True)
class Series:
    """How the data of echoes of one size and way changed, since they began to."""

    since: int = 0
    moved: int = 0
    last: float = -1.0
    compared: int = 0
    steps: int = 0
    squares: float = 0.0
    levels: list[float] = field(default_factory=list)

    def add(self, value: float, time_ns: int) -> bool:
        """Add how mixed the next data are; say whether that differs from the last."""
        if self.compared and time_ns - self.moved > STILL_NS:
            self.compared, self.steps, self.squares, self.levels = 0, 0, 0.0, []
        before, self.last = self.last, value
        if before < 0:
            return False
        change = abs(value - before)
        if not self.compared and change < STEP:
            return False
        if not self.compared:
            self.since, self.levels = time_ns, [before]
        self.compared += 1
        self.squares += min(change * change, MOST_SQUARE)
        if all(abs(value - level) >= STEP for level in self.levels) and len(self.levels) < MOST_LEVELS:
            self.levels.append(value)
        if change < STEP:
            return False
        self.steps, self.moved = self.steps + 1, time_ns
        return True

    @property
    def mean_square(self) -> float:
        """Return how much one differs from the next, squared."""
        return self.squares / max(self.compared, 1)


@dataclass(slots=True)
class Pair:
    """The echoes of one who asks and one who answers."""

    # By way and size of the data.
    series: dict[str, Series] = field(default_factory=dict)
    # What was asked and not answered yet, by identifier and number.
    waiting: dict[str, list[float]] = field(default_factory=dict)
    # How many answers carried something else than was asked, and how many were compared since the first.
    matched: int = 0
    other: int = 0
    other_since: int = 0
    other_last: int = 0
    # The last answer, to know it again where a capture holds each packet twice.
    answered: str = ""

    def ask(self, key: str, size: int, value: float) -> None:
        """Remember a question until it is answered."""
        self.waiting.pop(key, None)
        if len(self.waiting) >= MOST_WAITING:
            del self.waiting[next(iter(self.waiting))]
        self.waiting[key] = [size, value]

    def answer(self, key: str, size: int, value: float, time_ns: int) -> bool:
        """Compare an answer with its question; say whether it carried something else of the same size."""
        asked = self.waiting.pop(key, None)
        if asked is None or asked[0] != size:
            return False
        if self.other and time_ns - self.other_last > STILL_NS:
            self.matched, self.other = 0, 0
        differs = abs(asked[1] - value) >= STEP
        if differs and not self.other:
            self.other_since = time_ns
        if differs:
            self.other, self.other_last = self.other + 1, time_ns
        self.matched += bool(self.other)
        return differs

    def row_of(self, way: str, size: int) -> Series:
        """Return the series of a way and size; of too many the longest untouched goes."""
        key = f"{way}|{size}"
        series = self.series.pop(key, None)
        if series is None:
            series = Series()
            if len(self.series) >= MOST_SIZES:
                del self.series[next(iter(self.series))]
        self.series[key] = series
        return series


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """That a pair's echoes of a tick carried other data than before."""

    tick: int
    client: str
    server: str
    last: int
    size: int
    series: Series
    pair: Pair


class Contents:
    """Pairs that exchange echoes; of too many the longest untouched goes."""

    def __init__(self) -> None:
        self.pairs: OrderedDict[str, Pair] = OrderedDict()

    def changes(self, window: Window) -> Iterator[Change]:
        """Add the echoes of a window, and yield what changed, one a tick and pair at most."""
        found: dict[str, Change] = {}
        tick: int | None = None
        for row in _rows(window):
            if row["tick"] != tick:
                yield from found.values()
                found, tick = {}, row["tick"]
            if change := self._added(row):
                found[f"{change.client}|{change.server}"] = change
        yield from found.values()

    def _added(self, row: Mapping[str, Any]) -> Change | None:
        is_answer = row["kind"] == ANSWERED
        client, server = (row["to"], row["by"]) if is_answer else (row["by"], row["to"])
        key, size, time_ns = f"{client}|{server}", row["data_bytes"], row["first"]
        pair = self.pairs.pop(key, None)
        if pair is None:
            pair = Pair()
            if len(self.pairs) >= MOST_PAIRS:
                self.pairs.popitem(last=False)
        self.pairs[key] = pair
        value, question = _mixed(size, row["data_entropy"]), f"{row['identifier']}|{row['sequence']}"
        whole = f"{question}|{size}|{value}"
        if pair.waiting.get(question) == [size, value] if not is_answer else pair.answered == whole:
            return None
        pair.answered = whole if is_answer else pair.answered
        series = pair.row_of(row["kind"], size)
        changed = series.add(value, time_ns)
        if is_answer:
            changed = pair.answer(question, size, value, time_ns) or changed
        else:
            pair.ask(question, size, value)
        if not changed:
            return None
        return Change(
            tick=row["tick"], client=client, server=server, last=time_ns, size=size, series=series, pair=pair
        )

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            key: [
                pair.matched,
                pair.other,
                pair.other_since,
                pair.other_last,
                pair.answered,
                {question: list(asked) for question, asked in pair.waiting.items()},
                [
                    [
                        name,
                        one.since,
                        one.moved,
                        one.last,
                        one.compared,
                        one.steps,
                        one.squares,
                        list(one.levels),
                    ]
                    for name, one in pair.series.items()
                ],
            ]
            for key, pair in self.pairs.items()
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.pairs = OrderedDict((key, _pair(saved)) for key, saved in state.items())

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved; of a pair that both saw, what was seen more of."""
        for key, saved in state.items():
            theirs, mine = _pair(saved), self.pairs.get(key)
            if mine is None or _seen(theirs) > _seen(mine):
                self.pairs[key] = theirs
        while len(self.pairs) > MOST_PAIRS:
            self.pairs.popitem(last=False)


def _seen(pair: Pair) -> int:
    return pair.matched + sum(one.compared for one in pair.series.values())


def _pair(saved: list[Any]) -> Pair:
    matched, other, since, last, answered, waiting, rows = saved
    return Pair(
        matched=matched,
        other=other,
        other_since=since,
        other_last=last,
        answered=answered,
        waiting={question: list(asked) for question, asked in waiting.items()},
        series={
            name: Series(first, moved, value, compared, steps, squares, list(levels))
            for name, first, moved, value, compared, steps, squares, levels in rows
        },
    )


def _mixed(size: int, entropy: float) -> float:
    """Return how many bits the data hold; of packets cut short there are fewer than their size says."""
    return float(entropy * min(size, MEASURED_BYTES, 2.0 * 2.0**entropy))


def _rows(window: Window) -> list[dict[str, Any]]:
    """Return the echoes with data, in order, a bounded number of each tick."""
    import polars as pl

    table = window.said.get("icmp")
    if table is None or table.is_empty():
        return []
    echoes = table.filter(
        pl.col("kind").is_in([ASKED, ANSWERED])
        & (pl.col("data_bytes") >= LEAST_BYTES)
        & pl.col("data_entropy").is_not_null()
    )
    if echoes.is_empty():
        return []
    rows = (
        echoes.sort("tick", "first", "input", "first_packet")
        .filter(pl.len().over("tick", "src", "dst") <= FAST)
        .filter(pl.int_range(pl.len()).over("tick", "src", "dst") < MOST_OF_PAIR)
        .filter(pl.int_range(pl.len()).over("tick") < MOST_OF_TICK)
        .select(_COLUMNS)
        .to_dicts()
    )
    names = window.hosts.names([row["src"] for row in rows] + [row["dst"] for row in rows])
    for row, by, to in zip(rows, names, names[len(rows) :], strict=False):
        row["by"], row["to"] = by, to
    return rows
