"""Scans with masscan: its own packets, sent past the kernel, at a modest rate."""

import time
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from tests.cases.namespaces import Network
from tests.cases.services import Scene, office, record_all, secure_shell, web_server


def scan(*options: str) -> Scene:
    """Return the scene of one scan through a router, in an office at work."""

    def scene(network: Network) -> list[Timed]:
        scanner = network.host("scanner", "10.77.0.5/24", gateway="10.77.0.1")
        network.router("router", lan="10.77.0.1/24", far="10.77.8.1/24")
        victim = network.host("victim", "10.77.8.9/24", segment="far", gateway="10.77.8.1")
        secure_shell(victim)
        web_server(victim, 80, 8080)
        office(network)
        with network.record() as tape:
            time.sleep(1.5)
            tape.mark()
            fixed = ("--interface", "eth0", "--router-mac", "52-54-00-3b-00-01", "--wait", "1", "--seed", "5")
            scanner.run("masscan", *options, *fixed, seconds=15.0)
            time.sleep(0.5)
        return tape.packets

    return scene


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield a scan of one host, a sweep of one port, and a scan of a few ports on a whole segment."""
    return record_all(
        {
            "ports": scan("10.77.8.9", "-p", "1-1024", "--rate", "500"),
            "sweep": scan("10.77.8.0/24", "-p", "22", "--rate", "200"),
            "few-ports-everywhere": scan("10.77.8.0/25", "-p", "22,80,443,3389", "--rate", "200"),
        }
    )
