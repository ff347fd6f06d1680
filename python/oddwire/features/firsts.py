"""What was there from the beginning, and what came later."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from oddwire.records.judged import TICK_NS

__all__ = ["First", "Firsts"]

SECOND = 1_000_000_000
MOST_KNOWN = 50_000
# More new things at once are a scan or a flood, and told as such.
MOST_AT_ONCE = 3
MOST_SAID = 100


@dataclass(frozen=True, slots=True)
class First:
    """The first sight of a thing."""

    thing: str
    tick: int
    first: int
    last: int


class Firsts:
    """Everything seen so far, in bounded space; a thing is new when the capture has run for a while."""

    def __init__(self, *, after_s: int) -> None:
        self.after_ns = after_s * SECOND
        self.begin_ns: int | None = None
        # Ticks with traffic so far, and the tick from which on what is new can be told.
        self.active = 0
        self.ripe_ns: int | None = None
        self.known: dict[str, None] = {}
        self.said = 0

    def ran(self, ticks: Iterable[int]) -> None:
        """Note in which ticks there was traffic: pieces put together from other days are no past."""
        for tick in ticks:
            if self.ripe_ns is not None:
                return
            if self.begin_ns is None:
                self.begin_ns = tick
            if tick >= self.begin_ns + self.after_ns and self.active * TICK_NS >= self.after_ns // 2:
                self.ripe_ns = tick
            self.active += 1

    def new_ones(self, seen: Iterable[First]) -> Iterator[First]:
        """Remember things, given in the order of their ticks; yield those that are new."""
        for tick, part in groupby(seen, key=lambda one: one.tick):
            fresh = [one for one in part if one.thing not in self.known]
            is_full = len(self.known) + len(fresh) > MOST_KNOWN
            if not is_full:
                self.known.update(dict.fromkeys(one.thing for one in fresh))
            late = self.ripe_ns is not None and tick >= self.ripe_ns
            if late and not is_full and len(fresh) <= MOST_AT_ONCE and self.said < MOST_SAID:
                self.said += len(fresh)
                yield from fresh

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "begin_ns": self.begin_ns,
            "active": self.active,
            "ripe_ns": self.ripe_ns,
            "known": list(self.known),
            "said": self.said,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.begin_ns, self.said = state["begin_ns"], state["said"]
        self.active, self.ripe_ns = state["active"], state["ripe_ns"]
        self.known = dict.fromkeys(state["known"])

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what others saw."""
        begins = [one for one in (self.begin_ns, state["begin_ns"]) if one is not None]
        ripe = [one for one in (self.ripe_ns, state["ripe_ns"]) if one is not None]
        self.begin_ns, self.ripe_ns = min(begins, default=None), min(ripe, default=None)
        self.active += state["active"]
        self.said += state["said"]
        self.known.update(dict.fromkeys(state["known"]))
