"""Machines log in to machines over SSH: often, briefly, to many, and with success."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation, unanswered
from oddwire.testing.services import Page, ssh
from oddwire.testing.wire import dice, seen_from

BEGIN = 1_700_020_000.0
CONTROL, PLACE = "10.20.0.6", ("10.20.0.0/24", "10.20.0.1")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "configuration-runs", seen_from(_runs(), PLACE)
    yield "builds-fetch-sources", seen_from(_fetches(), PLACE)
    yield "a-partner-polls", seen_from(_polls(), PLACE)


def _runs() -> list[Timed]:
    """Every ten minutes a short session to each of 30 hosts, five at a time; two of them are gone."""
    numbers, ports = dice(1), Ports(1)
    packets: list[Timed] = []
    for turn in range(5):
        for number in range(30):
            at = BEGIN + 600 * turn + 1.4 * (number // 5) + numbers.uniform(0, 0.3)
            ends = (CONTROL, ports.take(CONTROL), f"10.30.0.{10 + number}", 22)
            if number in {11, 23}:
                packets += unanswered(ends, start=at, tries=4)
                continue
            typed: list[Page] = [
                (numbers.uniform(0.05, 0.5), numbers.randrange(90, 1_500), numbers.randrange(60, 900))
                for _ in range(numbers.randrange(4, 9))
            ]
            packets += conversation(ends, ssh(typed, number), start=at, rtt=0.001)
    return packets


def _fetches() -> list[Timed]:
    """A build server fetches sources from one server 90 times in ten minutes: a session each."""
    numbers, ports = dice(2), Ports(2)
    packets: list[Timed] = []
    at = BEGIN
    for number in range(90):
        at += numbers.expovariate(1 / 6)
        typed: list[Page] = [(0.02, 120, 900), (0.05, 300, numbers.randrange(2_000, 60_000)), (0.01, 40, 60)]
        ends = (CONTROL, ports.take(CONTROL), "10.20.0.12", 22)
        packets += conversation(ends, ssh(typed, number), start=at, rtt=0.0006)
    return packets


def _polls() -> list[Timed]:
    """A partner looks for new files every minute: same sizes, same pause, for an hour."""
    numbers, ports = dice(3), Ports(3)
    packets: list[Timed] = []
    for number in range(60):
        typed: list[Page] = [(0.02, 68, 84), (0.01, 84, 132), (0.01, 100, 600), (0.01, 68, 84)]
        ends = ("185.77.12.9", ports.take("185.77.12.9"), "10.20.0.12", 22)
        at = BEGIN + 60 * number + numbers.uniform(0, 2)
        packets += conversation(ends, ssh(typed, number), start=at, rtt=0.03)
    return packets
