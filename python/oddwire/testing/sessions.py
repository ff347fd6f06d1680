"""Conversations as hosts have them: handshakes, requests, answers, name look-ups."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

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
    asking, answering = _End(client, cport, 1_000), _End(server, sport, 500_000)
    talk = _Talk(start, rtt / 2, vlan)
    talk.say(asking, answering, SYN)
    talk.say(answering, asking, SYN | ACK)
    talk.say(asking, answering, ACK)
    for asked, answered in exchanges:
        talk.send(asking, answering, asked)
        talk.send(answering, asking, answered)
    talk.say(asking, answering, FIN | ACK)
    talk.say(answering, asking, FIN | ACK)
    talk.say(asking, answering, ACK)
    return talk.packets


@dataclass(slots=True)
class _End:
    """One end of a conversation: where it is, and the number of its next byte."""

    ip: str
    port: int
    next_byte: int


@dataclass(slots=True)
class _Talk:
    """A conversation while it is spoken: the time moves on with every packet."""

    time: float
    pause: float
    vlan: int | None
    packets: list[Timed] = field(default_factory=list)

    def say(self, me: _End, other: _End, flags: int, data: bytes = b"") -> None:
        """Send one segment."""
        ack = other.next_byte if flags & ACK else 0
        frame = tcp(
            me.ip, me.port, other.ip, other.port, flags, seq=me.next_byte, ack=ack, data=data, vlan=self.vlan
        )
        self.packets.append((self.time, frame))
        me.next_byte += len(data) + (1 if flags & (SYN | FIN) else 0)
        self.time += self.pause

    def send(self, me: _End, other: _End, size: int) -> None:
        """Send so many bytes, and have them acknowledged."""
        for at in range(0, size, MSS):
            self.say(me, other, PSH | ACK, _filler(min(MSS, size - at)))
        self.say(other, me, ACK)


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
