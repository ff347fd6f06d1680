"""What a detector remembers of many subjects over hours, in bounded space."""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["BURST_GAP_NS", "Memory", "Track"]


# A longer pause parts one burst of activity from the next.
BURST_GAP_NS = 300_000_000_000


@dataclass(slots=True)
class Track:
    """What was seen of one subject: the things it touched, when last and how that went, and sums."""

    start_ns: int
    end_ns: int
    # When the present burst began: before it, nothing was seen for `BURST_GAP_NS`.
    burst_ns: int = 0
    # thing -> (last time, outcome)
    things: dict[str, tuple[int, str]] = field(default_factory=dict)
    sums: dict[str, int] = field(default_factory=dict)
    # Things beyond the bound: counted, but no longer told apart.
    beyond: int = 0

    def touch(self, thing: str, time_ns: int, outcome: str, most: int) -> None:
        """Note that a thing was touched; one that was seen before moves to the end."""
        if self.things.pop(thing, None) is None and len(self.things) >= most:
            del self.things[next(iter(self.things))]
            self.beyond += 1
        self.things[thing] = (time_ns, outcome)
        self.end_ns = max(self.end_ns, time_ns)

    def add(self, **amounts: int) -> None:
        """Add to the sums."""
        for name, amount in amounts.items():
            self.sums[name] = self.sums.get(name, 0) + amount

    def since(self, time_ns: int) -> dict[str, tuple[int, str]]:
        """Return the things touched at that time or later."""
        return {thing: seen for thing, seen in self.things.items() if seen[0] >= time_ns}

    def forget_before(self, time_ns: int) -> None:
        """Forget things last touched before that time."""
        for thing in [thing for thing, seen in self.things.items() if seen[0] < time_ns]:
            del self.things[thing]


class Memory:
    """Tracks by key; one quiet for `quiet_ns` begins anew, of too many the longest untouched goes."""

    def __init__(self, *, quiet_ns: int, most_keys: int = 20_000, most_things: int = 4_096) -> None:
        self.quiet_ns = quiet_ns
        self.most_keys = most_keys
        self.most_things = most_things
        # The first of a plain dict is slow to find once many before it are gone.
        self.tracks: OrderedDict[str, Track] = OrderedDict()
        self.evicted = 0

    def __len__(self) -> int:
        """Return how many subjects are remembered."""
        return len(self.tracks)

    def at(self, key: str, time_ns: int) -> Track:
        """Return the track of a subject as of a time; a new one where it was quiet for long."""
        track = self.tracks.pop(key, None)
        if track is None or time_ns - track.end_ns > self.quiet_ns:
            if track is None and len(self.tracks) >= self.most_keys:
                del self.tracks[next(iter(self.tracks))]
                self.evicted += 1
            track = Track(start_ns=time_ns, end_ns=time_ns, burst_ns=time_ns)
        elif time_ns - track.end_ns > BURST_GAP_NS:
            track.burst_ns = time_ns
        self.tracks[key] = track
        return track

    def find(self, key: str) -> Track | None:
        """Return the track of a subject, if there is one."""
        return self.tracks.get(key)

    def touch(self, key: str, things: Iterable[str], time_ns: int, outcome: str = "") -> Track:
        """Note that a subject touched things."""
        track = self.at(key, time_ns)
        for thing in things:
            track.touch(thing, time_ns, outcome, self.most_things)
        return track

    def items(self) -> Iterator[tuple[str, Track]]:
        """Yield the subjects, the longest untouched first."""
        yield from self.tracks.items()

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            key: [
                track.start_ns,
                track.end_ns,
                track.burst_ns,
                track.beyond,
                track.sums,
                _listed(track.things),
            ]
            for key, track in self.tracks.items()
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.tracks = OrderedDict((key, _track(saved)) for key, saved in state.items())

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another memory saved."""
        for key, saved in state.items():
            theirs, mine = _track(saved), self.tracks.get(key)
            self.tracks[key] = theirs if mine is None else _merged(mine, theirs, self.most_things)
        ordered = sorted(self.tracks.items(), key=lambda entry: (entry[1].end_ns, entry[0]))
        self.tracks = OrderedDict(ordered[-self.most_keys :])


def _listed(things: Mapping[str, tuple[int, str]]) -> list[list[Any]]:
    return [[thing, time_ns, outcome] for thing, (time_ns, outcome) in things.items()]


def _track(saved: list[Any]) -> Track:
    start_ns, end_ns, burst_ns, beyond, sums, things = saved
    return Track(
        start_ns=start_ns,
        end_ns=end_ns,
        burst_ns=burst_ns,
        beyond=beyond,
        sums=dict(sums),
        things={thing: (time_ns, outcome) for thing, time_ns, outcome in things},
    )


def _merged(mine: Track, theirs: Track, most: int) -> Track:
    both = sorted(
        [*mine.things.items(), *theirs.things.items()], key=lambda entry: (entry[1][0], entry[0], entry[1][1])
    )
    things: dict[str, tuple[int, str]] = {}
    for thing, seen in both:
        things.pop(thing, None)
        things[thing] = seen
    names = sorted({*mine.sums, *theirs.sums})
    return Track(
        start_ns=min(mine.start_ns, theirs.start_ns),
        end_ns=max(mine.end_ns, theirs.end_ns),
        burst_ns=min(mine.burst_ns, theirs.burst_ns),
        beyond=mine.beyond + theirs.beyond + max(len(things) - most, 0),
        sums={name: mine.sums.get(name, 0) + theirs.sums.get(name, 0) for name in names},
        things=dict(list(things.items())[-most:]),
    )
