"""How the payload of a conversation lies in time: at once, evenly, or in beats."""

from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Load", "Room", "moments", "sizes_of"]

GAP_S = 0.000_15


class Load(NamedTuple):
    """How much one side says: bytes, packets, and the most that one packet holds."""

    total: int
    packets: int
    largest: int


class Room(NamedTuple):
    """The time there is, in seconds; `rtt` is what an answer takes, `beat_s` the time between beats."""

    begin: float
    end: float
    rtt: float
    beat_s: float = 0.0


def sizes_of(load: Load) -> Iterator[int]:
    """Return the sizes of packets: full ones and a rest, or equal ones where there are more than needed."""
    total, packets, largest = load
    needed = -(-total // largest)
    if packets <= needed:
        for at in range(0, total, largest):
            yield min(largest, total - at)
        return
    for number in range(packets):
        yield (number + 1) * total // packets - number * total // packets


def moments(shape: str, counts: tuple[int, int], when: Room) -> Iterator[tuple[float, bool]]:
    """Return when packets with payload are sent and whether the client sends them, in order of time."""
    if shape == "even":
        yield from _even(counts, when)
    elif shape == "beats" and when.beat_s > 0:
        yield from _beats(counts, when)
    else:
        yield from _burst(counts, when)


def _even(counts: tuple[int, int], when: Room) -> Iterator[tuple[float, bool]]:
    out, back = counts
    begin, length = when.begin, max(when.end - when.begin, 0.0)
    sent = received = 0
    while sent < out or received < back:
        # The end of its share of the time; what comes first in a tie is the client's.
        mine = (sent + 1) / out if sent < out else 2.0
        theirs = (received + 1) / back if received < back else 2.0
        if mine <= theirs:
            yield begin + length * mine, True
            sent += 1
        else:
            yield begin + length * theirs, False
            received += 1


def _beats(counts: tuple[int, int], when: Room) -> Iterator[tuple[float, bool]]:
    out, back = counts
    beats = max(1, round((when.end - when.begin) / when.beat_s))
    for beat in range(beats):
        time = min(when.begin + beat * when.beat_s, when.end)
        until = min(time + when.beat_s, when.end)
        mine = (beat + 1) * out // beats - beat * out // beats
        theirs = (beat + 1) * back // beats - beat * back // beats
        yield from _burst((mine, theirs), when._replace(begin=time, end=until))


def _burst(counts: tuple[int, int], when: Room) -> Iterator[tuple[float, bool]]:
    out, back = counts
    begin, length = when.begin, max(when.end - when.begin, 0.0)
    gap = min(GAP_S, max(length - when.rtt, 0.0) / (out + back + 1))
    for number in range(out):
        yield begin + number * gap, True
    answered = begin + out * gap + min(when.rtt, length / 2)
    for number in range(back):
        yield answered + number * gap, False
