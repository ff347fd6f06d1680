"""One host inside takes others: by services and shares, WMI, WinRM, remote desktop, chains of SSH."""

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue, in_order, seeded
from oddwire.testing.logins import rdp_work
from oddwire.testing.office_lan import Lan, background, resolve
from oddwire.testing.remote_work import remote_calls, share_work, winrm
from oddwire.testing.ssh_sessions import work

BEGIN = 1_700_000_000.0
LAN = Lan()
EVIL = "192.168.1.66"
TARGETS = [f"192.168.1.{last}" for last in (31, 32, 33, 34, 35, 36, 37, 38)]
SIX = [f"2001:db8:1::{last}" for last in (31, 32, 33, 34, 35)]
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23)]


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    dice = seeded(161)
    yield "psexec-six-hosts", _office(dice, _psexec(dice, EVIL, TARGETS[:6], 40), 320)
    yield "psexec-alone", in_order(LAN.place(_psexec(dice, EVIL, TARGETS[:4], 30)))
    yield "psexec-slow", _office(dice, _psexec(dice, EVIL, TARGETS[:5], 420), 2_200)
    yield "psexec-ipv6", _office(dice, _psexec(dice, "2001:db8:1::66", SIX, 30), 220)
    yield "wmi-five-hosts", _office(dice, _wmi(dice), 300)
    yield "winrm-eight-hosts", _office(dice, _winrm(dice), 260)
    yield "remote-desktop-hops", _office(dice, _desktop(dice), 560)
    yield "ssh-chain", _office(dice, _chain(dice), 420)


def _office(dice: random.Random, packets: list[Timed], seconds: float) -> list[Timed]:
    return in_order(LAN.place(packets) + background(dice, LAN, OFFICE, BEGIN, seconds, max(30, seconds / 12)))


def _talk(dice: random.Random, ends: tuple[str, str], sport: int, time: float) -> Dialogue:
    port = dice.randrange(49_152, 65_000)
    return Dialogue(
        client=ends[0],
        cport=port,
        server=ends[1],
        sport=sport,
        start=time,
        dice=dice,
        rtt=0.001,
        ttls=(128, 128),
    )


def _psexec(dice: random.Random, source: str, targets: Sequence[str], every: float) -> list[Timed]:
    """A program is written to ADMIN$, a service is made by remote calls and started, its output is read."""
    packets: list[Timed] = []
    for place, target in enumerate(targets):
        time = BEGIN + 30 + place * every * dice.uniform(0.9, 1.1)
        packets += resolve(LAN, source, target, time - 0.01) if ":" not in source else []
        packets += share_work(
            _talk(dice, (source, target), 445, time), dice.randrange(60_000, 64_000)
        ).packets
        mapper = remote_calls(_talk(dice, (source, target), 135, time + 1.2), 1)
        service = remote_calls(_talk(dice, (source, target), 49_664 + place, mapper.time + 0.05), 7)
        output = share_work(_talk(dice, (source, target), 445, service.time + 2), 3_000, way="read")
        packets += mapper.packets + service.packets + output.packets
    return packets


def _wmi(dice: random.Random) -> list[Timed]:
    """A process is made by DCOM, its output comes back by a file on ADMIN$; three commands each."""
    packets: list[Timed] = []
    for place, target in enumerate(TARGETS[:5]):
        time = BEGIN + 30 + place * 45
        for step in range(3):
            mapper = remote_calls(_talk(dice, (EVIL, target), 135, time + step * 9), 2)
            process = remote_calls(_talk(dice, (EVIL, target), 49_700 + place, mapper.time), 12, size=700)
            output = share_work(_talk(dice, (EVIL, target), 445, process.time + 1), 2_000, way="read")
            packets += mapper.packets + process.packets + output.packets
    return packets


def _winrm(dice: random.Random) -> list[Timed]:
    """Eight hosts in three minutes; two of them do not listen."""
    packets: list[Timed] = []
    for place, target in enumerate(TARGETS):
        time = BEGIN + 30 + place * 22
        if place in {2, 5}:
            packets += _talk(dice, (EVIL, target), 5_985, time).refused().packets
            continue
        packets += share_work(_talk(dice, (EVIL, target), 445, time), 400_000).packets
        packets += winrm(_talk(dice, (EVIL, target), 5_985, time + 4), 8).packets
    return packets


def _desktop(dice: random.Random) -> list[Timed]:
    """From one host to the next by remote desktop, each from inside the last, all still open."""
    chain = [EVIL, *TARGETS[:4]]
    packets: list[Timed] = []
    for place, ends in enumerate(pairwise(chain)):
        start = BEGIN + 30 + place * 90
        packets += share_work(_talk(dice, ends, 445, start - 8), 250_000).packets
        packets += rdp_work(_talk(dice, ends, 3_389, start), 420 - place * 90, "administrator").packets
    return packets


def _chain(dice: random.Random) -> list[Timed]:
    """A workstation, a server, another, another: SSH inside SSH, typing goes all the way."""
    chain = [EVIL, *TARGETS[:5]]
    packets: list[Timed] = []
    for place, ends in enumerate(pairwise(chain)):
        talk = _talk(dice, ends, 22, BEGIN + 30 + place * 40)
        steps = [(36, dice.choice([36, 120, 800])) for _ in range(150 - place * 22)]
        packets += work(talk, steps, pause=1.5, manner="password").packets
    return packets
