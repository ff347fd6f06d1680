"""What ordinary hosts do that looks like a scan or a sweep: many ports, many hosts, few answers."""

from collections.abc import Iterator

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.floods import bots
from oddwire.testing.packets import ACK, RST, SYN, arp, icmp, tcp, udp, unreachable
from oddwire.testing.scans import CONNECT_SCAN, Victim, scan_tcp
from oddwire.testing.sessions import dns_lookup, tcp_session
from oddwire.testing.wrapping import mixed, routed

BEGIN, AT = 1_700_000_000.0, 1_700_000_010.0
HOST, SERVER = "10.0.0.8", "10.0.0.9"
HOPS = ["10.0.0.1", *[f"203.0.113.{number}" for number in range(200, 213)]]


def noise(seconds: float = 60) -> list[Timed]:
    return bystanders(start=BEGIN, seconds=seconds)


def local(packets: list[Timed]) -> Iterator[Timed]:
    return routed(packets, gateway="10.0.0.1", local="10.0.0.0/24")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "traceroute-udp", mixed(noise(), local(traced_udp("198.51.100.44", 14)))
    yield "traceroute-icmp", mixed(noise(), local(traced_icmp()))
    yield "mtr-for-a-minute", mixed(noise(90), local(watched_path()))
    yield "traceroute-to-a-silent-host", mixed(noise(), local(traced_udp("198.51.100.45", 30)))
    yield "passive-ftp", mixed(noise(120), passive_ftp())
    yield "rpc-endpoints", mixed(noise(), rpc())
    yield "monitor-of-eight-services", mixed(noise(250), monitored())
    yield "port-knocking", mixed(noise(), knocking())
    yield "mail-server-with-many-lookups", mixed(noise(), local(mail_server()))
    yield "resolver", mixed(noise(), local(resolver()))
    yield "peer-to-peer-client", mixed(noise(120), local(peers()))
    yield "router-answers-for-the-dead", mixed(noise(), local(gone_service()))
    yield "parallel-downloads", mixed(noise(), local(parallel()))
    yield "load-balancer-and-twenty-backends", mixed(noise(120), balanced())


def traced_udp(goal: str, last: int) -> list[Timed]:
    """Return the classic traceroute: three datagrams a hop, each to the next high port; the goal refuses."""
    packets: list[Timed] = []
    for step in range(last * 3):
        hop, time = step // 3, AT + step * 0.02 + (step // 3) * 0.1
        probe = udp(HOST, 40_000 + step, goal, 33_434 + step, b"\x40" * 32, ttl=hop + 1)
        packets.append((time, probe))
        if hop < len(HOPS) - 1:
            packets.append(
                (time + 0.01 + hop * 0.004, icmp(HOPS[hop], HOST, 11, 0, probe[14:42], rest=0, ttl=250))
            )
        elif last < 20:
            packets.append((time + 0.06, unreachable(goal, probe, ttl=51)))
    return packets


def traced_icmp() -> list[Timed]:
    """Return tracert of Windows: echo requests with a growing time to live."""
    packets: list[Timed] = []
    for step in range(14 * 3):
        hop, time = step // 3, AT + step * 0.35
        probe = icmp(HOST, "198.51.100.44", 8, data=b"\0" * 64, ttl=hop + 1, rest=1 << 16 | step)
        reply = icmp("198.51.100.44", HOST, 0, data=b"\0" * 64, rest=1 << 16 | step, ttl=51)
        passed = icmp(HOPS[hop], HOST, 11, 0, probe[14:42], rest=0, ttl=250)
        packets += [(time, probe), (time + 0.02, reply if hop == 13 else passed)]
    return packets


def watched_path() -> list[Timed]:
    return [(time + turn * 16, frame) for turn in range(4) for time, frame in traced_icmp()]


def passive_ftp() -> list[Timed]:
    """Return a backup by FTP: one control connection, eighty data connections, each to another port."""
    dice = seeded(1)
    packets = tcp_session(HOST, 50_000, SERVER, 21, [(30, 60)] * 160, start=AT, rtt=0.6)
    for number in range(80):
        port = dice.randrange(30_000, 60_000)
        packets += tcp_session(
            HOST,
            50_001 + number,
            SERVER,
            port,
            [(dice.randrange(300, 9_000), 0)],
            start=AT + 1 + number * 1.1,
            rtt=0.002,
        )
    return packets


def rpc() -> list[Timed]:
    """Return a management tool of Windows: the port mapper, then one high port for each interface."""
    packets: list[Timed] = []
    for number in range(14):
        start = AT + number * 1.5
        packets += tcp_session(HOST, 52_000 + 2 * number, SERVER, 135, [(160, 120)], start=start, rtt=0.001)
        port = 49_664 + number % 9
        packets += tcp_session(
            HOST, 52_001 + 2 * number, SERVER, port, [(900, 700)], start=start + 0.1, rtt=0.001
        )
    return packets


