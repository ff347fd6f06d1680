"""Sweeps: one host looks for many hosts, by ICMP, TCP, UDP and neighbour discovery, fast and slow."""

from collections.abc import Callable, Iterator, Sequence

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, RST, SYN, icmp, tcp, udp, unreachable
from oddwire.testing.scans import MSS, sweep
from oddwire.testing.sessions import tcp_session
from oddwire.testing.wrapping import mixed, one_way, routed

BEGIN, AT = 1_700_000_000.0, 1_700_000_015.0
SCANNER = "10.0.0.5"
NET = [f"10.0.7.{host}" for host in range(1, 255)]  # behind the gateway: no ARP for the dead
ALIVE = frozenset(NET[index] for index in (0, 8, 9, 20, 21, 22, 47, 99, 180, 253))


def noise(seconds: float = 60) -> list[Timed]:
    return bystanders(start=BEGIN, seconds=seconds)


def echo(host: str) -> bytes:
    return icmp(SCANNER, host, 8, data=b"", rest=0x4D2 << 16)


def echoed(host: str) -> list[bytes]:
    return [icmp(host, SCANNER, 0, data=b"", rest=0x4D2 << 16, ttl=63)]


def syn_to(port: int, sport: int = 42_424, ttl: int = 47) -> Callable[[str], bytes]:
    return lambda host: tcp(
        SCANNER, sport, host, port, SYN, seq=0x5EED_0001, window=1_024, ttl=ttl, options=MSS
    )


def opened(port: int, sport: int = 42_424) -> Callable[[str], list[bytes]]:
    return lambda host: [
        tcp(host, port, SCANNER, sport, SYN | ACK, seq=9_000, ack=0x5EED_0002, ttl=63, options=MSS),
        tcp(SCANNER, sport, host, port, RST, seq=0x5EED_0002, window=0),
    ]


def refused(port: int, sport: int = 42_424) -> Callable[[str], list[bytes]]:
    return lambda host: [tcp(host, port, SCANNER, sport, RST | ACK, ack=0x5EED_0002, window=0, ttl=63)]


def swept(
    ask: Callable[[str], bytes],
    answer: Callable[[str], Sequence[bytes]],
    *,
    hosts: Sequence[str] = NET,
    gap: float = 0.01,
    tries: int = 1,
    shuffle: bool = False,
    alive: frozenset[str] = ALIVE,
) -> list[Timed]:
    """Return one sweep over the network behind the gateway."""
    dice, order = seeded(len(hosts)), list(hosts)
    if shuffle:
        dice.shuffle(order)
    packets = sweep(order, ask=ask, answer=answer, alive=alive, start=AT, gap=gap, dice=dice, tries=tries)
    return list(routed(packets, gateway="10.0.0.1", local="10.0.0.0/24"))


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "icmp-echo", mixed(noise(), swept(echo, echoed))
    yield "icmp-echo-random-order-alone", mixed(swept(echo, echoed, gap=0.002, shuffle=True, tries=2))
    stamp = b"\0" * 12
    yield (
        "icmp-timestamp",
        mixed(
            noise(),
            swept(
                lambda host: icmp(SCANNER, host, 13, data=stamp),
                lambda host: [icmp(host, SCANNER, 14, data=stamp)],
            ),
        ),
    )
    yield "icmp-echo-requests-only", mixed(noise(), one_way(swept(echo, echoed), src=SCANNER))
    yield "icmp-thirty-hosts", mixed(noise(), swept(echo, echoed, hosts=NET[:30], gap=0.1, tries=2))
    yield "syn-ping-443", mixed(noise(), swept(syn_to(443), opened(443), tries=2))
    yield "syn-ping-80-refused", mixed(swept(syn_to(80), refused(80), shuffle=True))
    yield "ack-ping", mixed(noise(), swept(ack_80, reset_80, shuffle=True))
    yield "udp-ping", mixed(noise(), swept(udp_high, unreached, tries=2))
    yield (
        "netbios-names",
        mixed(noise(), swept(netbios, lambda host: [udp(host, 137, SCANNER, 137, b"\0" * 193)])),
    )
    yield "four-probes-a-host", mixed(noise(), four_probes())
    yield (
        "masscan-445",
        mixed(noise(), swept(syn_to(445, 61_000, 255), opened(445, 61_000), gap=0.001, shuffle=True)),
    )
    yield "everybody-answers", mixed(noise(), swept(syn_to(443), opened(443), alive=frozenset(NET)))
    yield "worm-445-complete", mixed(noise(120), worm())
    yield "mirai", mixed(bystanders(start=BEGIN, seconds=90, net="192.168.1"), mirai())
    yield (
        "slow-over-an-hour",
        mixed(bystanders(start=BEGIN, seconds=3_700, pause=120), swept(echo, echoed, gap=13, shuffle=True)),
    )
    yield (
        "slow-syn-22",
        mixed(
            bystanders(start=BEGIN, seconds=3_700, pause=120),
            swept(syn_to(22), opened(22), hosts=NET[:120], gap=28),
        ),
    )
    yield "ipv6-neighbours", mixed(noise(), neighbours())
    yield "ipv6-echo", mixed(noise(), echo_v6())
    yield "ten-hosts-pinged", mixed(noise(), swept(echo, echoed, hosts=sorted(ALIVE), gap=1.0))
    yield "monitor-pings-forty-hosts-that-live", mixed(noise(200), monitor())
    yield "browser-with-many-servers", mixed(noise(), browsing())


