"""Addresses that change their hardware for good reasons, and one hardware that answers for many addresses."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation
from oddwire.testing.names import arp_asked, ping, public
from oddwire.testing.packets import arp, mac_of
from oddwire.testing.services import tls
from oddwire.testing.wire import seen_from

BEGIN = 1_701_300_000.0
ROUTER, PLACE = "192.168.10.1", ("192.168.10.0/24", "192.168.10.1")
HOSTS = [f"192.168.10.{100 + number}" for number in range(15)]
FIRST, SECOND = mac_of("192.168.10.2"), mac_of("192.168.10.3")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "the-second-router-takes-over", _taken_over()
    yield "a-lease-goes-to-another-host", _leased_again()
    yield "router-answers-for-others", _proxy()
    yield "everybody-announces-itself", _announced()


def _taken_over() -> list[Timed]:
    """The router fails once: the second one says five times that the address is its own, and it stays so."""
    ports, packets = Ports(1), []
    over = BEGIN + 300
    for number, host in enumerate(HOSTS):
        for turn in range(8):
            at = BEGIN + 75 * turn + 3.1 * number
            ends = (host, ports.take(host), public(number), 443)
            page = tls("www.example.com", [(0.1, 300, 9_000)], number)
            asked = arp_asked(host, ROUTER, start=at) + conversation(ends, page, start=at + 0.1)
            packets += _carried_by(seen_from(asked, PLACE), FIRST if at < over else SECOND)
    packets += [(over - 2 + step, arp(1, src=ROUTER, dst=ROUTER, src_mac=SECOND)) for step in range(5)]
    return sorted(packets, key=lambda packet: packet[0])


def _carried_by(packets: list[Timed], mac: str) -> list[Timed]:
    """The same frames with another hardware address for the router, in the answers of ARP as well."""
    old, new = (bytes.fromhex(text.replace(":", "")) for text in (mac_of(ROUTER), mac))
    return [(time, wire.replace(old, new)) for time, wire in packets]


def _leased_again() -> list[Timed]:
    """A guest leaves; half an hour later another one gets the address, probes it and announces it.

    Seen from another host: of what these two say only the broadcasts arrive.
    """
    address, old, new = "192.168.10.130", mac_of("192.168.10.230"), mac_of("192.168.10.231")
    packets: list[Timed] = []
    for start, mac in ((BEGIN, old), (BEGIN + 2_000, new)):
        probe = arp(1, src="0.0.0.0", dst=address, src_mac=mac)  # noqa: S104  # none yet
        announced = arp(1, src=address, dst=address, src_mac=mac)
        packets += [(start + step, probe) for step in range(3)]
        packets += [(start + 4 + 2 * step, announced) for step in range(2)]
        for turn in range(8):
            packets.append((start + 9 + 25 * turn, arp(1, src=address, dst=ROUTER, src_mac=mac)))
            packets += ping(HOSTS[0], ROUTER, start=start + 12 + 25 * turn)
    return sorted(packets, key=lambda packet: packet[0])


def _proxy() -> list[Timed]:
    """A router answers for twenty addresses that are behind it, always the same ones and always itself."""
    packets: list[Timed] = []
    for turn in range(10):
        for number in range(20):
            host, behind, at = (
                HOSTS[number % 15],
                f"192.168.10.{200 + number}",
                BEGIN + 60 * turn + 2 * number,
            )
            answer = arp(2, src=behind, dst=host, src_mac=mac_of(ROUTER))
            packets += [(at, arp(1, src=host, dst=behind)), (at + 0.001, answer)]
    return packets


def _announced() -> list[Timed]:
    """Power comes back: 15 hosts probe and announce their addresses and look for the router."""
    packets: list[Timed] = []
    for number, host in enumerate(HOSTS):
        at = BEGIN + 0.4 * number
        probe = arp(1, src="0.0.0.0", dst=host, src_mac=mac_of(host))  # noqa: S104  # none yet
        packets += [(at + step, probe) for step in range(3)]
        packets += [(at + 4 + step, arp(1, src=host, dst=host)) for step in range(2)]
        packets += arp_asked(host, ROUTER, start=at + 6)
        for other in range(4):
            packets += arp_asked(host, HOSTS[(number + other + 1) % 15], start=at + 7 + other)
    return sorted(packets, key=lambda packet: packet[0])
