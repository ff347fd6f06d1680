"""Names, addresses and time: DNS, multicast names, NetBIOS, SSDP, DHCP, NTP, ARP and pings."""

import struct
from collections.abc import Sequence
from ipaddress import ip_address
from random import Random

from oddwire.testing.capture import Timed
from oddwire.testing.packets import arp
from oddwire.testing.wire import datagram, echo

__all__ = [
    "arp_asked",
    "dhcp_renewal",
    "lookup",
    "mdns_question",
    "names_of_a_page",
    "netbios_question",
    "ntp_poll",
    "ping",
    "public",
    "question",
    "ssdp_search",
]

KINDS = {"A": 1, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "HTTPS": 65}
NO_SUCH_NAME = 3
# First bytes of addresses that clouds and providers hand out.
PUBLIC = (13, 18, 20, 23, 31, 34, 35, 40, 52, 54, 62, 74, 80, 84, 93, 104, 108, 142, 151, 157, 172, 185, 199)


def public(number: int) -> str:
    """Return a public address: another one for every number."""
    mixed = (number * 2_654_435_761 + 97) % 2**32
    first = PUBLIC[number % len(PUBLIC)]
    second = 64 + mixed % 140 if first == 172 else 1 + mixed % 250  # noqa: PLR2004  # 172.16 is private
    return f"{first}.{second}.{mixed // 251 % 250 + 1}.{mixed // 65_003 % 250 + 1}"


