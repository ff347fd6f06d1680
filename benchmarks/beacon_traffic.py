"""Beacons and what looks like them, as tables: contacts with times, sizes and manners, no packets."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl

from oddwire.base.window import Window
from oddwire.records.judged import TICK_NS
from oddwire.testing.windows import arp_frame, hosts_named, nothing_said, talk_frame

__all__ = [
    "BEACONS",
    "BEGIN",
    "HOST",
    "LOOK_ALIKES",
    "SESSIONS",
    "Contact",
    "Manner",
    "Session",
    "Traffic",
    "times",
]

SECOND = 1_000_000_000
BEGIN = 1_710_062_400
TCP, UDP = 6, 17
RESOLVER = "10.0.0.1"
HOST = "10.0.0.5"


@dataclass(frozen=True, kw_only=True)
class Session:
    """How long a capture is, and the beat of what is in it."""

    name: str
    seconds: int
    beat: float


SESSIONS = (
    Session(name="ten minutes, each 10 s", seconds=600, beat=10),
    Session(name="six hours, each 60 s", seconds=6 * 3_600, beat=60),
    Session(name="a week, each 5 min", seconds=7 * 86_400, beat=300),
)


@dataclass(frozen=True, kw_only=True)
class Manner:
    """How contacts are made: where to, in what protocol, how large, and what is said of them."""

    service: str | None = None
    port: int = 443
    protocol: int = TCP
    name: str | None = None
    # Bytes out and back: from, to.
    out: tuple[int, int] = (600, 606)
    back: tuple[int, int] = (3_400, 3_406)
    tls: Mapping[str, Any] | None = None
    http: Mapping[str, Any] | None = None
    # One connection for all.
    is_kept: bool = False
    is_answered: bool = True


@dataclass(frozen=True, kw_only=True)
class Contact:
    """Contacts of one host with one destination."""

    src: str
    dst: str
    starts: Sequence[float]
    manner: Manner
    # Of so many contacts one has something to say.
    busy: float = 0.0


@dataclass
class Traffic:
    """All contacts of a capture, as the tables that a detector reads."""

    contacts: list[Contact]
    seconds: int
    seed: int
    pairs: dict[tuple[str, str, int], tuple[list[float], list[int]]] = field(default_factory=dict)

    def window(self) -> Window:
        """Return everything in one window; fill `pairs` with the times and sizes of each pair."""
        dice = random.Random(self.seed)
        names = sorted({RESOLVER, *(name for one in self.contacts for name in (one.src, one.dst))})
        numbers = {name: number for number, name in enumerate(names)}
        talks: list[dict[str, Any]] = []
        said: dict[str, list[dict[str, Any]]] = {"tls": [], "http": [], "dns": []}
        for one in self.contacts:
            if one.manner.name:
                said["dns"].append(_asked(numbers, one))
            for row in _rows(one, numbers, dice):
                talks.append(row)
                self._note(one, row)
                for protocol in ("tls", "http"):
                    if (words := getattr(one.manner, protocol)) is not None:
                        said[protocol].append(_said(row, words))
        # That names are asked for is seen of each host.
        said["dns"] += [
            _asked(numbers, replace(one, dst="198.51.100.3"))
            for one in {one.src: one for one in self.contacts}.values()
        ]
        talks.sort(key=lambda row: (row["tick"], row["first"]))
        begin = BEGIN * SECOND
        return Window(
            start_ns=begin,
            end_ns=begin + (self.seconds + 60) * SECOND,
            talks=_talks(talks),
            ended=talk_frame().clear(),
            arp=arp_frame().clear(),
            hosts=hosts_named(lambda number: names[number]),
            said={**nothing_said(), **{protocol: _table(protocol, rows) for protocol, rows in said.items()}},
        )

    def _note(self, one: Contact, row: Mapping[str, Any]) -> None:
        if row["first"] == row["born"]:
            starts, sizes = self.pairs.setdefault((one.src, one.dst, one.manner.port), ([], []))
            starts.append(row["first"] / SECOND)
            sizes.append(row["payload_out"])


def _rows(one: Contact, numbers: Mapping[str, int], dice: random.Random) -> Iterator[dict[str, Any]]:
    manner = one.manner
    born = 0
    for number, start in enumerate(one.starts):
        first = round((BEGIN + start) * SECOND)
        born = born if manner.is_kept and born else first
        work = 40 if dice.random() < one.busy else 1
        yield {
            "tick": first - first % TICK_NS,
            "src": numbers[one.src],
            "dst": numbers[one.dst],
            "src_port": 20_000 + (0 if manner.is_kept else number % 40_000),
            "dst_port": manner.port,
            "protocol": manner.protocol,
            "ip_version": 4,
            "sure": True,
            "service": manner.service,
            "born": born,
            "first": first,
            "last": first + 40_000_000,
            "packets_out": 6,
            "packets_in": 5 if manner.is_answered else 0,
            "payload_out": dice.randint(*manner.out) * work if manner.is_answered else 0,
            "payload_in": dice.randint(*manner.back) * work if manner.is_answered else 0,
            "syn_out": int(manner.protocol == TCP and first == born),
        }


def _said(row: Mapping[str, Any], words: Mapping[str, Any]) -> dict[str, Any]:
    flow = "tick src dst src_port dst_port protocol ip_version born first".split()  # noqa: SIM905  # shorter
    return {name: row[name] for name in flow} | dict(words)


def _asked(numbers: Mapping[str, int], one: Contact) -> dict[str, Any]:
    begin = BEGIN * SECOND
    return {
        "tick": begin,
        "src": numbers[one.src],
        "dst": numbers[RESOLVER],
        "first": begin,
        "born": begin,
        "query": one.manner.name,
        "answers": one.dst,
    }


def _talks(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    if not rows:
        return talk_frame().clear()
    return talk_frame(**{name: [row[name] for row in rows] for name in rows[0]})


def _table(protocol: str, rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    empty = nothing_said()[protocol]
    if not rows:
        return empty
    return pl.DataFrame(
        [{name: row.get(name) for name in empty.columns} for row in rows], schema=empty.schema
    ).sort("tick")


def times(
    session: Session, *, jitter: float, missed: float, seed: int, beat: float | None = None
) -> list[float]:
    """Return when contacts of a session begin: each beat is skewed evenly, some are left out."""
    dice = random.Random(seed)
    every, found = beat or session.beat, []
    time = dice.uniform(0, every)
    while time < session.seconds:
        if dice.random() >= missed:
            found.append(time)
        time += every * dice.uniform(1 - jitter, 1 + jitter)
    return found


def _arrivals(session: Session, seed: int, mean: float) -> list[float]:
    dice = random.Random(seed)
    found, time = [], dice.expovariate(1 / mean)
    while time < session.seconds:
        found.append(time)
        time += dice.expovariate(1 / mean)
    return found


def _bursts(session: Session, seed: int) -> list[float]:
    dice = random.Random(seed)
    visits = _arrivals(session, seed, 12 * session.beat)
    found = [visit + dice.expovariate(1 / 2.0) for visit in visits for _ in range(dice.randint(1, 12))]
    return sorted(time for time in found if time < session.seconds)


NEW = {"resumed": False}
NAME = "cdn.example.net"
WEB = {
    "method": "POST",
    "host": NAME,
    "path": "/in",
    "request_bytes": 40,
    "response_bytes": 20,
    "status": 200,
}
PAGE = {**WEB, "referrer": f"http://{NAME}/page", "cookies": 2}
CHECK = {"method": "GET", "host": NAME, "path": "/check", "status": 204}
NAMED = Manner(service="tls", name=NAME, tls={**NEW, "sni": NAME})
# What beacons are made of.
BEACONS: Mapping[str, Manner] = {
    "TLS without a name": Manner(service="tls", port=8_081, tls=NEW),
    "TLS by name, 443": NAMED,
    "HTTP by name, 80": Manner(service="http", port=80, name=NAME, http=WEB),
    "unknown protocol": Manner(port=4_782, out=(80, 88), back=(40, 44)),
}

Maker = Callable[[Session, int], list[Contact]]


def _one(manner: Manner, *, beat: float | None = None, dst: str = "203.0.113.9") -> Maker:
    def made(session: Session, seed: int) -> list[Contact]:
        starts = times(session, jitter=0.05, missed=0.0, seed=seed, beat=beat)
        return [Contact(src=HOST, dst=dst, starts=starts, manner=manner)]

    return made


def _monitor(session: Session, seed: int) -> list[Contact]:
    return [
        Contact(
            src=HOST,
            dst=f"203.0.113.{number}",
            starts=times(session, jitter=0.05, missed=0.0, seed=seed + number),
            manner=BEACONS["TLS without a name"],
        )
        for number in range(8)
    ]


def _agents(session: Session, seed: int) -> list[Contact]:
    return [
        Contact(
            src=f"10.0.0.{20 + number}",
            dst="203.0.113.9",
            starts=times(session, jitter=0.05, missed=0.0, seed=seed + number),
            manner=BEACONS["unknown protocol"],
        )
        for number in range(8)
    ]


def _at(starts: Callable[[Session, int], list[float]], manner: Manner) -> Maker:
    return lambda session, seed: [
        Contact(src=HOST, dst="203.0.113.9", starts=starts(session, seed), manner=manner)
    ]


_VARIED = replace(NAMED, out=(300, 4_000), back=(800, 60_000))
_TINY = {"out": (40, 44), "back": (40, 44)}
LOOK_ALIKES: Mapping[str, Maker] = {
    "clock (NTP)": _one(Manner(service="ntp", port=123, protocol=UDP, out=(48, 48), back=(48, 48))),
    "update check each hour": _one(NAMED, beat=3_600),
    "telemetry each 10 min": _one(NAMED, beat=600),
    "is there a network (HTTP 204)": _one(Manner(service="http", port=80, name=NAME, http=CHECK)),
    "open page that polls": _one(Manner(service="http", port=80, name=NAME, http=PAGE)),
    "app that polls, sessions resumed": _one(replace(NAMED, tls={"resumed": True, "sni": NAME})),
    "app with answers of all sizes": _one(_VARIED),
    "mail each minute": _one(Manner(service="tls", port=993, name=NAME, tls={**NEW, "sni": NAME})),
    "monitor of eight hosts": _monitor,
    "agents on eight hosts": _agents,
    "health check inside": _one(BEACONS["TLS without a name"], dst="10.0.7.9"),
    "device polled in a plant": _one(BEACONS["unknown protocol"], dst="192.168.7.9"),
    "retries at a dead host inside": _one(Manner(port=9_100, is_answered=False), dst="10.0.7.9"),
    "push in one connection": _one(replace(NAMED, is_kept=True, **_TINY)),
    "MQTT": _one(Manner(service="mqtt", port=8_883, is_kept=True, **_TINY)),
    "VPN over UDP": _one(Manner(service="wireguard", port=51_820, protocol=UDP, is_kept=True, **_TINY)),
    "game over UDP, by name": _one(Manner(port=27_015, protocol=UDP, name=NAME, is_kept=True, **_TINY)),
    "STUN": _one(Manner(service="stun", port=3_478, protocol=UDP, **_TINY)),
    "questions of a resolver": _one(Manner(service="dns", port=53, protocol=UDP, **_TINY)),
    "SNMP": _one(Manner(service="snmp", port=161, protocol=UDP, **_TINY)),
    "browsing at random": _at(lambda session, seed: _arrivals(session, seed, session.beat), _VARIED),
    "equal requests at random": _at(lambda session, seed: _arrivals(session, seed, session.beat), NAMED),
    "visits in bursts": _at(_bursts, _VARIED),
}
