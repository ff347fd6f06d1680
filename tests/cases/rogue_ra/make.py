"""Router advertisements: of one who is no router, in the name of one who is; and of true ones."""

import random
from collections.abc import Iterator, Sequence
from ipaddress import IPv6Address

from oddwire.testing.advertisements import (
    Prefix,
    advertisement,
    link_local,
    neighbour_check,
    own_v6,
    router_wanted,
)
from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports
from oddwire.testing.dialogue import seeded
from oddwire.testing.dns_messages import Stub, addresses
from oddwire.testing.office_lan import Lan, background, visit
from oddwire.testing.spoofing import rounds

BEGIN = 1_700_000_000.0
EVIL, EVIL_IP = "08:00:27:5e:01:7a", "192.168.1.66"
LAN = Lan(macs={EVIL_IP: EVIL})
ROUTER = LAN.router_mac
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23, 24)]
TRUE = Prefix("2001:db8:1::/64")
SITE = "2001:db8:99::10"


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "second-router", _second(seeded(1))
    yield "second-router-lab", _second_alone(seeded(2))
    yield "end-of-the-true-router", _end(seeded(3))
    yield "flood-of-prefixes", _flood(seeded(4))
    yield "resolver-given", _resolver(seeded(5))
    yield "network-without-ipv6", _only_v4(seeded(6))
    yield "two-true-routers", _two_true(seeded(7))
    yield "new-prefix-once", _renumbered(seeded(8))
    yield "hosts-join", _joining(seeded(9))
    yield "border-of-a-mesh", _mesh(seeded(10))
    yield "router-restarts", _restart(seeded(11))


def _said(dice: random.Random, wire: bytes, start: float, end: float, every: float) -> list[Timed]:
    """The true router's advertisements: at a chosen distance, with the spread that RFC 4861 wants."""
    packets, time = list[Timed](), start
    while time < end:
        packets.append((time, wire))
        time += every * dice.uniform(0.7, 1.0)
    return packets


def _true(dice: random.Random, seconds: float, every: float = 60) -> list[Timed]:
    return _said(dice, advertisement(ROUTER, [TRUE]), BEGIN + 2, BEGIN + seconds, every)


def _settle(hosts: Sequence[str], prefix: Prefix, start: float) -> list[Timed]:
    """Hosts make themselves an address under a new prefix and check that nobody has it."""
    return [
        (start + 0.1 + 0.13 * number, neighbour_check(LAN.mac(host), own_v6(LAN.mac(host), prefix.network)))
        for number, host in enumerate(hosts)
    ]


def _surf(
    dice: random.Random, hosts: Sequence[str], prefix: Prefix, gateway: str, span: tuple[float, float]
) -> list[Timed]:
    """Pages over IPv6: frames go to the card of who calls himself the router."""
    packets, (start, end) = list[Timed](), span
    for host in hosts:
        mine, time = own_v6(LAN.mac(host), prefix.network), start + dice.uniform(0, 10)
        lan, port = Lan(macs={mine: LAN.mac(host), SITE: gateway}), dice.randrange(50_000, 60_000)
        while time < end:
            packets += lan.place(visit(dice, mine, port, SITE, time, [dice.randrange(500, 9_000)]))
            time, port = time + 2 + dice.expovariate(1 / 20), port + 1
    return packets


def _office(dice: random.Random, seconds: float) -> list[Timed]:
    return background(dice, LAN, [*OFFICE, EVIL_IP], BEGIN, seconds, 50)


def _second(dice: random.Random) -> list[Timed]:
    """fake_router: another prefix, the highest preference, each five seconds; hosts go by it."""
    bad = Prefix("2001:db8:bad::/64", 99_999, 99_999)
    packets = _office(dice, 300) + _true(dice, 300)
    packets += _surf(dice, OFFICE, TRUE, ROUTER, (BEGIN + 5, BEGIN + 95))
    wire = advertisement(EVIL, [bad], lifetime=65_535, flags=0x08)
    packets += [(time, wire) for time in rounds(dice, BEGIN + 100, BEGIN + 290, 5)]
    return (
        packets
        + _settle(OFFICE, bad, BEGIN + 100)
        + _surf(dice, OFFICE, bad, EVIL, (BEGIN + 104, BEGIN + 280))
    )


def _second_alone(dice: random.Random) -> list[Timed]:
    """Only neighbour discovery: the true router thrice, then another one with another prefix among it."""
    bad = Prefix("2001:db8:bad::/64")
    packets = _true(dice, 400, 25) + _settle(OFFICE, TRUE, BEGIN + 3)
    packets += _said(dice, advertisement(EVIL, [bad]), BEGIN + 90, BEGIN + 380, 30)
    return packets + _settle(OFFICE, bad, BEGIN + 90)


def _end(dice: random.Random) -> list[Timed]:
    """kill_router: in the true router's name, from another card, "I am no router any more"."""
    packets = _office(dice, 240) + _true(dice, 240, 45)
    packets += _surf(dice, OFFICE, TRUE, ROUTER, (BEGIN + 5, BEGIN + 75))
    wire = advertisement(EVIL, source=link_local(ROUTER), lifetime=0, named="")
    return packets + [(time, wire) for time in rounds(dice, BEGIN + 80, BEGIN + 230, 4)]


def _flood(dice: random.Random) -> list[Timed]:
    """Sixty advertisements a second, each with seventeen prefixes nobody has seen, all from one card."""
    packets = _office(dice, 200) + _true(dice, 200)
    for number in range(1_800):
        prefixes = [Prefix(f"{IPv6Address(b'*' + dice.randbytes(7) + bytes(8))}/64") for _ in range(17)]
        packets.append((BEGIN + 90 + number / 60, advertisement(EVIL, prefixes, lifetime=65_535)))
    return packets


