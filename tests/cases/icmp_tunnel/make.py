"""Data in ICMP echoes: tunnels, shells, files carried out, over IPv4 and IPv6."""

import random
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.channels import Ends, echo_tunnel, linux_payload, ping, polling_shell, ptunnel
from oddwire.testing.dialogue import in_order, seeded
from oddwire.testing.icmp_messages import echo
from oddwire.testing.office_lan import Lan, background
from oddwire.testing.spoofing import rounds

BEGIN = 1_700_000_000.0
LAN = Lan()
HOST, OUTSIDE = "192.168.1.50", "198.51.100.9"
ENDS: Ends = (HOST, OUTSIDE)
ENDS6: Ends = ("2001:db8:1::50", "2001:db8:bad::9")
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23)]


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    dice = seeded(121)
    start = BEGIN + 20
    mixed = [(dice.choice([4, 60, 600, 1_400]), dice.choice([4, 100, 1_400])) for _ in range(1_500)]
    yield "ptunnel-session", _office(dice, ptunnel(dice, ENDS, start, 600))
    yield "ptunnel-alone", in_order(LAN.place(ptunnel(dice, ENDS, start, 300)))
    yield "hans-network", _office(dice, echo_tunnel(dice, ENDS, start, mixed))
    yield "shell-that-polls", _office(dice, polling_shell(dice, ENDS, start, 900))
    yield (
        "shell-slow-and-idle",
        _office(dice, polling_shell(dice, ENDS, start, 120, every=5.0, busy=0.08), 640),
    )
    yield "file-carried-out", _office(dice, _carried_out(dice))
    yield "same-size-other-content", _office(dice, echo_tunnel(dice, ENDS, start, [(56, 56)] * 300, gap=0.4))
    yield "replies-unasked", _office(dice, _unasked(dice))
    yield "ipv6", _office(dice, echo_tunnel(dice, ENDS6, start, mixed[:600], gap=0.1))
    yield "beside-true-pings", _office(dice, _beside(dice))
    yield "requests-only-seen", _office(dice, _requests(echo_tunnel(dice, ENDS, start, mixed[:700])))


def _office(dice: random.Random, packets: list[Timed], seconds: float = 180) -> list[Timed]:
    return in_order(LAN.place(packets) + background(dice, LAN, OFFICE, BEGIN, seconds, 30))


def _carried_out(dice: random.Random) -> list[Timed]:
    """A file in requests of 1,400 bytes; the kernel of the other side answers them all as they are."""
    parts = [dice.randbytes(1_400) for _ in range(401)]
    times = rounds(dice, BEGIN + 20, BEGIN + 100, 0.2)[:400]
    return ping(dice, ENDS, times, lambda number: parts[number])


def _unasked(dice: random.Random) -> list[Timed]:
    """Loki's manner: only replies, both ways, under one identifier and number."""
    packets: list[Timed] = []
    for time in rounds(dice, BEGIN + 20, BEGIN + 140, 0.7):
        data = dice.randbytes(dice.choice([56, 84, 300]))
        packets.append((time, echo(HOST, OUTSIDE, 1_025, 0xF001 % 65_536, data, reply=True)))
        back = echo(OUTSIDE, HOST, 1_025, 0xF001, dice.randbytes(56), reply=True, ttl=54)
        packets.append((time + 0.04, back))
    return packets


def _beside(dice: random.Random) -> list[Timed]:
    """Others of the office ping the same host and the router in the ordinary way meanwhile."""
    packets = ptunnel(dice, ENDS, BEGIN + 40, 400)
    for place, host in enumerate(OFFICE):
        times = rounds(dice, BEGIN + 5 + place, BEGIN + 150, 1)
        target = OUTSIDE if place else LAN.router
        packets += ping(dice, (host, target), times, lambda _: linux_payload(dice))
    return packets


def _requests(packets: list[Timed]) -> list[Timed]:
    return packets[::2]
