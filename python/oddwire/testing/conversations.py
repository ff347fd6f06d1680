"""TCP as it is spoken: paced segments, late acknowledgements, closed ports, dead hosts, cut connections."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias
from zlib import crc32

from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, FIN, PSH, RST, SYN
from oddwire.testing.wire import datagram, icmp_error, is_windows, segment

__all__ = ["Ends", "Ports", "Step", "conversation", "port_closed", "refused", "stray_reset", "unanswered"]

# A pause in seconds, whether the client speaks, and what is said.
Step: TypeAlias = tuple[float, bool, bytes]
Ends: TypeAlias = tuple[str, int, str, int]

MSS = 1_448
GAP_S = 0.000_12
DELAYED_ACK_S = 0.04
FIRST_FLIGHT, WIDEST_FLIGHT = 10, 80
# Seconds after the first try at which a stack repeats its SYN.
LINUX_TRIES = (0.0, 1.02, 3.05, 7.2, 15.3, 31.5)
WINDOWS_TRIES = (0.0, 1.01, 3.02, 7.03, 15.04)
WINDOWS_REFUSED_TRIES = (0.0, 0.51, 1.02)


class Ports:
    """Ephemeral ports of hosts: Windows counts up, Linux draws from its range."""

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._given: dict[str, int] = {}

    def take(self, host: str) -> int:
        """Return a host's next port."""
        count = self._given[host] = self._given.get(host, 0) + 1
        start = crc32(f"{host} {self.seed}".encode())
        if is_windows(host):
            return 49_152 + (start + count) % 16_000
        return 32_768 + (start + count * 9_973) % 28_000


@dataclass(slots=True)
class _Side:
    """One side of a conversation."""

    ip: str
    port: int
    seq: int
    window: int = 501


@dataclass(slots=True)
class _Speech:
    """A conversation while it is spoken, as seen beside the client."""

    time: float
    rtt: float
    stamps: bool
    packets: list[Timed] = field(default_factory=list)
    owed: int = 0

    def say(self, me: _Side, other: _Side, flags: int, data: bytes = b"") -> None:
        """Send one segment now."""
        now = int(self.time * 1_000)
        clock = now + crc32(me.ip.encode()) if self.stamps else None
        ack = other.seq if flags & ACK else 0
        wire = segment(
            me.ip,
            me.port,
            other.ip,
            other.port,
            flags,
            seq=me.seq,
            ack=ack,
            data=data,
            window=me.window,
            clock=clock,
            heard=now - int(self.rtt * 1_000) + crc32(other.ip.encode()),
        )
        self.packets.append((self.time, wire))
        me.seq += len(data) + (1 if flags & (SYN | FIN) else 0)
        self.time += GAP_S

    def send(self, me: _Side, other: _Side, data: bytes) -> None:
        """Send data in flights that grow; every second segment is acknowledged."""
        flight, left = FIRST_FLIGHT, FIRST_FLIGHT
        self.owed = 0
        for at in range(0, len(data), MSS):
            last = at + MSS >= len(data)
            self.say(me, other, ACK | (PSH if last else 0), data[at : at + MSS])
            self.owed += 1
            left -= 1
            if self.owed > 1:
                self.say(other, me, ACK)
                self.owed = 0
            if not left and not last:
                self.time += self.rtt
                left = flight = min(2 * flight, WIDEST_FLIGHT)


def conversation(
    ends: Ends,
    steps: Sequence[Step],
    *,
    start: float,
    rtt: float = 0.02,
    ending: str = "fin",
    opening: bool = True,
) -> list[Timed]:
    """Return a conversation of (client, port, server, port): a handshake, the steps, an ending.

    Endings: `fin` (the client closes), `server` (the server does), `rst` (the client drops it) or `open`.
    Without `opening` the conversation was there before the capture began.
    """
    client, server = _sides(ends)
    talk = _Speech(start, rtt, stamps=not (is_windows(ends[0]) or is_windows(ends[2])))
    if opening:
        talk.say(client, server, SYN)
        talk.time += rtt
        talk.say(server, client, SYN | ACK)
        talk.say(client, server, ACK)
    before = True
    for pause, by_client, data in steps:
        me, other = (client, server) if by_client else (server, client)
        if talk.owed and (pause > DELAYED_ACK_S or by_client == before):
            _late(talk, me if by_client != before else other, other if by_client != before else me)
        talk.time += pause + (rtt if by_client != before and not by_client else 0.0)
        talk.send(me, other, data)
        before = by_client
    if talk.owed:
        _late(talk, server if before else client, client if before else server)
    _end(talk, client, server, ending)
    return talk.packets


def _late(talk: _Speech, me: _Side, other: _Side) -> None:
    talk.time += DELAYED_ACK_S
    talk.say(me, other, ACK)
    talk.owed = 0


def _sides(ends: Ends) -> tuple[_Side, _Side]:
    client, cport, server, sport = ends
    salt = crc32(repr(ends).encode())
    return _Side(client, cport, salt), _Side(server, sport, (salt * 2_654_435_761) % 2**32, window=509)


def _end(talk: _Speech, client: _Side, server: _Side, ending: str) -> None:
    if ending == "rst":
        talk.say(client, server, RST | ACK)
    elif ending in {"fin", "server"}:
        first, second = (client, server) if ending == "fin" else (server, client)
        talk.say(first, second, FIN | ACK)
        talk.time += talk.rtt
        talk.say(second, first, FIN | ACK)
        talk.say(first, second, ACK)


def refused(ends: Ends, *, start: float, rtt: float = 0.001) -> list[Timed]:
    """Return a try at a closed port: the answer is a reset; Windows tries thrice."""
    packets: list[Timed] = []
    client, server = _sides(ends)
    for after in WINDOWS_REFUSED_TRIES if is_windows(ends[0]) else (0.0,):
        talk = _Speech(start + after, rtt, stamps=not is_windows(ends[0]))
        talk.say(client, server, SYN)
        answer = segment(server.ip, server.port, client.ip, client.port, RST | ACK, ack=client.seq, window=0)
        packets += [*talk.packets, (start + after + rtt, answer)]
        client.seq -= 1
    return packets


def unanswered(ends: Ends, *, start: float, tries: int = 4) -> list[Timed]:
    """Return a try at a host that does not answer: the SYN is repeated until patience ends."""
    client, server = _sides(ends)
    windows = is_windows(ends[0])
    talk = _Speech(start, 0, stamps=not windows)
    for after in (WINDOWS_TRIES if windows else LINUX_TRIES)[:tries]:
        talk.time = start + after
        talk.say(client, server, SYN)
        client.seq -= 1
    return talk.packets


def stray_reset(ends: Ends, data: bytes, *, start: float, rtt: float = 0.02) -> list[Timed]:
    """Return an old connection that its client takes up again and that the server no longer knows."""
    client, server = _sides(ends)
    talk = _Speech(start, rtt, stamps=not is_windows(ends[0]))
    talk.say(client, server, PSH | ACK, data)
    reset = segment(server.ip, server.port, client.ip, client.port, RST, seq=server.seq, window=0)
    return [*talk.packets, (start + rtt, reset)]


def port_closed(ends: Ends, data: bytes, *, start: float, rtt: float = 0.001) -> list[Timed]:
    """Return a datagram to a closed UDP port and the ICMP message that says so."""
    client, cport, server, sport = ends
    wire = datagram(client, cport, server, sport, data)
    return [(start, wire), (start + rtt, icmp_error(server, client, 3, wire))]
