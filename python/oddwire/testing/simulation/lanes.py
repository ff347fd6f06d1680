"""One direction of a conversation, with its headers made once: a frame costs little more than its payload.

Checksums are sums of 16-bit words modulo 65,535; those of addresses and payload are known beforehand.
"""

import struct
from functools import lru_cache
from ipaddress import ip_address
from random import Random
from typing import NamedTuple
from zlib import crc32

from oddwire.testing.conversations import Ends
from oddwire.testing.packets import mac_of

__all__ = ["Body", "Lane", "body", "lanes", "opaque"]

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
WHOLE = 0xFFFF
TCP_HEAD, UDP_HEAD, ICMP_HEAD, V4_HEAD = 20, 8, 8, 20
SYN, RST = 2, 4
# Most that a segment says; scaled by 256 it is what stacks offer.
SYN_OPTIONS = bytes.fromhex("020405b4" + "01030308" + "01010402")
NOISE = Random(21).randbytes(1 << 16)  # noqa: S311  # made traffic, the same every time
VARIANTS = 8
ECHO = {ICMP: (8, 0), ICMPV6: (128, 129)}


class Body(NamedTuple):
    """Bytes to be sent, and the sum of their words."""

    data: bytes
    words: int


def body(data: bytes) -> Body:
    """Return bytes with their sum."""
    return Body(data, int.from_bytes(data + b"\0" * (len(data) % 2)) % WHOLE)


@lru_cache(maxsize=16_384)
def opaque(kind: str, size: int, variant: int) -> Body:
    """Return so many bytes that look encrypted, as a service frames them; there are a few of each size."""
    at = (variant * 7_919 + size * 13) % (len(NOISE) - 2_000)
    data = NOISE[at : at + size]
    if kind == "tls" and size > 5:  # noqa: PLR2004  # the head of a record
        data = b"\x17\x03\x03" + struct.pack("!H", size - 5) + data[5:]
    elif kind == "smb" and size > 56:  # noqa: PLR2004  # the head of a sealed message
        head = struct.pack("<4s32sIHHQ", b"\xfdSMB", data[:32], size - 56, 0, 1, 1)
        data = struct.pack("!I", size - 4) + head + data[56:]
    elif kind == "text":
        data = bytes(97 + byte % 26 for byte in data[:-2]) + b"\r\n"[:size]
    return body(data)


@lru_cache(maxsize=65_536)
def _packed(ip: str) -> bytes:
    return ip_address(ip).packed


@lru_cache(maxsize=65_536)
def _hardware(ip: str, gateway: str) -> bytes:
    """Return the hardware address seen for a host: outside ones are behind the gateway."""
    address = ip_address(ip)
    if ip.endswith(".255") and address.version == 4:  # noqa: PLR2004  # IP's version
        return b"\xff" * 6
    seen = ip if _is_here(ip) or address.is_multicast else gateway
    return bytes.fromhex(mac_of(seen).replace(":", ""))


@lru_cache(maxsize=65_536)
def _is_here(ip: str) -> bool:
    address = ip_address(ip)
    return address.is_private or address.is_link_local


@lru_cache(maxsize=65_536)
def _gateway(src: str, dst: str) -> str:
    """Return the router between two hosts: the first address of the network of the one that is here."""
    number = int(ip_address(src if _is_here(src) else dst))
    return str(ip_address(number & ~0xFF | 1))


@lru_cache(maxsize=65_536)
def _lifetime(ip: str) -> int:
    """Return the hops that a packet has left when it is seen here, as the tables have it."""
    mixed = int(ip_address(ip)) * 2_654_435_761 % 2**32
    if _is_here(ip):
        return 128 if mixed % 5 < 3 else 64  # noqa: PLR2004  # three of five begin with 128
    return 57 - mixed % 11


