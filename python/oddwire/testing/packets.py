"""Packets built header by header, with right lengths and checksums."""

import struct
from ipaddress import IPv4Address, IPv6Address, ip_address

__all__ = ["ACK", "FIN", "PSH", "RST", "SYN", "arp", "ethernet", "icmp", "ipv4", "ipv6", "tcp", "udp"]

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
IPV4, ARP, VLAN, IPV6 = 0x0800, 0x0806, 0x8100, 0x86DD
TCP, UDP, ICMP = 6, 17, 1
BROADCAST = "ff:ff:ff:ff:ff:ff"


def mac_of(ip: str) -> str:
    """Return a hardware address that belongs to an address, so that hosts keep theirs."""
    return "02:00:" + ":".join(f"{byte:02x}" for byte in ip_address(ip).packed[-4:])


def ethernet(payload: bytes, *, src: str, dst: str, ethertype: int = IPV4, vlan: int | None = None) -> bytes:
    """Return an Ethernet frame."""
    tag = b"" if vlan is None else struct.pack("!HH", VLAN, vlan)
    return _mac(dst) + _mac(src) + tag + struct.pack("!H", ethertype) + payload


def ipv4(payload: bytes, *, src: str, dst: str, protocol: int, ttl: int = 64, ident: int = 0) -> bytes:
    """Return an IPv4 packet without options."""
    source, target = IPv4Address(src).packed, IPv4Address(dst).packed
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), ident, 0x4000, ttl, protocol, 0)
    check = _checksum(head + source + target)
    return head[:10] + struct.pack("!H", check) + source + target + payload


def ipv6(payload: bytes, *, src: str, dst: str, protocol: int, ttl: int = 64) -> bytes:
    """Return an IPv6 packet without extension headers."""
    head = struct.pack("!IHBB", 6 << 28, len(payload), protocol, ttl)
    return head + IPv6Address(src).packed + IPv6Address(dst).packed + payload


def tcp(
    src: str,
    sport: int,
    dst: str,
    dport: int,
    flags: int,
    *,
    seq: int = 0,
    ack: int = 0,
    data: bytes = b"",
    window: int = 64_240,
    ttl: int = 64,
    vlan: int | None = None,
) -> bytes:
    """Return an Ethernet frame with a TCP segment; IPv4 or IPv6 by the addresses."""
    head = struct.pack("!HHIIBBHHH", sport, dport, seq % 2**32, ack % 2**32, 5 << 4, flags, window, 0, 0)
    return _framed(head + data, src=src, dst=dst, protocol=TCP, ttl=ttl, vlan=vlan, check_at=16)


def udp(
    src: str, sport: int, dst: str, dport: int, data: bytes = b"", *, ttl: int = 64, vlan: int | None = None
) -> bytes:
    """Return an Ethernet frame with a UDP datagram; IPv4 or IPv6 by the addresses."""
    head = struct.pack("!HHHH", sport, dport, 8 + len(data), 0)
    return _framed(head + data, src=src, dst=dst, protocol=UDP, ttl=ttl, vlan=vlan, check_at=6)


def icmp(src: str, dst: str, kind: int, code: int = 0, data: bytes = b"\0" * 32, *, ttl: int = 64) -> bytes:
    """Return an Ethernet frame with an ICMP message over IPv4."""
    head = struct.pack("!BBHI", kind, code, 0, 1)
    message = head + data
    message = message[:2] + struct.pack("!H", _checksum(message)) + message[4:]
    packet = ipv4(message, src=src, dst=dst, protocol=ICMP, ttl=ttl)
    return ethernet(packet, src=mac_of(src), dst=mac_of(dst))


def arp(operation: int, *, src: str, dst: str, src_mac: str | None = None) -> bytes:
    """Return an ARP request (1) as broadcast, or a reply (2)."""
    mine = src_mac or mac_of(src)
    theirs = BROADCAST if operation == 1 else mac_of(dst)
    asked = "00:00:00:00:00:00" if operation == 1 else theirs
    body = struct.pack("!HHBBH", 1, IPV4, 6, 4, operation)
    body += _mac(mine) + IPv4Address(src).packed + _mac(asked) + IPv4Address(dst).packed
    return ethernet(body.ljust(46, b"\0"), src=mine, dst=theirs, ethertype=ARP)


def _framed(
    segment: bytes, *, src: str, dst: str, protocol: int, ttl: int, vlan: int | None, check_at: int
) -> bytes:
    source, target = ip_address(src), ip_address(dst)
    pseudo = source.packed + target.packed + struct.pack("!IHBB", len(segment), 0, 0, protocol)
    check = _checksum(pseudo + segment) or 0xFFFF
    segment = segment[:check_at] + struct.pack("!H", check) + segment[check_at + 2 :]
    build, ethertype = (ipv4, IPV4) if source.version == 4 else (ipv6, IPV6)  # noqa: PLR2004  # IP's version
    packet = build(segment, src=src, dst=dst, protocol=protocol, ttl=ttl)
    return ethernet(packet, src=mac_of(src), dst=mac_of(dst), ethertype=ethertype, vlan=vlan)


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def _checksum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
