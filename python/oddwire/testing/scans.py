"""Scans as the tools send them, and the answers that hosts and packet filters give."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, FIN, PSH, RST, SYN, URG, tcp, udp, unreachable

__all__ = [
    "ACK_SCAN",
    "CONNECT_SCAN",
    "FIN_SCAN",
    "MAIMON_SCAN",
    "MASSCAN",
    "NULL_SCAN",
    "SYN_SCAN",
    "TOP_20",
    "TOP_100",
    "WINDOW_SCAN",
    "XMAS_SCAN",
    "ZMAP",
    "Style",
    "Victim",
    "scan_tcp",
    "scan_udp",
    "sweep",
    "top_1000",
]

State: TypeAlias = Literal["open", "closed", "filtered", "prohibited"]

MSS = b"\x02\x04\x05\xb4"
FULL_OPTIONS = MSS + b"\x04\x02\x08\x0a\0\0\x10\0\0\0\0\0\x01\x03\x03\x07"
TOP_20 = (21, 22, 23, 25, 53, 80, 110, 111, 135, 139, 143, 443, 445, 993, 995, 1723, 3306, 3389, 5900, 8080)
# fmt: off
TOP_100 = (
    7, 9, 13, 21, 22, 23, 25, 26, 37, 53, 79, 80, 81, 88, 106, 110, 111, 113, 119, 135, 139, 143, 144, 179,
    199, 389, 427, 443, 444, 445, 465, 513, 514, 515, 543, 544, 548, 554, 587, 631, 646, 873, 990, 993, 995,
    1025, 1026, 1027, 1028, 1029, 1110, 1433, 1720, 1723, 1755, 1900, 2000, 2001, 2049, 2121, 2717, 3000,
    3128, 3306, 3389, 3986, 4899, 5000, 5009, 5051, 5060, 5101, 5190, 5357, 5432, 5631, 5666, 5800, 5900,
    6000, 6001, 6646, 7070, 8000, 8008, 8009, 8080, 8081, 8443, 8888, 9100, 9999, 10000, 32768, 49152, 49153,
    49154, 49155, 49156, 49157,
)
# fmt: on
UDP_PROBES = {
    53: b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x07version\x04bind\0\0\x10\0\x03",
    123: b"\xe3\0\x04\xfa\0\x01\0\0\0\x01\0\0" + b"\0" * 36,
    137: b"\x80\xf0\0\x10\0\x01\0\0\0\0\0\0 CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\0\0\x21\0\x01",
    161: bytes.fromhex(
        "302902010004067075626c6963a01c020410000001020100020100300e300c06082b060102010101000500"
    ),
}


def top_1000() -> list[int]:
    """Return a thousand ports as a default scan has them: the usual hundred and many low ones."""
    dice = random.Random(1000)  # noqa: S311  # the same every time
    usual = set(TOP_100)
    low = dice.sample([port for port in range(1, 10_000) if port not in usual], 800)
    return sorted(usual | set(low) | set(dice.sample(range(10_001, 32_768), 100)))


@dataclass(frozen=True, kw_only=True, slots=True)
class Victim:
    """A host that is scanned: which ports answer how."""

    ip: str
    open: frozenset[int] = frozenset()
    filtered: frozenset[int] = frozenset()
    rest: State = "closed"
    ttl: int = 64

    def state(self, port: int) -> State:
        """Return how a port answers."""
        if port in self.open:
            return "open"
        return "filtered" if port in self.filtered else self.rest


@dataclass(frozen=True, kw_only=True, slots=True)
class Style:
    """How a tool sends its TCP probes."""

    flags: int = SYN
    connects: bool = False
    window: int = 1_024
    options: bytes = MSS
    ttl: int | None = None  # None: another one for every probe, as nmap has it


SYN_SCAN = Style()
CONNECT_SCAN = Style(connects=True, window=64_240, options=FULL_OPTIONS, ttl=64)
FIN_SCAN = Style(flags=FIN, options=b"")
NULL_SCAN = Style(flags=0, options=b"")
XMAS_SCAN = Style(flags=FIN | PSH | URG, options=b"")
MAIMON_SCAN = Style(flags=FIN | ACK, options=b"")
ACK_SCAN = Style(flags=ACK, options=b"")
WINDOW_SCAN = ACK_SCAN  # the same probes: only the reading of the answers differs
MASSCAN = Style(options=b"", ttl=255)
ZMAP = Style(window=65_535, ttl=255)


def scan_tcp(
    scanner: str,
    victim: Victim,
    ports: Iterable[int],
    *,
    start: float,
    gap: float,
    dice: random.Random,
    style: Style = SYN_SCAN,
    source_port: int | None = None,
    retries: int = 1,
    rtt: float = 0.001,
) -> list[Timed]:
    """Return a scan of TCP ports in the given order; what does not answer is tried again a second later.

    Without `source_port`, a connect scan takes another port for every probe, the others one for all.
    """
    packets: list[Timed] = []
    base = source_port or dice.randrange(33_000, 60_000)
    time = start
    for number, port in enumerate(ports):
        sport = 33_000 + (base + number) % 27_000 if style.connects and source_port is None else base
        for attempt in range(retries + 1):
            at = time + attempt * (1.0 + dice.uniform(0, 0.1))
            mine = sport if style.connects or source_port is not None else sport + attempt
            probe = _Probe(scanner=scanner, sport=mine, victim=victim, port=port, style=style, dice=dice)
            seen = list(probe.sent(at, rtt))
            packets += seen
            if len(seen) > 1:
                break
        time += gap * dice.uniform(0.6, 1.4)
    return packets


@dataclass(frozen=True, kw_only=True, slots=True)
class _Probe:
    """One probe of one TCP port, and what follows."""

    scanner: str
    sport: int
    victim: Victim
    port: int
    style: Style
    dice: random.Random

    def sent(self, at: float, rtt: float) -> Iterator[Timed]:
        """Yield the probe and its answer."""
        seq, back = self.dice.getrandbits(32), rtt * self.dice.uniform(0.8, 1.5)
        acks = self.dice.getrandbits(32) if self.style.flags & ACK else 0
        probe = self._mine(self.style.flags, seq=seq, ack=acks, window=self.style.window)
        yield at, probe
        state = self.victim.state(self.port)
        if state == "prohibited":
            yield at + back, unreachable(self.victim.ip, probe, 13, ttl=self.victim.ttl)
        elif state != "filtered":
            yield from self._answer(at + back, seq, acks, is_open=state == "open")

    def _answer(self, at: float, seq: int, acks: int, *, is_open: bool) -> Iterator[Timed]:
        """Yield what RFC 9293 says about each kind of probe, and how the tool goes on."""
        flags = self.style.flags
        if flags == SYN and is_open:
            theirs = self.dice.getrandbits(32)
            yield at, self._theirs(SYN | ACK, seq=theirs, ack=seq + 1, options=MSS)
            if self.style.connects:
                yield at + 0.00003, self._mine(ACK, seq=seq + 1, ack=theirs + 1)
                yield at + 0.0001, self._mine(RST | ACK, seq=seq + 1, ack=theirs + 1)
            else:
                yield at + 0.00003, self._mine(RST, seq=seq + 1, window=0)
        elif flags & ACK and (not is_open or flags == ACK):
            yield at, self._theirs(RST, seq=acks, window=0)
        elif not is_open:
            after = seq + (1 if flags & (SYN | FIN) else 0)
            yield at, self._theirs(RST | ACK, ack=after, window=0)

    def _mine(self, flags: int, *, seq: int, ack: int = 0, window: int = 64_240) -> bytes:
        style = self.style
        return tcp(
            self.scanner,
            self.sport,
            self.victim.ip,
            self.port,
            flags,
            seq=seq,
            ack=ack,
            window=window,
            ttl=style.ttl or self.dice.randrange(38, 60),
            options=style.options if flags & SYN else b"",
            ident=self.dice.getrandbits(16),
        )

    def _theirs(
        self, flags: int, *, seq: int = 0, ack: int = 0, window: int = 64_240, options: bytes = b""
    ) -> bytes:
        there, here, ttl = self.victim.ip, self.scanner, self.victim.ttl
        return tcp(
            there,
            self.port,
            here,
            self.sport,
            flags,
            seq=seq,
            ack=ack,
            window=window,
            ttl=ttl,
            options=options,
        )


def scan_udp(
    scanner: str,
    victim: Victim,
    ports: Sequence[int],
    *,
    start: float,
    gap: float,
    dice: random.Random,
    retries: int = 1,
    answers: int = 6,
) -> list[Timed]:
    """Return a scan of UDP ports; closed ones are reported `answers` times at once, then once a second."""
    packets: list[Timed] = []
    sport, left, refilled = dice.randrange(33_000, 60_000), float(answers), start
    time, queue = start, [(port, 0) for port in ports]
    for port, attempt in queue:
        data = UDP_PROBES.get(port, b"")
        probe = udp(
            scanner,
            sport + attempt,
            victim.ip,
            port,
            data,
            ttl=dice.randrange(38, 60),
            ident=dice.getrandbits(16),
        )
        packets.append((time, probe))
        state = victim.state(port)
        left, refilled = min(float(answers), left + time - refilled), time
        if state == "open" and data:
            reply = udp(victim.ip, port, scanner, sport + attempt, data + b"\0" * 40, ttl=victim.ttl)
            packets.append((time + 0.0012, reply))
        elif state == "closed" and left >= 1:
            left -= 1
            packets.append((time + 0.0007, unreachable(victim.ip, probe, ttl=victim.ttl)))
        elif attempt < retries:
            queue.append((port, attempt + 1))
        time += gap * dice.uniform(0.7, 1.3)
    return packets


def sweep(
    hosts: Iterable[str],
    *,
    ask: Callable[[str], bytes],
    answer: Callable[[str], Sequence[bytes]],
    alive: frozenset[str],
    start: float,
    gap: float,
    dice: random.Random,
    tries: int = 1,
    rtt: float = 0.001,
) -> list[Timed]:
    """Return a probe for every host, and the packets that follow it where the host lives."""
    packets: list[Timed] = []
    time = start
    for host in hosts:
        packets += [(time + attempt, ask(host)) for attempt in range(1 if host in alive else tries)]
        if host in alive:
            back = rtt * dice.uniform(0.8, 1.6)
            packets += [(time + back + step * 0.00004, frame) for step, frame in enumerate(answer(host))]
        time += gap * dice.uniform(0.6, 1.4)
    return packets
