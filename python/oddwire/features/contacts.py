"""Contacts: when one host turned to a service of another network, how much was exchanged, and in what manner.

Three series of one pair are kept apart: new connections, short exchanges inside a connection that stays
open, and requests over HTTP (over a proxy their destination is the host that was asked for).
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from oddwire.base.window import Window
from oddwire.features.outward import BEGINNING_NS, OUTWARD_NEED, Row, named, outward_rows
from oddwire.features.waiting import RARE, WORTHWHILE, WORTHWHILE_TICKS, Waiting, worthwhile

if TYPE_CHECKING:
    import polars as pl

__all__ = ["CONTACTS_NEED", "MOST_STARTS", "Contacts", "Pair", "Series"]

SECOND = 1_000_000_000
CONTACTS_NEED = OUTWARD_NEED
MOST_STARTS = 256
MOST_PAIRS = 10_000
# Starts of all pairs together: with what waits and names, some 30 MiB as JSON at most.
MOST_TIMES = 300_000
# Connections whose amounts may still grow.
MOST_OPEN = 8
MOST_MARKS = 12
# So long within a tick is an exchange; what goes on for longer is no knock at the door.
BRIEF_NS = 2 * SECOND
FIRST_DUE = 8
NEVER = 2**63 - 1
SPELL_NS = 26 * 3_600 * SECOND


@dataclass(slots=True)
class Series:
    """The last contacts of one manner: when each began, and how many bytes went out and came back."""

    starts: list[int] = field(default_factory=list)
    out: list[int] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    total: int = 0
    # How many of all were answered, and how many went on for long.
    heard: int = 0
    busy: int = 0
    # When the present spell began: before it there was none for `SPELL_NS`.
    spell_ns: int = 0
    end_ns: int = 0
    # How many contacts make it worth another look.
    due: int = FIRST_DUE

    def add(self, start_ns: int, end_ns: int, out: int, back: int) -> None:
        """Note a contact; of too many the oldest goes."""
        if not self.starts or start_ns - self.starts[-1] > SPELL_NS:
            self.spell_ns = start_ns
        self.starts.append(start_ns)
        self.out.append(out)
        self.back.append(back)
        if len(self.starts) > MOST_STARTS:
            del self.starts[0], self.out[0], self.back[0]
        self.total += 1
        self.end_ns = max(self.end_ns, end_ns)

    def grow(self, number: int, out: int, back: int) -> None:
        """Add what a contact, by its number among all, exchanged later."""
        place = number - (self.total - len(self.starts))
        if place >= 0:
            self.out[place] += out
            self.back[place] += back

    def is_due(self) -> bool:
        """Say whether there are enough new contacts to look again, and note that they were looked at."""
        if self.total < self.due:
            return False
        self.due = self.total + max(2, self.total // 8)
        return True


@dataclass(slots=True)
class Pair:
    """A host, a destination and its port: three series, and marks of what was seen in them."""

    src: str
    dst: str
    via: str
    port: int
    way: str
    # The tick from which on it was worth remembering.
    since: int = 0
    # What the first contact said at once.
    first_out: int = 0
    # How many contacts it made before; of those no signs were kept.
    early: int = 0
    # Where datagrams come from one port again, only a clock has parted them.
    last_port: int = -1
    end_ns: int = 0
    fresh: Series = field(default_factory=Series)
    kept: Series = field(default_factory=Series)
    # Services by content, and signs such as `tls self-signed`, with how often they were seen.
    services: dict[str, int] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    # flow -> (number of its contact, whether an answer was seen)
    open: dict[str, tuple[int, bool]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Return how many starts it remembers."""
        return len(self.fresh.starts) + len(self.kept.starts)

    def see(self, row: Row) -> None:
        """Take what one flow did in one tick, or one request."""
        self.end_ns = max(self.end_ns, row.last)
        if row.mark:
            for mark in row.mark.split(","):
                _count(self.marks, mark)
        if row.way == "sign":
            return
        if row.service:
            _count(self.services, row.service)
        key = f"{row.src_port}|{row.born}"
        if row.is_fresh and not (self.way == "udp" and self.last_port == row.src_port):
            self.last_port = row.src_port
            self._begin(key, row)
        elif self.way != "udp" and row.first - row.born > BEGINNING_NS:
            self._keep(row)
        elif key in self.open:
            self._go_on(key, row)

    def _begin(self, key: str, row: Row) -> None:
        self.fresh.add(row.first, row.last, row.out, row.back)
        self.fresh.heard += row.is_heard
        self.early += row.tick < self.since
        self.open[key] = (self.fresh.total - 1, row.is_heard)
        if len(self.open) > MOST_OPEN:
            del self.open[next(iter(self.open))]

    def _go_on(self, key: str, row: Row) -> None:
        """Add what belongs to the beginning of a connection, though it lies in the next tick."""
        number, was_heard = self.open[key]
        self.fresh.grow(number, row.out, row.back)
        self.fresh.end_ns = max(self.fresh.end_ns, row.last)
        if row.is_heard and not was_heard:
            self.fresh.heard += 1
            self.open[key] = (number, True)

    def _keep(self, row: Row) -> None:
        """Note an exchange inside a connection that was kept for long."""
        self.kept.add(row.first, row.last, row.out, row.back)
        self.kept.heard += row.back > 0
        self.kept.busy += row.last - row.first > BRIEF_NS


