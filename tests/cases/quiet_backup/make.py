"""Backups and replication: many bytes one way, at night, to one place."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation
from oddwire.testing.names import lookup, public
from oddwire.testing.services import Page, ssh, tls
from oddwire.testing.wire import dice, noise, seen_from

BEGIN = 1_700_010_000.0
BACKUP, PLACE = "10.20.0.9", ("10.20.0.0/24", "10.20.0.1")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "nightly", seen_from(_nightly(), PLACE)
    yield "to-the-cloud", seen_from(_to_the_cloud(), PLACE)
    yield "replication", seen_from(_replication(), PLACE)


def _nightly() -> list[Timed]:
    """The backup server fetches from one host after the other over SSH."""
    numbers, ports = dice(1), Ports(1)
    packets: list[Timed] = []
    for number in range(14):
        copied: list[Page] = [(0.1, 60, numbers.randrange(60_000, 200_000)) for _ in range(8)]
        ends = (BACKUP, ports.take(BACKUP), f"10.20.0.{30 + number}", 22)
        packets += conversation(ends, ssh(copied, number), start=BEGIN + 65 * number, rtt=0.0006)
    return packets


def _to_the_cloud() -> list[Timed]:
    """A file server sends its changes to an object store: eight connections of parts of 500 kB."""
    host, store, ports = "10.20.0.14", public(50), Ports(2)
    packets = lookup(host, 40_001, "10.20.0.2", "bucket.objects.example", [store], start=BEGIN)
    for number in range(8):
        parts: list[Page] = [(0.4, 500_000, 400) for _ in range(3)]
        ends = (host, ports.take(host), store, 443)
        talk = tls("bucket.objects.example", parts, number)
        packets += conversation(ends, talk, start=BEGIN + 1 + 9 * number, rtt=0.02)
    return packets


def _replication() -> list[Timed]:
    """Two storage nodes keep their blocks equal over one connection that was there before."""
    numbers = dice(3)
    steps = [
        step
        for _ in range(700)
        for step in (
            (numbers.expovariate(4), True, noise(numbers.choice([4_096, 4_096, 16_384, 65_536]))),
            (0.0005, False, noise(48)),
        )
    ]
    ends = ("10.20.0.21", 41_777, "10.20.0.22", 7_788)
    return conversation(ends, steps, start=BEGIN, rtt=0.0003, opening=False, ending="open")
