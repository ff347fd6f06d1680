"""DNS messages with any records, and who asks them: by UDP or TCP, with or without an answer."""

import random
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TypeAlias

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, Step, conversation
from oddwire.testing.wire import datagram

__all__ = [
    "ANSWER",
    "KINDS",
    "NO_SUCH_NAME",
    "SERVER_FAILED",
    "Record",
    "Stub",
    "addresses",
    "announced",
    "chain",
    "host",
    "mail_host",
    "message",
    "over_tcp",
    "service",
    "start_of",
    "text",
]

# The owner (empty: the name that was asked for), the type, the seconds to live, the data.
Record: TypeAlias = tuple[str, str, int, bytes]

KINDS = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "SOA": 6,
    "NULL": 10,
    "PTR": 12,
    "MX": 15,
    "TXT": 16,
    "KEY": 25,
    "AAAA": 28,
    "SRV": 33,
    "DS": 43,
    "RRSIG": 46,
    "DNSKEY": 48,
    "NSEC3": 50,
    "HTTPS": 65,
    "ANY": 255,
}
QUERY, ANSWER = 0x0100, 0x8180
SERVER_FAILED, NO_SUCH_NAME = 2, 3
EDNS = 41
DNSSEC_OK = 0x8000


def host(name: str) -> bytes:
    """Return a name as it stands in a message, uncompressed; bytes above 127 are taken as they are."""
    parts = [label.encode("latin-1") for label in name.split(".") if label]
    return b"".join(bytes([len(part)]) + part for part in parts) + b"\0"


def text(data: bytes) -> bytes:
    """Return the data of a TXT record: strings of at most 255 bytes."""
    pieces = [data[at : at + 255] for at in range(0, len(data), 255)] or [b""]
    return b"".join(bytes([len(piece)]) + piece for piece in pieces)


def mail_host(name: str, rank: int = 10) -> bytes:
    """Return the data of an MX record."""
    return struct.pack("!H", rank) + host(name)


def service(name: str, port: int, rank: int = 0, weight: int = 100) -> bytes:
    """Return the data of an SRV record."""
    return struct.pack("!HHH", rank, weight, port) + host(name)


def addresses(*ips: str, ttl: int = 300, owner: str = "") -> list[Record]:
    """Return A or AAAA records."""
    found = [ip_address(ip) for ip in ips]
    return [(owner, "A" if ip.version == 4 else "AAAA", ttl, ip.packed) for ip in found]  # noqa: PLR2004  # IP's version


def chain(names: Sequence[str], *ips: str, ttl: int = 60) -> list[Record]:
    """Return aliases, each of the next name, and the addresses of the last."""
    owners = ["", *names]
    aliases: list[Record] = [(owners[at], "CNAME", ttl * 5, host(name)) for at, name in enumerate(names)]
    return aliases + addresses(*ips, ttl=ttl, owner=owners[-1])


def start_of(zone: str, ttl: int = 900) -> Record:
    """Return the record that a negative answer carries: where the zone starts that knows no such name."""
    numbers = struct.pack("!IIIII", 2_023_111_401, 1_800, 900, 604_800, ttl)
    return (zone, "SOA", ttl, host(f"ns1.{zone}") + host(f"hostmaster.{zone}") + numbers)


def message(
    name: str,
    kind: str = "A",
    *,
    ident: int,
    flags: int = QUERY,
    answers: Sequence[Record] = (),
    authority: Sequence[Record] = (),
    additional: Sequence[Record] = (),
    room: int = 0,
    signed: bool = False,
) -> bytes:
    """Return a DNS message; `room` is the size that EDNS offers, without it there is no EDNS."""
    counts = (len(answers), len(authority), len(additional) + bool(room))
    out = struct.pack("!HHHHHH", ident, flags, 1, *counts) + host(name) + struct.pack("!HH", KINDS[kind], 1)
    for owner, type_, ttl, data in (*answers, *authority, *additional):
        who = b"\xc0\x0c" if owner in {"", name} else host(owner)
        out += who + struct.pack("!HHIH", KINDS[type_], 1, ttl, len(data)) + data
    if room:
        out += b"\0" + struct.pack("!HHIH", EDNS, room, DNSSEC_OK if signed else 0, 0)
    return out


def announced(records: Sequence[Record], more: Sequence[Record] = ()) -> bytes:
    """Return an answer without a question, as multicast DNS has it: every record names its owner."""
    out = struct.pack("!HHHHHH", 0, 0x8400, 0, len(records), 0, len(more))
    for owner, kind, ttl, data in (*records, *more):
        shared = 1 if kind == "PTR" else 0x8001  # the upper bit: forget what was said before
        out += host(owner) + struct.pack("!HHIH", KINDS[kind], shared, ttl, len(data)) + data
    return out


@dataclass(slots=True, kw_only=True)
class Stub:
    """One who asks one server by UDP; each question from a port of its own unless `port` is given."""

    client: str
    server: str
    dice: random.Random
    ports: Ports
    rtt: float = 0.004
    room: int = 0
    signed: bool = False
    recursive: bool = True
    port: int | None = None

    def ask(
        self,
        time: float,
        name: str,
        kind: str = "A",
        answers: Sequence[Record] = (),
        *,
        code: int = 0,
        zone: str = "",
        rtt: float | None = None,
        lost: int = 0,
        answered: bool = True,
        pause: float = 1.0,
    ) -> list[Timed]:
        """Return a question and its answer.

        `zone` puts the start of that zone into the answer; the first `lost` tries are asked in vain.
        """
        port = self.port or self.ports.take(self.client)
        ident = self.dice.randrange(65_536)
        flags = QUERY if self.recursive else 0
        ask = message(name, kind, ident=ident, flags=flags, room=self.room, signed=self.signed)
        wire = datagram(self.client, port, self.server, 53, ask)
        packets: list[Timed] = [(time + pause * (2**turn - 1), wire) for turn in range(lost + answered)]
        if not answered:
            return packets
        reply = message(
            name,
            kind,
            ident=ident,
            flags=(ANSWER if self.recursive else 0x8400) | code,
            answers=answers,
            authority=[start_of(zone)] if zone else [],
            room=1_232 if self.room else 0,
            signed=self.signed,
        )
        delay = rtt if rtt is not None else self.rtt * self.dice.uniform(0.8, 1.6)
        packets.append((packets[-1][0] + delay, datagram(self.server, 53, self.client, port, reply)))
        return packets


def over_tcp(
    client: str,
    port: int,
    server: str,
    turns: Iterable[tuple[float, bytes, bytes]],
    *,
    start: float,
    rtt: float = 0.03,
) -> list[Timed]:
    """Return one TCP connection with questions and answers: (pause before, question, answer)."""
    steps: list[Step] = []
    for pause, ask, reply in turns:
        steps.append((pause, True, len(ask).to_bytes(2, "big") + ask))
        steps.append((0.004, False, len(reply).to_bytes(2, "big") + reply))
    return conversation((client, port, server, 53), steps, start=start, rtt=rtt)
