"""A small office for ten minutes: the capture of `oddwire demo`, the same every time."""

import random
from os import PathLike

from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.packets import arp, icmp, udp
from oddwire.testing.sessions import dns_lookup, tcp_session

__all__ = ["demo_packets", "write_demo"]

BEGIN = 1_710_062_400.0  # 2024-03-10 09:20 UTC
LENGTH_S = 600
WORKSTATIONS = [f"192.168.10.{host}" for host in range(21, 27)]
RESOLVER, FILES, PRINTER, GATEWAY = "192.168.10.2", "192.168.10.3", "192.168.10.9", "192.168.10.1"
SITES = [
    ("www.example.com", "203.0.113.10"),
    ("mail.example.org", "203.0.113.25"),
    ("cdn.example.net", "198.51.100.7"),
    ("updates.example.com", "198.51.100.80"),
]


def demo_packets(seed: int = 7) -> list[Timed]:
    """Return the packets: browsing, mail, files, printing, time, broadcasts, pings, IPv6."""
    dice = random.Random(seed)  # noqa: S311  # made traffic, the same every time
    packets: list[Timed] = []
    for host in WORKSTATIONS:
        packets += _browsing(dice, host) + _office(dice, host)
    for second in range(0, LENGTH_S, 30):
        packets.append((BEGIN + second, arp(1, src=GATEWAY, dst=dice.choice(WORKSTATIONS))))
        packets += [
            (BEGIN + second + 1, icmp(GATEWAY, FILES, 8)),
            (BEGIN + second + 1.002, icmp(FILES, GATEWAY, 0)),
        ]
    packets += tcp_session(
        "2001:db8:10::21", 51_000, "2001:db8:ff::443", 443, [(517, 9_000)], start=BEGIN + 42
    )
    return packets


def _browsing(dice: random.Random, host: str) -> list[Timed]:
    packets: list[Timed] = []
    time, port = BEGIN + dice.uniform(0, 20), dice.randrange(49_152, 52_000)
    while time < BEGIN + LENGTH_S - 20:
        name, address = dice.choice(SITES)
        packets += dns_lookup(host, port, RESOLVER, name, address, start=time, ident=port % 65_536)
        pages = [
            (dice.randrange(300, 900), dice.randrange(2_000, 40_000)) for _ in range(dice.randrange(1, 4))
        ]
        packets += tcp_session(host, port + 1, address, 443, pages, start=time + 0.05)
        time, port = time + dice.expovariate(1 / 25), port + 2
    return packets


def _office(dice: random.Random, host: str) -> list[Timed]:
    start = BEGIN + dice.uniform(5, 400)
    return [
        *tcp_session(host, 53_001, FILES, 445, [(200, 60_000), (40_000, 200)], start=start, rtt=0.002),
        *tcp_session(host, 53_002, PRINTER, 9_100, [(90_000, 100)], start=start + 90, rtt=0.004),
        (start + 3, udp(host, 123, RESOLVER, 123, b"\x23" + b"\0" * 47)),
        (start + 3.004, udp(RESOLVER, 123, host, 123, b"\x24" + b"\0" * 47)),
        (start + 7, udp(host, 5_353, "224.0.0.251", 5_353, b"\0" * 40, ttl=255)),
    ]


def write_demo(path: str | PathLike[str]) -> None:
    """Write the demo capture."""
    write_pcap(path, demo_packets())
