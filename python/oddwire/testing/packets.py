"""Packets built header by header, with right lengths and checksums."""

import struct
from functools import lru_cache
from ipaddress import ip_address

__all__ = [
    "ACK",
    "CWR",
    "ECE",
    "FIN",
    "PSH",
    "RST",
    "SYN",
    "URG",
    "arp",
    "ethernet",
    "fragments",
    "icmp",
    "ip_packet",
    "ipv4",
    "ipv6",
    "mac_of",
    "tcp",
    "udp",
    "unreachable",
]

FIN, SYN, RST, PSH, ACK, URG, ECE, CWR = 1, 2, 4, 8, 16, 32, 64, 128
IPV4, ARP, VLAN, IPV6 = 0x0800, 0x0806, 0x8100, 0x86DD
ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
DONT_FRAGMENT, MORE_FRAGMENTS = 0x4000, 0x2000
ETHERNET_HEAD, IPV4_HEAD, IPV6_HEAD = 14, 20, 40
BROADCAST = "ff:ff:ff:ff:ff:ff"


@lru_cache(maxsize=100_000)
def mac_of(ip: str) -> str:
    """Return a hardware address that belongs to an address, so that hosts keep theirs."""
    address = ip_address(ip)
    if ip == "255.255.255.255":
        return BROADCAST
    if address.is_multicast and address.version == 4:  # noqa: PLR2004  # IP's version
        low = address.packed
        return f"01:00:5e:{low[1] & 0x7F:02x}:{low[2]:02x}:{low[3]:02x}"
    prefix = "33:33:" if address.is_multicast else "02:00:"
    return prefix + ":".join(f"{byte:02x}" for byte in address.packed[-4:])


def ethernet(payload: bytes, *, src: str, dst: str, ethertype: int = IPV4, vlan: int | None = None) -> bytes:
    """Return an Ethernet frame."""
    tag = b"" if vlan is None else struct.pack("!HH", VLAN, vlan)
    return _mac(dst) + _mac(src) + tag + struct.pack("!H", ethertype) + payload


def ipv4(
    payload: bytes,
    *,
    src: str,
    dst: str,
    protocol: int,
    ttl: int = 64,
    ident: int = 0,
    fragment: int = DONT_FRAGMENT,
) -> bytes:
    """Return an IPv4 packet without options; `fragment` is the field of flags and offset."""
    source, target = _address(src), _address(dst)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), ident, fragment, ttl, protocol, 0)
    check = _checksum(head + source + target)
    return head[:10] + struct.pack("!H", check) + source + target + payload


