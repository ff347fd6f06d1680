"""Scans that hide in time: one probe in fifteen seconds to five minutes."""

from collections.abc import Iterator

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.scans import CONNECT_SCAN, TOP_100, Victim, scan_tcp
from oddwire.testing.sessions import tcp_session
from oddwire.testing.wrapping import mixed

BEGIN, AT = 1_700_000_000.0, 1_700_000_300.0
SCANNER, TARGET, OTHER = "10.0.0.5", "10.0.0.9", "10.0.0.7"
LINUX = Victim(ip=TARGET, open=frozenset({22, 80, 443}))
WALLED = Victim(ip=TARGET, open=frozenset({443}), rest="filtered")


def noise(hours: float, pause: float = 400) -> list[Timed]:
    return bystanders(start=BEGIN, seconds=hours * 3_600, hosts=range(21, 25), pause=pause)


def ports(count: int, seed: int) -> list[int]:
    dice = seeded(seed)
    return dice.sample([*TOP_100, *range(2_050, 2_300)], count)


def captures() -> Iterator[tuple[str, list[Timed]]]:
    dice = seeded(1)
    every_15 = scan_tcp(SCANNER, LINUX, ports(200, 1), start=AT, gap=15, dice=dice)
    yield "every-15-seconds", mixed(noise(1), every_15)
    alone = scan_tcp(SCANNER, WALLED, ports(150, 2), start=AT, gap=15, dice=dice, retries=0)
    yield "every-15-seconds-filtered", mixed(alone)
    every_60 = scan_tcp(SCANNER, LINUX, ports(100, 3), start=AT, gap=60, dice=dice, style=CONNECT_SCAN)
    yield "every-minute", mixed(noise(2), every_60)
    every_300 = scan_tcp(SCANNER, LINUX, ports(60, 4), start=AT, gap=300, dice=dice)
    yield "every-five-minutes", mixed(noise(5.3, 1_200), every_300)
    two = [
        scan_tcp(SCANNER, Victim(ip=ip, open=LINUX.open), ports(80, 5), start=AT + late, gap=40, dice=dice)
        for ip, late in ((TARGET, 0), (OTHER, 20))
    ]
    yield "two-targets-in-turn", mixed(noise(1.2), *two)
    yield "monitor-of-eight-services", mixed(noise(2), monitor())
    yield "inventory-of-six-ports", mixed(noise(3), inventory())


def monitor() -> list[Timed]:
    """Return a monitoring server that looks at eight services of a host every five minutes."""
    services = (22, 25, 80, 110, 143, 443, 993, 3306)
    return [
        packet
        for turn in range(22)
        for number, service in enumerate(services)
        for packet in tcp_session(
            "10.0.0.4",
            40_000 + turn * 8 + number,
            TARGET,
            service,
            [(30, 120)],
            start=AT + turn * 300 + number * 2.5,
            rtt=0.001,
        )
    ]


def inventory() -> list[Timed]:
    """Return an inventory agent that tries the same six ports twice an hour; only one is open."""
    dice = seeded(6)
    return [
        packet
        for turn in range(5)
        for packet in scan_tcp(
            "10.0.0.4",
            LINUX,
            [22, 135, 445, 3389, 5985, 9_100],
            start=AT + turn * 1_800,
            gap=3,
            dice=dice,
            style=CONNECT_SCAN,
            retries=0,
        )
    ]
