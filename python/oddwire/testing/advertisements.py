"""IPv6 on a link: router advertisements, DHCPv6 servers, and hosts that join."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network
from zlib import crc32

from oddwire.testing.address_givers import between
from oddwire.testing.capture import Timed
from oddwire.testing.dns_messages import host
from oddwire.testing.packets import icmp, udp

__all__ = [
    "ALL_NODES",
    "GiverV6",
    "Prefix",
    "advertisement",
    "joins_v6",
    "link_local",
    "neighbour_check",
    "own_v6",
    "router_wanted",
]

ALL_NODES, ALL_ROUTERS, ALL_GIVERS = "ff02::1", "ff02::2", "ff02::1:2"
SOLICIT, ADVERTISE, REQUEST, REPLY = 1, 2, 3, 7
ROUTER_WANTED, ROUTER_HERE, NEIGHBOUR_WANTED = 133, 134, 135


def _own(mac: str) -> bytes:
    raw = bytearray.fromhex(mac.replace(":", ""))
    return bytes([raw[0] ^ 2, *raw[1:3], 0xFF, 0xFE, *raw[3:]])


def link_local(mac: str) -> str:
    """Return the address that a card has on its link by itself."""
    return str(IPv6Address(b"\xfe\x80".ljust(8, b"\0") + _own(mac)))


def own_v6(mac: str, prefix: str) -> str:
    """Return the address that a card makes itself under a prefix."""
    return str(IPv6Address(IPv6Network(prefix).network_address.packed[:8] + _own(mac)))


@dataclass(frozen=True, slots=True)
class Prefix:
    """A prefix of an advertisement, with the seconds for which it is valid and preferred."""

    network: str
    valid: int = 2_592_000
    preferred: int = 604_800

    def option(self) -> bytes:
        """Return it as an option."""
        network = IPv6Network(self.network)
        head = struct.pack("!BBBBIII", 3, 4, network.prefixlen, 0xC0, self.valid, self.preferred, 0)
        return head + network.network_address.packed


def advertisement(
    mac: str,
    prefixes: Sequence[Prefix] = (),
    *,
    source: str = "",
    lifetime: int = 1_800,
    flags: int = 0,
    resolvers: Sequence[str] = (),
    named: str | None = None,
    dst: str = ALL_NODES,
    dst_mac: str = "",
) -> bytes:
    """Return a router's advertisement; `named` is the card that it names (empty: none)."""
    card = mac if named is None else named
    body = struct.pack("!II", 0, 0)
    if card:
        body += b"\1\1" + bytes.fromhex(card.replace(":", ""))
    body += struct.pack("!BBHI", 5, 1, 0, 1_500) if prefixes else b""
    body += b"".join(prefix.option() for prefix in prefixes)
    if resolvers:
        body += struct.pack("!BBHI", 25, 1 + 2 * len(resolvers), 0, 1_200)
        body += b"".join(IPv6Address(ip).packed for ip in resolvers)
    rest = 64 << 24 | flags << 16 | lifetime
    wire = icmp(source or link_local(mac), dst, ROUTER_HERE, 0, body, ttl=255, rest=rest)
    return between(wire, mac, dst_mac)


def router_wanted(mac: str) -> bytes:
    """Return the question for routers of a host that joins."""
    body = b"\1\1" + bytes.fromhex(mac.replace(":", ""))
    return between(icmp(link_local(mac), ALL_ROUTERS, ROUTER_WANTED, 0, body, ttl=255, rest=0), mac)


def neighbour_check(mac: str, ip: str) -> bytes:
    """Return the question whether somebody has an address, before it is taken (RFC 4862)."""
    packed = IPv6Address(ip).packed
    group = str(IPv6Address(IPv6Address("ff02::1:ff00:0").packed[:13] + packed[13:]))
    return between(icmp("::", group, NEIGHBOUR_WANTED, 0, packed, ttl=255, rest=0), mac)


@dataclass(frozen=True, slots=True, kw_only=True)
class GiverV6:
    """A DHCPv6 server and what it gives."""

    mac: str
    resolver: str
    domain: str = "office.example"
    delay: float = 0.002
    preferred: int = 3_000


def _option(code: int, data: bytes) -> bytes:
    return struct.pack("!HH", code, len(data)) + data


def _duid(mac: str) -> bytes:
    return struct.pack("!HHI", 1, 1, 0x2CE0_0000) + bytes.fromhex(mac.replace(":", ""))


def joins_v6(mac: str, ip: str, givers: Sequence[GiverV6], *, start: float, chosen: int = 0) -> list[Timed]:
    """Return how a host gets an address and a resolver by DHCPv6."""
    xid = crc32(f"{mac} {start}".encode()) & 0xFFFFFF
    here, association = link_local(mac), struct.pack("!III", 0x0E00_0001, 0, 0)
    wanted = _option(6, struct.pack("!HHHH", 17, 23, 24, 32)) + _option(8, b"\0\0")

    def asked(kind: int, more: bytes) -> bytes:
        told = struct.pack("!I", kind << 24 | xid) + _option(1, _duid(mac)) + more + wanted
        return between(udp(here, 546, ALL_GIVERS, 547, told, ttl=1), mac)

    def answered(kind: int, giver: GiverV6) -> bytes:
        lease = IPv6Address(ip).packed + struct.pack("!II", giver.preferred, giver.preferred * 2)
        told = struct.pack("!I", kind << 24 | xid) + _option(1, _duid(mac)) + _option(2, _duid(giver.mac))
        told += _option(3, association + _option(5, lease))
        told += _option(23, IPv6Address(giver.resolver).packed) + _option(24, host(giver.domain))
        return between(udp(link_local(giver.mac), 547, here, 546, told), giver.mac, mac)

    packets = [(start, asked(SOLICIT, _option(3, association)))]
    packets += [(start + giver.delay, answered(ADVERTISE, giver)) for giver in givers]
    then, taken = start + 1.02, givers[chosen]
    lease = _option(5, IPv6Address(ip).packed + bytes(8))
    packets.append((then, asked(REQUEST, _option(2, _duid(taken.mac)) + _option(3, association + lease))))
    packets.append((then + taken.delay, answered(REPLY, taken)))
    return packets
