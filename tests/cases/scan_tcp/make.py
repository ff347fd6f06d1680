"""TCP port scans as the tools send them at full speed, and short looks that are no scan."""

from collections.abc import Iterator

from oddwire.testing import scans
from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.packets import arp
from oddwire.testing.scans import TOP_20, TOP_100, Style, Victim, scan_tcp, top_1000
from oddwire.testing.sessions import tcp_session
from oddwire.testing.wrapping import mixed, routed

BEGIN, AT = 1_700_000_000.0, 1_700_000_020.0
SCANNER, TARGET = "10.0.0.5", "10.0.0.9"
LINUX = Victim(ip=TARGET, open=frozenset({22, 80, 443, 3306}))
WALLED = Victim(ip=TARGET, open=frozenset({80, 443}), rest="filtered")
MIXED = Victim(ip=TARGET, open=frozenset({22, 80}), filtered=frozenset(range(100, 600)))
REJECTING = Victim(ip=TARGET, open=frozenset({22}), rest="prohibited")
# A SYN proxy in front answers for every port.
PROXIED = Victim(ip=TARGET, rest="open")
# A Windows host with its firewall off: many open ports for a host that is scanned.
WINDOWS = Victim(ip=TARGET, ttl=128, open=frozenset({135, 139, 445, 3389, 5357, *range(49152, 49158)}))


def shuffled(seed: int) -> list[int]:
    """Return the thousand ports as nmap sends them: the usual ones first, then in no order."""
    ports = top_1000()
    seeded(seed).shuffle(ports)
    return sorted(ports, key=lambda port: port not in TOP_20)


def found() -> list[Timed]:
    """Return how the scanner finds the hardware address first."""
    return [
        (AT - 0.1, arp(1, src=SCANNER, dst=TARGET)),
        (AT - 0.0995, arp(2, src=TARGET, dst=SCANNER)),
    ]


def noise(seconds: float = 60) -> list[Timed]:
    return bystanders(start=BEGIN, seconds=seconds)


def scan(
    seed: int, victim: Victim, style: Style, *, gap: float = 0.002, port: int | None = None
) -> list[Timed]:
    return scan_tcp(
        SCANNER, victim, shuffled(seed), start=AT, gap=gap, dice=seeded(seed), style=style, source_port=port
    )


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "syn-alone", mixed(found(), scan(1, LINUX, scans.SYN_SCAN))
    yield "syn-in-office", mixed(noise(), found(), scan(2, MIXED, scans.SYN_SCAN))
    yield "syn-all-filtered", mixed(noise(), scan(3, WALLED, scans.SYN_SCAN, gap=0.01))
    yield "syn-prohibited", mixed(noise(), scan(4, REJECTING, scans.SYN_SCAN, gap=0.005))
    yield "syn-source-53", mixed(noise(), scan(5, LINUX, scans.SYN_SCAN, port=53))
    yield "connect", mixed(noise(), found(), scan(6, WINDOWS, scans.CONNECT_SCAN))
    yield "fin", mixed(noise(), scan(7, LINUX, scans.FIN_SCAN))
    yield "null", mixed(scan(8, LINUX, scans.NULL_SCAN))
    yield "xmas", mixed(noise(), scan(9, MIXED, scans.XMAS_SCAN))
    yield "ack", mixed(noise(), scan(10, MIXED, scans.ACK_SCAN))
    yield "window", mixed(scan(11, WALLED, scans.WINDOW_SCAN))
    yield "maimon", mixed(noise(), scan(12, LINUX, scans.MAIMON_SCAN))
    dice = seeded(13)
    top = list(TOP_100)
    dice.shuffle(top)
    yield "top-100", mixed(noise(), scan_tcp(SCANNER, LINUX, top, start=AT, gap=0.01, dice=dice))
    yield (
        "top-20-connect",
        mixed(
            noise(),
            scan_tcp(SCANNER, LINUX, TOP_20, start=AT, gap=0.05, dice=dice, style=scans.CONNECT_SCAN),
        ),
    )
    yield "decoys", mixed(noise(), *decoyed())
    yield (
        "masscan-whole-range",
        mixed(
            noise(30),
            scan_tcp(
                SCANNER,
                WALLED,
                seeded(14).sample(range(1, 65_536), 8_000),
                start=AT,
                gap=0.001,
                dice=dice,
                style=scans.MASSCAN,
                source_port=40_123,
                retries=0,
            ),
        ),
    )
    yield "from-the-internet", mixed(noise(), routed(outside(), gateway="10.0.0.1", local="10.0.0.0/24"))
    yield "scan-and-ordinary-use", mixed(noise(), ordinary_use(), scan(15, LINUX, scans.CONNECT_SCAN))
    yield "everything-open", mixed(noise(), scan(31, PROXIED, scans.SYN_SCAN))
    yield "network-of-twenty-hosts", mixed(noise(), network())
    yield "five-ports-once", mixed(noise(), few(5))
    yield "three-refused-again-and-again", mixed(noise(120), retrying())
    yield "two-scanned-ports-each", mixed(noise(), many_with_few())


