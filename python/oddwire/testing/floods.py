"""Floods: packets in masses, from one sender, from many, from senders who do not exist."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from ipaddress import IPv4Address

from oddwire.testing.amplifiers import Amplifier
from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, RST, SYN, fragments, tcp, udp

__all__ = [
    "anyone",
    "bots",
    "flooded",
    "reflected",
    "syn_answers",
    "ticks",
]


def ticks(*, start: float, rate: float, count: int, dice: random.Random) -> Iterator[float]:
    """Yield the times of so many packets at this mean rate, unevenly as a busy sender makes them."""
    time = start
    for _ in range(count):
        yield time
        time += dice.uniform(0.2, 1.8) / rate


def anyone(dice: random.Random) -> str:
    """Return an address that could be anybody's, as `hping3 --rand-source` invents them."""
    return f"{dice.randrange(1, 224)}.{dice.randrange(256)}.{dice.randrange(256)}.{dice.randrange(1, 255)}"


def bots(count: int, dice: random.Random) -> list[str]:
    """Return addresses of real hosts all over the Internet: no private and no reserved ones."""
    found: set[str] = set()
    while len(found) < count:
        address = anyone(dice)
        if IPv4Address(address).is_global:
            found.add(address)
    return sorted(found)


def flooded(
    frames: Callable[[int], bytes], *, start: float, rate: float, count: int, dice: random.Random
) -> list[Timed]:
    """Return so many packets, each made from its number."""
    times = ticks(start=start, rate=rate, count=count, dice=dice)
    return [(time, frames(number)) for number, time in enumerate(times)]


def syn_answers(
    flood: Iterable[Timed], *, dice: random.Random, share: float = 1.0, retries: int = 1, resets: float = 0.0
) -> Iterator[Timed]:
    """Yield what a server answers to SYNs over IPv4: SYN-ACKs, again a second later, and some resets back."""
    for time, frame in flood:
        if dice.random() > share:
            continue
        src, dst = str(IPv4Address(frame[26:30])), str(IPv4Address(frame[30:34]))
        sport, dport = int.from_bytes(frame[34:36], "big"), int.from_bytes(frame[36:38], "big")
        seq, mine = int.from_bytes(frame[38:42], "big"), dice.getrandbits(32)
        answer = tcp(dst, dport, src, sport, SYN | ACK, seq=mine, ack=seq + 1, options=b"\x02\x04\x05\xb4")
        if dice.random() < resets:
            yield time + 0.0002, answer
            yield time + dice.uniform(0.02, 0.2), tcp(src, sport, dst, dport, RST, seq=seq + 1, window=0)
            continue
        for attempt in range(retries + 1):
            yield time + 0.0002 + (2**attempt - 1), answer


def reflected(
    service: Amplifier,
    *,
    reflectors: Sequence[str],
    victim: str,
    start: float,
    rate: float,
    questions: int,
    dice: random.Random,
    victim_port: int | None = None,
    shows_questions: bool = False,
) -> list[Timed]:
    """Return the answers to questions that were asked in the victim's name; with them also the questions.

    Without `victim_port`, the spoofed questions come from another port each.
    """
    packets: list[Timed] = []
    for time in ticks(start=start, rate=rate, count=questions, dice=dice):
        reflector, port = dice.choice(reflectors), victim_port or dice.randrange(1_024, 65_536)
        ttl = dice.randrange(44, 60)
        if shows_questions:
            packets.append((time, udp(victim, port, reflector, service.port, service.question, ttl=241)))
        for number, data in enumerate(service.answers):
            whole = udp(reflector, service.port, victim, port, data, ttl=ttl)
            late = time + 0.0005 + number * 0.0003
            packets += [
                (late + step * 0.00002, piece)
                for step, piece in enumerate(_pieces(whole, dice.getrandbits(16)))
            ]
    return sorted(packets, key=lambda packet: packet[0])


def _pieces(frame: bytes, ident: int) -> list[bytes]:
    longest = 1_514
    return fragments(frame, ident=ident) if len(frame) > longest else [frame]
