"""Servers that give addresses: one too many, in the name of nobody; and those that belong there."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

from oddwire.testing.address_givers import Giver, joins, renews
from oddwire.testing.advertisements import GiverV6, Prefix, advertisement, joins_v6, link_local
from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports
from oddwire.testing.dialogue import seeded
from oddwire.testing.dns_messages import Stub, addresses
from oddwire.testing.office_lan import SITES, Lan, background, resolve, visit
from oddwire.testing.sessions import dns_lookup
from oddwire.testing.spoofing import relayed, rounds
from oddwire.testing.wire import tagged

BEGIN = 1_700_000_000.0
EVIL, EVIL_IP = "08:00:27:5e:01:7a", "192.168.1.66"
LAN = Lan(macs={EVIL_IP: EVIL})
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23, 24)]
NEWCOMERS = [f"192.168.1.{last}" for last in (120, 121, 122, 123)]
TRUE = Giver(ip=LAN.router, mac=LAN.router_mac, router=LAN.router, resolvers=(LAN.router,))
ROGUE = Giver(ip=EVIL_IP, mac=EVIL, router=EVIL_IP, resolvers=(EVIL_IP,), lease=3_600, domain="lan")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "beside-the-true-one", _beside(seeded(1))
    yield "faster-than-the-true-one", _faster(seeded(2))
    yield "only-the-rogue", _only(seeded(3))
    yield "another-resolver-only", _resolver_only(seeded(4))
    yield "two-servers-lab", _lab()
    yield "ipv6-resolver", _mitm6(seeded(6))
    yield "failover", _failover(seeded(7))
    yield "relays", _relays(seeded(8))
    yield "pxe", _pxe(seeded(9))
    yield "both-families", _both_families(seeded(10))
    yield "two-networks-on-a-trunk", _trunk(seeded(11))
    yield "home-router", _home(seeded(12))


def _office(dice: random.Random, seconds: float, every: float = 40) -> list[Timed]:
    """What the others do; they have their leases from the true server and renew them."""
    packets = background(dice, LAN, OFFICE, BEGIN, seconds, every)
    for host in OFFICE:
        packets += renews(LAN.mac(host), host, TRUE, start=BEGIN + dice.uniform(1, 50))
    return packets


def _surf(
    dice: random.Random, host: str, start: float, seconds: float, resolver: str, *, detour: bool
) -> list[Timed]:
    """What a newcomer does with what it was given: the detour goes over the rogue's card."""
    packets, time, port = list[Timed](), start, dice.randrange(50_000, 60_000)
    while time < start + seconds:
        site = dice.choice(SITES)
        name = f"w{site[-2:]}.example.com"
        packets += LAN.place(dns_lookup(host, port, resolver, name, site, start=time, ident=port))
        page = visit(dice, host, port + 1, site, time + 0.05, [dice.randrange(500, 9_000)])
        packets += relayed(page, EVIL, LAN, both=False) if detour else LAN.place(page)
        time, port = time + 1 + dice.expovariate(1 / 15), port + 2
    return packets


def _arrivals(
    dice: random.Random, givers: Sequence[Giver], times: Sequence[float], picks: Sequence[int]
) -> list[Timed]:
    packets: list[Timed] = []
    for host, at, pick in zip(NEWCOMERS, times, picks, strict=False):
        offered = [host if giver is givers[0] else f"192.168.1.2{host[-2:]}" for giver in givers]
        mine, taken = offered[pick], givers[pick]
        lan = Lan(macs={**LAN.macs, mine: LAN.mac(host)})
        packets += joins(LAN.mac(host), offered, givers, start=at, chosen=pick)
        packets += resolve(lan, mine, taken.router, at + 0.6)
        moved = _surf(dice, mine, at + 0.8, 90, taken.resolvers[0], detour=taken.router == EVIL_IP)
        packets += [(time, _from_card(frame, lan.mac(mine), LAN.mac(mine))) for time, frame in moved]
    return packets


def _from_card(frame: bytes, card: str, wrong: str) -> bytes:
    """Return a frame of a host that wears its own card under the address that the rogue gave it."""
    true, false = (bytes.fromhex(mac.replace(":", "")) for mac in (card, wrong))
    ends = [true if end == false else end for end in (frame[:6], frame[6:12])]
    return b"".join(ends) + frame[12:]


