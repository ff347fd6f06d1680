"""Made traffic that gives hosts their addresses: DHCP and advertisements of routers of IPv6."""

import struct
from ipaddress import IPv6Network, ip_address

from oddwire.testing.packets import icmp, mac_of, udp

__all__ = ["DISCOVER", "NOBODY", "REQUEST", "advertisement", "dhcp_answer", "dhcp_question", "solicitation"]

DISCOVER, OFFER, REQUEST, ACK = 1, 2, 3, 5
EVERYBODY, NOBODY = "255.255.255.255", str(ip_address(0))


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def _as(frame: bytes, mac: str) -> bytes:
    """Return a frame as a hardware address would send it."""
    return frame[:6] + _mac(mac) + frame[12:]


def _message(
    kind: int, mac: str, number: int, *, given: str = NOBODY, relay: str = NOBODY, options: bytes = b""
) -> bytes:
    operation = 2 if kind in {OFFER, ACK} else 1
    head = struct.pack("!BBBBIHH", operation, 1, 6, 0, number, 0, 0x8000)
    addresses = bytes(4) + ip_address(given).packed + bytes(4) + ip_address(relay).packed
    cookie = b"\x63\x82\x53\x63"
    return (
        head + addresses + _mac(mac).ljust(16, b"\0") + bytes(192) + cookie + bytes([53, 1, kind]) + options
    ).ljust(300, b"\xff")


def dhcp_question(mac: str, number: int, *, kind: int = DISCOVER, hostname: str = "") -> bytes:
    """Return what a client without an address asks everybody."""
    options = bytes([12, len(hostname)]) + hostname.encode() if hostname else b""
    data = _message(kind, mac, number, options=options + b"\xff")
    return _as(udp(NOBODY, 68, EVERYBODY, 67, data), mac)


def dhcp_answer(
    server: str,
    mac: str,
    number: int,
    given: str,
    *,
    router: str | None = None,
    names: tuple[str, ...] = (),
    kind: int = OFFER,
    server_mac: str | None = None,
    relay: str = NOBODY,
) -> bytes:
    """Return an offer of a server, or with `kind` 5 its word that it holds."""
    options = b"\x36\x04" + ip_address(server).packed + b"\x33\x04" + struct.pack("!I", 3_600)
    options += b"\x01\x04\xff\xff\xff\x00"
    if router:
        options += b"\x03\x04" + ip_address(router).packed
    if names:
        options += bytes([6, 4 * len(names)]) + b"".join(ip_address(name).packed for name in names)
    data = _message(kind, mac, number, given=given, relay=relay, options=options + b"\xff")
    return _as(udp(server, 67, EVERYBODY, 68, data), server_mac or mac_of(server))


def advertisement(
    router: str,
    prefixes: tuple[str, ...] = (),
    *,
    lifetime: int = 1_800,
    names: tuple[str, ...] = (),
    mac: str | None = None,
) -> bytes:
    """Return an advertisement of a router to all hosts of the link."""
    mac = mac or mac_of(router)
    body = struct.pack("!BBHII", 64, 0, lifetime, 0, 0) + b"\x01\x01" + _mac(mac)
    for prefix in prefixes:
        network = IPv6Network(prefix)
        body += struct.pack("!BBBBIII", 3, 4, network.prefixlen, 0xC0, 86_400, 14_400, 0)
        body += network.network_address.packed
    if names:
        body += struct.pack("!BBHI", 25, 1 + 2 * len(names), 0, 600) + b"".join(
            ip_address(name).packed for name in names
        )
    return _link(router, "ff02::1", 134, body, mac)


def solicitation(host: str) -> bytes:
    """Return a host's question for routers."""
    return _link(host, "ff02::2", 133, bytes(4), mac_of(host))


def _link(src: str, dst: str, kind: int, body: bytes, mac: str) -> bytes:
    made = icmp(src, dst, kind, data=body[4:], rest=int.from_bytes(body[:4]), ttl=255)
    return _as(made, mac)
