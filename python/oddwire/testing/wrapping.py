"""What happens to frames on their way: tags, tunnels, routers, taps that see one direction only."""

import struct
from collections.abc import Callable, Iterable, Iterator
from ipaddress import ip_address, ip_network

from oddwire.testing.capture import Timed
from oddwire.testing.packets import ip_packet, mac_of, udp

__all__ = ["each", "gre", "mixed", "one_way", "routed", "since", "tagged", "until", "vxlan"]

IPV4 = b"\x08\x00"
GRE, VXLAN_PORT = 47, 4_789
OUTER, INNER = 0x88A8, 0x8100


def mixed(*parts: Iterable[Timed]) -> list[Timed]:
    """Return the packets of all parts in the order of their times."""
    return sorted((packet for part in parts for packet in part), key=lambda packet: packet[0])


def each(packets: Iterable[Timed], change: Callable[[bytes], bytes]) -> Iterator[Timed]:
    """Yield the packets with every frame changed."""
    return ((time, change(frame)) for time, frame in packets)


def routed(packets: Iterable[Timed], *, gateway: str, local: str) -> Iterator[Timed]:
    """Yield the packets as a local network shows them: far hosts wear the address of the gateway's card."""
    net = ip_network(local)
    far = bytes.fromhex(mac_of(gateway).replace(":", ""))
    known: dict[bytes, bool] = {}

    def near(packed: bytes) -> bool:
        if packed not in known:
            address = ip_address(packed)
            known[packed] = address in net or address.is_multicast or packed == b"\xff" * 4
        return known[packed]

    for time, frame in packets:
        if frame[12:14] != IPV4:
            yield time, frame
            continue
        dst = frame[:6] if near(frame[30:34]) else far
        src = frame[6:12] if near(frame[26:30]) else far
        yield time, dst + src + frame[12:]


def one_way(packets: Iterable[Timed], *, src: str) -> Iterator[Timed]:
    """Yield only the untagged IPv4 packets that one host sends: the tap sees one fibre of two."""
    packed = ip_address(src).packed
    return (packet for packet in packets if packet[1][12:14] == IPV4 and packet[1][26:30] == packed)


def since(packets: Iterable[Timed], time: float) -> Iterator[Timed]:
    """Yield what a capture holds that was started at this time."""
    return (packet for packet in packets if packet[0] >= time)


def until(packets: Iterable[Timed], time: float) -> Iterator[Timed]:
    """Yield what a capture holds that was stopped at this time."""
    return (packet for packet in packets if packet[0] < time)


def tagged(frame: bytes, vlan: int, *, outer: int | None = None) -> bytes:
    """Return the frame in a VLAN; with `outer`, in a provider's VLAN around that (QinQ)."""
    tags = struct.pack("!HH", INNER, vlan)
    if outer is not None:
        tags = struct.pack("!HH", OUTER, outer) + tags
    return frame[:12] + tags + frame[12:]


def gre(frame: bytes, src: str, dst: str) -> bytes:
    """Return the IP packet of an untagged frame in a GRE tunnel between two routers."""
    return ip_packet(src, dst, GRE, struct.pack("!H", 0) + frame[12:14] + frame[14:], ttl=255)


def vxlan(frame: bytes, src: str, dst: str, *, network: int = 100) -> bytes:
    """Return the frame in a VXLAN tunnel between two switches."""
    sport = 49_152 + sum(frame[26:38]) % 16_384
    return udp(src, sport, dst, VXLAN_PORT, struct.pack("!II", 0x0800_0000, network << 8) + frame)
