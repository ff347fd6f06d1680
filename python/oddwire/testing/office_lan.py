"""A local network: who owns which hardware address, and the ordinary traffic of its hosts."""

import random
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address, ip_network

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue
from oddwire.testing.packets import ARP, BROADCAST, IPV4, IPV6, VLAN, ethernet, udp
from oddwire.testing.sessions import dns_lookup
from oddwire.testing.tls_records import client_finished, client_hello, record, server_hello

__all__ = ["NOBODY", "Lan", "arp_frame", "background", "resolve", "visit"]

NOBODY = "00:00:00:00:00:00"
SITES = [f"203.0.113.{last}" for last in range(10, 40)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lan:
    """An IPv4 network behind one router; hosts without a hardware address get one of a known maker."""

    network: str = "192.168.1.0/24"
    router: str = "192.168.1.1"
    router_mac: str = "e8:65:d4:0a:11:01"
    macs: Mapping[str, str] = field(default_factory=dict)

    def mac(self, ip: str) -> str:
        """Return the hardware address that frames from or to an address carry here."""
        if ip in self.macs:
            return self.macs[ip]
        address = ip_address(ip)
        if address.is_multicast or ip.endswith(".255"):
            return _group_mac(ip)
        inside = address.version != 4 or address in ip_network(self.network)  # noqa: PLR2004  # IP's version
        if not inside or ip == self.router:
            return self.router_mac
        return "3c:52:82:" + ":".join(f"{byte:02x}" for byte in address.packed[-3:])

    def place(self, packets: Iterable[Timed]) -> list[Timed]:
        """Return the packets with the hardware addresses of this network: strangers come by the router."""
        return [(time, self._placed(frame)) for time, frame in packets]

    def _placed(self, frame: bytes) -> bytes:
        ends = _addresses(frame)
        if ends is None:
            return frame
        return mac_bytes(self.mac(ends[1])) + mac_bytes(self.mac(ends[0])) + frame[12:]


def arp_frame(
    operation: int,
    sender: tuple[str, str],
    target: tuple[str, str],
    *,
    src: str | None = None,
    dst: str = BROADCAST,
    padded: bool = True,
) -> bytes:
    """Return ARP with all fields free: sender and target are (hardware address, IPv4 address)."""
    body = struct.pack("!HHBBH", 1, IPV4, 6, 4, operation)
    for mac, ip in (sender, target):
        body += mac_bytes(mac) + IPv4Address(ip).packed
    return ethernet(body.ljust(46 if padded else 0, b"\0"), src=src or sender[0], dst=dst, ethertype=ARP)


def resolve(lan: Lan, asker: str, wanted: str, time: float, *, delay: float = 0.000_4) -> list[Timed]:
    """Return an ARP question and the owner's answer."""
    asking, owner = (lan.mac(asker), asker), (lan.mac(wanted), wanted)
    return [
        (time, arp_frame(1, asking, (NOBODY, wanted), padded=False)),
        (time + delay, arp_frame(2, owner, asking, dst=asking[0])),
    ]


def visit(  # noqa: PLR0917  # who, where, when
    dice: random.Random,
    host: str,
    port: int,
    site: str,
    start: float,
    answers: Sequence[int],
    rtt: float = 0.03,
) -> list[Timed]:
    """Return a TLS conversation with a web site; each answer is a number of bytes."""
    talk = Dialogue(
        client=host, cport=port, server=site, sport=443, start=start, dice=dice, rtt=rtt, ttls=(64, 52)
    ).open()
    talk.ask(client_hello(dice, f"w{site[-2:]}.example.com"))
    talk.answer(server_hello(dice, dice.randrange(2_400, 4_200))).ask(client_finished(dice))
    for size in answers:
        talk.ask(record(dice, dice.randrange(180, 900)), dice.uniform(0.0, 0.8))
        talk.answer(record(dice, size), dice.uniform(0.005, 0.12))
    return talk.finish(after=dice.uniform(0.1, 4.0)).packets


def background(  # noqa: PLR0917  # who, where, when
    dice: random.Random, lan: Lan, hosts: Sequence[str], start: float, seconds: float, every: float = 25.0
) -> list[Timed]:
    """Return what hosts of an office do all the time: names, web sites, time, ARP, multicast."""
    packets: list[Timed] = []
    for host in hosts:
        time, port = start + dice.uniform(0, every / 2), dice.randrange(49_152, 60_000)
        while time < start + seconds - 8:
            site = dice.choice(SITES)
            packets += resolve(lan, host, lan.router, time - 0.002) if dice.random() < 0.3 else []  # noqa: PLR2004
            packets += dns_lookup(
                host, port, lan.router, f"w{site[-2:]}.example.com", site, start=time, ident=port
            )
            sizes = [dice.randrange(400, 14_000) for _ in range(dice.randrange(1, 4))]
            packets += visit(dice, host, port + 1, site, time + 0.04, sizes)
            time, port = time + 0.5 + dice.expovariate(1 / every), port + 2
        packets += _habits(dice, host, lan.router, start + dice.uniform(0, seconds / 2))
    return [packet for packet in lan.place(packets) if packet[0] <= start + seconds]


def _habits(dice: random.Random, host: str, router: str, time: float) -> list[Timed]:
    ask = b"\x23\x00\x06\x20" + bytes(36) + dice.randbytes(8)
    told = b"\x24\x02\x06\xe8" + dice.randbytes(44)
    return [
        (time, udp(host, 123, router, 123, ask)),
        (time + 0.003, udp(router, 123, host, 123, told)),
        (time + 4, udp(host, 5_353, "224.0.0.251", 5_353, MDNS, ttl=255)),
    ]


MDNS = bytes(4) + b"\x00\x01" + bytes(6) + b"\x04_ipp\x04_tcp\x05local\x00\x00\x0c\x00\x01"


def mac_bytes(text: str) -> bytes:
    """Return a hardware address as it stands in a frame."""
    return bytes.fromhex(text.replace(":", ""))


def _group_mac(ip: str) -> str:
    address = ip_address(ip)
    if not address.is_multicast:
        return BROADCAST
    low = address.packed[-4:]
    if address.version == 4:  # noqa: PLR2004  # IP's version
        return "01:00:5e:" + ":".join(f"{byte:02x}" for byte in (low[1] & 0x7F, low[2], low[3]))
    return "33:33:" + ":".join(f"{byte:02x}" for byte in low)


def _addresses(frame: bytes) -> tuple[str, str] | None:
    at = 12
    (kind,) = struct.unpack_from("!H", frame, at)
    if kind == VLAN:
        at += 4
        (kind,) = struct.unpack_from("!H", frame, at)
    if kind == IPV4:
        return str(ip_address(frame[at + 14 : at + 18])), str(ip_address(frame[at + 18 : at + 22]))
    if kind == IPV6:
        return str(ip_address(frame[at + 10 : at + 26])), str(ip_address(frame[at + 26 : at + 42]))
    return None
