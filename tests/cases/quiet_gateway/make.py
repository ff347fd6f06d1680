"""A gateway that translates addresses: one address makes the connections of a whole site."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation, refused, unanswered
from oddwire.testing.media import quic, stun_check
from oddwire.testing.names import arp_asked, lookup, ntp_poll, ping, public
from oddwire.testing.packets import SYN
from oddwire.testing.services import Page, tls
from oddwire.testing.wire import dice, noise, seen_from, segment

BEGIN = 1_700_050_000.0
GATEWAY, PROVIDER = "203.0.113.18", "203.0.113.17"
UPLINK = ("203.0.113.16/29", PROVIDER)


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "uplink", seen_from(_uplink(), UPLINK)
    yield "router-asks-for-hosts", _router_asks()


def _uplink() -> list[Timed]:
    """Ten minutes: 700 connections to 350 hosts on many ports, some dead, and the murmur of the Internet."""
    numbers, ports = dice(1), Ports(1)
    packets: list[Timed] = []
    for number in range(700):
        at, there = BEGIN + numbers.uniform(0, 580), public(numbers.randrange(350))
        port = numbers.choice(
            [443] * 12 + [80, 80, 993, 5_223, 5_228, 8_080, 22, 3_478, 1_194, 25_565, 7_000]
        )
        ends = (GATEWAY, ports.take(GATEWAY), there, port)
        if number % 17 == 3:
            packets += unanswered(ends, start=at, tries=numbers.randrange(2, 6))
        elif number % 41 == 7:
            packets += refused(ends, start=at, rtt=0.05)
        else:
            pages: list[Page] = [
                (numbers.expovariate(1), 300, numbers.randrange(300, 9_000)) for _ in range(2)
            ]
            steps = tls("host.example", pages, number) if port == 443 else [(0.1, True, noise(200))]
            packets += conversation(
                ends, steps, start=at, rtt=0.03, ending=numbers.choice(["fin", "rst", "open"])
            )
    for number in range(500):
        at, port = BEGIN + 1.18 * number, ports.take(GATEWAY)
        packets += lookup(GATEWAY, port, "9.9.9.9", f"name{number % 90}.example", [public(number)], start=at)
    for number in range(30):
        at, port = BEGIN + 20 * number, ports.take(GATEWAY)
        packets += ntp_poll(GATEWAY, port, public(number % 4), start=at)
        packets += stun_check((GATEWAY, port, public(900 + number), 3_478), number, start=at + 3)
        packets += quic((GATEWAY, port, public(950 + number), 443), [(0.1, 90, 12_000)], start=at + 6)
        # What every public address sees: single knocks, from another host each time.
        knock = numbers.choice([22, 23, 23, 80, 445, 3_389, 5_555, 8_080])
        packets.append(
            (at + 9, segment(public(40_000 + number), 51_000 + number, GATEWAY, knock, SYN, seq=number))
        )
    return packets


def _router_asks() -> list[Timed]:
    """A router keeps its table fresh: 45 hosts asked again every few minutes, some of them switched off."""
    numbers = dice(2)
    packets: list[Timed] = []
    for number in range(45):
        host = f"10.20.0.{20 + 3 * number}"
        at = BEGIN + numbers.uniform(0, 240)
        while at < BEGIN + 1_200:
            if number % 7 == 2:
                packets += arp_asked("10.20.0.1", host, start=at, tries=3)
            else:
                packets += arp_asked("10.20.0.1", host, start=at)
                packets += ping("10.20.0.1", host, start=at + 0.01) if number % 9 == 0 else []
                packets += arp_asked(host, "10.20.0.1", start=at + 11)
            at += numbers.uniform(180, 300)
    return sorted(packets, key=lambda packet: packet[0])
