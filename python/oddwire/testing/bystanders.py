"""Ordinary hosts of a small network, which have nothing to do with what else a capture shows."""

import random
from collections.abc import Iterable

from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, RST, SYN, arp, icmp, tcp, udp
from oddwire.testing.sessions import dns_lookup, tcp_session
from oddwire.testing.wrapping import routed

__all__ = ["bystanders", "seeded"]

SITES = [
    ("www.example.com", "203.0.113.10", 443),
    ("mail.example.org", "203.0.113.25", 993),
    ("cdn.example.net", "198.51.100.7", 443),
    ("news.example.com", "198.51.100.80", 80),
    ("shop.example.org", "203.0.113.77", 443),
]


def bystanders(
    *,
    start: float,
    seconds: float,
    seed: int = 1,
    net: str = "10.0.0",
    hosts: Iterable[int] = range(21, 27),
    pause: float = 15.0,
) -> list[Timed]:
    """Return what hosts of a /24 do: look names up, browse, save files, set clocks, ping, ask by ARP.

    `pause` is the mean number of seconds between two visits of one host.
    """
    dice = seeded(seed)
    end = start + seconds
    packets: list[Timed] = []
    for number in hosts:
        packets += _visits(dice, f"{net}.{number}", net, (start, end), pause)
        packets += _office(dice, f"{net}.{number}", net, start, end)
    return list(routed(packets, gateway=f"{net}.1", local=f"{net}.0/24"))


def _visits(dice: random.Random, host: str, net: str, span: tuple[float, float], pause: float) -> list[Timed]:
    packets: list[Timed] = []
    port = dice.randrange(49_152, 56_000)
    start, end = span
    time = start + dice.uniform(0, pause)
    while time < end:
        name, address, service = dice.choice(SITES)
        ident = dice.randrange(65_536)
        packets += dns_lookup(host, port, f"{net}.2", name, address, start=time, ident=ident)
        pages = [(dice.randrange(200, 900), dice.randrange(500, 20_000)) for _ in range(dice.randrange(1, 4))]
        packets += tcp_session(
            host, port + 1, address, service, pages, start=time + 0.04, rtt=dice.uniform(0.01, 0.06)
        )
        time, port = time + dice.expovariate(1 / pause) + 0.5, port + 2
    return [packet for packet in packets if packet[0] < end]


def _office(dice: random.Random, host: str, net: str, start: float, end: float) -> list[Timed]:
    gateway, resolver, files = f"{net}.1", f"{net}.2", f"{net}.3"
    packets: list[Timed] = []
    time = start + dice.uniform(0, 30)
    while time < end:
        packets += [(time, arp(1, src=host, dst=gateway)), (time + 0.0006, arp(2, src=gateway, dst=host))]
        packets += [(time + 2, icmp(host, gateway, 8)), (time + 2.001, icmp(gateway, host, 0))]
        packets += [
            (time + 5, udp(host, 123, resolver, 123, b"\x23" + b"\0" * 47)),
            (time + 5.002, udp(resolver, 123, host, 123, b"\x24" + b"\0" * 47)),
            (time + 9, udp(host, 5_353, "224.0.0.251", 5_353, b"\0" * 40, ttl=255)),
        ]
        packets += tcp_session(
            host, dice.randrange(49_152, 65_000), files, 445, [(220, 9_000)], start=time + 11, rtt=0.001
        )
        # A printer that is switched off refuses its spooler's port now and then.
        port = dice.randrange(49_152, 65_000)
        packets += [
            (time + 14, tcp(host, port, f"{net}.9", 9_100, SYN, seq=77)),
            (time + 14.0004, tcp(f"{net}.9", 9_100, host, port, RST | ACK, ack=78, window=0)),
        ]
        time += dice.uniform(45, 90)
    return [packet for packet in packets if packet[0] < end]


def seeded(seed: int) -> random.Random:
    """Return dice that fall the same way every time."""
    return random.Random(seed)  # noqa: S311  # made traffic, not a secret
