"""Floods: packets in masses, from one sender, from many, from senders who do not exist."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, RST, SYN, fragments, tcp, udp

__all__ = [
    "LARGE_ANSWERS",
    "Amplifier",
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


@dataclass(frozen=True, kw_only=True, slots=True)
class Amplifier:
    """A service that answers a small question with much more."""

    port: int
    question: bytes
    answers: Sequence[int]  # the sizes of the datagrams that come back for one question
    head: bytes = b""  # how each of them begins


DNS_ANY = b"\x31\x37\x01\0\0\x01\0\0\0\0\0\x01\x07example\x03com\0\0\xff\0\x01\0\0\x29\x23\x28\0\0\0\0\0\0"
LARGE_ANSWERS: dict[str, Amplifier] = {
    "dns": Amplifier(
        port=53, question=DNS_ANY, answers=[3_100], head=b"\x31\x37\x81\x80\0\x01\0\x12\0\0\0\x01"
    ),
    "ntp": Amplifier(
        port=123, question=b"\x17\0\x03\x2a\0\0\0\0", answers=[440] * 10, head=b"\xd7\0\x03\x2a\0\x06\0\x48"
    ),
    "ssdp": Amplifier(
        port=1_900,
        question=b"M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\n"
        b'MAN: "ssdp:discover"\r\nMX: 1\r\nST: ssdp:all\r\n\r\n',
        answers=[310, 322, 360, 371],
        head=b"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=1800\r\nEXT:\r\n",
    ),
    "memcached": Amplifier(
        port=11_211,
        question=b"\0\x01\0\0\0\x01\0\0stats\r\n",
        answers=[1_400] * 20,
        head=b"\0\x01\0\0\0\x14\0\0STAT pid 1\r\n",
    ),
    "cldap": Amplifier(
        port=389,
        question=bytes.fromhex(
            "3025020101632004000a01000a0100020100020100010100870b6f626a656374436c6173733000"
        ),
        answers=[2_900],
        head=bytes.fromhex("3084000b48020101"),
    ),
    "chargen": Amplifier(
        port=19, question=b"\x01", answers=[74, 512, 1_022], head=b" !\"#$%&'()*+,-./0123456789"
    ),
    "snmp": Amplifier(
        port=161,
        question=bytes.fromhex(
            "302602010104067075626c6963a51902022f0b020100020200fa300d300b06072b060102010105000500"
        )[:40],
        answers=[1_380],
        head=bytes.fromhex("308205600201010406"),
    ),
    "isakmp": Amplifier(
        port=500,
        question=b"\x11" * 8 + b"\0" * 8 + b"\x01\x10\x02\0\0\0\0\0\0\0\0\x54" + b"\0" * 56,
        answers=[84, 84, 84],
        head=b"\x11" * 8 + b"\x22" * 8 + b"\x01\x10\x02\0\0\0\0\0\0\0\0\x54",
    ),
    "coap": Amplifier(
        port=5_683,
        question=b"\x40\x01\x01\x01\xbb.well-known\x04core",
        answers=[1_020],
        head=b"\x60\x45\x01\x01\xc1\x28\xff",
    ),
}


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
        for number, size in enumerate(service.answers):
            data = (service.head + b"\xa5" * size)[:size]
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
