"""Much traffic between two hosts: downloads, uploads, pictures, a test of the line."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation
from oddwire.testing.names import lookup, public
from oddwire.testing.services import Page, tls
from oddwire.testing.wire import datagram, noise, seen_from

BEGIN = 1_701_000_000.0
HOST, PLACE = "192.168.10.21", ("192.168.10.0/24", "192.168.10.1")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "download", seen_from(_transfer(down=19_000_000, up=400), PLACE)
    yield "upload", seen_from(_transfer(down=400, up=14_000_000), PLACE)
    yield "pictures-pushed", seen_from(_pictures(), PLACE)
    yield "line-test", seen_from(_line_test(), PLACE)


def _transfer(*, down: int, up: int) -> list[Timed]:
    """One connection at the speed of the line: 20,000 packets in a few seconds."""
    packets = lookup(HOST, 40_000, "192.168.20.2", "images.example", [public(500)], start=BEGIN)
    page: list[Page] = [(0.1, up, down)]
    ends = (HOST, 41_000, public(500), 443)
    return packets + conversation(ends, tls("images.example", page), start=BEGIN + 0.1, rtt=0.012)


def _pictures() -> list[Timed]:
    """A camera pushes a transport stream over UDP to a recorder that says nothing: 900 packets a second."""
    body = b"\x47" + noise(1_315)
    return [
        (BEGIN + number / 900, datagram("192.168.10.70", 40_222, "192.168.20.30", 5_004, body))
        for number in range(18_000)
    ]


def _line_test() -> list[Timed]:
    """A test of the line: eight connections down at once, then a burst of UDP to the tester and a report."""
    ports, packets = Ports(2), []
    for number in range(8):
        page: list[Page] = [(0.1, 300, 900_000)]
        ends = (HOST, ports.take(HOST), public(510), 443)
        packets += conversation(
            ends, tls("test.example", page, number), start=BEGIN + 0.02 * number, rtt=0.01
        )
    control = (HOST, ports.take(HOST), public(510), 5_201)
    said = [(0.1, True, noise(37)), (0.1, False, noise(120)), (9.0, False, noise(400))]
    packets += conversation(control, said, start=BEGIN + 10)
    body = noise(1_448)
    for number in range(8_000):
        packets.append((BEGIN + 10.5 + number / 1_000, datagram(HOST, 50_201, public(510), 5_201, body)))
    return packets
