"""Data in names and answers as the known tools code it: iodine, dnscat2, dns2tcp, a beacon over DNS."""

import base64
import random
import struct
from dataclasses import dataclass

from oddwire.testing.capture import Timed
from oddwire.testing.dns_messages import Record, Stub, addresses, host, mail_host, service, text
from oddwire.testing.wire import datagram

__all__ = ["Dnscat", "Iodine", "base32_text", "beacon_check", "beacon_task", "dns2tcp", "dotted", "web64"]

LETTERS = "abcdefghijklmnopqrstuvwxyz012345"  # iodine's base 32
LABEL, LONGEST = 57, 245
RAW_MAGIC = b"\x10\xd1\x9e"


def base32_text(data: bytes) -> str:
    """Return bytes in base 32, without padding and in small letters."""
    return base64.b32encode(data).decode().rstrip("=").lower()


def web64(data: bytes) -> str:
    """Return bytes in the base 64 of names."""
    return base64.b64encode(data, b"-_").decode().rstrip("=")


def dotted(coded: str, domain: str, label: int = LABEL) -> str:
    """Return a name whose labels carry a text, as far as a name can."""
    coded = coded[: (LONGEST - len(domain)) * label // (label + 1)]
    return ".".join([*(coded[at : at + label] for at in range(0, len(coded), label)), domain])


def _iodine32(data: bytes) -> str:
    number, bits = int.from_bytes(data, "big"), len(data) * 8
    number <<= -bits % 5
    return "".join(LETTERS[number >> at & 31] for at in range(bits + -bits % 5 - 5, -1, -5))


@dataclass(slots=True)
class Iodine:
    """iodine 0.7: packets of a tunnel device in names, and in NULL, TXT, SRV, CNAME or MX answers."""

    stub: Stub
    domain: str
    kind: str
    dice: random.Random
    lazy_s: float = 4.0
    count: int = 0

    def _down(self, data: bytes) -> list[Record]:
        """Return downstream data as this type of record can carry it."""
        if self.kind == "NULL":
            return [("", "NULL", 0, data)]
        if self.kind == "TXT":
            return [("", "TXT", 0, text(b"t" + base64.b64encode(data[:900])))]
        name = dotted("h" + _iodine32(data[:140]), "xb")
        body = {"SRV": service(name, 5_060, 10, 10), "MX": mail_host(name), "CNAME": host(name)}
        return [("", self.kind, 0, body[self.kind])]

    def _turn(self, time: float, name: str, down: bytes, rtt: float | None = None) -> list[Timed]:
        self.count += 1
        return self.stub.ask(time, f"{name}.{self.domain}", self.kind, self._down(down), rtt=rtt)

    def open(self, time: float) -> list[Timed]:
        """Return how a tunnel begins: version, log-in, what letters survive, how much an answer holds."""
        throw = self.dice.randbytes
        version = "v" + _iodine32(struct.pack("!I", 0x502) + throw(2))
        login = "l" + _iodine32(b"\0" + throw(18))
        cases = "zaA-Aaahhh-Drink-mal-ein-J\xe4germeister-"
        steps = [
            (version, b"VACK" + throw(4) + b"\0"),
            (login, b"10.9.0.1-10.9.0.2-1130-27"),
            (cases + _iodine32(throw(2)), cases.encode("latin-1")),
            ("saa5" + _iodine32(throw(2)), b"Base64"),
            ("oal" + _iodine32(throw(2)), b"Lazy"),
            *(
                (f"r{LETTERS[size % 26]}b" + "aayvabsn"[: 3 + size % 5] + _iodine32(throw(9)), throw(size))
                for size in (768, 1_152, 960, 1_056, 1_104, 1_128)
            ),
            ("na" + _iodine32(throw(5)), b"\x04\x6a"),
        ]
        return [
            packet
            for place, (name, down) in enumerate(steps)
            for packet in self._turn(time + 0.31 * place, name, down)
        ]

    def idle(self, time: float, seconds: float) -> list[Timed]:
        """Return the pings of a lazy tunnel: the server keeps each until the next comes."""
        packets, end = list[Timed](), time + seconds
        while time < end:
            gap = self.lazy_s + self.dice.uniform(0.001, 0.02)
            packets += self._turn(time, "p" + _iodine32(b"\0" + self.dice.randbytes(3)), b"\0\0", gap + 0.01)
            time += gap
        return packets

    def busy(self, time: float, rounds: int, *, up: float = 0.5, gap: float = 0.02) -> list[Timed]:
        """Return data both ways; `up` is the share of the rounds that carry something out."""
        packets: list[Timed] = []
        for _ in range(rounds):
            down = b"\x82\x10" + self.dice.randbytes(self.dice.choice([2, 90, 1_080]))
            if self.dice.random() < up:
                sent = base64.b64encode(self.dice.randbytes(self.dice.choice([60, 148, 148])), b"-+")
                coded = "0" + LETTERS[self.count % 32] + "aa" + LETTERS[self.count % 26]
                name = dotted(coded + sent.decode().rstrip("="), self.domain).removesuffix(f".{self.domain}")
                packets += self._turn(time, name, down[: self.dice.choice([2, 92])])
            else:
                packets += self._turn(time, "p" + _iodine32(b"\0" + self.dice.randbytes(3)), down)
            time += self.dice.expovariate(1 / gap) + 0.001
        return packets

    def raw(self, time: float, rounds: int, *, port: int) -> list[Timed]:
        """Return what follows when client and server reach each other: no DNS any more, on its port."""
        client, server, packets = self.stub.client, self.stub.server, list[Timed]()
        login = self.dice.randbytes(16)
        for kind, data in [(0x10, login), *((0x20, b"") for _ in range(rounds))]:
            head = RAW_MAGIC + bytes([kind])
            there = data or self.dice.randbytes(self.dice.choice([60, 84, 140, 900]))
            back = data or self.dice.randbytes(self.dice.choice([60, 84, 500, 1_150]))
            packets.append((time, datagram(client, port, server, 53, head + there)))
            packets.append((time + 0.021, datagram(server, 53, client, port, head + back)))
            time += self.dice.expovariate(12) + 0.002
        return packets


@dataclass(slots=True)
class Dnscat:
    """dnscat2: encrypted messages in hexadecimal labels, below a domain or behind the word `dnscat`."""

    stub: Stub
    domain: str
    dice: random.Random
    kinds: tuple[str, ...] = ("TXT", "CNAME", "MX")
    session: bytes = b"\x5d\x17"

    def _name(self, data: bytes) -> str:
        coded = data.hex()
        labels = [coded[at : at + 60] for at in range(0, len(coded), 60)]
        return ".".join([*labels, self.domain] if self.domain else ["dnscat", *labels])

    def _message(self, size: int, kind: int = 1) -> bytes:
        throw = self.dice.randbytes
        return throw(2) + bytes([kind]) + self.session + throw(8) + throw(4 + size)

    def turn(self, time: float, there: int = 0, back: int = 0, kind: int = 1) -> list[Timed]:
        """Return one message each way with so many bytes of data: 95 is about all that a name holds."""
        down = self._message(back, kind)
        way = self.dice.choice(self.kinds)
        if way in {"A", "AAAA"}:
            size = 4 if way == "A" else 16
            data: Record = ("", way, 60, down[:size].ljust(size, b"\0"))
        elif way == "TXT":
            data = ("", "TXT", 60, text(down.hex().encode()))
        else:
            name = self._name(down)
            data = ("", way, 60, host(name) if way == "CNAME" else mail_host(name))
        return self.stub.ask(time, self._name(self._message(there, kind)), way, [data])


def dns2tcp(  # noqa: PLR0917  # who, where, when
    stub: Stub, domain: str, kind: str, start: float, rounds: int, dice: random.Random
) -> list[Timed]:
    """Return dns2tcp: log-in and connection under words of its own, then a session of SSH in base 64."""
    time, packets = start, list[Timed]()
    words = [("=auth", 6, 24), ("=auth", 24, 8), ("=resource", 6, 30), ("=connect", 12, 8)]
    plan = [(f"{word}.{domain}", there, back) for word, there, back in words]
    plan += [
        (domain, dice.choice([0, 0, 36, 52, 120]), dice.choice([0, 36, 100, 160])) for _ in range(rounds)
    ]
    session = dice.randbytes(2)
    for number, (below, there, back) in enumerate(plan):
        head = session + struct.pack("!HHB", number, max(0, number - 1), 4)
        name = dotted(web64(head + dice.randbytes(there)), below, 63)
        body = web64(head + dice.randbytes(back)).encode()
        data = text(b"A" + body) if kind == "TXT" else b"\x02\x00\x03\x08" + body
        record: Record = ("", kind, 3, data)
        packets += stub.ask(time, name, kind, [record])
        time += dice.choice([0.03, 0.06, 0.5, 1.0]) * dice.uniform(0.8, 1.3)
    return packets


def beacon_check(stub: Stub, time: float, ident: str, domain: str, answer: str = "0.0.0.0") -> list[Timed]:  # noqa: S104
    """Return a check-in of a beacon: its number as a name; 0.0.0.0 says: nothing to do."""
    return stub.ask(time, f"{ident}.{domain}", "A", addresses(answer, ttl=1))


def beacon_task(
    stub: Stub, time: float, ident: str, domain: str, *, down: int, up: int, dice: random.Random
) -> list[Timed]:
    """Return a task fetched in TXT answers, and what came of it, posted in labels of A questions."""
    packets = beacon_check(stub, time, ident, domain, "0.0.0.243")
    number = dice.randrange(16**5, 16**6)
    packets += stub.ask(time + 0.4, f"api.0{number:x}.{ident}.{domain}", "A", addresses("0.0.1.64", ttl=1))
    for turn in range(down):
        coded = base64.b64encode(dice.randbytes(189))
        name = f"api.{turn + 1:x}{number:x}.{ident}.{domain}"
        packets += stub.ask(time + 0.5 + 0.15 * turn, name, "TXT", [("", "TXT", 1, text(coded))])
    time += 3.0 + 0.15 * down
    number = dice.randrange(16**5, 16**6)
    for turn in range(up):
        labels = [dice.randbytes(28).hex() for _ in range(1 + turn % 3)]
        name = ".".join(
            ["post", f"{len(labels)}{labels[0]}", *labels[1:], f"{turn:x}{number:x}", ident, domain]
        )
        packets += stub.ask(time + 0.12 * turn, name, "A", addresses("0.0.0.0", ttl=1))  # noqa: S104  # no address to bind
    return packets