class Lane:
    """Builds the frames of one direction; `next_byte` is the number of the next byte to be said."""

    def __init__(self, ends: Ends, protocol: int, router: str | None = None) -> None:
        src, sport, dst, dport = self.ends = ends
        self.router = gateway = router or _gateway(src, dst)
        source, target = _packed(src), _packed(dst)
        self.source, self.target = source, target
        self.sport, self.dport, self.protocol = sport, dport, protocol
        self.macs = _hardware(dst, gateway) + _hardware(src, gateway)
        self.lifetime = _lifetime(src)
        self.v4 = len(source) == 4  # noqa: PLR2004  # an IPv4 address
        self.next_byte = crc32(source + target + sport.to_bytes(2) + dport.to_bytes(2))
        self.ident = self.next_byte & WHOLE
        addresses = int.from_bytes(source + target) % WHOLE
        # Version, length and lifetime never change; neither does what the pseudo header sums up.
        self._ip_words = 0x4500 + 0x4000 + (self.lifetime << 8) + protocol + addresses
        self._words = addresses + protocol + sport + dport

    def tcp(self, flags: int, acked: int, said: Body) -> bytes:
        """Return a segment, and count what it said."""
        data, words = said
        size = TCP_HEAD + len(data)
        at, window, offset = self.next_byte, 502, 0x5000
        if flags & SYN:
            at_data, window, offset = SYN_OPTIONS, 64_240, 0x8000
            words, size, data = _OPTION_WORDS, size + len(at_data), at_data
            self.next_byte = (at + 1) & 0xFFFFFFFF
        else:
            self.next_byte = (at + len(data) + (flags & 1)) & 0xFFFFFFFF
        if flags & RST:
            window = 0
        total = self._words + size + (at >> 16) + (at & WHOLE) + (acked >> 16) + (acked & WHOLE)
        total += (offset | flags) + window + words
        check = WHOLE - (total % WHOLE or WHOLE)
        head = _TCP.pack(self.sport, self.dport, at, acked, offset | flags, window, check, 0)
        return self._frame(head, data, size)

    def udp(self, said: Body) -> bytes:
        """Return a datagram."""
        size = UDP_HEAD + len(said.data)
        total = self._words + 2 * size + said.words
        head = _UDP.pack(self.sport, self.dport, size, WHOLE - (total % WHOLE or WHOLE) or WHOLE)
        return self._frame(head, said.data, size)

    def echo(self, number: int, said: Body, *, reply: bool) -> bytes:
        """Return a ping, or its answer."""
        kind = ECHO[self.protocol][reply]
        ident = (self.dport if reply else self.sport) or 1
        return self._icmp(kind, 0, ident << 16 | number & WHOLE, said)

    def unreachable(self, refused: bytes) -> bytes:
        """Return the message that a port is closed; it quotes the begin of what was sent there."""
        told = ICMP if self.v4 else ICMPV6
        if self.protocol != told:
            return Lane(self.ends, told, self.router).unreachable(refused)
        kind, code = (3, 3) if self.v4 else (1, 4)
        quoted = body(refused[14 : 14 + 28] if self.v4 else refused[14 : 14 + 48])
        return self._icmp(kind, code, 0, quoted)

    def _icmp(self, kind: int, code: int, rest: int, said: Body) -> bytes:
        size = ICMP_HEAD + len(said.data)
        total = (kind << 8 | code) + (rest >> 16) + (rest & WHOLE) + said.words
        if not self.v4:
            total += self._words - self.sport - self.dport - self.protocol + ICMPV6 + size
        head = struct.pack("!BBHI", kind, code, WHOLE - (total % WHOLE or WHOLE), rest)
        return self._frame(head, said.data, size)

    def _frame(self, head: bytes, data: bytes, size: int) -> bytes:
        if not self.v4:
            start = struct.pack("!HIHBB", 0x86DD, 6 << 28, size, self.protocol, self.lifetime)
            return b"".join((self.macs, start, self.source, self.target, head, data))
        length = size + V4_HEAD
        self.ident = ident = (self.ident + 1) & WHOLE
        check = WHOLE - ((self._ip_words + length + ident) % WHOLE or WHOLE)
        start = _IP.pack(0x0800, 0x4500, length, ident, 0x4000, self.lifetime << 8 | self.protocol, check)
        return b"".join((self.macs, start, self.source, self.target, head, data))


_IP, _TCP, _UDP = struct.Struct("!HHHHHHH"), struct.Struct("!HHIIHHHH"), struct.Struct("!HHHH")
_OPTION_WORDS = body(SYN_OPTIONS).words


def lanes(ends: Ends, protocol: int, router: str | None = None) -> tuple[Lane, Lane]:
    """Return both directions of a conversation between (source, port, destination, port)."""
    src, sport, dst, dport = ends
    return Lane(ends, protocol, router), Lane((dst, dport, src, sport), protocol, router)