def _beside(dice: random.Random) -> list[Timed]:
    """The rogue comes at the second minute; of three newcomers two take its offer."""
    packets = _office(dice, 300) + _arrivals(dice, [TRUE], [BEGIN + 40], [0])
    rogue = replace(ROGUE, delay=0.004)
    return packets + _later(
        _arrivals(dice, [TRUE, rogue], [BEGIN + 130, BEGIN + 170, BEGIN + 215], [1, 0, 1])
    )


def _later(packets: list[Timed]) -> list[Timed]:
    return [packet for packet in packets if packet[0] < BEGIN + 300]


def _faster(dice: random.Random) -> list[Timed]:
    """The true server pings an address before it offers it; the rogue does not, and is always first."""
    givers = [replace(TRUE, delay=1.03), replace(ROGUE, delay=0.000_7)]
    packets = _office(dice, 300)
    return packets + _later(_arrivals(dice, givers, [BEGIN + 90, BEGIN + 135, BEGIN + 200], [1, 1, 1]))


def _only(dice: random.Random) -> list[Timed]:
    """The true server has no address left and is silent; all others use the true router and resolver."""
    packets = background(dice, LAN, [*OFFICE, EVIL_IP], BEGIN, 300, 30)
    return packets + _later(_arrivals(dice, [ROGUE], [BEGIN + 90, BEGIN + 140, BEGIN + 205], [0, 0, 0]))


def _resolver_only(dice: random.Random) -> list[Timed]:
    """The rogue gives the true router, but a resolver of its own somewhere outside."""
    rogue = replace(ROGUE, router=LAN.router, resolvers=("198.51.100.53",), delay=0.001, domain="")
    rogue = replace(rogue, domain=TRUE.domain, lease=TRUE.lease)
    packets = _office(dice, 300)
    return packets + _later(
        _arrivals(dice, [TRUE, rogue], [BEGIN + 100, BEGIN + 150, BEGIN + 205], [1, 1, 0])
    )


def _lab() -> list[Timed]:
    """Nothing but DHCP: two hosts from the true server, then two servers answer three hosts."""
    packets = renews(LAN.mac(OFFICE[0]), OFFICE[0], TRUE, start=BEGIN + 1)
    packets += joins(LAN.mac(OFFICE[1]), OFFICE[1], [TRUE], start=BEGIN + 8)
    for number, host in enumerate(NEWCOMERS[:3]):
        offered = [host, f"192.168.1.{210 + number}"]
        at = BEGIN + 60 + 31 * number
        packets += joins(LAN.mac(host), offered, [TRUE, replace(ROGUE, delay=0.001)], start=at, chosen=1)
    return packets


def _mitm6(dice: random.Random) -> list[Timed]:
    """mitm6: Windows asks for DHCPv6 by itself; the rogue gives short leases and itself as resolver."""
    packets, here = _office(dice, 400), link_local(EVIL)
    rogue, ports = GiverV6(mac=EVIL, resolver=here, domain="office.example", preferred=300), Ports(6)
    for time in rounds(dice, BEGIN + 60, BEGIN + 380, 30):
        packets.append((time, advertisement(EVIL, lifetime=0, flags=0xC0, named="")))
    for number, host in enumerate(NEWCOMERS[:3]):
        mac, mine = LAN.mac(host), f"fe80::{host.replace('.', ':')}"
        lan = Lan(macs={mine: mac, here: EVIL})
        for turn in range(2):
            packets += joins_v6(mac, mine, [rogue], start=BEGIN + 70 + 9 * number + 150 * turn)
        stub = Stub(client=mine, server=here, dice=dice, ports=ports, rtt=0.002)
        for name in ("wpad.office.example", "files.office.example", "www.example.com", "outlook.example.com"):
            at = BEGIN + 75 + 40 * number + dice.uniform(0, 200)
            packets += lan.place(stub.ask(at, name, "A", addresses(EVIL_IP, ttl=60)))
    return packets


def _failover(dice: random.Random) -> list[Timed]:
    """Silent: two servers share the pool; each names itself first among the same resolvers."""
    both = ("192.168.1.2", "192.168.1.3")
    first = Giver(ip=both[0], mac=LAN.mac(both[0]), router=LAN.router, resolvers=both)
    second = Giver(ip=both[1], mac=LAN.mac(both[1]), router=LAN.router, resolvers=both[::-1], delay=0.003)
    packets = background(dice, LAN, OFFICE, BEGIN, 300, 40)
    for host in OFFICE:
        packets += renews(
            LAN.mac(host), host, dice.choice([first, second]), start=BEGIN + dice.uniform(1, 200)
        )
    times = [BEGIN + 50, BEGIN + 90, BEGIN + 160, BEGIN + 200]
    return packets + _later(_arrivals(dice, [first, second], times, [0, 1, 1, 0]))


