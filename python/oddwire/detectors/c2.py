"""Command and control: signs, each weak, that a host takes orders from another, until they suffice."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.orders import ORDERS_NEED, Orders
from oddwire.features.signs import SIGNS, Pair
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

__all__ = ["C2"]

SECOND = 1_000_000_000
TCP = 6
# Told again when so much more time passed, or so many more connections were made.
GROWTH = 1.25
MOST_REASONS = 4


@dataclass(frozen=True, kw_only=True)
class C2Parameters(Parameters):
    """What the signs of a pair must weigh together; the weights are on the page."""

    low: float = parameter(4.5, "what is worth knowing", "points")
    medium: float = parameter(6.0, "what is worth a look today", "points")
    high: float = parameter(8.0, "what is hardly anything else", "points")


class C2(Detector):
    """Adds up what is odd about a destination: how it is reached, how it presents itself, what it does."""

    name = "c2"
    kind = Kind.C2
    scope = Scope.PAIR
    needs = ORDERS_NEED
    attack = ("T1071", "T1573", "T1571")
    parameters = C2Parameters
    page = Page(
        sees=(
            "Several independent signs between a host and an outside destination, each with a weight: "
            + ", ".join(f"{sign.words} ({sign.weight:g})" for sign in SIGNS.values())
            + "."
        ),
        matters="Somebody outside gives orders to a program inside, and can do what its user can.",
        wrong_when=(
            "Software with servers of its own making, reached by address and at a steady beat, has the same "
            "signs: look what program it is before anything else."
        ),
        example=(
            "10.0.0.12 takes orders from 203.0.113.66:4782 (31 connections in 2 min): new connections come "
            "at a steady beat, the server vouches for its certificate itself"
        ),
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.orders = Orders()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Note the signs of each tick, and judge the pairs that showed some."""
        for tick, touched in self.orders.pass_through(window):
            for client, server, pair in touched:
                pair.settle()
                level = self._level(pair)
                if level is not None and _is_news(pair, level):
                    yield self._evidence(client, server, pair, level, tick)

    def _level(self, pair: Pair) -> Severity | None:
        """Return how grave the signs are together."""
        if pair.most_points < self.settings.low or (points := pair.points) < self.settings.low:
            return None
        if points < self.settings.medium or pair.is_only_habit:
            return Severity.LOW
        return Severity.HIGH if points >= self.settings.high else Severity.MEDIUM

    def _evidence(self, client: str, server: str, pair: Pair, level: Severity, tick: int) -> Evidence:
        pair.told = [int(level), pair.contacts, pair.end_ns]
        names, points = pair.heaviest, pair.points
        words = ", ".join(SIGNS[name].words for name in names[:3])
        port = pair.ports[0] if pair.ports else 0
        sure = "takes orders" if level is Severity.HIGH else "may take orders"
        many = count_text(pair.contacts, "connection")
        span = duration_text(max(pair.end_ns - pair.start_ns, 1))
        return Evidence(
            kind=Kind.C2,
            subject=Party(ip=client),
            part=server,
            title=f"{client} {sure} from {server}:{port} ({many} in {span}): {words}",
            score=min(points / 12, 0.98),
            severity=level,
            start_ns=pair.start_ns,
            end_ns=pair.end_ns,
            at_ns=tick + TICK_NS,
            targets=tuple(Target(ip=server, port=one, proto="tcp") for one in pair.ports),
            target_count=1,
            facts={
                "points": round(points, 2),
                "signs": names,
                "connections": pair.contacts,
                "ports": sorted(pair.ports),
            },
            reasons=tuple(
                Reason(
                    feature=name,
                    value=float(pair.signs[name]),
                    typical=(0.0, 0.0),
                    weight=round(SIGNS[name].weight / points, 2),
                )
                for name in names[:MOST_REASONS]
            ),
            selectors=(
                Selector(a=client, b=server, from_ns=pair.start_ns, until_ns=pair.end_ns, protocol=TCP),
            ),
        )

    def save(self) -> State:
        """Return what is remembered."""
        return self.orders.save()

    def load(self, state: State) -> None:
        """Remember this, and nothing else."""
        self.orders.load(state)

    def merge(self, other: State) -> None:
        """Remember this too."""
        self.orders.merge(other)


def _is_news(pair: Pair, level: Severity) -> bool:
    """Say whether there is more to tell than was told."""
    told, contacts, end_ns = pair.told
    return (
        int(level) > told
        or pair.contacts >= GROWTH * max(contacts, 1)
        or pair.end_ns - end_ns >= max(60 * SECOND, (GROWTH - 1) * (end_ns - pair.start_ns))
    )
