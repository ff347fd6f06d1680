"""Tunnels that people use: private networks that keep themselves alive, Tor, a connection to work."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation
from oddwire.testing.names import public
from oddwire.testing.services import Page, tls
from oddwire.testing.wire import datagram, dice, noise, seen_from

BEGIN = 1_701_100_000.0
HOST, PLACE = "192.168.10.21", ("192.168.10.0/24", "192.168.10.1")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "wireguard", seen_from(_wireguard(), PLACE)
    yield "tor", seen_from(_tor(), PLACE)
    yield "openvpn", seen_from(_openvpn(), PLACE)


def _wireguard() -> list[Timed]:
    """A new handshake every two minutes, a sign of life every 25 seconds, and pages now and then."""
    numbers, there = dice(1), public(600)
    packets: list[Timed] = []
    for turn in range(30):
        at = BEGIN + 120 * turn
        packets.append((at, datagram(HOST, 40_820, there, 51_820, b"\x01\0\0\0" + noise(144, turn))))
        packets.append((at + 0.03, datagram(there, 51_820, HOST, 40_820, b"\x02\0\0\0" + noise(88, turn))))
        alive = datagram(HOST, 40_820, there, 51_820, b"\x04\0\0\0" + noise(28))
        packets += [(at + 25 * number, alive) for number in range(5)]
        for number in range(numbers.randrange(200)):
            when, size = at + 8 + number / 40, numbers.choice([80, 96, 1_420, 1_420])
            body = b"\x04\0\0\0" + noise(size, number)
            outwards = size < 100
            ends = (HOST, 40_820, there, 51_820) if outwards else (there, 51_820, HOST, 40_820)
            packets.append((when, datagram(*ends, body)))
    return packets


def _tor() -> list[Timed]:
    """A few entry guards on 443 and 9001, names that do not exist, cells of 514 bytes."""
    numbers, ports = dice(2), Ports(2)
    packets: list[Timed] = []
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    for number, port in enumerate((9_001, 443, 9_001)):
        cells: list[Page] = [
            (numbers.expovariate(1 / 4), 514 * numbers.randrange(1, 4), 514 * numbers.randrange(1, 30))
            for _ in range(120)
        ]
        name = f"www.{''.join(numbers.choices(letters, k=14))}.com"
        ends = (HOST, ports.take(HOST), public(610 + number), port)
        packets += conversation(ends, tls(name, cells, number), start=BEGIN + number, rtt=0.05, ending="open")
    return packets


def _openvpn() -> list[Timed]:
    """One connection to work over TCP 443 for an hour with a ping every ten seconds, open from before."""
    steps = [
        step
        for number in range(360)
        for step in (
            (9.9, True, b"\0\x28\x48\0\0\0" + noise(36, number)),
            (0.1, False, b"\0\x28\x48\0\0\0" + noise(36, number + 1)),
        )
    ]
    ends = (HOST, 40_900, public(620), 1_194)
    return seen_from(conversation(ends, steps, start=BEGIN, rtt=0.02, opening=False, ending="open"), PLACE)
