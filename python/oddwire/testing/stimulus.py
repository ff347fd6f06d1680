"""Five minutes in which much goes wrong: some fifteen kinds of attack among ordinary traffic, compact."""

from collections.abc import Iterator
from random import Random

from oddwire.records.kinds import Kind
from oddwire.testing.capture import Timed
from oddwire.testing.channels import echo_tunnel, linux_payload, ping, raw_exchange
from oddwire.testing.dialogue import Dialogue, hammer, seeded
from oddwire.testing.names import public
from oddwire.testing.office_lan import NOBODY, Lan, arp_frame, background
from oddwire.testing.packets import ACK, RST, SYN, icmp, tcp, udp
from oddwire.testing.spoofing import announce, poison, redirect, relayed, rounds
from oddwire.testing.ssh_sessions import guess
from oddwire.testing.wire import icmp_error

__all__ = ["BEGIN", "KINDS", "ordinary", "stimulus"]

BEGIN = 1_710_062_400.0  # 2024-03-10 09:20 UTC
LENGTH_S = 300.0
LAN = Lan()
DESKS = [f"192.168.1.{host}" for host in range(21, 26)]
LIAR, FLOODER = "08:00:27:5e:01:7a", "08:00:27:5e:01:7b"
# What somebody who looks at this traffic should say.
KINDS: frozenset[Kind] = frozenset(
    {
        Kind.PORT_SCAN,
        Kind.HOST_SWEEP,
        Kind.ARP_SCAN,
        Kind.ARP_SPOOF,
        Kind.SYN_FLOOD,
        Kind.UDP_FLOOD,
        Kind.ICMP_FLOOD,
        Kind.ACK_FLOOD,
        Kind.REFLECTION_FLOOD,
        Kind.SLOW_DOS,
        Kind.BRUTE_FORCE,
        Kind.COVERT_CHANNEL,
        Kind.ICMP_TUNNEL,
        Kind.IP_CONFLICT,
        Kind.ARP_FLOOD,
        Kind.ICMP_REDIRECT,
    }
)


def ordinary(seed: int = 3) -> list[Timed]:
    """Return what a small office does when nothing is wrong: names, web, time, ARP, pings, a shell."""
    dice = seeded(seed)
    packets = background(dice, LAN, DESKS, BEGIN, LENGTH_S, 20.0)
    times = [BEGIN + 10.0 * number for number in range(int(LENGTH_S / 10))]
    checks = ping(dice, (DESKS[0], LAN.router), times, lambda _: linux_payload(dice), rtt=0.001)
    talk = Dialogue(client=DESKS[1], cport=51_022, server=public(3), sport=443, start=BEGIN + 40, dice=dice)
    talk.open().ask(600)
    for _ in range(20):
        talk.ask(180, dice.expovariate(0.5)).answer(dice.randrange(200, 4_000), 0.03)
    return _sorted([*packets, *LAN.place([*checks, *talk.finish().packets])])


def stimulus(seed: int = 5) -> list[Timed]:
    """Return the same office, and all that befalls it; about 15,000 packets."""
    dice = seeded(seed)
    packets = ordinary()
    for attack in (_scans, _floods, _guesses, _hidden):
        packets += LAN.place(attack(dice))
    return _sorted([*packets, *_neighbours(dice)])


def _sorted(packets: list[Timed]) -> list[Timed]:
    return sorted(packets, key=lambda packet: packet[0])


def _scans(dice: Random) -> Iterator[Timed]:
    """Ports of one host by SYN and by UDP, one port of many hosts."""
    scanner, target, begin = "192.168.1.66", "192.168.1.10", BEGIN + 12
    for number, port in enumerate(dice.sample(range(1, 9_000), 250)):
        at, sport = begin + 0.05 * number, 40_000 + number
        yield at, tcp(scanner, sport, target, port, SYN, seq=77, window=1_024)
        yield at + 0.000_6, tcp(target, port, scanner, sport, RST | ACK, ack=78, window=0)
    scanner, target, begin = "192.168.1.67", "192.168.1.11", BEGIN + 30
    for number, port in enumerate(dice.sample(range(1, 9_000), 120)):
        probe = udp(scanner, 44_100, target, port)
        yield begin + 0.4 * number, probe
        yield begin + 0.4 * number + 0.000_5, icmp_error(target, scanner, 3, probe)
    worm, begin = "192.168.1.68", BEGIN + 50
    for number in range(240):
        there, at = f"10.20.{number % 3}.{1 + number}", begin + 0.08 * number
        yield at, tcp(worm, 41_000 + number, there, 445, SYN, seq=9)
        if number % 4 == 0:
            yield at + 0.004, tcp(there, 445, worm, 41_000 + number, RST | ACK, ack=10, window=0)


