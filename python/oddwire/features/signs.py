"""Weak signs that a host takes orders from another: what each weighs, and a memory of them by pair."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

__all__ = ["SIGNS", "Pair", "Pairs", "Sign"]

SECOND = 1_000_000_000
MOST_PAIRS, MOST_TIMES, MOST_PORTS = 5_000, 64, 8
# After so long a silence a pair begins anew.
QUIET_NS = 6 * 3_600 * SECOND
# A rhythm: so many pauses, none too short, most of them near the middle one.
LEAST_GAPS, LEAST_GAP_NS, NEAR, MOSTLY = 6, 2 * SECOND, 0.35, 0.8
# An idle line: so long, so many ticks in which something was said, hardly one of them with more than so much.
IDLE_NS, LEAST_IDLE, IDLE_BYTES = 300 * SECOND, 16, 512
ALIKE, LEAST_ALIKE = 0.2, 4


@dataclass(frozen=True, slots=True)
class Sign:
    """What a sign weighs, and how it is told. Signs of one family count once: the heaviest."""

    weight: float
    words: str
    family: str = ""
    # Whether many ordinary programs show it, so that no sum of such alone is an alarm.
    is_habit: bool = False


SIGNS: dict[str, Sign] = {
    # Where it goes.
    "nameless": Sign(1.5, "nobody had asked for a name of that address", "place"),
    "address_host": Sign(1.5, "requests name an address instead of a host", "place"),
    "dynamic": Sign(1.5, "its name is one that a service gives to anybody", "place"),
    "odd_port": Sign(1.5, "the protocol is at home on another port", "port"),
    "false_port": Sign(2.0, "what is spoken is not what the port is for", "port"),
    # How it presents itself.
    "no_sni": Sign(1.0, "TLS without the server's name", is_habit=True),
    "self_signed": Sign(2.0, "the server vouches for its certificate itself"),
    "bare_certificate": Sign(1.0, "the certificate tells no owner"),
    "odd_validity": Sign(1.0, "the certificate is valid for a decade or longer, for days, or no more"),
    "no_agent": Sign(1.0, "requests do not say what program asks", is_habit=True),
    # What it does.
    "regular": Sign(3.0, "new connections come at a steady beat", is_habit=True),
    "returns": Sign(1.0, "connection after connection says the same amount", is_habit=True),
    "alike_posts": Sign(1.0, "the same path is given posts of the same size", "posts", is_habit=True),
    "address_post": Sign(1.0, "data are posted to a bare address", "posts", is_habit=True),
    "tiny_answers": Sign(1.0, "answers are next to nothing", is_habit=True),
    "idles": Sign(2.0, "next to nothing is said for minutes on a line that is kept open", is_habit=True),
    "kept": Sign(1.0, "small messages in a protocol that nobody knows", is_habit=True),
    "program": Sign(2.0, "a program came in the clear", "program"),
    "disguised": Sign(3.5, "a program came under a false type", "program"),
    # What nothing else does.
    "pushed": Sign(3.0, "the server pushed data at once, unasked"),
    "turned": Sign(6.0, "the server gives short orders and the client prints the answers", "orders"),
    "reports": Sign(3.5, "lines of text go there on end that nobody asked for", "orders"),
    "shell": Sign(9.0, "it opened a connection and shows a command shell there", "orders"),
    "served_shell": Sign(6.0, "a command shell answers there, in plain text", "orders"),
    "staged": Sign(6.5, "a program came with its length before it, as stagers send it", "program"),
    "sent_program": Sign(3.0, "a program was sent as soon as the connection was open", "program"),
    "chat": Sign(1.5, "it sits in a chat", is_habit=True),
    "made_up_name": Sign(2.0, "it goes by a name that programs make up", "chat name", is_habit=True),
    "numbered_name": Sign(4.5, "its name there is fields and a number", "chat name"),
}
# Whoever runs a server of his own shows all of these at once: they are one thing, and weigh no more.
HOMEMADE = frozenset({"self_signed", "bare_certificate", "odd_validity", "no_sni", "odd_port"})
MOST_HOMEMADE = 4.0


@dataclass(slots=True)
class Pair:
    """What a host and a destination did: the signs with how often each showed, and when they met."""

    start_ns: int
    end_ns: int
    signs: dict[str, int] = field(default_factory=dict)
    times: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    # Posts: how many, and how many of them had tiny answers; the last path and sizes.
    posts: list[int] = field(default_factory=list)
    path: str = ""
    tiny: int = 0
    asked: int = 0
    ports: list[int] = field(default_factory=list)
    contacts: int = 0
    # Whether it speaks a protocol that is known.
    spoke: bool = False
    # Ticks in which next to nothing was said, and others.
    idle: int = 0
    busy: int = 0
    # What was last told: severity, contacts, and when it ended.
    told: list[int] = field(default_factory=lambda: [0, 0, 0])

    def show(self, sign: str) -> None:
        """Note a sign."""
        self.signs[sign] = self.signs.get(sign, 0) + 1

    def meet(self, time_ns: int, port: int) -> None:
        """Note a connection, by the time it began."""
        self.start_ns, self.end_ns = min(self.start_ns, time_ns), max(self.end_ns, time_ns)
        if port not in self.ports and len(self.ports) < MOST_PORTS:
            self.ports.append(port)
        if time_ns in self.times:
            return
        self.contacts += 1
        self.times.append(time_ns)
        del self.times[:-MOST_TIMES]

    def hear(self, size: int) -> None:
        """Note how much was said in a tick."""
        if size <= IDLE_BYTES:
            self.idle += 1
        else:
            self.busy += 1

    @property
    def is_idle(self) -> bool:
        """Say whether a line was kept open for long and hardly used: nobody works there."""
        return (
            self.idle >= max(LEAST_IDLE, MOSTLY * (self.idle + self.busy))
            and self.end_ns - self.start_ns >= IDLE_NS
            and 4 * self.contacts <= self.idle
        )

    def settle(self) -> None:
        """Tell the signs that only many connections, or many ticks, together show."""
        self.signs.pop("idles", None)
        if "odd_port" in self.signs and self.is_idle:
            self.signs["idles"] = self.idle
        if max(len(self.times), len(self.sizes), self.asked) < LEAST_ALIKE:
            return
        for sign, is_shown in (
            ("regular", _is_regular(self.times)),
            ("returns", _are_alike(self.sizes) and self.times[-1] - self.times[0] >= 60 * SECOND),
            ("alike_posts", _are_alike(self.posts)),
            ("tiny_answers", self.asked >= LEAST_ALIKE and self.tiny >= MOSTLY * self.asked),
        ):
            self.signs.pop(sign, None)
            if is_shown:
                self.signs[sign] = self.contacts

    @property
    def most_points(self) -> float:
        """Return what the signs weigh at most, as a first look."""
        return sum(SIGNS[name].weight for name in self.signs)

    @property
    def heaviest(self) -> list[str]:
        """Return the signs that count, the heaviest of each family, in falling order."""
        best: dict[str, str] = {}
        for name in self.signs:
            family = SIGNS[name].family or name
            other = best.get(family)
            if other is None or SIGNS[name].weight > SIGNS[other].weight:
                best[family] = name
        return sorted(best.values(), key=lambda name: (-SIGNS[name].weight, name))

    @property
    def is_only_habit(self) -> bool:
        """Say whether there is nothing but what many ordinary programs do."""
        return all(SIGNS[name].is_habit for name in self.signs)

    @property
    def points(self) -> float:
        """Return what the signs weigh together."""
        names = self.heaviest
        homemade = sum(SIGNS[name].weight for name in names if name in HOMEMADE)
        others = sum(SIGNS[name].weight for name in names if name not in HOMEMADE)
        return min(homemade, MOST_HOMEMADE) + others


class Pairs:
    """Pairs by host and destination; of too many the longest untouched goes."""

    def __init__(self, most: int = MOST_PAIRS) -> None:
        self.most = most
        self.known: OrderedDict[str, Pair] = OrderedDict()

    def at(self, client: str, server: str, time_ns: int) -> Pair:
        """Return the pair as of a time."""
        key = f"{client}|{server}"
        pair = self.known.pop(key, None)
        if pair is None or time_ns - pair.end_ns > QUIET_NS:
            if pair is None and len(self.known) >= self.most:
                self.known.popitem(last=False)
            pair = Pair(start_ns=time_ns, end_ns=time_ns)
        self.known[key] = pair
        return pair

    def find(self, client: str, server: str) -> Pair | None:
        """Return the pair, if there is one."""
        return self.known.get(f"{client}|{server}")

    def of(self, client: str) -> Iterator[tuple[str, Pair]]:
        """Yield the destinations of a host."""
        for key, pair in self.known.items():
            host, _, server = key.partition("|")
            if host == client:
                yield server, pair

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {key: asdict(pair) for key, pair in self.known.items()}

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.known = OrderedDict((key, Pair(**saved)) for key, saved in state.items())

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what others saw."""
        for key, saved in state.items():
            theirs, mine = Pair(**saved), self.known.get(key)
            self.known[key] = theirs if mine is None else _both(mine, theirs)
        ordered = sorted(self.known.items(), key=lambda entry: (entry[1].end_ns, entry[0]))
        self.known = OrderedDict(ordered[-self.most :])


