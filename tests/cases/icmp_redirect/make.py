"""Forged ICMP redirects that put an attacker into the way; and a router that means well."""

import random
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import in_order, seeded
from oddwire.testing.office_lan import SITES, Lan, background, mac_bytes, resolve, visit
from oddwire.testing.packets import ACK, tcp, udp
from oddwire.testing.spoofing import redirect, relayed, rounds

BEGIN = 1_700_000_000.0
EVIL, EVIL_IP = "08:00:27:5e:01:7a", "192.168.1.66"
LAN = Lan(macs={EVIL_IP: EVIL, "192.168.1.2": "00:1b:54:aa:00:02"})
VICTIM, RESOLVER = "192.168.1.50", "203.0.113.53"
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23, 24)]
FAR = [f"10.20.0.{last}" for last in (5, 6, 7)]


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    yield "ettercap-each-connection", _each_connection(seeded(51))
    yield "blind-for-resolver", _blind(seeded(52), [VICTIM], 30)
    yield "blind-many-victims", _blind(seeded(53), [VICTIM, *OFFICE], 10)
    yield "attack-alone", [packet for packet in _blind(seeded(54), [VICTIM], 5) if packet[1][23] == 1]
    yield "second-router", _second_router(seeded(55))
    yield "deaf-host", _deaf(seeded(56))


def _forged(frame: bytes, time: float) -> Timed:
    """The router's address in the packet, the attacker's card on the frame."""
    made = redirect(LAN.router, frame, EVIL_IP)
    return time, mac_bytes(LAN.mac(VICTIM)) + mac_bytes(EVIL) + made[12:]


def _each_connection(dice: random.Random) -> list[Timed]:
    """Ettercap -M icmp: it sees a new destination of the victim, and says at once to go by the attacker."""
    begin = BEGIN + 40
    packets = background(dice, LAN, [*OFFICE, EVIL_IP], BEGIN, 260, 30)
    time, port, turned = BEGIN + 2, 50_000, set[str]()
    while time < BEGIN + 250:
        site = dice.choice(SITES)
        talk = visit(dice, VICTIM, port, site, time, [dice.randrange(500, 9_000)])
        if site in turned:
            packets += relayed(talk, EVIL, LAN, both=False)
        else:
            packets += LAN.place(talk)
        if time > begin and site not in turned:
            turned.add(site)
            packets += [_forged(talk[0][1], time + 0.004), _forged(talk[2][1], time + 0.06)]
        time, port = time + dice.expovariate(1 / 5), port + 1
    return in_order(packets)


def _blind(dice: random.Random, victims: list[str], every: float) -> list[Timed]:
    """A redirect about the resolver again and again, with a quoted packet that was never sent."""
    packets = background(dice, LAN, [*OFFICE, VICTIM], BEGIN, 400, 40)
    for place, victim in enumerate(victims):
        for time in rounds(dice, BEGIN + 60 + place * 0.01, BEGIN + 390, every):
            quoted = udp(victim, dice.randrange(1_024, 65_000), RESOLVER, 53, bytes(8))
            made = redirect(LAN.router, quoted, EVIL_IP)
            packets.append((time, mac_bytes(LAN.mac(victim)) + mac_bytes(EVIL) + made[12:]))
    return in_order(packets)


def _second_router(dice: random.Random) -> list[Timed]:
    """A second router leads to 10.20/16: the first one says so to three hosts, and forwards meanwhile."""
    packets = background(dice, LAN, OFFICE, BEGIN, 600, 50)
    for place, host in enumerate(OFFICE[:3]):
        for turn, far in enumerate(FAR):
            time = BEGIN + 40 + place * 90 + turn * 33
            talk = visit(dice, host, 51_000 + turn, far, time, [1_500], 0.004)
            packets += resolve(LAN, host, LAN.router, time - 0.01) + LAN.place(talk)
            packets += LAN.place([(time + 0.001, redirect(LAN.router, talk[0][1], "192.168.1.2", ttl=255))])
    return in_order(packets)


def _deaf(dice: random.Random) -> list[Timed]:
    """A host ignores redirects: a Linux router says it nine times, each time later, and gives up."""
    packets = background(dice, LAN, OFFICE, BEGIN, 700, 60)
    wait, time = 0.02, BEGIN + 30
    for number in range(9):
        quoted = tcp(
            OFFICE[0], 51_500, FAR[0], 22, ACK, seq=1_000 + number * 48, ack=77, data=dice.randbytes(48)
        )
        packets += LAN.place([(time, quoted), (time + 0.000_3, redirect(LAN.router, quoted, "192.168.1.2"))])
        wait *= 2
        time += max(wait, 1.0)
    return in_order(packets)
