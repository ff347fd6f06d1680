"""A monitoring server polls its hosts, again and again, and some of them are down."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation, refused, unanswered
from oddwire.testing.names import arp_asked, ping
from oddwire.testing.packets import ACK, RST, SYN
from oddwire.testing.services import http, snmp_poll, ssh
from oddwire.testing.wire import dice, seen_from, segment

BEGIN = 1_700_000_000.0
MONITOR = "10.20.0.5"
HOSTS = [f"10.30.{number % 3}.{10 + number}" for number in range(30)]
PORTS = (22, 80, 443, 3_306)
PLACE = ("10.20.0.0/24", "10.20.0.1")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "polls", seen_from(_polls(minutes=20, dead=3), PLACE)
    yield "polls-in-a-power-cut", seen_from(_polls(minutes=8, dead=8), PLACE)
    yield "half-open-checks", seen_from(_half_open(minutes=15), PLACE)
    yield "pings", seen_from(_pings(), PLACE)
    yield "same-segment", seen_from(_same_segment(), PLACE)


def _polls(*, minutes: int, dead: int) -> list[Timed]:
    numbers, ports = dice(1), Ports(1)
    packets: list[Timed] = []
    for minute in range(minutes):
        for number, host in enumerate(HOSTS):
            at = BEGIN + 60 * minute + 1.7 * number + numbers.uniform(0, 0.2)
            down = number % 10 == 7 if dead <= 3 else number % 4 == 3
            packets += ping(MONITOR, host, start=at, count=1, dead=down)
            for step, port in enumerate(PORTS):
                ends = (MONITOR, ports.take(MONITOR), host, port)
                packets += _check(ends, at + 0.05 + 0.02 * step, number=number, down=down)
            packets += snmp_poll(MONITOR, ports.take(MONITOR), host, start=at + 0.3, dead=down)
    return packets


def _check(ends: tuple[str, int, str, int], start: float, *, number: int, down: bool) -> list[Timed]:
    """A web server is asked for a page, a shell for its banner; a database is not on every host."""
    port = ends[3]
    if down:
        return unanswered(ends, start=start, tries=3)
    if port == 3_306 and number % 3:
        return refused(ends, start=start)
    if port == 80:
        return conversation(ends, http("host", [(0.0, 120, 300)]), start=start, rtt=0.001)
    steps = ssh([])[:2] if port == 22 else []
    return conversation(ends, steps, start=start, rtt=0.001, ending="rst" if port == 22 else "fin")


def _half_open(*, minutes: int) -> list[Timed]:
    """A load balancer's check: SYN, SYN-ACK, reset, every five seconds on every back end."""
    ports = Ports(3)
    packets: list[Timed] = []
    for turn in range(minutes * 12):
        for number, host in enumerate(HOSTS[:12]):
            at, port = BEGIN + 5 * turn + 0.01 * number, ports.take(MONITOR)
            packets.append((at, segment(MONITOR, port, host, 8_443, SYN, seq=turn, clock=turn)))
            if number == 5:
                continue
            answer = segment(host, 8_443, MONITOR, port, SYN | ACK, seq=7, ack=turn + 1, clock=turn)
            packets.append((at + 0.0005, answer))
            packets.append((at + 0.0006, segment(MONITOR, port, host, 8_443, RST, seq=turn + 1, window=0)))
    return packets


def _pings() -> list[Timed]:
    """Twenty pings to each of forty hosts every five minutes, as a latency grapher sends them."""
    hosts = [*HOSTS, *(f"10.40.0.{number}" for number in range(1, 11))]
    return [
        packet
        for turn in range(4)
        for number, host in enumerate(hosts)
        for packet in ping(
            MONITOR, host, start=BEGIN + 300 * turn + 0.05 * number, count=20, every=0.5, dead=number % 8 == 3
        )
    ]


def _same_segment() -> list[Timed]:
    """Hosts beside the monitor: for the dead ones there is only ARP without an answer."""
    ports = Ports(4)
    packets: list[Timed] = []
    for minute in range(15):
        for number in range(24):
            host, at = f"10.20.0.{20 + number}", BEGIN + 60 * minute + 2.3 * number
            if number % 8 == 5:
                packets += arp_asked(MONITOR, host, start=at, tries=3)
                continue
            packets += arp_asked(MONITOR, host, start=at) + ping(MONITOR, host, start=at + 0.001, rtt=0.0004)
            ends = (MONITOR, ports.take(MONITOR), host, 22)
            packets += conversation(ends, [], start=at + 0.01, rtt=0.0004)
    return packets