def question(name: str, kind: str = "A", *, ident: int, flags: int = 0x0100) -> bytes:
    """Return a DNS question."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    return struct.pack("!HHHHHH", ident, flags, 1, 0, 0, 0) + labels + struct.pack("!HH", KINDS[kind], 1)


def _records(kind: str, answers: Sequence[str]) -> bytes:
    out = b""
    for answer in answers:
        body = ip_address(answer).packed if kind in {"A", "AAAA"} else b"\x04host\xc0\x0c"
        if kind == "SRV":
            body = struct.pack("!HHH", 0, 100, 389) + body
        out += struct.pack("!HHHIH", 0xC00C, KINDS[kind], 1, 60 + 13 * len(answers), len(body)) + body
    return out


def lookup(
    client: str,
    port: int,
    server: str,
    name: str,
    answers: Sequence[str] = (),
    *,
    start: float,
    kind: str = "A",
    rtt: float = 0.004,
    missing: bool = False,
) -> list[Timed]:
    """Return a question to a name server and its answer; `missing` names do not exist."""
    ask = question(name, kind, ident=(port * 40_503 + len(name)) % 65_536)
    flags = 0x8180 | (NO_SUCH_NAME if missing else 0)
    reply = ask[:2] + struct.pack("!HHHHH", flags, 1, len(answers), 0, 0) + ask[12:] + _records(kind, answers)
    return [
        (start, datagram(client, port, server, 53, ask)),
        (start + rtt, datagram(server, 53, client, port, reply)),
    ]


def mdns_question(host: str, name: str, *, start: float) -> list[Timed]:
    """Return a question to all neighbours, asked three times, each time later."""
    wire = datagram(host, 5_353, "224.0.0.251", 5_353, question(name, "PTR", ident=0, flags=0), ttl=255)
    return [(start + after, wire) for after in (0.0, 1.01, 3.02)]


def netbios_question(host: str, name: str, *, start: float, broadcast: str) -> list[Timed]:
    """Return what Windows asks for a short name: LLMNR twice, and NetBIOS thrice by broadcast."""
    ask = question(name, "A", ident=len(name) * 771 % 65_536, flags=0)
    packets = [
        (start + after, datagram(host, 61_000, "224.0.0.252", 5_355, ask, ttl=1)) for after in (0, 0.41)
    ]
    padded = name.upper().ljust(15)[:15].encode() + b"\0"
    coded = b"\x20" + bytes(65 + part for byte in padded for part in divmod(byte, 16)) + b"\0"
    body = struct.pack("!HHHHHH", 0x8001 + len(name), 0x0110, 1, 0, 0, 0) + coded + struct.pack("!HH", 32, 1)
    wire = datagram(host, 137, broadcast, 137, body)
    return packets + [(start + 0.02 + after, wire) for after in (0, 0.75, 1.5)]


def ssdp_search(host: str, port: int, answering: Sequence[str], *, start: float) -> list[Timed]:
    """Return a search for devices on the segment, thrice, and the answers of those that are there."""
    ask = b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\nMX: 1\r\n\r\n'
    packets = [(start + i, datagram(host, port, "239.255.255.250", 1_900, ask, ttl=4)) for i in range(3)]
    for number, device in enumerate(answering):
        reply = (
            f"HTTP/1.1 200 OK\r\nST: upnp:rootdevice\r\nLOCATION: http://{device}:8008/d.xml\r\n\r\n".encode()
        )
        packets.append((start + 0.1 + 0.13 * number, datagram(device, 1_900, host, port, reply)))
    return packets


def dhcp_renewal(client: str, server: str, *, start: float) -> list[Timed]:
    """Return the renewal of a lease: a request to the server itself and its answer."""
    mine, theirs = ip_address(client).packed, ip_address(server).packed
    hardware = b"\x02\x00" + mine
    head = hardware.ljust(16, b"\0") + b"\0" * 192 + b"\x63\x82\x53\x63"
    number = struct.pack("!I", int.from_bytes(mine) ^ 0x5A5A)
    ask = b"\x01\x01\x06\x00" + number + b"\0" * 4 + mine + b"\0" * 12 + head + b"\x35\x01\x03\xff"
    tail = b"\x35\x01\x05\x36\x04" + theirs + b"\x33\x04\x00\x00\x1c\x20\x03\x04" + theirs + b"\xff"
    reply = b"\x02\x01\x06\x00" + number + b"\0" * 4 + mine + mine + theirs + b"\0" * 4 + head + tail
    return [
        (start, datagram(client, 68, server, 67, ask.ljust(300, b"\0"))),
        (start + 0.002, datagram(server, 67, client, 68, reply.ljust(300, b"\0"))),
    ]


def ntp_poll(client: str, port: int, server: str, *, start: float, rtt: float = 0.02) -> list[Timed]:
    """Return a question for the time and its answer."""
    now = struct.pack("!II", int(start) + 2_208_988_800, int(start % 1 * 2**32))
    ask = b"\x23\x00\x06\xec" + b"\0" * 36 + now
    reply = b"\x24\x02\x06\xec" + struct.pack("!III", 600, 900, 0x0A000001) + now * 4
    return [
        (start, datagram(client, port, server, 123, ask)),
        (start + rtt, datagram(server, 123, client, port, reply)),
    ]


def arp_asked(host: str, wanted: str, *, start: float, tries: int = 0) -> list[Timed]:
    """Return a question for a hardware address and its answer; with `tries`, as often, and no answer."""
    if tries:
        return [(start + 1.02 * number, arp(1, src=host, dst=wanted)) for number in range(tries)]
    return [(start, arp(1, src=host, dst=wanted)), (start + 0.0004, arp(2, src=wanted, dst=host))]


def ping(
    src: str,
    dst: str,
    *,
    start: float,
    count: int = 1,
    every: float = 1.0,
    rtt: float = 0.001,
    dead: bool = False,
) -> list[Timed]:
    """Return pings and, unless the host is dead, their answers."""
    ident = int(start * 10) % 65_536
    packets: list[Timed] = []
    for number in range(1, count + 1):
        at = start + every * (number - 1)
        packets.append((at, echo(src, dst, ident, number)))
        if not dead:
            packets.append((at + rtt, echo(dst, src, ident, number, reply=True)))
    return packets


def names_of_a_page(dice: Random, number: int) -> list[str]:
    """Return the hosts that a web page needs: its own and those of its helpers."""
    return [
        f"www.site{number}.com",
        *(f"{word}.part{dice.randrange(300)}.net" for word in ("cdn", "img", "api")),
    ]
