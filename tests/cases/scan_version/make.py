"""What follows a scan: the tool talks to every open port until it knows the service."""

import random
from collections.abc import Iterator

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.scans import TOP_100, Victim, scan_tcp
from oddwire.testing.sessions import tcp_session
from oddwire.testing.wrapping import mixed

BEGIN, AT = 1_700_000_000.0, 1_700_000_010.0
SCANNER, TARGET = "10.0.0.5", "10.0.0.9"
OPEN = (22, 80, 139, 443, 3306, 8080)
SERVER = Victim(ip=TARGET, open=frozenset(OPEN))


def captures() -> Iterator[tuple[str, list[Timed]]]:
    dice = seeded(1)
    ports = list(TOP_100)
    dice.shuffle(ports)
    scan = scan_tcp(SCANNER, SERVER, ports, start=AT, gap=0.008, dice=dice)
    yield "scan-and-versions", mixed(bystanders(start=BEGIN, seconds=90), scan, versions(dice, AT + 2))
    middle = versions(dice, AT)
    few = [
        21,
        22,
        23,
        25,
        53,
        80,
        110,
        135,
        139,
        143,
        443,
        445,
        993,
        3306,
        3389,
        5432,
        5900,
        8000,
        8080,
        8443,
    ]
    few += [8888, 9000, 9090, 9200, 27_017, 6379, 11_211, 2375, 5000, 7001]
    scan = scan_tcp(SCANNER, SERVER, few, start=AT, gap=0.3, dice=dice)
    yield "thirty-ports-and-versions", mixed(bystanders(start=BEGIN, seconds=90), scan, middle)
    yield "versions-of-six-known-services", mixed(bystanders(start=BEGIN, seconds=90), versions(dice, AT))


def versions(dice: random.Random, start: float) -> list[Timed]:
    """Return the probes on the open ports: a banner awaited, a request, rubbish, a TLS greeting."""
    packets: list[Timed] = []
    port = dice.randrange(40_000, 50_000)
    for number, service in enumerate(OPEN):
        for attempt, asked in enumerate((4, 18, 44, 517)):
            port += dice.randrange(2, 12)
            begin = start + number * 0.4 + attempt * 5 + dice.uniform(0, 0.3)
            answered = dice.randrange(40, 600)
            packets += tcp_session(
                SCANNER, port, TARGET, service, [(asked, answered)], start=begin, rtt=0.002
            )
    return packets