def decoyed() -> list[list[Timed]]:
    """Return a scan that three invented hosts of the same network seem to take part in (nmap -D)."""
    ports = shuffled(16)[:300]
    return [
        scan_tcp(source, LINUX, ports, start=AT + number * 0.0001, gap=0.006, dice=seeded(17 + number))
        for number, source in enumerate([SCANNER, "10.0.0.61", "10.0.0.62", "10.0.0.63"])
    ]


def outside() -> list[Timed]:
    """Return a scan of a published server: most is dropped at the border, the round trip is long."""
    return scan_tcp(
        "198.51.100.99", WALLED, shuffled(20)[:400], start=AT, gap=0.05, dice=seeded(20), rtt=0.12
    )


def ordinary_use() -> list[Timed]:
    """Return honest connections of the scanner with the very host it scans."""
    return [
        packet
        for number in range(8)
        for packet in tcp_session(
            SCANNER, 61_000 + number, TARGET, 443, [(400, 9_000)], start=BEGIN + 2 + number * 6.5
        )
    ]


def network() -> list[Timed]:
    """Return the usual twenty ports of twenty hosts, eight of which are dead, host after host."""
    dice = seeded(32)
    return [
        packet
        for number in range(20)
        for packet in scan_tcp(
            SCANNER,
            Victim(
                ip=f"10.0.0.{number + 100}",
                open=frozenset({22, 80}),
                rest="filtered" if number % 5 < 2 else "closed",
            ),
            TOP_20,
            start=AT + number * 0.6,
            gap=0.02,
            dice=dice,
        )
    ]


def few(count: int) -> list[Timed]:
    """Return somebody who looks for a service on some usual ports, once."""
    return scan_tcp(
        SCANNER,
        LINUX,
        [80, 443, 8080, 8443, 8888][:count],
        start=AT,
        gap=1.0,
        dice=seeded(21),
        style=scans.CONNECT_SCAN,
        retries=0,
    )


def retrying() -> list[Timed]:
    """Return an agent whose three services are down: it tries each every two seconds."""
    dice = seeded(22)
    return [
        packet
        for attempt in range(45)
        for packet in scan_tcp(
            SCANNER,
            LINUX,
            [5432, 6379, 9200],
            start=AT + attempt * 2,
            gap=0.02,
            dice=dice,
            style=scans.CONNECT_SCAN,
            retries=0,
        )
    ]


def many_with_few() -> list[Timed]:
    """Return ten hosts that each try two services of a server which was moved away."""
    return [
        packet
        for number in range(10)
        for packet in scan_tcp(
            f"10.0.0.{30 + number}",
            LINUX,
            [143, 993],
            start=AT + number * 1.7,
            gap=0.3,
            dice=seeded(23 + number),
            style=scans.CONNECT_SCAN,
        )
    ]
