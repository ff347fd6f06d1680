"""What a detector is given: some whole ticks of traffic, and who is who in them."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Hosts", "Quality", "Window", "mac_text"]


class Hosts:
    """Who is who: the addresses behind the numbers of a run, and which of them are our own."""

    def __init__(
        self,
        look_up: Callable[[Sequence[int]], Sequence[str | None]],
        is_local: Callable[[str], bool],
        find: Callable[[Sequence[str]], Sequence[int | None]] | None = None,
    ) -> None:
        self._look_up = look_up
        self._find = find
        self._is_local = is_local
        self._local: dict[str, bool] = {}
        # What was worked out of the numbers of this run, by whoever did, for all.
        self.notes: dict[object, Any] = {}

    def look(
        self,
        look_up: Callable[[Sequence[int]], Sequence[str | None]],
        find: Callable[[Sequence[str]], Sequence[int | None]] | None = None,
    ) -> None:
        """Take where addresses are looked up, once the run is open that knows them."""
        self._look_up, self._find = look_up, find

    def names(self, numbers: Sequence[int]) -> list[str]:
        """Return the addresses of hosts; those beyond the bound of the run are `unnamed`."""
        return [name or "unnamed" for name in self._look_up(list(numbers))]

    def name(self, number: int) -> str:
        """Return the address of one host."""
        return self.names([number])[0]

    def number(self, address: str) -> int | None:
        """Return the number of an address; None when it was not seen."""
        return self._find([address])[0] if self._find else None

    def is_local(self, address: str) -> bool:
        """Say whether an address belongs to the local network."""
        known = self._local.get(address)
        if known is None:
            if len(self._local) > MOST_REMEMBERED:
                self._local.clear()
            known = self._local[address] = self._is_local(address)
        return known


MOST_REMEMBERED = 100_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Quality:
    """What the capture shows of the traffic until the end of each tick.

    `one_sided` are ticks in which hardly any conversation seen so far had both its directions in the capture:
    judgements that need answers stand aside there.
    """

    one_sided: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Window:
    """Whole ticks of traffic, `start_ns` included and `end_ns` not.

    What a detector says does not depend on how ticks are cut into windows: live it is one tick, from a file
    many. `talks` has one row a flow and tick, `ended` one row a conversation that ended, `arp` one row a kind
    of ARP packet and tick, `said` the rows of each protocol that somebody needs, as they became known; all in
    order of their ticks, with the columns of `oddwire.records.judged`.
    """

    start_ns: int
    end_ns: int
    talks: "pl.DataFrame"
    ended: "pl.DataFrame"
    arp: "pl.DataFrame"
    hosts: Hosts
    said: Mapping[str, "pl.DataFrame"] = field(default_factory=dict)
    quality: Quality = field(default_factory=Quality)
    # What several detectors read is made once; see `view`.
    views: dict[object, "pl.DataFrame"] = field(default_factory=dict)
    # What detectors with the same past found in this window, so that one of them does the work for all.
    shared: dict[object, Any] = field(default_factory=dict)

    def view(self, make: Callable[["Window"], "pl.DataFrame"]) -> "pl.DataFrame":
        """Return a table made of this window by a function, made only once however many ask for it."""
        found = self.views.get(make)
        if found is None:
            found = self.views[make] = make(self)
        return found

    @cached_property
    def is_quiet(self) -> bool:
        """Say whether nothing happened at all."""
        return all(table.is_empty() for table in (self.talks, self.ended, self.arp, *self.said.values()))

    def restricted(self, needs: Collection[str]) -> "Window":
        """Return the same window with only the columns that a detector says it needs."""

        def kept(table: str, frame: "pl.DataFrame") -> "pl.DataFrame":
            return frame.select([name for name in frame.columns if f"{table}.{name}" in needs])

        return replace(
            self,
            talks=kept("talks", self.talks),
            ended=kept("ended", self.ended),
            arp=kept("arp", self.arp),
            said={protocol: kept(protocol, table) for protocol, table in self.said.items()},
            views={},
            shared={},
        )


def mac_text(number: int | None) -> str | None:
    """Return a hardware address as people write it."""
    if number is None:
        return None
    return number.to_bytes(6, "big").hex(":")
