"""Sweeps with nmap, fping and arp-scan: on the wire next to them, and through a router."""

import time
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from tests.cases.namespaces import Network
from tests.cases.services import Scene, office, record_all, web_server

LAN, FAR = "10.77.0.0/24", "10.77.8.0/26"


def far_hosts(network: Network) -> None:
    """Add a router, and three hosts behind it."""
    network.router("router", lan="10.77.0.1/24", far="10.77.8.1/26")
    for last in (9, 20, 33):
        host = network.host(f"far{last}", f"10.77.8.{last}/26", segment="far", gateway="10.77.8.1")
        web_server(host, 80)


def sweep(*command: str, routed: bool = False, busy: bool = True, at: str = "lan") -> Scene:
    """Return the scene of one sweep, seen on a segment."""

    def scene(network: Network) -> list[Timed]:
        gateway = "10.77.0.1" if routed else ""
        scanner = network.host("scanner", "10.77.0.5/24", gateway=gateway)
        if routed:
            far_hosts(network)
        if busy:
            office(network)
        with network.record(at) as tape:
            time.sleep(1.5 if busy else 0.2)
            tape.mark()
            scanner.run(*command, seconds=20.0)
            time.sleep(1.0 if busy else 0.2)
        return tape.packets

    return scene


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield one capture a sweep."""
    near_ping, far_ping = ("fping", "-q", "-r", "0", "-g", LAN), ("fping", "-q", "-r", "1", "-g", FAR)
    return record_all(
        {
            "arp-scan-slow": sweep("arp-scan", "-I", "eth0", "-r", "1", "-i", "120", "10.77.0.64/26"),
            "nmap-sn-lan-alone": sweep("nmap", "-n", "-sn", LAN, busy=False),
            "nmap-sn-lan": sweep("nmap", "-n", "-sn", LAN),
            "nmap-sn-routed": sweep("nmap", "-n", "-sn", FAR, routed=True),
            "nmap-sn-routed-alone": sweep("nmap", "-n", "-sn", FAR, routed=True, busy=False),
            "nmap-pe-routed": sweep("nmap", "-n", "-sn", "-PE", FAR, routed=True),
            "fping-lan": sweep(*near_ping),
            "fping-routed": sweep(*far_ping, routed=True),
            "arp-scan": sweep("arp-scan", "-I", "eth0", LAN),
            "smb-routed": sweep("nmap", "-n", "-Pn", "-p", "445", FAR, routed=True),
            "smb-lan": sweep("nmap", "-n", "-p", "445", "10.77.0.0/26"),
            "http-connect-routed": sweep("nmap", "-n", "-Pn", "-sT", "-p", "80", FAR, routed=True),
        }
    )
