"""DHCP servers, what they give, and hosts that ask them."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from zlib import crc32

from oddwire.testing.capture import Timed
from oddwire.testing.packets import BROADCAST, udp

__all__ = ["Giver", "between", "dhcp_message", "joins", "renews"]

NOWHERE, EVERYWHERE = "0.0.0.0", "255.255.255.255"  # noqa: S104  # DHCP's, not bound
DISCOVER, OFFER, REQUEST, ACK = 1, 2, 3, 5
WANTED = bytes([1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252])
DAY_S = 86_400


def between(frame: bytes, src: str, dst: str = "") -> bytes:
    """Return a frame from another card, and to another one if that is given."""
    target = bytes.fromhex(dst.replace(":", "")) if dst else frame[:6]
    return target + bytes.fromhex(src.replace(":", "")) + frame[12:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Giver:
    """A DHCP server and what it gives; behind a relay, the relay's address stands in each message."""

    ip: str
    mac: str
    router: str
    resolvers: tuple[str, ...]
    delay: float = 0.002
    lease: int = DAY_S
    domain: str = "office.example"
    relay: str = NOWHERE
    extra: tuple[tuple[int, bytes], ...] = ()

    def options(self) -> list[tuple[int, bytes]]:
        """Return what it gives, as options."""
        times = [(51, self.lease), (58, self.lease // 2), (59, self.lease * 7 // 8)]
        given = [(code, struct.pack("!I", seconds)) for code, seconds in times] if self.lease else []
        if self.router:
            given += [(1, b"\xff\xff\xff\0"), (3, IPv4Address(self.router).packed)]
            given += [(6, b"".join(IPv4Address(ip).packed for ip in self.resolvers))]
            given += [(15, self.domain.encode())]
        return [(54, IPv4Address(self.ip).packed), *given, *self.extra]


def dhcp_message(
    kind: int,
    mac: str,
    *,
    xid: int,
    options: Sequence[tuple[int, bytes]] = (),
    client: str = NOWHERE,
    given: str = NOWHERE,
    relay: str = NOWHERE,
) -> bytes:
    """Return a DHCP message."""
    answer = kind in {OFFER, ACK, 6}
    out = struct.pack("!BBBBIHH", 2 if answer else 1, 1, 6, relay != NOWHERE, xid, 0, 0)
    for ip in (client, given, NOWHERE, relay):
        out += IPv4Address(ip).packed
    out += bytes.fromhex(mac.replace(":", "")).ljust(16, b"\0") + bytes(192) + b"\x63\x82\x53\x63"
    for code, data in [(53, bytes([kind])), *options]:
        out += bytes([code, len(data)]) + data
    return (out + b"\xff").ljust(300, b"\0")


def joins(
    mac: str,
    ip: str | Sequence[str],
    givers: Sequence[Giver],
    *,
    start: float,
    chosen: int = 0,
    name: str = "",
    extra: Sequence[tuple[int, bytes]] = (),
) -> list[Timed]:
    """Return how a host gets its address: it asks all, each giver offers, it takes the offer it chose.

    `ip` may be one address for each giver. Without a lease a giver only adds something (PXE).
    """
    ips = [ip] * len(givers) if isinstance(ip, str) else list(ip)
    xid = crc32(f"{mac} {start}".encode())
    called = name or f"pc-{mac[-5:].replace(':', '')}"
    me = [(61, b"\1" + bytes.fromhex(mac.replace(":", ""))), (12, called.encode()), *extra]

    def asked(kind: int, options: Sequence[tuple[int, bytes]]) -> bytes:
        told = dhcp_message(kind, mac, xid=xid, options=[*me, *options, (55, WANTED)])
        return between(udp(NOWHERE, 68, EVERYWHERE, 67, told, ttl=128), mac, BROADCAST)

    def answered(kind: int, giver: Giver, mine: str) -> bytes:
        given = mine if giver.lease else NOWHERE
        told = dhcp_message(kind, mac, xid=xid, given=given, relay=giver.relay, options=giver.options())
        source = giver.ip if giver.relay == NOWHERE else giver.relay
        if not giver.lease:
            return between(udp(giver.ip, 67, EVERYWHERE, 68, told), giver.mac, BROADCAST)
        return between(udp(source, 67, mine, 68, told), giver.mac, mac)

    packets = [(start, asked(DISCOVER, []))]
    for giver, mine in zip(givers, ips, strict=True):
        packets.append((start + giver.delay, answered(OFFER, giver, mine)))
    taken, mine = givers[chosen], ips[chosen]
    then = start + max(giver.delay for giver in givers) + 0.001
    wanted = [(54, IPv4Address(taken.ip).packed), (50, IPv4Address(mine).packed)]
    packets.append((then, asked(REQUEST, wanted)))
    packets.append((then + taken.delay, answered(ACK, taken, mine)))
    return packets


def renews(mac: str, ip: str, giver: Giver, *, start: float) -> list[Timed]:
    """Return the renewal of a lease: the giver is asked alone, and gives the same again."""
    xid = crc32(f"{mac} {start}".encode())
    ask = dhcp_message(REQUEST, mac, xid=xid, client=ip, options=[(55, WANTED)])
    told = dhcp_message(ACK, mac, xid=xid, client=ip, given=ip, options=giver.options())
    return [
        (start, between(udp(ip, 68, giver.ip, 67, ask, ttl=128), mac, giver.mac)),
        (start + giver.delay, between(udp(giver.ip, 67, ip, 68, told), giver.mac, mac)),
    ]
