"""Who asks which controller for what: what a network of controllers is used to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from oddwire.features.controllers import Order

__all__ = ["MOST_MASTERS", "Device", "Master", "device_of", "learn", "merged", "name_of", "plain", "strange"]

SECOND = 1_000_000_000
MOST_MASTERS, MOST_FUNCTIONS, MOST_READ = 24, 64, 96


@dataclass(slots=True)
class Master:
    """What one host asked of one device."""

    first: int
    last: int
    requests: int = 0
    is_new: bool = False
    # The present run of commands that are out of line, and how many of each sort were told of.
    since: int = 0
    until: int = 0
    odd: int = 0
    told: dict[str, int] = field(default_factory=dict)
    # Questions that no known master asks.
    strange: int = 0
    # Halting orders in the present minute.
    halted_at: int = 0
    halted: int = 0

    def is_silent(self, at: int) -> bool:
        """Say whether it has missed so many of its turns that it must have stopped."""
        turn = (self.last - self.first) / max(self.requests, 1)
        return at - self.last > max(30 * SECOND, 5 * turn)


@dataclass(slots=True)
class Device:
    """Who asked a device, its commands, what it is asked for, and the most commands in a tick."""

    first: int
    masters: dict[str, Master] = field(default_factory=dict)
    functions: dict[str, int] = field(default_factory=dict)
    read: dict[str, int] = field(default_factory=dict)
    peak: int = 0


def name_of(order: Order) -> str:
    """Return what tells commands apart."""
    return f"{order.function}{'!' if order.halts else ''}"


def _questions(asked: Sequence[Order]) -> list[str]:
    """Return what is asked for, without commands."""
    return [
        f"{one.function} {address}"
        for one in asked
        if not (one.is_command or one.halts)
        for address in one.addresses or (-1,)
    ]


def strange(device: Device, asked: Sequence[Order]) -> int:
    """Return how many questions no known master asks."""
    if len(device.read) >= MOST_READ:
        return 0
    return sum(question not in device.read for question in _questions(asked))


def learn(device: Device, master: Master, asked: Sequence[Order]) -> None:
    """Take what was asked for granted from now on; of a newcomer only that it was there."""
    commands = 0
    for one in asked:
        master.requests += one.count
        master.last = max(master.last, one.last)
        if one.is_command:
            commands += one.count
        if one.is_command or one.halts:
            name = name_of(one)
            if name in device.functions or len(device.functions) < MOST_FUNCTIONS:
                device.functions[name] = device.functions.get(name, 0) + one.count
    if not master.is_new:
        for question in _questions(asked):
            if len(device.read) < MOST_READ:
                device.read.setdefault(question, 1)
    device.peak = max(device.peak, commands)


def plain(device: Device) -> dict[str, Any]:
    """Return a device as plain values."""
    return asdict(device)


def device_of(saved: Mapping[str, Any]) -> Device:
    """Return a device that was saved."""
    masters = {
        name: Master(**{**values, "told": dict(values["told"])}) for name, values in saved["masters"].items()
    }
    return Device(
        first=saved["first"],
        masters=masters,
        functions=dict(saved["functions"]),
        read=dict(saved["read"]),
        peak=saved["peak"],
    )


def merged(mine: Device, theirs: Device) -> Device:
    """Return what two knew of one device."""
    masters = {**theirs.masters, **mine.masters}
    for name in mine.masters.keys() & theirs.masters.keys():
        one, other = mine.masters[name], theirs.masters[name]
        later = max(one, other, key=lambda master: master.last)
        later.first = min(one.first, other.first)
        later.requests = one.requests + other.requests
        masters[name] = later
    kept = sorted(masters.items(), key=lambda entry: (entry[1].last, entry[0]))[-MOST_MASTERS:]
    functions = sorted({*mine.functions, *theirs.functions})[:MOST_FUNCTIONS]
    return Device(
        first=min(mine.first, theirs.first),
        masters=dict(kept),
        functions={name: mine.functions.get(name, 0) + theirs.functions.get(name, 0) for name in functions},
        read=dict.fromkeys(sorted({*mine.read, *theirs.read})[:MOST_READ], 1),
        peak=max(mine.peak, theirs.peak),
    )
