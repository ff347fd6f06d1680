"""Poisoned ARP tables: between router and victim, one-sided, whole networks, quiet, with no own address."""

import random
import struct
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue, in_order, seeded
from oddwire.testing.office_lan import SITES, Lan, arp_frame, background, resolve, visit
from oddwire.testing.packets import BROADCAST
from oddwire.testing.spoofing import forge, poison, relayed, restore, rounds

BEGIN = 1_700_000_000.0
LAN = Lan()
EVIL, EVIL_IP = "08:00:27:5e:01:7a", "192.168.1.66"
WITH_EVIL = Lan(macs={EVIL_IP: EVIL})
VICTIM, SERVER = "192.168.1.50", "192.168.1.10"
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23, 24)]


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "ettercap-both-sides", _both_sides(seeded(1))
    yield "arpspoof-one-side", _one_side(seeded(2))
    yield "lie-comes-first", _lie_first(seeded(3))
    yield "whole-network", _whole_network(seeded(4))
    yield "quiet", _quiet(seeded(5))
    yield "only-arp", _only_arp(seeded(6))
    yield "requests-that-lie", _lying_requests(seeded(7))
    yield "two-inside-hosts", _inside(seeded(8))
    yield "answers-every-question", _racing(seeded(9))
    yield "tagged", _tagged(_one_side(seeded(10)))


def _browsing(dice: random.Random, host: str, start: float, end: float) -> list[Timed]:
    packets, time, port = [], start, 50_000
    while time < end:
        packets += visit(dice, host, port, dice.choice(SITES), time, [dice.randrange(500, 9_000)])
        time, port = time + dice.expovariate(1 / 6), port + 1
    return packets


def _pair(lan: Lan) -> list[tuple[str, tuple[str, str]]]:
    """Both sides: to the victim as the router, to the router as the victim."""
    return [(lan.router, (lan.mac(VICTIM), VICTIM)), (VICTIM, (lan.router_mac, lan.router))]


def _both_sides(dice: random.Random) -> list[Timed]:
    """Ettercap: a lie each second at first, each ten seconds then, the truth at the end."""
    begin, end = BEGIN + 60, BEGIN + 240
    lies = _pair(WITH_EVIL)
    packets = background(dice, WITH_EVIL, [*OFFICE, EVIL_IP], BEGIN, 300, 40)
    for last in (1, 50):
        packets += resolve(WITH_EVIL, EVIL_IP, f"192.168.1.{last}", begin - 1 + last / 1_000)
    packets += resolve(WITH_EVIL, VICTIM, LAN.router, BEGIN + 2)
    packets += WITH_EVIL.place(_browsing(dice, VICTIM, BEGIN + 3, begin - 6))
    packets += poison(EVIL, lies, [begin + turn for turn in range(5)])
    packets += poison(EVIL, lies, rounds(dice, begin + 14, end, 10))
    packets += relayed(_browsing(dice, VICTIM, begin + 6, end - 6), EVIL, WITH_EVIL, kernel=False)
    packets += restore(EVIL, WITH_EVIL, lies, end)
    return in_order(packets)


def _one_side(dice: random.Random) -> list[Timed]:
    """Arpspoof -t victim router, each two seconds: what the victim sends takes the detour, no restoring."""
    begin = BEGIN + 30
    packets = background(dice, WITH_EVIL, OFFICE, BEGIN, 240, 30)
    packets += resolve(WITH_EVIL, VICTIM, LAN.router, BEGIN + 2)
    packets += WITH_EVIL.place(_browsing(dice, VICTIM, BEGIN + 3, begin - 6))
    packets += resolve(WITH_EVIL, EVIL_IP, VICTIM, begin - 0.5)
    packets += poison(EVIL, _pair(WITH_EVIL)[:1], rounds(dice, begin, BEGIN + 240, 2))
    packets += relayed(_browsing(dice, VICTIM, begin + 4, BEGIN + 230), EVIL, WITH_EVIL, both=False)
    return in_order(packets)


def _lie_first(dice: random.Random) -> list[Timed]:
    """The capture starts in the middle: the owner is seen only when others ask for it, 40 s later."""
    packets = poison(EVIL, _pair(WITH_EVIL), rounds(dice, BEGIN, BEGIN + 200, 2))
    packets += relayed(_browsing(dice, VICTIM, BEGIN + 0.5, BEGIN + 190), EVIL, WITH_EVIL)
    packets += resolve(WITH_EVIL, OFFICE[0], LAN.router, BEGIN + 40)
    packets += background(dice, WITH_EVIL, OFFICE, BEGIN + 40.5, 160, 30)
    return in_order(packets)