def ipv6(payload: bytes, *, src: str, dst: str, protocol: int, ttl: int = 64) -> bytes:
    """Return an IPv6 packet without extension headers."""
    head = struct.pack("!IHBB", 6 << 28, len(payload), protocol, ttl)
    return head + _address(src) + _address(dst) + payload


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
    options: bytes = b"",
    ident: int = 0,
) -> bytes:
    """Return an Ethernet frame with a TCP segment; IPv4 or IPv6 by the addresses."""
    options += b"\0" * (-len(options) % 4)
    length = (5 + len(options) // 4) << 4
    head = struct.pack("!HHIIBBHHH", sport, dport, seq % 2**32, ack % 2**32, length, flags, window, 0, 0)
    segment = _summed(head + options + data, src=src, dst=dst, protocol=TCP, check_at=16)
    return ip_packet(src, dst, TCP, segment, ttl=ttl, vlan=vlan, ident=ident)


def udp(
    src: str,
    sport: int,
    dst: str,
    dport: int,
    data: bytes = b"",
    *,
    ttl: int = 64,
    vlan: int | None = None,
    ident: int = 0,
) -> bytes:
    """Return an Ethernet frame with a UDP datagram; IPv4 or IPv6 by the addresses."""
    head = struct.pack("!HHHH", sport, dport, 8 + len(data), 0)
    segment = _summed(head + data, src=src, dst=dst, protocol=UDP, check_at=6)
    return ip_packet(src, dst, UDP, segment, ttl=ttl, vlan=vlan, ident=ident)


def icmp(
    src: str, dst: str, kind: int, code: int = 0, data: bytes = b"\0" * 32, *, ttl: int = 64, rest: int = 1
) -> bytes:
    """Return an Ethernet frame with an ICMP message; ICMPv6 by the addresses.

    `rest` is the second word of the header: for echo the identifier (upper half) and the number.
    """
    message = struct.pack("!BBHI", kind, code, 0, rest) + data
    if _is_v6(src):
        summed = _summed(message, src=src, dst=dst, protocol=ICMPV6, check_at=2)
        return ip_packet(src, dst, ICMPV6, summed, ttl=ttl)
    message = message[:2] + struct.pack("!H", _checksum(message)) + message[4:]
    return ip_packet(src, dst, ICMP, message, ttl=ttl)


def unreachable(src: str, frame: bytes, code: int = 3, *, ttl: int = 64) -> bytes:
    """Return how `src` reports that the packet in an untagged frame went nowhere: it quotes its begin."""
    packet = frame[ETHERNET_HEAD:]
    if packet[0] >> 4 == 4:  # noqa: PLR2004  # IP's version
        sender = str(ip_address(packet[12:16]))
        return icmp(src, sender, 3, code, packet[:548], ttl=ttl, rest=0)
    sender = str(ip_address(packet[8:24]))
    return icmp(src, sender, 1, 4 if code == 3 else 1, packet[:1_232], ttl=ttl, rest=0)  # noqa: PLR2004  # a closed port


def ip_packet(
    src: str,
    dst: str,
    protocol: int,
    payload: bytes = b"",
    *,
    ttl: int = 64,
    vlan: int | None = None,
    ident: int = 0,
) -> bytes:
    """Return an Ethernet frame with any IP protocol; IPv4 or IPv6 by the addresses."""
    if _is_v6(src):
        packet, ethertype = ipv6(payload, src=src, dst=dst, protocol=protocol, ttl=ttl), IPV6
    else:
        packet = ipv4(payload, src=src, dst=dst, protocol=protocol, ttl=ttl, ident=ident)
        ethertype = IPV4
    return ethernet(packet, src=mac_of(src), dst=mac_of(dst), ethertype=ethertype, vlan=vlan)


def fragments(frame: bytes, *, ident: int, mtu: int = 1_500) -> list[bytes]:
    """Return an untagged IPv4 frame in as many pieces as the link needs."""
    link, head = frame[:ETHERNET_HEAD], frame[ETHERNET_HEAD : ETHERNET_HEAD + IPV4_HEAD]
    payload = frame[ETHERNET_HEAD + IPV4_HEAD :]
    step = (mtu - IPV4_HEAD) // 8 * 8
    src, dst = str(ip_address(head[12:16])), str(ip_address(head[16:20]))
    pieces = []
    for at in range(0, len(payload), step):
        more = MORE_FRAGMENTS if at + step < len(payload) else 0
        part = payload[at : at + step]
        where = more | at // 8
        pieces.append(
            link + ipv4(part, src=src, dst=dst, protocol=head[9], ttl=head[8], ident=ident, fragment=where)
        )
    return pieces


def arp(operation: int, *, src: str, dst: str, src_mac: str | None = None) -> bytes:
    """Return an ARP request (1) as broadcast, or a reply (2)."""
    mine = src_mac or mac_of(src)
    theirs = BROADCAST if operation == 1 else mac_of(dst)
    asked = "00:00:00:00:00:00" if operation == 1 else theirs
    body = struct.pack("!HHBBH", 1, IPV4, 6, 4, operation)
    body += _mac(mine) + _address(src) + _mac(asked) + _address(dst)
    return ethernet(body.ljust(46, b"\0"), src=mine, dst=theirs, ethertype=ARP)


def _summed(segment: bytes, *, src: str, dst: str, protocol: int, check_at: int) -> bytes:
    """Return the segment with the checksum over it and the addresses."""
    pseudo = _address(src) + _address(dst) + struct.pack("!IHBB", len(segment), 0, 0, protocol)
    check = _checksum(pseudo + segment)
    if protocol == UDP:  # there, no sum at all is written as zero
        check = check or 0xFFFF
    return segment[:check_at] + struct.pack("!H", check) + segment[check_at + 2 :]


@lru_cache(maxsize=100_000)
def _address(ip: str) -> bytes:
    return ip_address(ip).packed


def _is_v6(ip: str) -> bool:
    return ":" in ip


@lru_cache(maxsize=100_000)
def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def _checksum(data: bytes) -> int:
    """Return the Internet checksum: the sum of 16-bit words modulo 65,535 is that of the whole number."""
    rest = int.from_bytes(data + b"\0" * (len(data) % 2), "big") % 0xFFFF
    return (~rest & 0xFFFF) if rest or not any(data) else 0
