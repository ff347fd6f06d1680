"""ICMP with every field free, for IPv4 and IPv6, and datagrams of any IP protocol."""

import struct
from ipaddress import ip_address

from oddwire.testing.packets import IPV6, ethernet, ipv4, ipv6, mac_of

__all__ = ["echo", "icmp_message", "raw_ip", "unreachable"]

ICMP, ICMPV6 = 1, 58
HEADER_AND_EIGHT = 28


def icmp_message(  # noqa: PLR0917  # the fields in their order
    src: str, dst: str, kind: int, code: int, rest: bytes, data: bytes = b"", *, ttl: int = 64, ident: int = 0
) -> bytes:
    """Return a frame with an ICMP message; `rest` is the second word of its header."""
    message = struct.pack("!BBH", kind, code, 0) + rest + data
    if _version(src) == 4:  # noqa: PLR2004  # IP's version
        checked = message[:2] + struct.pack("!H", internet_checksum(message)) + message[4:]
        return raw_ip(src, dst, ICMP, checked, ttl=ttl, ident=ident)
    source, target = ip_address(src).packed, ip_address(dst).packed
    pseudo = source + target + struct.pack("!II", len(message), ICMPV6)
    checked = message[:2] + struct.pack("!H", internet_checksum(pseudo + message)) + message[4:]
    return raw_ip(src, dst, ICMPV6, checked, ttl=ttl)


def echo(
    src: str, dst: str, ident: int, number: int, data: bytes, *, reply: bool = False, ttl: int = 64
) -> bytes:
    """Return an echo request or reply with its identifier, number and payload."""
    kinds = (8, 0) if _version(src) == 4 else (128, 129)  # noqa: PLR2004  # IP's version
    rest = struct.pack("!HH", ident % 65_536, number % 65_536)
    return icmp_message(src, dst, kinds[reply], 0, rest, data, ttl=ttl)


def unreachable(router: str, frame: bytes, *, code: int, kind: int = 3, ttl: int = 64) -> bytes:
    """Return the complaint of a router or host about an IPv4 frame, which it quotes."""
    packet = frame[14:]
    source = str(ip_address(packet[12:16]))
    return icmp_message(router, source, kind, code, bytes(4), packet[:HEADER_AND_EIGHT], ttl=ttl)


def raw_ip(src: str, dst: str, protocol: int, data: bytes, *, ttl: int = 64, ident: int = 0) -> bytes:
    """Return a frame with an IP packet of any protocol."""
    if _version(src) == 4:  # noqa: PLR2004  # IP's version
        packet = ipv4(data, src=src, dst=dst, protocol=protocol, ttl=ttl, ident=ident)
        return ethernet(packet, src=mac_of(src), dst=mac_of(dst))
    packet = ipv6(data, src=src, dst=dst, protocol=protocol, ttl=ttl)
    return ethernet(packet, src=mac_of(src), dst=mac_of(dst), ethertype=IPV6)


def internet_checksum(data: bytes) -> int:
    """Return the checksum of RFC 1071 over some bytes."""
    total: int = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def _version(address: str) -> int:
    return ip_address(address).version
