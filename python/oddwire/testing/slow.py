"""Denial of service without masses: many connections that are held open and hardly used."""

import random
from dataclasses import dataclass, field

from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, FIN, PSH, RST, SYN, tcp

__all__ = ["Held", "slow_headers", "slow_post", "slow_read"]

REQUEST = (
    b"GET /?%d HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: Mozilla/5.0\r\nAccept-language: en-US\r\n"
)
UPLOAD = b"POST /form HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 1000000\r\n\r\n"
HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
RECORD = b"\x17\x03\x03"


@dataclass(slots=True)
class Held:
    """One connection that a client holds open; the time moves on as it is used."""

    client: str
    cport: int
    server: str
    sport: int
    time: float
    rtt: float = 0.01
    packets: list[Timed] = field(default_factory=list)
    mine: int = 1_000
    theirs: int = 700_000

    def opens(self) -> None:
        """Shake hands."""
        self.says(SYN, size=1)
        self.hears(SYN | ACK, size=1)
        self.says(ACK)

    def says(self, flags: int, data: bytes = b"", *, size: int | None = None, window: int = 64_240) -> None:
        """Send a segment from the client; `size` says how far the numbers go on."""
        ack = self.theirs if flags & ACK else 0
        frame = tcp(
            self.client,
            self.cport,
            self.server,
            self.sport,
            flags,
            seq=self.mine,
            ack=ack,
            data=data,
            window=window,
        )
        self.packets.append((self.time, frame))
        self.mine += len(data) if size is None else size
        self.time += self.rtt / 2

    def hears(self, flags: int, data: bytes = b"", *, size: int | None = None) -> None:
        """Send a segment from the server."""
        frame = tcp(
            self.server,
            self.sport,
            self.client,
            self.cport,
            flags,
            seq=self.theirs,
            ack=self.mine,
            data=data,
        )
        self.packets.append((self.time, frame))
        self.theirs += len(data) if size is None else size
        self.time += self.rtt / 2

    def drips(self, data: bytes) -> None:
        """Send a few bytes, and have them acknowledged."""
        self.says(PSH | ACK, data)
        self.hears(ACK)

    def ends(self, *, reset: bool = False) -> None:
        """Close, or break off."""
        if reset:
            self.hears(RST | ACK)
            return
        self.hears(FIN | ACK, size=1)
        self.says(FIN | ACK, size=1)
        self.hears(ACK)


def slow_headers(
    held: Held, *, every: float, until: float, dice: random.Random, tls: bool = False
) -> list[Timed]:
    """Return slowloris: a request whose headers never end, one more line now and then."""
    held.opens()
    if tls:
        _greets(held)
    first = REQUEST % dice.randrange(2_000)
    held.drips(_sealed(first) if tls else first)
    held.time += every * dice.uniform(0.2, 1)
    while held.time < until:
        line = b"X-a: %d\r\n" % dice.randrange(1, 5_000)
        held.drips(_sealed(line) if tls else line)
        held.time += every * dice.uniform(0.9, 1.1)
    return held.packets


def slow_post(held: Held, *, every: float, until: float, dice: random.Random) -> list[Timed]:
    """Return R.U.D.Y.: an upload announced as a megabyte, which comes byte by byte."""
    held.opens()
    held.drips(UPLOAD)
    while held.time < until:
        held.time += every * dice.uniform(0.7, 1.3)
        held.drips(bytes([dice.randrange(97, 123)]))
    return held.packets


def slow_read(held: Held, *, every: float, until: float, dice: random.Random) -> list[Timed]:
    """Return a large answer that the client reads a few bytes at a time: its window is nearly shut."""
    held.opens()
    held.says(PSH | ACK, REQUEST % dice.randrange(2_000) + b"\r\n", window=28)
    held.hears(PSH | ACK, b"HTTP/1.1 200 OK\r\nContent-Len"[:28])
    held.says(ACK, window=0)
    while held.time < until:
        held.time += every * dice.uniform(0.8, 1.2)
        held.hears(ACK, b"", size=0)  # the server asks whether the window is open again
        opened = dice.random() < 0.4  # noqa: PLR2004  # now and then it is, by a few bytes
        held.says(ACK, window=16 if opened else 0)
        if opened:
            held.hears(PSH | ACK, b"x" * 16)
            held.says(ACK, window=0)
    return held.packets


def _greets(held: Held) -> None:
    held.drips(HELLO.ljust(517, b"\0"))
    held.hears(PSH | ACK, b"\x16\x03\x03\x05\x70\x02\0\x05\x6c".ljust(1_397, b"\0"))
    held.says(ACK)
    held.drips(b"\x14\x03\x03\0\x01\x01" + RECORD + b"\0\x35" + b"\x5a" * 53)


def _sealed(data: bytes) -> bytes:
    size = len(data) + 17
    return (
        RECORD + size.to_bytes(2, "big") + bytes((byte * 7 + 13) % 256 for byte in data.ljust(size, b"\x17"))
    )