def _floods(dice: Random) -> Iterator[Timed]:
    """One victim each of SYNs, datagrams, pings, stray segments and answers that nobody asked for."""
    for number in range(1_500):
        at, source, sport = number / 500, public(dice.randrange(2**30)), 1_024 + number
        data = dice.randbytes(300)
        yield BEGIN + 80 + at, tcp(source, sport, "192.168.1.12", 80, SYN, seq=number, window=512)
        yield BEGIN + 92 + at, udp(public(501), sport, "192.168.1.13", 27_015, data)
        yield BEGIN + 104 + at, icmp(public(601 + number % 50), "192.168.1.14", 8, data=data)
        yield BEGIN + 118 + at, tcp(source, sport, "192.168.1.15", 443, ACK, seq=number, ack=5)
    for number in range(1_200):
        at, resolver = BEGIN + 132 + number / 300, public(80_000 + number % 120)
        yield at, udp(resolver, 53, "192.168.1.16", dice.randrange(1_024, 65_535), dice.randbytes(1_200))


def _guesses(dice: Random) -> Iterator[Timed]:
    """Guesses at the passwords of a shell, and connections that begin a request and never end it."""

    def connect(start: float, port: int) -> Dialogue:
        talk = Dialogue(
            client=public(700), cport=port, server="192.168.1.17", sport=22, start=start, dice=dice
        )
        return guess(talk, 1, delay=1.5)

    yield from hammer(dice, connect, 60, start=BEGIN + 140, tasks=3)
    for number in range(110):
        start, sport = BEGIN + 60 + 0.1 * number, 42_000 + number
        talk = Dialogue(
            client=public(800), cport=sport, server="192.168.1.18", sport=80, start=start, dice=dice
        )
        talk.open().ask(b"GET / HTTP/1.1\r\nHost: www.example.com\r\n")
        for _ in range(12):
            talk.wait(15.0).ask(b"X-a: %d\r\n" % dice.randrange(5_000))
        yield from talk.packets


def _hidden(dice: Random) -> Iterator[Timed]:
    """Hide data in pings, and send redirects that no router sent."""
    sizes = [(dice.choice([28, 130, 500, 1_050]), dice.choice([28, 90, 700, 1_050])) for _ in range(500)]
    yield from echo_tunnel(dice, ("192.168.1.69", public(900)), BEGIN + 100, sizes, gap=0.3)
    yield from raw_exchange(dice, ("192.168.1.72", public(930)), 200, BEGIN + 40, 250, gap=0.4)
    cause = udp(DESKS[0], 50_000, public(910), 53, b"x" * 30)
    for number in range(30):
        yield BEGIN + 200 + 0.5 * number, redirect(LAN.router, cause, "192.168.1.99")


def _neighbours(dice: Random) -> Iterator[Timed]:
    """Ask for everybody, flood with forged replies, be the router to a desk, want the same address."""
    asker = (LAN.mac("192.168.1.70"), "192.168.1.70")
    for number in range(1, 255):
        yield BEGIN + 5 + 0.02 * number, arp_frame(1, asker, (NOBODY, f"192.168.1.{number}"))
    for number in range(800):
        forged = (f"02:1f:00:00:{number >> 8:02x}:{number & 255:02x}", f"192.168.1.{number % 250}")
        yield BEGIN + 262 + number / 200, arp_frame(2, forged, (LAN.router_mac, LAN.router), src=FLOODER)
    victim = (LAN.mac(DESKS[2]), DESKS[2])
    lies = [(LAN.router, victim), (DESKS[2], (LAN.router_mac, LAN.router))]
    yield from poison(LIAR, lies, rounds(dice, BEGIN + 150, BEGIN + 240, 2.0))
    talk = Dialogue(
        client=DESKS[2], cport=52_000, server=public(920), sport=443, start=BEGIN + 160, dice=dice
    )
    talk.open()
    for _ in range(60):
        talk.ask(200, 0.5).answer(900, 0.05)
    yield from relayed(talk.finish().packets, LIAR, LAN)
    for number in range(20):
        mac = ("3c:52:82:aa:00:01", "3c:52:82:bb:00:02")[number % 2]
        yield BEGIN + 180 + 3.0 * number, announce(mac, "192.168.1.90")