def monitored() -> list[Timed]:
    """Return a monitor that looks at eight services of five hosts once a minute; two services are down."""
    dice, packets = seeded(2), []
    for turn in range(4):
        for place in range(5):
            host = Victim(ip=f"10.0.0.{place + 60}")
            for number, service in enumerate((22, 25, 53, 80, 443, 3306, 5432, 8080)):
                start, port = (
                    AT + turn * 60 + place * 3 + number * 0.2,
                    40_000 + turn * 1_000 + place * 10 + number,
                )
                if number < 6:
                    packets += tcp_session(
                        "10.0.0.4", port, host.ip, service, [(20, 90)], start=start, rtt=0.001
                    )
                else:
                    packets += scan_tcp(
                        "10.0.0.4",
                        host,
                        [service],
                        start=start,
                        gap=1,
                        dice=dice,
                        style=CONNECT_SCAN,
                        retries=0,
                    )
    return packets


def knocking() -> list[Timed]:
    """Return somebody who knocks at four shut ports and is let in to SSH."""
    wall = Victim(ip=SERVER, rest="filtered")
    knocks = scan_tcp(
        HOST, wall, [7_000, 8_000, 9_000, 12_345], start=AT, gap=0.5, dice=seeded(3), style=CONNECT_SCAN
    )
    return knocks + tcp_session(HOST, 51_000, SERVER, 22, [(1_500, 1_600)] * 8, start=AT + 4, rtt=0.01)


def mail_server() -> list[Timed]:
    """Return a mail server with its many names to look up, blocklists among them, and its deliveries."""
    dice, packets = seeded(4), []
    for number in range(1_200):
        name = f"{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(256)}.203.bl.example.org"
        packets += dns_lookup(
            "10.0.0.25",
            dice.randrange(1_024, 65_000),
            "10.0.0.2",
            name,
            "127.0.0.2",
            start=AT + number * 0.035,
        )
    for number, server in enumerate(bots(60, dice)):
        start = AT + number * 0.7
        if number % 5 == 0:
            packets += [
                (start + wait, tcp("10.0.0.25", 42_000 + number, server, 25, SYN, seq=9))
                for wait in (0, 1, 3, 7)
            ]
        else:
            packets += tcp_session(
                "10.0.0.25", 42_000 + number, server, 25, [(300, 200)] * 4, start=start, rtt=0.08
            )
    return packets


def resolver() -> list[Timed]:
    """Return a resolver that asks three hundred name servers; one in eight never answers."""
    dice = seeded(5)
    servers = bots(300, dice)
    packets: list[Timed] = []
    for number in range(1_500):
        server, port = dice.choice(servers), dice.randrange(1_024, 65_000)
        asked = dns_lookup(
            "10.0.0.2", port, server, "www.example.com", "203.0.113.9", start=AT + number * 0.03, rtt=0.04
        )
        packets += asked if int(server.split(".")[3]) % 8 else asked[:1]
    return packets


def peers() -> list[Timed]:
    """Return a file-sharing client: many peers on odd ports, of whom half are gone."""
    dice, packets = seeded(6), []
    for number, peer in enumerate(bots(160, dice)):
        start, port = AT + number * 0.5, dice.randrange(6_881, 60_000)
        if number % 2:
            packets += [
                (start + wait, tcp(HOST, 45_000 + number, peer, port, SYN, seq=5)) for wait in (0, 1, 3)
            ]
        else:
            sizes = [(68, 68), (200, dice.randrange(1_000, 15_000))]
            packets += tcp_session(HOST, 45_000 + number, peer, port, sizes, start=start, rtt=0.07)
            packets += [
                (
                    start,
                    udp(HOST, 6_881, peer, port, b"d1:ad2:id20:" + b"a" * 20 + b"e1:q4:ping1:t2:aa1:y1:qe"),
                )
            ]
            packets += [
                (
                    start + 0.09,
                    udp(peer, port, HOST, 6_881, b"d1:rd2:id20:" + b"b" * 20 + b"e1:t2:aa1:y1:re", ttl=48),
                )
            ]
    return packets


def gone_service() -> list[Timed]:
    """Return a fleet's agent whose five servers refuse it: one port, resets, for ever."""
    packets: list[Timed] = []
    for attempt in range(100):
        server, port = f"198.51.100.{attempt % 5 + 70}", 47_000 + attempt
        time = AT + attempt * 0.45
        packets.append((time, tcp(HOST, port, server, 8_883, SYN, seq=4)))
        packets.append((time + 0.03, tcp(server, 8_883, HOST, port, RST | ACK, ack=5, window=0, ttl=50)))
    return packets


def parallel() -> list[Timed]:
    """Return an update that fetches pieces from twenty-five mirrors of a cloud at once."""
    packets = [(AT - 1, arp(1, src=HOST, dst="10.0.0.1"))]
    for number in range(75):
        server = f"198.51.100.{number % 25 + 150}"
        packets += tcp_session(
            HOST, 53_000 + number, server, 443, [(600, 40_000)], start=AT + number // 25 * 6.0
        )
    return packets


def balanced() -> list[Timed]:
    """Return a load balancer that checks twenty backends every five seconds by opening and closing."""
    packets: list[Timed] = []
    for turn in range(20):
        for number in range(20):
            start, port = AT + turn * 5 + number * 0.01, 30_000 + turn * 20 + number
            packets += tcp_session(
                "10.0.0.4", port, f"10.0.0.{number + 100}", 8_080, [], start=start, rtt=0.0006
            )
    return packets
