"""Frames as real stacks send them: options, lifetimes, identifiers, and hardware addresses behind a router.

A private host whose last byte is from 100 to 199 runs Windows; the others run Linux or something like it.
"""

import random
import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, ip_address, ip_network
from zlib import crc32

from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, ICMP, IPV4, IPV6, SYN, TCP, UDP, mac_of

__all__ = [
    "checksum",
    "datagram",
    "dice",
    "echo",
    "icmp_error",
    "is_windows",
    "noise",
    "seen_from",
    "segment",
    "tagged",
    "twice",
    "without",
]

WINDOWS_HOSTS = range(100, 200)
TTL_AT, CHECK_AT, SOURCE_AT = 22, 24, 26
V4_HEAD = 34
NOISE = random.Random(20).randbytes(1 << 17)  # noqa: S311  # made traffic, the same every time


def dice(seed: int) -> random.Random:
    """Return a generator whose numbers are the same every time."""
    return random.Random(seed)  # noqa: S311  # made traffic


def noise(size: int, salt: int = 0) -> bytes:
    """Return bytes that look encrypted."""
    at = (salt * 7_919) % (len(NOISE) // 2)
    return NOISE[at : at + size] if at + size <= len(NOISE) else (NOISE * (size // len(NOISE) + 1))[:size]


@lru_cache(maxsize=8_192)
def _packed(ip: str) -> bytes:
    return ip_address(ip).packed


@lru_cache(maxsize=8_192)
def is_windows(ip: str) -> bool:
    """Whether a host runs Windows: a private one whose last byte is from 100 to 199."""
    return ip.startswith(("10.", "192.168.", "172.16.")) and _packed(ip)[-1] in WINDOWS_HOSTS


@lru_cache(maxsize=8_192)
def _hardware(ip: str) -> bytes:
    """Return the hardware address that frames to an address carry; groups have their own."""
    address = ip_address(ip)
    if not address.is_multicast:
        everybody = ip.endswith(".255")
        return b"\xff" * 6 if everybody else bytes.fromhex(mac_of(ip).replace(":", ""))
    if len(address.packed) == 4:  # noqa: PLR2004  # an IPv4 address
        return b"\x01\x00\x5e" + bytes([address.packed[1] & 0x7F]) + address.packed[2:]
    return b"\x33\x33" + address.packed[-4:]


def checksum(data: bytes) -> int:
    """Return the checksum of the Internet: a sum of ones' complements is a remainder of 65,535."""
    padded = data + b"\0" * (len(data) % 2)
    return 0xFFFF - (int.from_bytes(padded) % 0xFFFF or 0xFFFF)


def frame(src: str, dst: str, protocol: int, payload: bytes, *, ttl: int | None = None) -> bytes:
    """Return an Ethernet frame with an IP packet between two hosts of one segment."""
    source, target = _packed(src), _packed(dst)
    lifetime = ttl or (128 if is_windows(src) else 64)
    if len(source) == 4:  # noqa: PLR2004  # an IPv4 address
        parts = (0x45, 0, 20 + len(payload), 0, 0x4000, lifetime, protocol, 0)
        head = struct.pack("!BBHHHBBH", *parts) + source + target
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        return b"".join((_hardware(dst), _hardware(src), struct.pack("!H", IPV4), head, payload))
    head = struct.pack("!IHBB", 6 << 28, len(payload), protocol, lifetime) + source + target
    return b"".join((_hardware(dst), _hardware(src), struct.pack("!H", IPV6), head, payload))


def _summed(src: str, dst: str, protocol: int, payload: bytes, at: int) -> bytes:
    pseudo = _packed(src) + _packed(dst) + struct.pack("!IHBB", len(payload), 0, 0, protocol)
    check = checksum(pseudo + payload)
    if protocol == UDP:
        check = check or 0xFFFF  # zero would say that there is none
    return payload[:at] + struct.pack("!H", check) + payload[at + 2 :]


def segment(
    src: str,
    sport: int,
    dst: str,
    dport: int,
    flags: int,
    *,
    seq: int = 0,
    ack: int = 0,
    data: bytes = b"",
    window: int = 501,
    clock: int | None = None,
    heard: int = 0,
    offer: bytes | None = None,
) -> bytes:
    """Return a frame with a TCP segment.

    `clock` is the stamp of a stack that stamps its segments, `heard` the last one that it got from the other
    side; `offer` are the options of a tool that makes its own segments; then the window is its own, too.
    """
    options = offer or b""
    stamp = b"" if clock is None else struct.pack("!BBII", 8, 10, clock % 2**32, heard % 2**32)
    if offer is not None:
        pass
    elif flags & SYN:
        window = 64_240
        base = b"\x02\x04\x05\xb4"
        if clock is None:  # what Windows offers
            options = base + b"\x01\x03\x03\x08\x01\x01\x04\x02"
        else:
            stamp = stamp if flags & ACK else stamp[:6] + b"\0" * 4
            options = base + b"\x04\x02" + stamp + b"\x01\x03\x03\x07"
    elif stamp:
        options = b"\x01\x01" + stamp
    words = 5 + len(options) // 4
    head = struct.pack("!HHIIBBHHH", sport, dport, seq % 2**32, ack % 2**32, words << 4, flags, window, 0, 0)
    return frame(src, dst, TCP, _summed(src, dst, TCP, head + options + data, 16))


def datagram(src: str, sport: int, dst: str, dport: int, data: bytes, *, ttl: int | None = None) -> bytes:
    """Return a frame with a UDP datagram."""
    head = struct.pack("!HHHH", sport, dport, 8 + len(data), 0)
    return frame(src, dst, UDP, _summed(src, dst, UDP, head + data, 6), ttl=ttl)


def _message(kind: int, code: int, rest: int, data: bytes) -> bytes:
    message = struct.pack("!BBHI", kind, code, 0, rest) + data
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


def echo(src: str, dst: str, ident: int, number: int, *, reply: bool = False, data: bytes = b"") -> bytes:
    """Return a frame with a ping or its answer: 56 bytes as Linux sends them, unless given."""
    body = data or struct.pack("!Q", number * 1_000_003) + bytes(range(16, 64))
    return frame(src, dst, ICMP, _message(0 if reply else 8, 0, ident << 16 | number & 0xFFFF, body))


def icmp_error(src: str, dst: str, code: int, refused: bytes, *, kind: int = 3) -> bytes:
    """Return a frame that says why another one was not delivered (unreachable: 1 host, 3 port)."""
    return frame(src, dst, ICMP, _message(kind, code, 0, refused[14 : 14 + 28]))


def seen_from(packets: Iterable[Timed], *segments: tuple[str, str]) -> list[Timed]:
    """Return packets as a mirror port sees them: hosts outside the segment are behind its router.

    Each segment is (network, address of its router). A packet is seen in the first segment it touches; a host
    that is not there has the router's hardware address and, on its way here, has lost some hops.
    """
    places = [(ip_network(network), _hardware(router)) for network, router in segments]
    counters: dict[bytes, int] = {}
    seen: list[Timed] = []
    for time, wire in sorted(packets, key=lambda packet: packet[0]):
        if wire[12:14] != b"\x08\x00":
            seen.append((time, wire))
            continue
        source, target = wire[SOURCE_AT : SOURCE_AT + 4], wire[SOURCE_AT + 4 : SOURCE_AT + 8]
        from_mac, to_mac, hops = _route(source, target, places, wire)
        counters[source] = ident = (counters.get(source, crc32(source)) + 1) % 2**16
        lifetime = max(1, wire[TTL_AT] - hops)
        head = wire[14:18] + struct.pack("!HHBBH", ident, 0x4000, lifetime, wire[23], 0) + source + target
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        seen.append((time, b"".join((to_mac, from_mac, b"\x08\x00", head, wire[V4_HEAD:]))))
    return seen


def _route(
    source: bytes, target: bytes, places: Sequence[tuple[object, bytes]], wire: bytes
) -> tuple[bytes, bytes, int]:
    """Return the hardware addresses of both ends as seen here, and the hops that the packet has behind it."""
    for network, router in places:
        here, there = _inside(source, network), _inside(target, network)
        if here or there:
            if (here and there) or wire[0] & 1:
                return wire[6:12], wire[:6], 0
            if here:
                return wire[6:12], router, 0
            hops = 1 if source[0] in {10, 192} else 5 + crc32(source) % 13
            return router, wire[:6], hops
    return wire[6:12], wire[:6], 0


@lru_cache(maxsize=65_536)
def _inside(address: bytes, network: object) -> bool:
    return isinstance(network, IPv4Network) and ip_address(address) in network


def tagged(packets: Iterable[Timed], vlan: int) -> list[Timed]:
    """Return packets with an 802.1Q tag."""
    tag = struct.pack("!HH", 0x8100, vlan)
    return [(time, wire[:12] + tag + wire[12:]) for time, wire in packets]


def twice(packets: Iterable[Timed], *, after: float = 0.000_004) -> list[Timed]:
    """Return every packet twice, as a mirror of both directions of two ports makes them."""
    copies = [copy for time, wire in packets for copy in ((time, wire), (time + after, wire))]
    return sorted(copies, key=lambda packet: packet[0])


def without(packets: Iterable[Timed], *, sources: Sequence[str]) -> list[Timed]:
    """Return the IPv4 packets that none of these networks sent: a capture of one direction."""
    networks = tuple(ip_network(network) for network in sources)
    return [
        (time, wire)
        for time, wire in packets
        if wire[12:14] != b"\x08\x00" or not _inside_any(wire[26:30], networks)
    ]


@lru_cache(maxsize=65_536)
def _inside_any(address: bytes, networks: tuple[object, ...]) -> bool:
    return any(_inside(address, network) for network in networks)