def _resolver(dice: random.Random) -> list[Timed]:
    """No route and no prefix, only a resolver: itself. Hosts then ask it first, and it lies."""
    packets, here = _office(dice, 300) + _true(dice, 300), link_local(EVIL)
    wire = advertisement(EVIL, lifetime=0, resolvers=[here])
    packets += [(time, wire) for time in rounds(dice, BEGIN + 80, BEGIN + 290, 30)]
    for host in OFFICE[:3]:
        mine, ports = link_local(LAN.mac(host)), Ports(5)
        lan, time = Lan(macs={mine: LAN.mac(host), here: EVIL}), BEGIN + 84 + dice.uniform(0, 9)
        stub = Stub(client=mine, server=here, dice=dice, ports=ports, rtt=0.002)
        while time < BEGIN + 280:
            name = dice.choice(["login", "mail", "intranet", "shop"]) + ".example.com"
            packets += lan.place(stub.ask(time, name, "A", addresses(EVIL_IP, ttl=30)))
            time += 3 + dice.expovariate(1 / 15)
    return packets


def _only_v4(dice: random.Random) -> list[Timed]:
    """Nobody routes IPv6 here; a host that was a client of the IPv4 router becomes a router with resolver."""
    packets, bad = _office(dice, 600), Prefix("2001:db8:6666::/64")
    for host in OFFICE:
        packets.append((BEGIN + dice.uniform(1, 200), router_wanted(LAN.mac(host))))
    wire = advertisement(EVIL, [bad], flags=0x48, resolvers=["2001:db8:6666::1"])
    packets += [(time, wire) for time in rounds(dice, BEGIN + 300, BEGIN + 590, 10)]
    return (
        packets
        + _settle(OFFICE, bad, BEGIN + 300)
        + _surf(dice, OFFICE, bad, EVIL, (BEGIN + 306, BEGIN + 570))
    )


def _two_true(dice: random.Random) -> list[Timed]:
    """Silent: two routers with the same prefix, one less preferred and first heard late."""
    second = "00:1b:54:0a:11:03"
    packets = _office(dice, 900) + _true(dice, 900, 200)
    packets += _said(dice, advertisement(second, [TRUE], flags=0x18), BEGIN + 150, BEGIN + 900, 200)
    return packets + _surf(dice, OFFICE, TRUE, ROUTER, (BEGIN + 5, BEGIN + 880))


def _renumbered(dice: random.Random) -> list[Timed]:
    """Silent: the provider gives another prefix; the router says that the old one ends."""
    new, old = Prefix("2001:db8:2::/64"), Prefix(TRUE.network, 7_200, 0)
    packets = _office(dice, 600) + _true(dice, 280, 60)
    packets += _said(dice, advertisement(ROUTER, [old, new]), BEGIN + 300, BEGIN + 600, 60)
    packets += _settle(OFFICE, new, BEGIN + 300) + _surf(dice, OFFICE, TRUE, ROUTER, (BEGIN + 5, BEGIN + 290))
    return packets + _surf(dice, OFFICE, new, ROUTER, (BEGIN + 310, BEGIN + 590))


def _joining(dice: random.Random) -> list[Timed]:
    """Silent: thirty hosts come in the morning; each asks for routers and is answered alone, at once."""
    packets = _true(dice, 400, 200)
    for number in range(30):
        host, at = f"192.168.1.{130 + number}", BEGIN + 12 * number + dice.uniform(0, 9)
        mac = LAN.mac(host)
        packets += [(at, neighbour_check(mac, link_local(mac))), (at + 1.1, router_wanted(mac))]
        wire = advertisement(ROUTER, [TRUE], dst=link_local(mac), dst_mac=mac, resolvers=["2001:db8:1::2"])
        packets.append((at + 1.1 + dice.uniform(0.001, 0.4), wire))
        packets += _settle([host], TRUE, at + 1.5)
        private = str(IPv6Address(IPv6Address("2001:db8:1::").packed[:8] + dice.randbytes(8)))
        packets.append((at + 1.9, neighbour_check(mac, private)))
        packets += background(dice, LAN, [host], at + 2, 60, 25)
    return packets


def _mesh(dice: random.Random) -> list[Timed]:
    """Silent: a loudspeaker is the border of a mesh of lamps: no default route, a local prefix of its own."""
    speaker = LAN.mac("192.168.1.40")
    packets = _office(dice, 600) + _true(dice, 600, 150)
    own = Prefix("fd5c:8a11:7b02:1::/64", 1_800, 1_800)
    wire = advertisement(speaker, [own], lifetime=0)
    packets += _said(dice, wire, BEGIN + 60, BEGIN + 600, 160) + _settle(OFFICE, own, BEGIN + 60)
    return packets + _surf(dice, OFFICE, TRUE, ROUTER, (BEGIN + 5, BEGIN + 590))


def _restart(dice: random.Random) -> list[Timed]:
    """Silent: the true router restarts: it takes its leave itself, thrice, and comes back a minute later."""
    packets = _office(dice, 400) + _true(dice, 180, 50)
    leave = advertisement(ROUTER, [TRUE], lifetime=0)
    packets += [(BEGIN + 190 + 0.5 * turn, leave) for turn in range(3)]
    packets += [(BEGIN + 255 + 8 * turn, advertisement(ROUTER, [TRUE])) for turn in range(3)]
    packets += _said(dice, advertisement(ROUTER, [TRUE]), BEGIN + 300, BEGIN + 400, 50)
    return packets + _surf(dice, OFFICE, TRUE, ROUTER, (BEGIN + 5, BEGIN + 185))