def _is_regular(times: list[int]) -> bool:
    ordered = sorted(times)
    gaps = [later - time for time, later in pairwise(ordered) if later - time >= SECOND]
    if len(gaps) < LEAST_GAPS:
        return False
    middle = median(gaps)
    return (
        middle >= LEAST_GAP_NS
        and sum(abs(gap - middle) <= NEAR * middle for gap in gaps) >= MOSTLY * len(gaps)
        and len(gaps) >= MOSTLY * (len(ordered) - 1)
    )


def _are_alike(sizes: list[int]) -> bool:
    if len(sizes) < LEAST_ALIKE:
        return False
    middle = median(sizes)
    return middle > 0 and sum(abs(size - middle) <= ALIKE * middle for size in sizes) >= MOSTLY * len(sizes)


def _both(mine: Pair, theirs: Pair) -> Pair:
    names = sorted({*mine.signs, *theirs.signs})
    times = sorted({*mine.times, *theirs.times})
    return Pair(
        start_ns=min(mine.start_ns, theirs.start_ns),
        end_ns=max(mine.end_ns, theirs.end_ns),
        signs={name: mine.signs.get(name, 0) + theirs.signs.get(name, 0) for name in names},
        times=times[-MOST_TIMES:],
        sizes=[*mine.sizes, *theirs.sizes][-MOST_TIMES:],
        posts=[*mine.posts, *theirs.posts][-MOST_TIMES:],
        path=max(mine.path, theirs.path),
        tiny=mine.tiny + theirs.tiny,
        asked=mine.asked + theirs.asked,
        ports=sorted({*mine.ports, *theirs.ports})[:MOST_PORTS],
        contacts=mine.contacts + theirs.contacts,
        spoke=mine.spoke or theirs.spoke,
        idle=mine.idle + theirs.idle,
        busy=mine.busy + theirs.busy,
        told=max(mine.told, theirs.told),
    )
