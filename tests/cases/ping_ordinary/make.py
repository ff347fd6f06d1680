"""Pings that are only pings: long, large, growing, many at once, to many, by routers on the way."""

import random
from collections.abc import Callable, Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.channels import linux_payload, ping, windows_payload
from oddwire.testing.dialogue import in_order, seeded
from oddwire.testing.icmp_messages import echo, unreachable
from oddwire.testing.office_lan import Lan, background
from oddwire.testing.spoofing import rounds

BEGIN = 1_700_000_000.0
LAN = Lan()
HOST, OUTSIDE = "192.168.1.50", "203.0.113.8"
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23)]
TARGETS = [f"203.0.113.{last}" for last in range(101, 121)]


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    dice = seeded(131)
    begin, ends = BEGIN + 5, (HOST, OUTSIDE)
    yield "half-an-hour", _office(dice, _linux(dice, rounds(dice, begin, BEGIN + 1_800, 1)), 1_800)
    yield "large-1400", _office(dice, _linux(dice, rounds(dice, begin, BEGIN + 300, 1), 1_400), 300)
    yield (
        "windows",
        _office(
            dice, ping(dice, ends, rounds(dice, begin, BEGIN + 300, 1), lambda _: windows_payload()), 300
        ),
    )
    yield (
        "sizes-sweep",
        _office(dice, ping(dice, ends, rounds(dice, begin, BEGIN + 260, 0.5), _growing(dice)), 300),
    )
    yield "twenty-at-once", _office(dice, _linux(dice, rounds(dice, begin, begin + 0.2, 0.01)), 60)
    yield "twenty-hosts", _office(dice, _smoke(dice), 900)
    yield "route-traced", _office(dice, _traced(), 60)
    yield "with-loss-and-copies", _office(dice, _lossy(dice), 400)
    yield "random-fill", _office(dice, _filled(dice), 200)
    yield "ipv6", _office(dice, _six(dice), 400)
    yield "short-capture", in_order(LAN.place(_linux(dice, rounds(dice, begin, begin + 40, 1))))


def _office(dice: random.Random, packets: list[Timed], seconds: float) -> list[Timed]:
    return in_order(LAN.place(packets) + background(dice, LAN, OFFICE, BEGIN, seconds, max(30, seconds / 12)))


def _linux(dice: random.Random, times: list[float], size: int = 56) -> list[Timed]:
    return ping(dice, (HOST, OUTSIDE), times, lambda _: linux_payload(dice, size))


def _growing(dice: random.Random) -> Callable[[int], bytes]:
    """Sizes up to 1,472 in steps of three: looking for the largest that passes."""
    return lambda number: linux_payload(dice, min(16 + number * 3, 1_472))


def _smoke(dice: random.Random) -> list[Timed]:
    """Smokeping: twenty hosts, twenty pings each, each five minutes."""
    packets: list[Timed] = []
    for target in TARGETS:
        for time in rounds(dice, BEGIN + dice.uniform(0, 60), BEGIN + 900, 300):
            packets += ping(
                dice, (HOST, target), rounds(dice, time, time + 20, 1), lambda _: bytes(56), lost=0.02
            )
    return packets


def _traced() -> list[Timed]:
    """Three requests a step, and the routers' complaints until the target answers."""
    packets: list[Timed] = []
    for step in range(1, 13):
        for turn in range(3):
            time, number = BEGIN + 5 + step * 0.4 + turn * 0.1, step * 3 + turn
            asked = echo(HOST, OUTSIDE, 3_321, number, bytes(32), ttl=step)
            packets.append((time, asked))
            if step < 11:
                arrived = echo(HOST, OUTSIDE, 3_321, number, bytes(32), ttl=1)
                packets.append(
                    (
                        time + 0.002 * step,
                        unreachable(f"203.0.113.{200 + step}", arrived, kind=11, code=0, ttl=64),
                    )
                )
            else:
                packets.append(
                    (time + 0.025, echo(OUTSIDE, HOST, 3_321, number, bytes(32), reply=True, ttl=54))
                )
    return packets


def _lossy(dice: random.Random) -> list[Timed]:
    """A poor radio link: one in ten lost, some replies twice, some late."""
    times = rounds(dice, BEGIN + 5, BEGIN + 380, 1)
    packets = ping(dice, (HOST, OUTSIDE), times, lambda _: linux_payload(dice), rtt=0.3, lost=0.1)
    twice = [(time + 0.01, frame) for time, frame in packets if frame[34] == 0 and dice.random() < 0.05]
    return packets + twice


def _filled(dice: random.Random) -> list[Timed]:
    """A diagnosis with random bytes (the same for each), answered as sent."""
    fill = dice.randbytes(120)
    return ping(dice, (HOST, OUTSIDE), rounds(dice, BEGIN + 5, BEGIN + 180, 1), lambda _: fill)


def _six(dice: random.Random) -> list[Timed]:
    ends = ("2001:db8:1::50", "2001:db8:ff::8")
    return ping(dice, ends, rounds(dice, BEGIN + 5, BEGIN + 380, 1), lambda _: linux_payload(dice))
