"""The same port scan in other clothes: IPv6, tags, tunnels, one direction, cut short, behind a NAT."""

from collections.abc import Callable, Iterator

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.packets import arp
from oddwire.testing.scans import CONNECT_SCAN, TOP_100, Victim, scan_tcp, top_1000
from oddwire.testing.sessions import tcp_session
from oddwire.testing.wrapping import each, gre, mixed, one_way, routed, since, tagged, until, vxlan

BEGIN, AT = 1_700_000_000.0, 1_700_000_020.0
SCANNER, TARGET, ROUTERS = "10.0.0.5", "10.0.0.9", ("192.0.2.1", "192.0.2.2")
LINUX = Victim(ip=TARGET, open=frozenset({22, 80, 443}))


def scan(count: int = 300, seed: int = 1) -> list[Timed]:
    ports = top_1000()
    seeded(seed).shuffle(ports)
    return scan_tcp(SCANNER, LINUX, ports[:count], start=AT, gap=0.01, dice=seeded(seed))


def noise() -> list[Timed]:
    return bystanders(start=BEGIN, seconds=60)


def captures() -> Iterator[tuple[str, list[Timed]]]:
    office = mixed(noise(), scan())
    yield "ipv6", mixed(noise(), scan_v6())
    yield "vlan", mixed(each(office, lambda frame: tagged(frame, 42)))
    yield "qinq", mixed(each(office, lambda frame: tagged(frame, 42, outer=1_001)))
    yield (
        "gre",
        tunnelled(mixed(scan(), (packet for packet in noise() if packet[1][12:14] == b"\x08\x00")), gre),
    )
    yield "vxlan", tunnelled(office, vxlan)
    yield "requests-only", mixed(noise(), one_way(scan(), src=SCANNER))
    yield "answers-only", mixed(one_way(scan(), src=TARGET))
    yield "cut-to-68-bytes", office
    yield "starts-and-stops-in-the-middle", mixed(until(since(office, AT + 0.7), AT + 2.3))
    yield "behind-nat", mixed(routed(behind_nat(), gateway="203.0.113.1", local="203.0.113.0/24"))
    yield "twice-with-a-break", mixed(bystanders(start=BEGIN, seconds=900, pause=60), scan(200), again())
    ordinary = mixed(noise(), usual())
    yield (
        "ordinary-requests-only",
        mixed(*(one_way(ordinary, src=f"10.0.0.{host}") for host in range(21, 31))),
    )
    yield "ordinary-answers-only", mixed(*(one_way(ordinary, src=ip) for ip in FAR))
    yield "ordinary-from-the-middle", mixed(since(ordinary, BEGIN + 10.3))


FAR = [
    "203.0.113.10",
    "203.0.113.25",
    "198.51.100.7",
    "198.51.100.80",
    "203.0.113.77",
    "10.0.0.2",
    "10.0.0.3",
]


def tunnelled(packets: list[Timed], wrap: Callable[[bytes, str, str], bytes]) -> list[Timed]:
    """Return the packets between two routers: what the target and the servers send comes from the second."""
    first, second = ROUTERS
    low = bytes([10, 0, 0, 9])
    return mixed(
        (time, wrap(frame, *((second, first) if frame[26:30] == low else (first, second))))
        for time, frame in packets
    )


def scan_v6() -> list[Timed]:
    server = Victim(ip="2001:db8:10::9", open=frozenset({22, 443}))
    ports = list(TOP_100)
    seeded(2).shuffle(ports)
    return scan_tcp("2001:db8:10::5", server, ports, start=AT, gap=0.02, dice=seeded(2))


def behind_nat() -> list[Timed]:
    """Return a company's one address, which many honest users and one scanner share."""
    company, server = "203.0.113.200", Victim(ip="203.0.113.9", open=frozenset({80, 443}), rest="filtered")
    ports = top_1000()
    seeded(3).shuffle(ports)
    packets = scan_tcp(
        company, server, ports[:200], start=AT, gap=0.1, dice=seeded(3), style=CONNECT_SCAN, rtt=0.03
    )
    dice = seeded(4)
    for number in range(60):
        packets += tcp_session(
            company,
            20_000 + number,
            server.ip,
            443,
            [(500, dice.randrange(900, 20_000))],
            start=BEGIN + number,
        )
    return packets


def again() -> list[Timed]:
    """Return a second scan of the same host, ten minutes later, of other ports."""
    ports = range(6_000, 6_200)
    return scan_tcp(SCANNER, LINUX, ports, start=AT + 600, gap=0.01, dice=seeded(5))


def usual() -> list[Timed]:
    """Return a browser that opens six connections at a time, each to another server's port 443."""
    dice, packets = seeded(6), [(BEGIN + 1, arp(1, src="10.0.0.30", dst="10.0.0.1"))]
    for number in range(90):
        start = BEGIN + 2 + number // 6 * 3.5 + dice.uniform(0, 0.2)
        address = f"198.51.100.{dice.randrange(100, 140)}"
        packets += tcp_session("10.0.0.30", 50_000 + number, address, 443, [(517, 6_000)], start=start)
    return packets
