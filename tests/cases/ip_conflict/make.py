"""Two living hosts with one address; and what only looks like it."""

import random
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import in_order, seeded
from oddwire.testing.office_lan import NOBODY, Lan, arp_frame, background
from oddwire.testing.spoofing import announce, probe, rounds

BEGIN = 1_700_000_000.0
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23)]
SHARED = "192.168.1.40"
PRINTER, LAPTOP = "00:80:77:31:aa:01", "f0:18:98:77:bb:02"
FIRST, SECOND = Lan(macs={SHARED: PRINTER}), Lan(macs={SHARED: LAPTOP})


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "both-answer", _both_answer(seeded(41))
    yield "defended-and-taken", _defended(seeded(42))
    yield "only-arp", [packet for packet in _both_answer(seeded(43)) if packet[1][12:14] == b"\x08\x06"]
    yield "found-and-declined", _declined(seeded(44))


def _both_answer(dice: random.Random) -> list[Timed]:
    """A printer with a fixed address, a laptop that was leased the same: both answer, both work."""
    begin = BEGIN + 120
    packets = background(dice, FIRST, OFFICE, BEGIN, 720, 60)
    packets += background(dice, FIRST, [SHARED], BEGIN, 700, 45)
    packets += [(begin + turn * 2.0, announce(LAPTOP, SHARED)) for turn in range(2)]
    packets += background(dice, SECOND, [SHARED], begin + 5, 590, 20)
    for host in OFFICE:
        for time in rounds(dice, BEGIN + dice.uniform(1, 40), BEGIN + 715, 40):
            packets += _question(host, time, [PRINTER, LAPTOP] if time > begin else [PRINTER])
    return in_order(packets)


def _defended(dice: random.Random) -> list[Timed]:
    """The owner defends each ten seconds (RFC 5227, 2.4), the newcomer takes no notice."""
    begin = BEGIN + 90
    packets = background(dice, FIRST, [*OFFICE, SHARED], BEGIN, 390, 40)
    packets += probe(LAPTOP, SHARED, begin)
    packets.append((begin + 0.001, arp_frame(2, (PRINTER, SHARED), (LAPTOP, "0.0.0.0"), dst=LAPTOP)))  # noqa: S104
    for time in rounds(dice, begin + 4.7, BEGIN + 380, 10.5):
        packets += [(time, announce(PRINTER, SHARED)), (time + 3.2, announce(LAPTOP, SHARED))]
    packets += background(dice, SECOND, [SHARED], begin + 12, 280, 20)
    return in_order(packets)


def _declined(dice: random.Random) -> list[Timed]:
    """A newcomer finds its address in use, gives it back and takes another: nothing went wrong."""
    packets = background(dice, FIRST, [*OFFICE, SHARED], BEGIN, 300, 40)
    found = BEGIN + 100
    packets.append((found, arp_frame(1, (LAPTOP, "0.0.0.0"), (NOBODY, SHARED))))  # noqa: S104
    packets.append((found + 0.001, arp_frame(2, (PRINTER, SHARED), (LAPTOP, "0.0.0.0"), dst=LAPTOP)))  # noqa: S104
    packets += probe(LAPTOP, "192.168.1.41", found + 11)
    packets += background(dice, Lan(macs={"192.168.1.41": LAPTOP}), ["192.168.1.41"], found + 18, 180, 30)
    return in_order(packets)


def _question(host: str, time: float, owners: list[str]) -> list[Timed]:
    asking = (FIRST.mac(host), host)
    answers = [
        (time + 0.000_6 + place * 0.002, arp_frame(2, (mac, SHARED), asking, dst=asking[0]))
        for place, mac in enumerate(owners)
    ]
    return [(time, arp_frame(1, asking, (NOBODY, SHARED))), *answers]
