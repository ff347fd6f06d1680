"""A scan of IP protocols, and the protocols that routers speak anyway."""

from collections.abc import Iterator

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, RST, icmp, ip_packet, tcp, udp, unreachable
from oddwire.testing.wrapping import mixed

BEGIN, AT = 1_700_000_000.0, 1_700_000_010.0
SCANNER, TARGET = "10.0.0.5", "10.0.0.9"
OSPF_HELLO = (
    bytes.fromhex("0201002c0a00000100000000f29d00000000000000000000ffffff00000a02010000002800000000")
    + b"\0" * 4
)
VRRP_HELLO = bytes.fromhex("2101640100016fff0a0000fd0000000000000000")
KNOWN = frozenset({1, 2, 6, 17, 41, 47, 50, 51, 136})
OSPF, VRRP, PIM, IGMP, ESP, TCP, UDP = 89, 112, 103, 2, 50, 6, 17


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "all-protocols", mixed(scan(gap=0.05, limited=False))
    yield "reports-rate-limited", mixed(bystanders(start=BEGIN, seconds=150), scan(gap=0.5, limited=True))
    yield "routers", mixed(bystanders(start=BEGIN, seconds=60), routers())


def scan(*, gap: float, limited: bool) -> list[Timed]:
    """Return nmap -sO: empty packets of every protocol in no order; the unknown are reported by ICMP 3/2."""
    dice, packets = seeded(1), []
    numbers = list(range(256))
    dice.shuffle(numbers)
    reported = 0.0
    for place, number in enumerate(numbers):
        time = AT + place * gap
        if number == 1:
            packets += [(time, icmp(SCANNER, TARGET, 8)), (time + 0.001, icmp(TARGET, SCANNER, 0))]
            continue
        if number in {TCP, UDP}:  # these carry their own header, and are answered by it
            packets += whole(number, time)
            continue
        probe = ip_packet(SCANNER, TARGET, number, ttl=dice.randrange(38, 60), ident=dice.getrandbits(16))
        packets.append((time, probe))
        if number not in KNOWN and (not limited or time - reported >= 1):
            packets.append((time + 0.0006, unreachable(TARGET, probe, 2)))
            reported = time
    return packets


def whole(number: int, time: float) -> list[Timed]:
    """Return the probe for TCP or UDP, with the answer of a closed port."""
    if number == TCP:
        ask = tcp(SCANNER, 41_000, TARGET, 80, ACK, seq=5, ack=7, window=1_024)
        return [(time, ask), (time + 0.0006, tcp(TARGET, 80, SCANNER, 41_000, RST, seq=7, window=0))]
    ask = udp(SCANNER, 41_000, TARGET, 40_125)
    return [(time, ask), (time + 0.0006, unreachable(TARGET, ask))]


def routers() -> list[Timed]:
    """Return two routers that speak seven protocols which are neither TCP nor UDP."""
    dice, packets = seeded(2), []
    for second in range(50):
        time = BEGIN + second
        packets.append((time, ip_packet("10.0.0.1", "224.0.0.18", VRRP, VRRP_HELLO, ttl=255)))
        packets.append((time + 0.3, ip_packet("10.0.0.1", "10.0.0.254", ESP, dice.randbytes(120))))
        packets.append((time + 0.31, ip_packet("10.0.0.254", "10.0.0.1", ESP, dice.randbytes(88))))
        if second % 10 == 0:
            for router in ("10.0.0.1", "10.0.0.254"):
                packets.append((time + 0.5, ip_packet(router, "224.0.0.5", OSPF, OSPF_HELLO, ttl=1)))
                packets.append((time + 0.6, ip_packet(router, "224.0.0.13", PIM, b"\x20\0\xdf\xff", ttl=1)))
                packets.append(
                    (time + 0.7, ip_packet(router, "224.0.0.1", IGMP, b"\x11\x64\xee\x9b\0\0\0\0", ttl=1))
                )
    return packets