def _relays(dice: random.Random) -> list[Timed]:
    """Silent: the server is elsewhere; both routers of a pair relay, so each offer comes twice."""
    packets = background(dice, LAN, OFFICE, BEGIN, 300, 40)
    pair = [
        Giver(ip="10.9.0.5", mac=mac, router=LAN.router, resolvers=("10.9.0.5",), relay=relay, delay=delay)
        for relay, mac, delay in (
            ("192.168.1.2", "00:1b:54:0a:11:02", 0.011),
            ("192.168.1.3", "00:1b:54:0a:11:03", 0.012),
        )
    ]
    for number, host in enumerate(NEWCOMERS):
        packets += joins(LAN.mac(host), host, pair, start=BEGIN + 30 + 55 * number)
        packets += _surf(dice, host, BEGIN + 32 + 55 * number, 50, "10.9.0.5", detour=False)
    return _later(packets)


def _pxe(dice: random.Random) -> list[Timed]:
    """Silent: beside the true server another one offers no address, only where to boot from (proxyDHCP)."""
    vendor = b"PXEClient"
    menu = bytes.fromhex("0601080807800001c0a80105ff")
    proxy = Giver(
        ip="192.168.1.5",
        mac=LAN.mac("192.168.1.5"),
        router="",
        resolvers=(),
        lease=0,
        extra=((60, vendor), (97, b"\0" + bytes(16)), (43, menu)),
    )
    packets = _office(dice, 200)
    for number, host in enumerate(NEWCOMERS):
        asked = [
            (60, vendor + b":Arch:00007:UNDI:003016"),
            (93, b"\0\7"),
            (94, b"\1\3\x10"),
            (97, b"\0" + bytes(16)),
        ]
        at = BEGIN + 30 + 20 * number
        packets += joins(LAN.mac(host), host, [TRUE, proxy], start=at, extra=asked)
        packets += joins(LAN.mac(host), host, [TRUE], start=at + 12)
    return packets


def _both_families(dice: random.Random) -> list[Timed]:
    """Silent: addresses by DHCP and DHCPv6, the latter from two servers with the same resolver."""
    packets = _office(dice, 300)
    for time in rounds(dice, BEGIN + 5, BEGIN + 300, 60):
        packets.append((time, advertisement(LAN.router_mac, [Prefix("2001:db8:1::/64")], flags=0xC0)))
    pair = [
        GiverV6(mac=LAN.mac(f"192.168.1.{last}"), resolver="2001:db8:1::2", delay=0.002 * last)
        for last in (2, 3)
    ]
    for number, host in enumerate(NEWCOMERS):
        at = BEGIN + 40 + 50 * number
        packets += joins(LAN.mac(host), host, [TRUE], start=at)
        packets += joins_v6(LAN.mac(host), f"2001:db8:1::1:{number}", pair, start=at + 0.7, chosen=number % 2)
        packets += _surf(dice, host, at + 3, 60, LAN.router, detour=False)
    return _later(packets)


def _trunk(dice: random.Random) -> list[Timed]:
    """Silent: the mirror of a trunk shows office and guests, each with its server, router and resolver."""
    guests = Lan(network="172.20.0.0/24", router="172.20.0.1", router_mac="e8:65:d4:0a:11:09")
    other = Giver(
        ip=guests.router, mac=guests.router_mac, router=guests.router, resolvers=("9.9.9.9",), lease=3_600
    )
    office, visitors = _office(dice, 300), list[Timed]()
    office += _later(_arrivals(dice, [TRUE], [BEGIN + 60, BEGIN + 120], [0, 0]))
    for number in range(8):
        host, at = f"172.20.0.{50 + number}", BEGIN + 20 + 30 * number
        visitors += joins(guests.mac(host), host, [other], start=at, name=f"iPhone-{number}")
        visitors += background(dice, guests, [host], at + 1, 60, 20)
    return tagged(office, 10) + tagged(visitors, 20)


def _home(dice: random.Random) -> list[Timed]:
    """Silent: one router gives addresses, and itself as router and resolver; five devices join."""
    packets: list[Timed] = []
    for number, host in enumerate([*NEWCOMERS, "192.168.1.130"]):
        at = BEGIN + 3 + 14 * number
        packets += joins(LAN.mac(host), host, [TRUE], start=at)
        packets += resolve(LAN, host, LAN.router, at + 0.5)
        packets += background(dice, LAN, [host], at + 1, 120, 25)
    return packets
