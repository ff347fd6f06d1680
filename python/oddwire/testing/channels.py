"""Hidden ways of data: echoes that carry a shell or a stream, datagrams under a false name; true pings."""

import random
import struct
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from oddwire.testing.capture import Timed
from oddwire.testing.icmp_messages import echo, raw_ip
from oddwire.testing.packets import udp

__all__ = [
    "Ends",
    "datagrams",
    "echo_tunnel",
    "linux_payload",
    "ping",
    "polling_shell",
    "ptunnel",
    "raw_exchange",
    "windows_payload",
]

Ends: TypeAlias = tuple[str, str]
PTUNNEL_MAGIC = 0xD5200880
ALPHABET = b"abcdefghijklmnopqrstuvw"
COMMANDS = [b"whoami\r\n", b"dir C:\\Users\r\n", b"ipconfig /all\r\n", b"net view\r\n", b"type notes.txt\r\n"]


def linux_payload(dice: random.Random, size: int = 56) -> bytes:
    """Return the data of Linux's ping: the time of day, then bytes that count up."""
    clock = struct.pack("<QQ", 1_700_000_000 + dice.randrange(1_000), dice.randrange(10**6))
    return (clock + bytes(number % 256 for number in range(16, max(size, 16))))[:size]


def windows_payload(size: int = 32) -> bytes:
    """Return the data of Windows' ping: letters from a to w, again and again."""
    return (ALPHABET * (size // len(ALPHABET) + 1))[:size]


def ping(
    dice: random.Random,
    ends: Ends,
    times: Iterable[float],
    payload: Callable[[int], bytes],
    *,
    rtt: float = 0.012,
    lost: float = 0.0,
    ttls: tuple[int, int] = (64, 57),
) -> list[Timed]:
    """Return pings and their answers, which carry the same bytes; `payload` is given the number."""
    source, target = ends
    ident, packets = dice.randrange(1, 65_536), list[Timed]()
    for number, time in enumerate(times, 1):
        data = payload(number)
        packets.append((time, echo(source, target, ident, number, data, ttl=ttls[0])))
        if dice.random() >= lost:
            back = echo(target, source, ident, number, data, reply=True, ttl=ttls[1])
            packets.append((time + rtt * dice.uniform(0.9, 1.4), back))
    return packets


def echo_tunnel(
    dice: random.Random,
    ends: Ends,
    start: float,
    sizes: Iterable[tuple[int, int]],
    *,
    gap: float = 0.05,
    ident: int = 0,
) -> list[Timed]:
    """Return a tunnel such as hans: requests carry packets of one side, replies those of the other."""
    source, target = ends
    time, packets, ident = start, list[Timed](), ident or dice.randrange(1, 65_536)
    for number, (sent, returned) in enumerate(sizes):
        packets.append((time, echo(source, target, ident, number, dice.randbytes(sent))))
        reply = echo(target, source, ident, number, dice.randbytes(returned), reply=True, ttl=54)
        packets.append((time + 0.03 * dice.uniform(0.9, 1.3), reply))
        time += dice.expovariate(1 / gap) + 0.002
    return packets


def ptunnel(dice: random.Random, ends: Ends, start: float, rounds: int, *, gap: float = 0.15) -> list[Timed]:
    """Return ptunnel: replies carry data of their own, and both carry its magic number, state and numbers."""
    source, target = ends
    ident, time, packets = dice.randrange(1, 65_536), start, list[Timed]()
    server = struct.pack("!4sI", bytes([192, 0, 2, 80]), 22)
    for number in range(rounds):
        up, down = dice.choice([0, 36, 52, 120]), dice.choice([0, 0, 36, 300, 1_024])
        head = struct.pack("!I8sIIIHH", PTUNNEL_MAGIC, server, 1, number, up, number % 65_536, ident)
        packets.append((time, echo(source, target, ident, number, head + dice.randbytes(up))))
        head = struct.pack("!I8sIIIHH", PTUNNEL_MAGIC, bytes(8), 2, number, down, number % 65_536, ident)
        reply = echo(target, source, ident, number, head + dice.randbytes(down), reply=True, ttl=54)
        packets.append((time + 0.03 * dice.uniform(0.9, 1.3), reply))
        time += gap * dice.uniform(0.5, 2.0)
    return packets


def polling_shell(
    dice: random.Random, ends: Ends, start: float, polls: int, *, every: float = 0.2, busy: float = 0.05
) -> list[Timed]:
    """Return icmpsh: the victim asks with empty requests, replies bring commands, requests the output."""
    victim, master = ends
    time, packets, output = start, list[Timed](), list[bytes]()
    for number in range(polls):
        said = output.pop(0) if output else b""
        order = dice.choice(COMMANDS) if not output and dice.random() < busy else b""
        packets.append((time, echo(victim, master, 1, number, said, ttl=128)))
        packets.append(
            (time + 0.02 * dice.uniform(0.9, 1.3), echo(master, victim, 1, number, order, reply=True, ttl=52))
        )
        if order:
            text = b"Microsoft Windows " + bytes(dice.choices(range(32, 127), k=dice.randrange(100, 1_200)))
            output = [text[at : at + 64] for at in range(0, len(text), 64)]
        time += every * dice.uniform(0.98, 1.1)
    return packets


def datagrams(
    dice: random.Random,
    ends: Ends,
    ports: tuple[int, int],
    start: float,
    seconds: float,
    *,
    sizes: Sequence[tuple[int, int]],
    gap: float = 0.3,
    head: tuple[bytes, bytes] = (b"", b""),
) -> list[Timed]:
    """Return UDP both ways: pairs of sizes (there, back), random bytes after a fixed head of each side."""
    (source, target), (sport, dport) = ends, ports
    time, packets = start, list[Timed]()
    while time < start + seconds:
        there, back = dice.choice(sizes)
        if there:
            packets.append((time, udp(source, sport, target, dport, head[0] + dice.randbytes(there))))
        if back:
            answer = udp(target, dport, source, sport, head[1] + dice.randbytes(back), ttl=54)
            packets.append((time + 0.03 * dice.uniform(0.9, 1.4), answer))
        time += dice.expovariate(1 / gap) + 0.001
    return packets


def raw_exchange(
    dice: random.Random, ends: Ends, protocol: int, start: float, rounds: int, *, gap: float = 0.4
) -> list[Timed]:
    """Return packets of an IP protocol that nobody uses, with data both ways."""
    source, target = ends
    time, packets = start, list[Timed]()
    for _ in range(rounds):
        packets.append((time, raw_ip(source, target, protocol, dice.randbytes(dice.randrange(60, 900)))))
        back = raw_ip(target, source, protocol, dice.randbytes(dice.randrange(40, 1_200)), ttl=54)
        packets.append((time + 0.03, back))
        time += dice.expovariate(1 / gap) + 0.01
    return packets
