"""Captures that tests share, built packet by packet; the expectations are counted by hand beside them."""

from pathlib import Path

from oddwire.testing.capture import Timed, pcap_bytes, write_pcap
from oddwire.testing.packets import arp, icmp, udp
from oddwire.testing.sessions import dns_lookup, tcp_session

START = 1_710_062_400.0  # 2024-03-10 09:20 UTC, a Sunday
CLIENT, SERVER, RESOLVER, GATEWAY = "192.168.1.10", "203.0.113.5", "192.168.1.1", "192.168.1.254"
SIX = "2001:db8::1", "2001:db8::2"

# Of the 19 packets: 12 TCP, 4 UDP (2 of them over IPv6), 2 ICMP, 1 ARP.
PACKETS, TCP, UDP, OTHER = 19, 12, 4, 3


def small_packets() -> list[Timed]:
    """Return a look-up, an HTTPS exchange, a ping, an ARP request and two datagrams over IPv6."""
    return [
        *dns_lookup(CLIENT, 40_000, RESOLVER, "www.example.com", SERVER, start=START),
        *tcp_session(CLIENT, 50_000, SERVER, 443, [(500, 3_000)], start=START + 1),
        (START + 2, icmp(CLIENT, GATEWAY, 8)),
        (START + 2.01, icmp(GATEWAY, CLIENT, 0)),
        (START + 3, arp(1, src=GATEWAY, dst=CLIENT)),
        (START + 4, udp(SIX[0], 1_000, SIX[1], 53, b"ask")),
        (START + 4.5, udp(SIX[1], 53, SIX[0], 1_000, b"answer")),
    ]


def small_capture(path: Path) -> Path:
    """Write the small capture."""
    write_pcap(path, small_packets())
    return path


def damaged_capture(path: Path) -> Path:
    """Write a capture whose last record is cut in the middle."""
    whole = pcap_bytes(small_packets())
    path.write_bytes(whole[:-20])
    return path


def empty_capture(path: Path) -> Path:
    """Write a capture without packets."""
    path.write_bytes(pcap_bytes([]))
    return path


def many_hosts(path: Path, hosts: int = 30) -> Path:
    """Write a capture in which host n sends n packets of 100 + n bytes to one server."""
    packets: list[Timed] = [
        (START + host + 0.01 * at, udp(f"10.0.0.{host}", 1000, "10.1.0.1", 53, b"x" * (58 + host)))
        for host in range(1, hosts + 1)
        for at in range(host)
    ]
    write_pcap(path, packets)
    return path