def _whole_network(dice: random.Random) -> list[Timed]:
    """Arpspoof without a victim: replies about the router to everybody, each two seconds."""
    begin = BEGIN + 45
    packets = background(dice, WITH_EVIL, OFFICE, BEGIN, 45, 15)
    for time in rounds(dice, begin, BEGIN + 225, 2):
        packets.append((time, arp_frame(2, (EVIL, LAN.router), (BROADCAST, "0.0.0.0"), dst=BROADCAST)))  # noqa: S104
    for host in OFFICE:
        packets += relayed(_browsing(dice, host, begin + 3, BEGIN + 215), EVIL, WITH_EVIL, both=False)
    packets += restore(EVIL, WITH_EVIL, [(LAN.router, (BROADCAST, "0.0.0.0"))], BEGIN + 226)  # noqa: S104
    return in_order(packets)


def _quiet(dice: random.Random) -> list[Timed]:
    """One pair of lies each 45 s for twenty minutes: just before the tables would ask again."""
    begin = BEGIN + 120
    packets = background(dice, WITH_EVIL, OFFICE, BEGIN, 1_320, 120)
    packets += resolve(WITH_EVIL, VICTIM, LAN.router, BEGIN + 10)
    packets += WITH_EVIL.place(_browsing(dice, VICTIM, BEGIN + 11, begin - 20))
    packets += poison(EVIL, _pair(WITH_EVIL), rounds(dice, begin, BEGIN + 1_320, 45))
    packets += relayed(_browsing(dice, VICTIM, begin + 5, BEGIN + 1_310), EVIL, WITH_EVIL)
    return in_order(packets)


def _only_arp(dice: random.Random) -> list[Timed]:
    """A capture that holds nothing but ARP."""
    lan, begin = WITH_EVIL, BEGIN + 30
    packets: list[Timed] = []
    for host in [*OFFICE, VICTIM, SERVER, EVIL_IP]:
        for time in rounds(dice, BEGIN + dice.uniform(1, 30), BEGIN + 400, dice.uniform(50, 90)):
            packets += resolve(lan, host, lan.router, time)
    packets += poison(EVIL, _pair(lan), rounds(dice, begin, BEGIN + 400, 5))
    return in_order(packets)


def _lying_requests(dice: random.Random) -> list[Timed]:
    """Poison in questions ("who has victim? tell router"), from a card that has no address of its own."""
    begin = BEGIN + 40
    packets = background(dice, LAN, [*OFFICE, VICTIM], BEGIN, 40, 12)
    packets += background(dice, LAN, OFFICE, begin, 180, 30)
    packets += poison(EVIL, _pair(LAN), rounds(dice, begin, BEGIN + 220, 6), operation=1)
    packets += relayed(_browsing(dice, VICTIM, begin + 3, BEGIN + 210), EVIL, LAN)
    return in_order(packets)


def _inside(dice: random.Random) -> list[Timed]:
    """Not the router but a file server is impersonated, to read what one client does with it."""
    lan, begin, end = WITH_EVIL, BEGIN + 50, BEGIN + 250
    lies = [(SERVER, (lan.mac(VICTIM), VICTIM)), (VICTIM, (lan.mac(SERVER), SERVER))]
    talk = Dialogue(
        client=VICTIM, cport=50_100, server=SERVER, sport=445, start=BEGIN + 5, dice=dice, rtt=0.001
    )
    talk.open()
    while talk.time < end - 10:
        talk.ask(dice.randrange(110, 300)).answer(dice.randrange(100, 12_000)).wait(dice.expovariate(1 / 3))
    before = [packet for packet in talk.packets if packet[0] < begin]
    after = [packet for packet in talk.packets if packet[0] >= begin]
    packets = background(dice, lan, OFFICE, BEGIN, 270, 30)
    packets += resolve(lan, VICTIM, SERVER, BEGIN + 4) + resolve(lan, OFFICE[1], SERVER, BEGIN + 20)
    packets += lan.place(before) + relayed(after, EVIL, lan)
    packets += poison(EVIL, lies, rounds(dice, begin, end, 10)) + restore(EVIL, lan, lies, end + 2)
    return in_order(packets)


def _racing(dice: random.Random) -> list[Timed]:
    """Whoever asks for the router gets two answers: the false one a little later, so that it stays."""
    lan = WITH_EVIL
    packets: list[Timed] = []
    for host in [*OFFICE, VICTIM]:
        for time in rounds(dice, BEGIN + dice.uniform(1, 40), BEGIN + 600, dice.uniform(40, 60)):
            packets += resolve(lan, host, lan.router, time)
            packets.append((time + 0.004, forge(EVIL, lan.router, (lan.mac(host), host))))
    packets += relayed(_browsing(dice, VICTIM, BEGIN + 45, BEGIN + 590), EVIL, lan, both=False)
    return in_order(packets)


def _tagged(packets: list[Timed]) -> list[Timed]:
    tag = struct.pack("!HH", 0x8100, 120)
    return [(time, frame[:12] + tag + frame[12:]) for time, frame in packets]
