"""A TCP conversation spoken step by step: who says which bytes, and how long it thinks before."""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal, Self, TypeAlias

from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, FIN, PSH, RST, SYN, tcp

__all__ = ["Dialogue", "Side", "hammer", "in_order", "seeded"]

Side: TypeAlias = Literal["client", "server"]

MSS = 1_460
DELAYED_ACK_S = 0.04
NEAR_S = 0.000_15


def seeded(seed: int) -> random.Random:
    """Return the dice of a capture: the same traffic every time."""
    return random.Random(seed)  # noqa: S311  # made traffic, no secret


def in_order(packets: Iterable[Timed]) -> list[Timed]:
    """Return the packets in the order of their times; those of one time stay as they were said."""
    return sorted(packets, key=lambda packet: packet[0])


def hammer(
    dice: random.Random,
    connect: Callable[[float, int], "Dialogue"],
    count: int,
    *,
    start: float,
    tasks: int = 1,
    pause: float = 0.05,
    port: int = 40_000,
) -> list[Timed]:
    """Return so many connections by a number of tasks: each begins its next one a pause after the last.

    `connect` is given the time and a client port of its own, and returns the conversation spoken.
    """
    packets: list[Timed] = []
    ready = [(start + task * 0.004, task) for task in range(tasks)]
    for number in range(count):
        time, task = ready[0]
        talk = connect(time, port + 2 * number + task % 2)
        packets += talk.packets
        ready[0] = (talk.time + pause * dice.uniform(0.6, 1.6), task)
        ready.sort()
    return packets


@dataclass(slots=True)
class _End:
    ip: str
    port: int
    next_byte: int
    ttl: int
    lag_s: float


@dataclass(slots=True, kw_only=True)
class Dialogue:
    """One TCP connection while it is spoken; the packets are as one capture point sees them.

    Data may be given as bytes or as a number of random bytes. `near` says which end stands beside the
    capture point: its answers come at once, those of the far end after the round trip.
    """

    client: str
    cport: int
    server: str
    sport: int
    start: float
    dice: random.Random
    rtt: float = 0.02
    near: Side = "client"
    ttls: tuple[int, int] = (64, 64)
    vlan: int | None = None
    time: float = field(init=False)
    packets: list[Timed] = field(init=False, default_factory=list)
    _client: _End = field(init=False)
    _server: _End = field(init=False)
    _unheard: _End | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        """Set both ends up with first numbers of their own."""
        far = self.rtt
        self.time = self.start
        lags = (NEAR_S, far) if self.near == "client" else (far, NEAR_S)
        numbers = [self.dice.randrange(2**32) for _ in range(2)]
        self._client = _End(self.client, self.cport, numbers[0], self.ttls[0], lags[0])
        self._server = _End(self.server, self.sport, numbers[1], self.ttls[1], lags[1])

    def open(self) -> Self:
        """Shake hands."""
        self._segment(self._client, SYN)
        self._turn(self._server)
        self._segment(self._server, SYN | ACK)
        self._turn(self._client)
        self._segment(self._client, ACK)
        return self

    def refused(self) -> Self:
        """Knock at a closed port: SYN, and a reset back."""
        self._segment(self._client, SYN)
        self._turn(self._server)
        self._server.next_byte = 0
        self._segment(self._server, RST | ACK)
        return self

    def unanswered(self, tries: int = 3) -> Self:
        """Knock at nothing: SYN repeated after 1, 2, 4 ... seconds."""
        for attempt in range(tries):
            self._segment(self._client, SYN)
            self._client.next_byte -= 1
            self.time += 2.0**attempt
        return self

    def ask(self, data: bytes | int, after: float = 0.0) -> Self:
        """Let the client say something, after a pause."""
        return self._say(self._client, data, after)

    def answer(self, data: bytes | int, after: float = 0.0) -> Self:
        """Let the server say something, after a pause."""
        return self._say(self._server, data, after)

    def wait(self, seconds: float) -> Self:
        """Let time pass; what was said last is acknowledged."""
        self._hear()
        self.time += seconds
        return self

    def finish(self, by: Side = "client", after: float = 0.0) -> Self:
        """Close in order: FIN, FIN, ACK."""
        one, other = self._sides(by)
        self._pass(one, after)
        self._segment(one, FIN | ACK)
        self._turn(other)
        self._segment(other, FIN | ACK)
        self._turn(one)
        self._segment(one, ACK)
        self._unheard = None
        return self

    def reset(self, by: Side = "client", after: float = 0.0) -> Self:
        """Break off: one reset with an acknowledgement."""
        one, _ = self._sides(by)
        self._pass(one, after)
        self._segment(one, RST | ACK)
        self._unheard = None
        return self

    def _sides(self, by: Side) -> tuple[_End, _End]:
        pair = (self._client, self._server)
        return pair if by == "client" else (pair[1], pair[0])

    def _other(self, me: _End) -> _End:
        return self._server if me is self._client else self._client

    def _say(self, me: _End, data: bytes | int, after: float) -> Self:
        text = self.dice.randbytes(data) if isinstance(data, int) else data
        self._pass(me, after)
        for at in range(0, len(text), MSS):
            piece = text[at : at + MSS]
            self._segment(me, ACK | (PSH if at + MSS >= len(text) else 0), piece)
            if at // MSS % 2 and at + MSS < len(text):
                self._aside(self._other(me))
            self.time += 0.000_02
        self._unheard = me
        return self

    def _pass(self, me: _End, after: float) -> None:
        """Move the time on until `me` speaks; a long pause lets the other side be acknowledged first."""
        if self._unheard is not None and (after > DELAYED_ACK_S or self._unheard is me):
            if after > DELAYED_ACK_S:
                self._hear()
        elif after > 0:
            self.time += self.dice.uniform(0.0, 0.000_1)
        if self._unheard is not None and self._unheard is not me:
            self._turn(me)
        self.time += after * self.dice.uniform(0.97, 1.03)
        self._unheard = None

    def _hear(self) -> None:
        if self._unheard is None:
            return
        other = self._other(self._unheard)
        self._turn(other)
        self._segment(other, ACK)
        self._unheard = None

    def _aside(self, me: _End) -> None:
        self.time += 0.000_03
        self._segment(me, ACK)

    def _turn(self, me: _End) -> None:
        self.time += me.lag_s * self.dice.uniform(0.9, 1.25)

    def _segment(self, me: _End, flags: int, data: bytes = b"") -> None:
        other = self._other(me)
        frame = tcp(
            me.ip,
            me.port,
            other.ip,
            other.port,
            flags,
            seq=me.next_byte,
            ack=other.next_byte if flags & ACK else 0,
            data=data,
            window=0 if flags & RST else 64_240 if flags & SYN else 502,
            ttl=me.ttl,
            vlan=self.vlan,
        )
        self.packets.append((self.time, frame))
        me.next_byte = (me.next_byte + len(data) + (1 if flags & (SYN | FIN) else 0)) % 2**32
