"""Every kind of port scan that nmap knows, at a host with three open ports."""

import time
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from tests.cases.namespaces import Network
from tests.cases.services import Scene, office, record_all, secure_shell, web_server

TARGET, TARGET6 = "10.77.0.9", "fd77::9"
SCANNER_MAC, TARGET_MAC = bytes.fromhex("5254003b0005"), bytes.fromhex("5254003b0009")


def scan(
    *options: str,
    seconds: float = 20.0,
    alone: bool = False,
    mute: bool = False,
    only: bytes = b"",
    target: str = TARGET,
) -> Scene:
    """Return the scene of one scan: in an office at work, or with nobody else there.

    The target may be mute, as behind a filter; the capture may hold what one of the two has sent only.
    """

    def scene(network: Network) -> list[Timed]:
        scanner = network.host("scanner", "10.77.0.5/24", "fd77::5/64")
        victim = network.host("victim", f"{TARGET}/24", f"{TARGET6}/64")
        secure_shell(victim)
        web_server(victim, 80, 8080)
        if not alone:
            office(network)
        if mute:
            victim.run("ip", "route", "add", "blackhole", "10.77.0.5/32")
        with network.record() as tape:
            time.sleep(0.2 if alone else 1.5)
            tape.mark()
            scanner.run("nmap", "-n", *options, target, seconds=seconds)
            time.sleep(0.2 if alone else 1.0)
        return [(when, frame) for when, frame in tape.packets if not only or frame[6:12] == only]

    return scene


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield one capture a kind of scan; the long ones come first, beside each other."""
    ports = "1-40,80,443,8080"
    return record_all(
        {
            "everything": scan("-A", "-F"),
            "slow": scan("-sS", "-Pn", "-T2", "-p", ports, seconds=22.0),
            "udp-at-default-rate": scan("-sU", "-Pn", "--top-ports", "60", seconds=22.0),
            "protocols": scan("-sO", "-Pn", seconds=20.0),
            "syn": scan("-sS"),
            "syn-alone": scan("-sS", alone=True),
            "syn-top-twenty": scan("-sS", "--top-ports", "20"),
            "syn-filtered": scan("-sS", "-F", "-Pn", mute=True),
            "syn-questions-only": scan("-sS", "-F", alone=True, only=SCANNER_MAC),
            "syn-answers-only": scan("-sS", "-F", alone=True, only=TARGET_MAC),
            "connect-cut": scan("-sT", "-F"),
            "connect": scan("-sT"),
            "fin": scan("-sF", "-F"),
            "null": scan("-sN", "-F"),
            "xmas": scan("-sX", "-F"),
            "ack": scan("-sA"),
            "window": scan("-sW", "-F"),
            "maimon": scan("-sM", "-F"),
            "udp": scan("-sU", "--top-ports", "60", "--defeat-icmp-ratelimit"),
            "versions": scan("-sV", "-F"),
            "ipv6": scan("-6", "-sS", target=TARGET6),
        }
    )
