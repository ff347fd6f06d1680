"""Conversations as hosts have them: handshakes, requests, answers, name look-ups."""

import struct
from collections.abc import Sequence

from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, FIN, PSH, SYN, tcp, udp

__all__ = ["dns_lookup", "tcp_session"]

MSS = 1_460


def tcp_session(
    client: str,
    cport: int,
    server: str,
    sport: int,
    exchanges: Sequence[tuple[int, int]],
    *,
    start: float,
    rtt: float = 0.02,
    vlan: int | None = None,
) -> list[Timed]:
    """Return a whole TCP conversation: each exchange is (bytes asked, bytes answered), then both close."""
    time, mine, theirs = start, 1_000, 500_000
    packets: list[Timed] = []

    def send(outward: bool, flags: int, data: bytes = b"") -> None:  # noqa: FBT001  # which way
        nonlocal time, mine, theirs
        ends = (client, cport, server, sport) if outward else (server, sport, client, cport)
        seq, ack = (mine, theirs) if outward else (theirs, mine)
        packets.append(
            (time, tcp(*ends, flags, seq=seq, ack=ack if flags & ACK else 0, data=data, vlan=vlan))
        )
        used = len(data) + (1 if flags & (SYN | FIN) else 0)
        mine, theirs = (mine + used, theirs) if outward else (mine, theirs + used)
        time += rtt / 2

    def send_all(outward: bool, size: int) -> None:  # noqa: FBT001
        for at in range(0, size, MSS):
            send(outward, PSH | ACK, _filler(min(MSS, size - at)))
        send(not outward, ACK)

    send(True, SYN)
    send(False, SYN | ACK)
    send(True, ACK)
    for asked, answered in exchanges:
        send_all(True, asked)
        send_all(False, answered)
    send(True, FIN | ACK)
    send(False, FIN | ACK)
    send(True, ACK)
    return packets


def dns_lookup(
    client: str,
    port: int,
    server: str,
    name: str,
    address: str,
    *,
    start: float,
    ident: int = 1,
    rtt: float = 0.01,
) -> list[Timed]:
    """Return a question for an IPv4 address and its answer."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
    question = labels + struct.pack("!HH", 1, 1)
    ask = struct.pack("!HHHHHH", ident, 0x0100, 1, 0, 0, 0) + question
    record = struct.pack("!HHHIH4B", 0xC00C, 1, 1, 300, 4, *map(int, address.split(".")))
    reply = struct.pack("!HHHHHH", ident, 0x8180, 1, 1, 0, 0) + question + record
    return [(start, udp(client, port, server, 53, ask)), (start + rtt, udp(server, 53, client, port, reply))]


def _filler(size: int) -> bytes:
    """Return bytes that look like text: the same every time."""
    return (b"the quick brown fox jumps over the lazy dog " * (size // 44 + 1))[:size]