class Contacts:
    """Pairs by key; few contacts wait as rows, of too many pairs the longest quiet goes."""

    def __init__(self, *, most_pairs: int = MOST_PAIRS, waiting: Waiting | None = None) -> None:
        self.most_pairs = most_pairs
        self.pairs: OrderedDict[str, Pair] = OrderedDict()
        # Rows of pairs that were seen less than `WORTHWHILE` times.
        self.waiting = waiting or Waiting()
        # Who contacts a destination, with the tick of `since`.
        self.sources: dict[str, dict[str, int]] = {}
        # Whom a host contacts at a port, with that tick and what it said first.
        self.doors: dict[str, dict[str, tuple[int, int]]] = {}
        # The tick in which anybody outside all our networks was first turned to.
        self.outside_ns = NEVER

    def due(self, window: Window) -> Iterator[tuple[int, Pair, str]]:
        """Take a window; yield pair by pair, as of a tick, those with enough new contacts, and which series.

        A pair is as it was in that tick only until the next one is asked for.
        """
        ready = self.waiting.ready(window)
        if ready is None:
            return
        self._look_outside(window)
        rows = self._known(ready)
        for (key, tick), in_tick in groupby(map(Row._make, rows.iter_rows()), key=itemgetter(0, 1)):
            pair = self.pairs[key]
            for row in in_tick:
                pair.see(row)
            if pair.fresh.is_due():
                yield tick, pair, "fresh"
            if pair.kept.is_due():
                yield tick, pair, "kept"
        self._bound()

    def _look_outside(self, window: Window) -> None:
        """Note in which tick anybody outside was first turned to: the first of all, as a rule."""
        import polars as pl

        if self.outside_ns <= window.start_ns:
            return
        found = outward_rows(window, pl.Series("couple", [], dtype=pl.UInt64))
        first = found["tick"].min()
        for rows in (found.filter(pl.col("tick") == first), found):
            told = named(rows.with_row_index("place"), window.hosts)
            outside = told.select(pl.col("tick").filter(~pl.col("is_inner")).min()).item()
            if outside is not None:
                self.outside_ns = min(self.outside_ns, outside)
                return

    def _known(self, rows: "pl.DataFrame") -> "pl.DataFrame":
        """Return the rows of pairs that are worth their memory, by pair and tick; the others wait."""
        import polars as pl

        is_known = pl.col("key").is_in(pl.Series("key", list(self.pairs), dtype=pl.String).implode())
        # Of what is no contact by itself only what is rarely said waits for the pair to be worthwhile.
        is_waiting = pl.col("is_contact") | pl.col("mark").str.contains(RARE, literal=True)
        new = rows.filter(is_waiting & ~is_known)
        is_worthy = new.select(worthwhile("key")).to_series()
        self.waiting.put_back(new.filter(~is_worthy)["place"])
        worthy = new.filter(is_worthy).sort("key", "tick", maintain_order=True)
        begun = (
            worthy.filter("is_contact")
            .group_by("key", maintain_order=True)
            .agg(
                pl.first("src", "dst", "via", "dst_port", "way", "out"),
                pl.max_horizontal(
                    pl.col("tick").get(WORTHWHILE - 1),
                    pl.col("tick").unique(maintain_order=True).get(WORTHWHILE_TICKS - 1),
                ).alias("since"),
            )
        )
        for key, src, dst, via, port, way, out, since in begun.iter_rows():
            self._note(key, Pair(src=src, dst=dst, via=via, port=port, way=way, since=since, first_out=out))
        if not worthy.is_empty():
            self.waiting.know(worthy["place"], self._couples())
        side = rows.filter(~is_waiting).join(begun.select("key", "since"), on="key", how="inner")
        side = side.filter(pl.col("tick") >= pl.col("since")).drop("since")
        found = pl.concat([worthy, rows.filter(is_known), side])
        return found.drop("place").sort(
            "key", "tick", "first", "is_contact", descending=[False, False, False, True]
        )

    def _note(self, key: str, pair: Pair) -> None:
        self.pairs[key] = pair
        self.sources.setdefault(f"{pair.dst}|{pair.port}", {})[pair.src] = pair.since
        self.doors.setdefault(f"{pair.src}|{pair.port}", {})[pair.dst] = (pair.since, pair.first_out)

    def sources_of(self, pair: Pair, tick: int) -> int:
        """Return how many hosts had contacted this destination again and again by a tick."""
        return sum(since <= tick for since in self.sources[f"{pair.dst}|{pair.port}"].values())

    def alike(self, pair: Pair, tick: int) -> int:
        """Return with how many destinations the host had begun at this port with as many bytes by a tick."""
        near = max(24, 0.06 * pair.first_out)
        doors = self.doors[f"{pair.src}|{pair.port}"].values()
        return sum(since <= tick and abs(out - pair.first_out) <= near for since, out in doors)

    def _couples(self) -> Iterator[str]:
        """Yield the names of hosts whose contacts are remembered."""
        return (f"{pair.src}|{pair.via}" for pair in self.pairs.values())

    def _index(self) -> None:
        """Find again who contacts whom."""
        pairs, self.pairs = self.pairs, OrderedDict()
        self.sources, self.doors = {}, {}
        for key, pair in pairs.items():
            self._note(key, pair)

    def _bound(self) -> None:
        """Let the longest quiet pairs go where there are too many, or too many starts of them."""
        too_many = len(self.pairs) > self.most_pairs
        if not too_many and sum(pair.size for pair in self.pairs.values()) <= MOST_TIMES:
            return
        kept: list[tuple[str, Pair]] = []
        room = MOST_TIMES * 3 // 4
        for key, pair in sorted(self.pairs.items(), key=lambda entry: (-entry[1].end_ns, entry[0])):
            room -= pair.size
            if room < 0 or len(kept) >= self.most_pairs * 3 // 4:
                break
            kept.append((key, pair))
        self.pairs = OrderedDict(reversed(kept))
        self._index()

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "pairs": {key: asdict(pair) for key, pair in self.pairs.items()},
            "outside": self.outside_ns,
            "waiting": self.waiting.save(),
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.pairs = OrderedDict((key, _pair(saved)) for key, saved in state["pairs"].items())
        self._index()
        self.outside_ns = state["outside"]
        self.waiting.load(state["waiting"], self._couples())

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved."""
        for key, saved in state["pairs"].items():
            theirs, mine = _pair(saved), self.pairs.get(key)
            self.pairs[key] = theirs if mine is None else _merged(mine, theirs)
        self._index()
        self._bound()
        self.outside_ns = min(self.outside_ns, state["outside"])
        self.waiting.merge(state["waiting"], self._couples())


def _pair(saved: Mapping[str, Any]) -> Pair:
    plain = dict(saved)
    plain["fresh"], plain["kept"] = Series(**_copied(saved["fresh"])), Series(**_copied(saved["kept"]))
    plain["services"], plain["marks"] = dict(saved["services"]), dict(saved["marks"])
    plain["open"] = {key: (number, heard) for key, (number, heard) in saved["open"].items()}
    return Pair(**plain)


def _copied(saved: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, list) else value for name, value in saved.items()}


def _merged(mine: Pair, theirs: Pair) -> Pair:
    return Pair(
        src=mine.src,
        dst=mine.dst,
        via=mine.via,
        port=mine.port,
        way=mine.way,
        since=min(mine.since, theirs.since),
        early=mine.early + theirs.early,
        first_out=mine.first_out if mine.since <= theirs.since else theirs.first_out,
        last_port=theirs.last_port if theirs.end_ns > mine.end_ns else mine.last_port,
        end_ns=max(mine.end_ns, theirs.end_ns),
        fresh=_joined(mine.fresh, theirs.fresh),
        kept=_joined(mine.kept, theirs.kept),
        services=_sum(mine.services, theirs.services),
        marks=_sum(mine.marks, theirs.marks),
    )


def _count(counts: dict[str, int], word: str) -> None:
    """Count a word; of too many different ones the later are left out."""
    if word and (word in counts or len(counts) < MOST_MARKS):
        counts[word] = counts.get(word, 0) + 1


def _sum(mine: Mapping[str, int], theirs: Mapping[str, int]) -> dict[str, int]:
    """Return both counts together, the most frequent of them."""
    both = Counter(mine) + Counter(theirs)
    return dict(sorted(both.items(), key=lambda entry: (-entry[1], entry[0]))[:MOST_MARKS])


def _joined(mine: Series, theirs: Series) -> Series:
    rows: Iterable[tuple[int, int, int]] = sorted(
        [
            *zip(mine.starts, mine.out, mine.back, strict=True),
            *zip(theirs.starts, theirs.out, theirs.back, strict=True),
        ]
    )[-MOST_STARTS:]
    starts, out, back = (list(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    return Series(
        starts=starts,
        out=out,
        back=back,
        total=mine.total + theirs.total,
        heard=mine.heard + theirs.heard,
        busy=mine.busy + theirs.busy,
        spell_ns=min(one.spell_ns for one in (mine, theirs) if one.starts) if rows else 0,
        end_ns=max(mine.end_ns, theirs.end_ns),
        due=max(mine.due, theirs.due),
    )
