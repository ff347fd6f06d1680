"""ICMP floods: large echoes from one host and from invented ones, smurf, ICMPv6, router advertisements."""

from collections.abc import Iterator

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.floods import anyone, flooded
from oddwire.testing.packets import fragments, icmp
from oddwire.testing.wrapping import mixed, routed

BEGIN, AT = 1_700_000_000.0, 1_700_000_015.0
SERVER, INSIDE = "10.0.0.80", "10.0.0.66"
LARGE = bytes(range(256)) * 5 + b"\0" * 120


def noise(seconds: float = 50) -> list[Timed]:
    return bystanders(start=BEGIN, seconds=seconds)


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "ping-flood-answered", mixed(noise(), pinged(INSIDE, 4_000, rate=700))
    yield "spoofed-large", mixed(noise(), local(invented()))
    yield "spoofed-alone", mixed(local(invented()))
    yield "smurf", mixed(noise(), local(smurf()))
    yield "ping-of-many-fragments", mixed(noise(), in_pieces())
    yield "ipv6-echo", mixed(noise(), pinged("2001:db8:10::66", 4_000, rate=700, server="2001:db8:10::80"))
    yield "router-advertisements", mixed(noise(), advertised())
    yield "ping-five-a-second", mixed(noise(), pinged(INSIDE, 200, rate=5))
    yield "unreachables-of-a-dead-service", mixed(noise(), unreachables())


def local(packets: list[Timed]) -> Iterator[Timed]:
    return routed(packets, gateway="10.0.0.1", local="10.0.0.0/24")


def pinged(src: str, count: int, *, rate: float, server: str = SERVER) -> list[Timed]:
    """Return echo requests of one host, all answered."""
    ask, back = (128, 129) if ":" in src else (8, 0)
    asked = flooded(
        lambda number: icmp(src, server, ask, data=LARGE, rest=0x77 << 16 | number),
        start=AT,
        rate=rate,
        count=count,
        dice=seeded(1),
    )
    replies = [
        (time + 0.0003, icmp(server, src, back, data=LARGE, rest=0x77 << 16 | number))
        for number, (time, _) in enumerate(asked)
    ]
    return mixed(asked, replies)


def invented() -> list[Timed]:
    dice = seeded(2)
    return flooded(
        lambda _: icmp(
            anyone(dice), SERVER, 8, data=LARGE, rest=dice.getrandbits(32), ttl=dice.randrange(40, 250)
        ),
        start=AT,
        rate=600,
        count=6_000,
        dice=dice,
    )


def smurf() -> list[Timed]:
    """Return echo replies of 120 hosts of a far network to somebody who never asked."""
    dice = seeded(3)
    return flooded(
        lambda number: icmp(
            f"198.51.100.{number % 120 + 1}", SERVER, 0, data=LARGE[:1_000], rest=number // 120, ttl=50
        ),
        start=AT,
        rate=900,
        count=7_200,
        dice=dice,
    )


def in_pieces() -> list[Timed]:
    """Return echo requests of eight kilobytes from one host (ping -f -s 8000)."""
    packets = []
    for number in range(1_500):
        whole = icmp(INSIDE, SERVER, 8, data=b"\x61" * 8_000, rest=number)
        time = AT + number * 0.008
        packets += [
            (time + step * 0.00002, part) for step, part in enumerate(fragments(whole, ident=number + 1))
        ]
    return packets


def advertised() -> list[Timed]:
    """Return router advertisements of routers that do not exist, each with its own network."""
    dice = seeded(4)

    def frame(_: int) -> bytes:
        tail = dice.randbytes(4).hex()
        src = f"fe80::{tail[:4]}:{tail[4:]}"
        prefix = b"\x03\x04\x40\xc0" + b"\xff" * 8 + b"\0" * 4 + b"\x20\x01" + dice.randbytes(6) + b"\0" * 8
        card = b"\x01\x01\x02\0" + bytes.fromhex(tail)
        return icmp(src, "ff02::1", 134, data=b"\0" * 8 + prefix + card, ttl=255, rest=0x4008_FFFF)

    return flooded(frame, start=AT, rate=400, count=5_000, dice=dice)


def unreachables() -> list[Timed]:
    """Return a router that reports an unreachable network to a client twice a second."""
    quoted = icmp("10.0.0.23", "198.51.100.250", 8)[14:42]
    return [(AT + number * 0.5, icmp("10.0.0.1", "10.0.0.23", 3, 1, quoted, rest=0)) for number in range(60)]
