"""A quarter of an hour over the end of an hour, and tables of units made of it."""

from collections.abc import Collection, Sequence
from functools import cache

import polars as pl

from oddwire.base.window import Window
from oddwire.features.units.familiar import Familiar
from oddwire.features.units.gather import FLOWS, HOURS, MINUTES, PAIRS, Gatherer, Member
from oddwire.testing.capture import Timed
from oddwire.testing.conversations import refused, unanswered
from oddwire.testing.names import arp_asked, mdns_question, netbios_question, ping
from oddwire.testing.packets import icmp, udp
from oddwire.testing.scene import Scene
from oddwire.testing.windows import Recording, recorded

ALL = (MINUTES, HOURS, PAIRS, FLOWS)
HOUR = 1_710_064_800
BEGIN = HOUR - 400.0
ME, OTHER, SERVER = "192.168.10.21", "192.168.10.22", "192.168.10.3"
SIX, SIX_OUT = "fd00::21", "2a00:1450:4001:80b::200e"
WEB = "93.184.216.34"
NOBODY = "0.0.0.0"  # noqa: S104  # who has no address yet


@cache
def packets() -> tuple[Timed, ...]:
    """Return pages, local services, echoes, IPv6, groups, what is refused and what nobody answers."""
    scene = Scene(7, BEGIN)
    scene.browsing((ME, OTHER), 800.0, every=60.0)
    for turn in range(20):
        at = BEGIN + 3.0 + turn * 37.0
        scene.say(ME, SERVER, 445, [(0.01, True, b"q" * (900 + turn)), (0.01, False, b"a" * 5_000)], at=at)
        scene.exchange((SIX, 40_000 + turn, SIX_OUT, 443), b"q" * 100, b"a" * 300, at=at + 1)
        scene.add([(at + 2, icmp(SIX, SIX_OUT, 128)), (at + 2.02, icmp(SIX_OUT, SIX, 129))])
        scene.add(mdns_question(OTHER, "printer.local", start=at + 3))
        scene.add(netbios_question(OTHER, "PRINTER", start=at + 3.5, broadcast="192.168.10.255"))
        scene.add([(at + 4, udp(ME, 50_000, "255.255.255.255", 9_999, b"anybody"))])
        scene.add(refused((ME, 41_000 + turn, SERVER, 8_080), start=at + 5))
        scene.add(unanswered((OTHER, 42_000 + turn, "10.9.8.7", 22), start=at + 6, tries=1))
        scene.add([(at + 7, udp(NOBODY, 68, "255.255.255.255", 67, b"x" * 240))])
        scene.name(ME, "missing.example.com", [], at=at + 8, missing=True)
    scene.add(ping(ME, WEB, start=BEGIN + 11, count=5))
    scene.add(arp_asked(ME, SERVER, start=BEGIN + 2))
    return tuple(sorted(scene.packets, key=lambda packet: packet[0]))


@cache
def seen() -> Recording:
    """Return what the core makes of it."""
    return recorded(packets())


def gathered(
    shown: Recording | Sequence[Window],
    cuts: Collection[int] | None = None,
    members: Collection[Member] = ALL,
    familiar: Familiar | None = None,
) -> dict[Member, pl.DataFrame]:
    """Return all tables of a recording cut so, in an order of their own."""
    windows = shown.windows(cuts) if isinstance(shown, Recording) else shown
    gatherer = Gatherer(windows[0].hosts, members, familiar)
    made = [one for window in windows for one in gatherer.add(window)] + gatherer.finish()
    tables = {member: pl.concat([table for one, table in made if one == member]) for member, _ in made}
    return {member: table.sort(table.columns) for member, table in tables.items()}
