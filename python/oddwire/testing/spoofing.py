"""Forged addresses: poisoned ARP tables with the traffic that then passes, and forged ICMP redirects."""

import random
import struct
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address

from oddwire.testing.capture import Timed
from oddwire.testing.icmp_messages import icmp_message, internet_checksum
from oddwire.testing.office_lan import NOBODY, Lan, arp_frame, mac_bytes
from oddwire.testing.packets import BROADCAST, IPV4

__all__ = ["announce", "forge", "poison", "probe", "redirect", "relayed", "restore", "rounds"]

ETHERNET, HEADER = 14, 20
PROBE_WAIT_S, ANNOUNCE_S = 1.3, 2.0  # RFC 5227, 1.1: between 1 and 2 s; 2 s


def forge(mac: str, pretended: str, victim: tuple[str, str], *, operation: int = 2) -> bytes:
    """Return the lie to one victim (hardware address, IPv4): "`pretended` is at my address"."""
    asked = victim if operation == 2 else (NOBODY, victim[1])  # noqa: PLR2004  # a reply names both
    return arp_frame(operation, (mac, pretended), asked, src=mac, dst=victim[0])


def poison(
    mac: str, lies: Sequence[tuple[str, tuple[str, str]]], times: Iterable[float], *, operation: int = 2
) -> list[Timed]:
    """Return rounds of lies: each is (address pretended, victim), one round at each time."""
    return [
        (time + place * 0.010_2, forge(mac, pretended, victim, operation=operation))
        for time in times
        for place, (pretended, victim) in enumerate(lies)
    ]


def restore(
    mac: str, lan: Lan, lies: Sequence[tuple[str, tuple[str, str]]], time: float, rounds: int = 3
) -> list[Timed]:
    """Return the end of the tools: the truth about each address, still sent by the attacker's card."""
    return [
        (
            time + turn * 1.0 + place * 0.010_2,
            arp_frame(2, (lan.mac(pretended), pretended), victim, src=mac, dst=victim[0]),
        )
        for turn in range(rounds)
        for place, (pretended, victim) in enumerate(lies)
    ]


def rounds(dice: random.Random, start: float, end: float, every: float) -> list[float]:
    """Return the times of rounds: the period with the small drift that a sleeping process has."""
    times, time = [], start
    while time < end:
        times.append(time)
        time += every + dice.uniform(0.000_1, 0.004)
    return times


def relayed(
    packets: Iterable[Timed], mac: str, lan: Lan, *, both: bool = True, kernel: bool = True
) -> list[Timed]:
    """Return traffic of a victim as it goes through the attacker: each frame comes twice.

    First it goes to the attacker's card, then from there to its true owner; the kernel's forwarding
    takes one from the time to live, a tool that forwards by itself does not. With `both` false only
    what the victim sends takes the detour.
    """
    out: list[Timed] = []
    for time, frame in lan.place(packets):
        inward = frame[6:12] == mac_bytes(lan.router_mac)
        if (inward and not both) or frame[12:14] != struct.pack("!H", IPV4):
            out.append((time, frame))
            continue
        forwarded = frame[ETHERNET:]
        out += [
            (time, mac_bytes(mac) + frame[6:]),
            (time + 0.000_3, frame[:6] + mac_bytes(mac) + frame[12:14] + _hop(forwarded, kernel=kernel)),
        ]
    return out


def announce(mac: str, ip: str, *, operation: int = 1, src: str | None = None) -> bytes:
    """Return a gratuitous ARP: sender and target are the same address, to everybody."""
    target = (NOBODY if operation == 1 else BROADCAST, ip)
    return arp_frame(operation, (mac, ip), target, src=src)


def probe(mac: str, ip: str, time: float) -> list[Timed]:
    """Return what a host does before it uses an address (RFC 5227): three probes, two announcements."""
    asked = [
        (time + turn * PROBE_WAIT_S, arp_frame(1, (mac, "0.0.0.0"), (NOBODY, ip)))  # noqa: S104  # not bound
        for turn in range(3)
    ]
    said = time + 2 * PROBE_WAIT_S + ANNOUNCE_S
    return [*asked, (said, announce(mac, ip)), (said + ANNOUNCE_S, announce(mac, ip))]


def redirect(router: str, frame: bytes, better: str, *, code: int = 1, ttl: int = 64) -> bytes:
    """Return an ICMP redirect to the sender of a frame: "send what goes there by `better`"."""
    packet = frame[ETHERNET:]
    sender = str(IPv4Address(packet[12:16]))
    gateway = IPv4Address(better).packed
    return icmp_message(router, sender, 5, code, gateway, packet[: HEADER + 8], ttl=ttl)


def _hop(packet: bytes, *, kernel: bool) -> bytes:
    if not kernel:
        return packet
    head = packet[:8] + bytes([packet[8] - 1, packet[9], 0, 0]) + packet[12:HEADER]
    check = struct.pack("!H", internet_checksum(head))
    return head[:10] + check + head[12:] + packet[HEADER:]
