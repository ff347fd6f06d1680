"""Reconnaissance of controllers: what a host asks only in order to learn what there is."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.controllers import CONTROLLERS_NEED, DNP3, MODBUS, Order, orders
from oddwire.features.memory import Memory, Track
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

__all__ = ["IcsRecon"]

SECOND = 1_000_000_000
QUIET_NS = 300 * SECOND
PROTOCOLS = {"tcp": 6, "udp": 17}
# Functions that only say what a device is: server identifier, exception status, identification.
IDENTIFY = {17, 43}
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS = 1, 2
MOST_THINGS = 1_200
EVEN = 0.9
# What is counted, in the words of the title.
WORDS = {
    "function": "function codes",
    "unit": "units",
    "address": "addresses that it does not have",
    "step": "addresses one by one",
    "identify": "devices what they are",
}


@dataclass(frozen=True, kw_only=True)
class IcsReconParameters(Parameters):
    """When questions to controllers are a scan; all within five minutes of each other."""

    functions: int = parameter(10, "functions that were tried at one device", "functions")
    refused_functions: int = parameter(4, "functions among them, or alone, that it did not know", "functions")
    units: int = parameter(20, "units behind one address, most of which did not answer", "units")
    answered_units: int = parameter(100, "the same where all answered", "units")
    addresses: int = parameter(10, "addresses that a device does not have", "addresses")
    steps: int = parameter(150, "addresses asked once each at equal steps", "addresses")
    identified: int = parameter(3, "devices that were asked only what they are", "devices")


class IcsRecon(Detector):
    """Counts the different things that a host tries at controllers, and how many of them there are not."""

    name = "ics_recon"
    kind = Kind.ICS_RECON
    scope = Scope.HOST
    needs = CONTROLLERS_NEED
    attack = ("T0846", "T0888", "T0861")
    parameters = IcsReconParameters
    page = Page(
        sees=(
            "One host tries many function codes, units or addresses of a controller (Modbus, DNP3), most of "
            "which there are not, walks over its registers one by one, or asks several devices what they are."
        ),
        matters="Whoever wants to command a controller first has to learn what it has and where.",
        wrong_when=(
            "Commissioning and tools that take stock of devices do the same; a wrongly configured master "
            "asks for what there is not, but always for the same."
        ),
        example="10.0.0.9 tried 127 function codes at controller 10.0.0.20 in 12 s; 118 were refused",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        # 500 x 1,200 short texts with times: about 20 MiB at the very most.
        self.pairs = Memory(quiet_ns=QUIET_NS, most_keys=400, most_things=MOST_THINGS)
        self.hosts = Memory(quiet_ns=QUIET_NS, most_keys=2_000, most_things=64)

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Note what was asked in each tick, and judge whoever asked something new."""
        fresh: dict[str, Order] = {}
        tick = None
        for order in orders(window):
            if order.tick != tick:
                yield from self._judged(fresh, window)
                fresh, tick = {}, order.tick
            key = f"{order.src}|{order.device}"
            if self._note(key, order):
                fresh[key] = order
        yield from self._judged(fresh, window)

    def _note(self, key: str, order: Order) -> bool:
        """Note what was asked; say whether any of it is new."""
        track = self.pairs.at(key, order.first)
        size = len(track.things) + track.beyond
        outcome = "refused" if order.refused else "answered" if order.answered else "silent"
        if order.refusal in {ILLEGAL_FUNCTION, -1}:
            outcome = "unknown"
        things = [f"function {order.function}", f"unit {order.unit}"]
        if order.refusal == ILLEGAL_ADDRESS:
            things += [f"address {order.function} {address}" for address in order.addresses]
        elif order.spoken == MODBUS:
            things += [f"step {order.function} {address}" for address in order.addresses]
        for thing in things:
            # What was answered once is there, whatever else it says later.
            was = track.things.get(thing, (0, ""))[1]
            track.touch(thing, order.last, was if was == "answered" else outcome, MOST_THINGS)
        track.end_ns = max(track.end_ns, order.last)
        track.add(asked=order.count)
        is_identifying = order.spoken == MODBUS and order.function in IDENTIFY
        if is_identifying:
            self.hosts.at(order.src, order.first).touch(order.dst, order.last, outcome, 64)
        return is_identifying or len(track.things) + track.beyond > size or outcome in {"unknown", "refused"}

    def _judged(self, fresh: dict[str, Order], window: Window) -> Iterator[Evidence]:
        for key, order in fresh.items():
            track = self.pairs.find(key)
            if track is None:
                continue
            is_blind = order.tick in window.quality.one_sided
            for what, found, refused in self._scans(track, order, is_blind=is_blind):
                if track.sums.get(what, 0) * 3 // 2 < found:
                    track.sums[what] = found
                    yield self._evidence(order, track, what, found, refused)
            yield from self._identified(order, track)

    def _scans(self, track: Track, order: Order, *, is_blind: bool) -> Iterator[tuple[str, int, int]]:
        """Yield what was scanned: what it is, how many, and how many of them there are not."""
        wanted, since = self.settings, order.last - QUIET_NS
        things: dict[str, list[tuple[str, str]]] = {}
        for thing, (at, outcome) in track.things.items():
            if at >= since:
                what, _, rest = thing.partition(" ")
                things.setdefault(what, []).append((rest, outcome))
        functions = things.get("function", [])
        unknown = sum(outcome == "unknown" for _, outcome in functions)
        # A full tool of an engineer uses some ten functions; DNP3 has more of them in use.
        many = wanted.functions * (2 if order.spoken == DNP3 else 1)
        if unknown >= wanted.refused_functions or len(functions) >= many:
            yield "function", len(functions), unknown
        units = things.get("unit", [])
        mute = sum(outcome != "answered" for _, outcome in units)
        is_mostly_mute = not is_blind and 2 * mute >= len(units)
        asked = track.sums.get("asked", 0)
        # Whoever polls a gateway asks each of its units again and again.
        if (len(units) >= wanted.units and is_mostly_mute) or (
            len(units) >= wanted.answered_units and asked <= 3 * len(units)
        ):
            yield "unit", len(units), mute
        missing = things.get("address", [])
        if len(missing) >= wanted.addresses:
            yield "address", len(missing), len(missing)
        steps = things.get("step", [])
        if len(steps) >= wanted.steps and asked <= 1.5 * len(steps) and _is_even([one for one, _ in steps]):
            yield "step", len(steps), 0

    def _identified(self, order: Order, track: Track) -> Iterator[Evidence]:
        """Judge hosts that asked several devices what they are."""
        host = self.hosts.find(order.src)
        if host is None or len(host.things) < self.settings.identified:
            return
        # A master asks that too, when it connects, and then goes on to read.
        if track.sums.get("asked", 0) > 10 or host.sums.get("told", 0) * 3 // 2 >= len(host.things):  # noqa: PLR2004  # as above
            return
        host.sums["told"] = len(host.things)
        yield self._evidence(order, host, "identify", len(host.things), 0)

    def _evidence(self, order: Order, track: Track, what: str, found: int, refused: int) -> Evidence:
        is_about_many = what == "identify"
        first = max(track.start_ns, order.last - QUIET_NS)
        last = max(order.last, track.end_ns)
        span = duration_text(max(last - first, 1))
        target = Target(ip=None if is_about_many else order.dst, port=order.port, proto=order.transport)
        if is_about_many:
            title = f"{order.src} asked {count_text(found, 'controller')} in {span} only what they are"
        else:
            more = f"; {refused:,} were refused or silent" if refused and what != "address" else ""
            title = f"{order.src} tried {found:,} {WORDS[what]} at controller {order.dst} in {span}{more}"
        targets = (
            (target,)
            if not is_about_many
            else tuple(
                Target(ip=ip, port=order.port, proto=order.transport) for ip in sorted(track.things)[:16]
            )
        )
        return Evidence(
            kind=Kind.ICS_RECON,
            subject=Party(ip=order.src),
            part=what if is_about_many else f"{order.device}|{what}",
            title=title,
            score=min(0.6 + 0.002 * found + 0.01 * min(refused, 20), 0.97),
            severity=Severity.MEDIUM,
            start_ns=first,
            end_ns=last,
            at_ns=order.tick + TICK_NS,
            targets=targets,
            target_count=found if is_about_many else 1,
            facts={"what": what, "protocol": order.spoken, "tried": found, "refused": refused},
            reasons=(
                Reason(feature=f"different_{what}s", value=float(found), typical=(1.0, 8.0), weight=0.6),
                Reason(feature="refused_or_silent", value=float(refused), typical=(0.0, 2.0), weight=0.4),
            ),
            selectors=tuple(
                Selector(
                    a=order.src,
                    b=one.ip,
                    from_ns=first,
                    until_ns=last,
                    protocol=PROTOCOLS[order.transport],
                    port=order.port,
                )
                for one in targets
            ),
        )

    def save(self) -> State:
        """Return what was asked."""
        return {"pairs": self.pairs.save(), "hosts": self.hosts.save()}

    def load(self, state: State) -> None:
        """Remember what was asked."""
        self.pairs.load(state["pairs"])
        self.hosts.load(state["hosts"])

    def merge(self, other: State) -> None:
        """Remember this too."""
        self.pairs.merge(other["pairs"])
        self.hosts.merge(other["hosts"])


def _is_even(steps: list[str]) -> bool:
    """Say whether addresses follow each other at equal steps, function by function."""
    by_function: dict[str, set[int]] = {}
    for step in steps:
        function, _, address = step.partition(" ")
        by_function.setdefault(function, set()).add(int(address))
    gaps: Counter[tuple[str, int]] = Counter()
    for function, seen in by_function.items():
        ordered = sorted(seen)
        gaps.update((function, later - one) for one, later in pairwise(ordered))
    most = sum(amount for _, amount in gaps.most_common(len(by_function)))
    return most >= EVEN * (len(steps) - len(by_function))
