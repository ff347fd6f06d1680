"""Floods of TCP segments that belong to no connection: ACK, RST, FIN, PSH-ACK, Xmas, NULL, SYN-ACK."""

from collections.abc import Iterator

from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import Timed
from oddwire.testing.floods import anyone, bots, flooded
from oddwire.testing.packets import ACK, FIN, PSH, RST, SYN, URG, tcp
from oddwire.testing.sessions import tcp_session
from oddwire.testing.wrapping import mixed, routed

BEGIN, AT = 1_700_000_000.0, 1_700_000_015.0
SERVER = "10.0.0.80"


def noise(seconds: float = 50) -> list[Timed]:
    return bystanders(start=BEGIN, seconds=seconds)


def flood(
    seed: int, flags: int, *, count: int = 6_000, size: int = 0, sport: int = 0, dport: int = 80
) -> list[Timed]:
    """Return segments with these flags from invented senders."""
    dice = seeded(seed)

    def frame(_: int) -> bytes:
        return tcp(
            anyone(dice),
            sport or dice.randrange(1_024, 65_536),
            SERVER,
            dport or dice.randrange(1, 65_536),
            flags,
            seq=dice.getrandbits(32),
            ack=dice.getrandbits(32) if flags & ACK else 0,
            data=b"\xaa" * size,
            ttl=dice.randrange(40, 120),
        )

    return flooded(frame, start=AT, rate=700, count=count, dice=dice)


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "ack-answered-by-resets", mixed(noise(), local(answered(flood(1, ACK))))
    yield "ack-random-ports-alone", mixed(local(flood(2, ACK, dport=0)))
    yield "psh-ack", mixed(noise(), local(flood(3, PSH | ACK, size=900, count=5_000)))
    yield "rst", mixed(noise(), local(flood(4, RST)))
    yield "fin", mixed(noise(), local(flood(5, FIN)))
    yield "rst-fin-ack", mixed(local(flood(6, FIN | RST | ACK)))
    yield "xmas", mixed(noise(), local(flood(7, FIN | SYN | RST | PSH | ACK | URG)))
    yield "null", mixed(noise(), local(flood(8, 0)))
    yield "syn-ack-from-80", mixed(noise(), local(flood(9, SYN | ACK, sport=80, dport=0)))
    yield "syn-ack-reflected", mixed(noise(), local(reflected()))
    yield "ack-one-host", mixed(noise(), from_one())
    yield "download-seen-one-way", mixed(noise(), local(download()))
    yield "connections-older-than-the-capture", mixed(noise(), local(older()))


def local(packets: list[Timed]) -> Iterator[Timed]:
    return routed(packets, gateway="10.0.0.1", local="10.0.0.0/24")


def answered(packets: list[Timed]) -> list[Timed]:
    """Return the flood with the resets of the server, as far as it keeps up."""
    out = list(packets)
    for number, (time, frame) in enumerate(packets):
        if number % 3 == 0:
            sender = ".".join(map(str, frame[26:30]))
            port, ack = int.from_bytes(frame[34:36], "big"), int.from_bytes(frame[42:46], "big")
            out.append((time + 0.0003, tcp(SERVER, 80, sender, port, RST, seq=ack, window=0)))
    return mixed(out)


def reflected() -> list[Timed]:
    """Return the SYN-ACKs of eight hundred honest servers that were asked in the name of the victim."""
    dice, packets = seeded(10), []
    for address in bots(800, dice):
        start, theirs = AT + dice.uniform(0, 6), dice.getrandbits(32)
        service, port = dice.choice((80, 443, 22, 179)), dice.randrange(1_024, 65_536)
        for wait in (0.0, 1.0, 3.0, 7.0):
            answer = tcp(
                address,
                service,
                SERVER,
                port,
                SYN | ACK,
                seq=theirs,
                ack=1,
                options=b"\x02\x04\x05\xb4",
                ttl=51,
            )
            packets.append((start + wait, answer))
    return packets


def from_one() -> list[Timed]:
    """Return one host of the network that sends ACKs to the server as fast as it can (hping3 -A)."""
    dice = seeded(11)

    def frame(number: int) -> bytes:
        return tcp(
            "10.0.0.66",
            1_500 + number % 60_000,
            SERVER,
            80,
            ACK,
            seq=number,
            ack=dice.getrandbits(32),
            window=512,
        )

    return flooded(frame, start=AT, rate=900, count=7_000, dice=dice)


def download() -> list[Timed]:
    """Return the acknowledgements of a large download: the tap shows only the client's half."""
    return [
        (
            AT + number * 0.0012,
            tcp("10.0.0.22", 51_000, "198.51.100.7", 443, ACK, seq=900, ack=2_920 * number + 1),
        )
        for number in range(12_000)
    ]


def older() -> list[Timed]:
    """Return twenty conversations that were open before the capture began, without their handshakes."""
    packets: list[Timed] = []
    for number in range(20):
        whole = tcp_session(
            f"203.0.113.{number + 10}",
            42_000 + number,
            SERVER,
            443,
            [(900, 150_000)] * 2,
            start=BEGIN + 0.2,
            rtt=0.05,
        )
        packets += whole[4:]
    return packets