def ack_80(host: str) -> bytes:
    return tcp(SCANNER, 47_001, host, 80, ACK, seq=1, ack=0x11223344, window=1_024, ttl=52)


def reset_80(host: str) -> list[bytes]:
    return [tcp(host, 80, SCANNER, 47_001, RST, seq=0x11223344, window=0, ttl=63)]


def udp_high(host: str) -> bytes:
    return udp(SCANNER, 47_002, host, 40_125, b"\0" * 40, ttl=49)


def unreached(host: str) -> list[bytes]:
    return [unreachable(host, udp_high(host), ttl=63)]


def netbios(host: str) -> bytes:
    question = b"\x80\xf0\0\x10\0\x01\0\0\0\0\0\0 CK" + b"A" * 30 + b"\0\0\x21\0\x01"
    return udp(SCANNER, 137, host, 137, question, ttl=128)


def four_probes() -> list[Timed]:
    """Return nmap -sn through a router: echo, SYN to 443, ACK to 80 and a timestamp for every host."""
    kinds = [
        (echo, echoed),
        (syn_to(443), refused(443)),
        (ack_80, reset_80),
        (lambda host: icmp(SCANNER, host, 13, data=b"\0" * 12), lambda _: []),
    ]
    return mixed(*(swept(ask, answer, gap=0.02) for ask, answer in kinds))


def worm() -> list[Timed]:
    """Return a worm that opens whole conversations where it can, and tries the dead three times."""
    packets = swept(
        syn_to(445), lambda _: [], hosts=[host for host in NET if host not in ALIVE], gap=0.25, tries=3
    )
    for number, host in enumerate(sorted(ALIVE)):
        packets += tcp_session(
            SCANNER, 50_000 + number, host, 445, [(140, 420), (300, 500)], start=AT + number * 6
        )
    return packets


def mirai() -> list[Timed]:
    """Return a camera that looks for others on the whole Internet: the sequence number is the address."""
    dice, bot, packets = seeded(3), "192.168.1.66", []
    sport = dice.randrange(20_000, 60_000)
    for number in range(6_000):
        first = dice.choice((5, 41, 87, 102, 177, 190, 203))
        host = f"{first}.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"
        seq = int.from_bytes(bytes(map(int, host.split("."))), "big")
        port = 2_323 if dice.random() < 0.1 else 23
        time = AT + number * 0.01
        packets.append((time, tcp(bot, sport, host, port, SYN, seq=seq, window=dice.randrange(65_536))))
        if dice.random() < 0.03:
            answer = tcp(host, port, bot, sport, RST | ACK, ack=seq + 1, window=0, ttl=44)
            packets.append((time + dice.uniform(0.05, 0.3), answer))
    return list(routed(packets, gateway="192.168.1.1", local="192.168.1.0/24"))


def neighbours() -> list[Timed]:
    """Return neighbour solicitations for 200 addresses of a link, of which six are taken."""
    dice, scanner, packets = seeded(4), "fe80::5", []
    for number in range(1, 201):
        asked = f"fe80::{number:x}"
        group = f"ff02::1:ff00:{number:x}"
        packed = bytes.fromhex(f"fe80{0:024x}{number:04x}")
        time = AT + number * 0.02
        option = b"\x01\x01" + bytes.fromhex("020000000005")
        packets.append((time, icmp(scanner, group, 135, data=packed + option, ttl=255, rest=0)))
        if dice.random() < 0.03:
            reply = icmp(
                asked, scanner, 136, data=packed + b"\x02\x01\x02\0\0\0\0\x09", ttl=255, rest=0x6000_0000
            )
            packets.append((time + 0.001, reply))
    return packets


def echo_v6() -> list[Timed]:
    hosts = [f"2001:db8:10::{number:x}" for number in range(1, 180)]
    return sweep(
        hosts,
        ask=lambda host: icmp("2001:db8:10:1::5", host, 128, data=b""),
        answer=lambda host: [icmp(host, "2001:db8:10:1::5", 129, data=b"")],
        alive=frozenset(hosts[:3]),
        start=AT,
        gap=0.02,
        dice=seeded(5),
    )


def monitor() -> list[Timed]:
    """Return a server that pings its forty hosts once a minute; two are down."""
    hosts = [f"10.0.7.{number}" for number in range(10, 50)]
    return mixed(
        *(
            routed(
                sweep(
                    hosts,
                    ask=echo,
                    answer=echoed,
                    alive=frozenset(hosts[2:]),
                    start=AT + minute * 60,
                    gap=0.05,
                    dice=seeded(6 + minute),
                ),
                gateway="10.0.0.1",
                local="10.0.0.0/24",
            )
            for minute in range(3)
        )
    )


def browsing() -> list[Timed]:
    """Return a page with advertisements of seventy servers, all on port 443, four of which are down."""
    dice, packets = seeded(7), []
    for number in range(70):
        start, server = AT + number * 0.2, f"198.51.100.{number + 20}"
        if number % 18 == 0:
            packets += [
                (start + wait, tcp("10.0.0.8", 52_000 + number, server, 443, SYN, seq=7, options=MSS))
                for wait in (0, 1.0, 3.0)
            ]
        else:
            packets += tcp_session(
                "10.0.0.8", 52_000 + number, server, 443, [(517, dice.randrange(3_000, 20_000))], start=start
            )
    return list(routed(packets, gateway="10.0.0.1", local="10.0.0.0/24"))
