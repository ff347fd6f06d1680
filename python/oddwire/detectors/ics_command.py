"""Commands to controllers by a host that has no business there, or of a sort that was never given before."""

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.controllers import CONTROLLERS_NEED, Order, orders
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

__all__ = ["IcsCommand"]

SECOND = 1_000_000_000
PROTOCOLS = {"tcp": 6, "udp": 17}
MOST_DEVICES, MOST_MASTERS, MOST_FUNCTIONS = 2_000, 24, 64
# A pause after which a host that gave commands it should not starts anew.
PAUSE_NS = 600 * SECOND


@dataclass(frozen=True, kw_only=True)
class IcsCommandParameters(Parameters):
    """When a device's masters are known, and what is out of line then."""

    known_s: int = parameter(60, "for so long another host has asked the device", "s")
    known_requests: int = parameter(10, "and so often", "requests")
    trusted_s: int = parameter(900, "for so long a newcomer asks without a command before it is known", "s")
    flood: int = parameter(100, "commands in 5 s that are a flood where there were fewer", "commands")
    flood_times: int = parameter(10, "times the most in 5 s until then", "times")
    restarts: int = parameter(
        3, "orders to restart or fall silent, within a minute, whoever gives them", "orders"
    )


@dataclass(slots=True)
class Master:
    """What one host asked of one device."""

    first: int
    last: int
    requests: int = 0
    is_new: bool = False
    commands: int = 0
    # The present run of commands that are out of line.
    since: int = 0
    until: int = 0
    odd: int = 0
    told: int = 0
    halts: int = 0
    # Halting orders in the present minute.
    halted_at: int = 0
    halted: int = 0


@dataclass(slots=True)
class Device:
    """Who asked a device, and which functions."""

    first: int
    masters: dict[str, Master] = field(default_factory=dict)
    functions: dict[str, int] = field(default_factory=dict)
    peak: int = 0


class IcsCommand(Detector):
    """Learns who commands each controller, and speaks up when somebody else does."""

    name = "ics_command"
    kind = Kind.ICS_COMMAND
    scope = Scope.VICTIM
    needs = CONTROLLERS_NEED
    attack = ("T0855", "T0836", "T0816")
    parameters = IcsCommandParameters
    page = Page(
        sees=(
            "A controller that some hosts have asked for a while (Modbus, DNP3) gets writes, operations or "
            "files from a host that "
            "never asked before; an order to restart, stop or fall silent that was never given before; or "
            "very many more commands than ever. All from the beginning of a capture counts as normal, "
            "unless somebody restarts again and again."
        ),
        matters="What is written to a controller moves valves, breakers and motors.",
        wrong_when=(
            "An engineer's computer, a second control room or a replacement that starts to work while the "
            "capture runs is new as well. What a known master is made to do by somebody else is not seen."
        ),
        example="10.0.0.9 gave 3 commands to controller 10.0.0.20, which until then only 10.0.0.5 had asked",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.devices: OrderedDict[str, Device] = OrderedDict()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Judge the orders of each tick, then learn from them."""
        tick, gathered = None, list[Order]()
        for order in orders(window):
            if order.tick != tick and gathered:
                yield from self._tick(gathered, window)
                gathered = []
            tick = order.tick
            gathered.append(order)
        if gathered:
            yield from self._tick(gathered, window)

    def _tick(self, gathered: list[Order], window: Window) -> Iterator[Evidence]:
        pairs: dict[tuple[str, str], list[Order]] = {}
        for order in gathered:
            pairs.setdefault((order.src, order.device), []).append(order)
        for (src, name), asked in pairs.items():
            device = self._device(name, asked[0].first)
            others = self._others(device, src, asked[0].first)
            master = self._master(device, src, asked[0].first, is_new=bool(others))
            verdict = self._verdict(device, master, asked, others, window)
            _learn(device, master, asked)
            if verdict is not None:
                why, severity, odd = verdict
                if evidence := self._evidence(master, odd, others, why, severity):
                    yield evidence

    def _device(self, name: str, first: int) -> Device:
        device = self.devices.pop(name, None)
        if device is None:
            if len(self.devices) >= MOST_DEVICES:
                self.devices.popitem(last=False)
            device = Device(first=first)
        self.devices[name] = device
        return device

    def _others(self, device: Device, src: str, at: int) -> list[str]:
        """Return the other hosts that have asked the device long and often enough."""
        wanted = self.settings
        return [
            name
            for name, one in device.masters.items()
            if name != src
            and not one.is_new
            and one.requests >= wanted.known_requests
            and min(one.last, at) - one.first >= wanted.known_s * SECOND
        ]

    def _master(self, device: Device, src: str, first: int, *, is_new: bool) -> Master:
        master = device.masters.get(src)
        if master is None:
            if len(device.masters) >= MOST_MASTERS:
                del device.masters[min(device.masters, key=lambda name: (device.masters[name].last, name))]
            master = device.masters[src] = Master(first=first, last=first, is_new=is_new)
        elif master.is_new and not master.odd and first - master.first > self.settings.trusted_s * SECOND:
            master.is_new = False
        return master

    def _verdict(
        self, device: Device, master: Master, asked: list[Order], others: list[str], window: Window
    ) -> tuple[str, Severity, list[Order]] | None:
        """Say what is out of line in what a host asked in a tick, and in which orders."""
        commands = [one for one in asked if one.is_command or one.halts]
        if not commands:
            return None
        src, dst, wanted = asked[0].src, asked[0].dst, self.settings
        if master.is_new:
            took_over = all(device.masters[name].last < master.first for name in others)
            # Whoever takes over from a master that fell silent asks as that one did.
            is_heir = took_over and master.requests >= wanted.known_requests
            return "new", Severity.LOW if is_heir else Severity.HIGH, commands
        halts = [one for one in commands if one.halts]
        if halts:
            is_known = asked[0].first - device.first >= wanted.known_s * SECOND and (
                sum(one.requests for one in device.masters.values()) >= wanted.known_requests
            )
            is_first = not any(_name(one) in device.functions for one in halts)
            if (is_known and is_first) or self._again(master, halts):
                return "halt", Severity.HIGH, halts
        if window.hosts.is_local(dst) and not window.hosts.is_local(src):
            return "outside", Severity.MEDIUM, commands
        count = sum(one.count for one in commands)
        settled = asked[0].first - device.first >= wanted.known_s * SECOND
        if settled and count >= max(wanted.flood, wanted.flood_times * device.peak):
            return "flood", Severity.HIGH, commands
        return None

    def _again(self, master: Master, halts: list[Order]) -> bool:
        """Say whether a device is made to restart or fall silent again and again."""
        first = min(one.first for one in halts)
        if first - master.halted_at > 60 * SECOND:
            master.halted_at, master.halted = first, 0
        master.halted += sum(one.count for one in halts)
        return bool(master.halted >= self.settings.restarts)

    def _evidence(
        self, master: Master, odd: list[Order], others: list[str], why: str, severity: Severity
    ) -> Evidence | None:
        """Say it, unless it was said and has not grown much."""
        first, last = min(one.first for one in odd), max(one.last for one in odd)
        if first - master.until > PAUSE_NS:
            master.since, master.odd, master.told = first, 0, 0
        master.until = max(master.until, last)
        master.odd += sum(one.count for one in odd)
        if master.told and master.odd < 2 * master.told and why == "new":
            return None
        master.told = master.odd
        one = odd[0]
        words = sorted({order.word.replace("_", " ") for order in odd})
        said = f"({', '.join(words[:3])})"
        gave = f"{one.src} gave {count_text(master.odd, 'command')} to controller {one.dst} {said}"
        span = duration_text(max(master.since - master.first, 1))
        titles = {
            "new": f"{gave}, which until then only {_listed(others)} had asked",
            "halt": f"{one.src} told controller {one.dst} to restart, stop or fall silent {said}",
            "outside": f"{gave} from outside the local network",
            "flood": f"{gave}, far more than ever before",
        }
        return Evidence(
            kind=Kind.ICS_COMMAND,
            subject=Party(ip=one.src),
            part=f"{one.device}|{why}",
            title=titles[why],
            score={"new": 0.9, "halt": 0.92, "outside": 0.7, "flood": 0.85}[why]
            * (1 if severity > Severity.LOW else 0.4),
            severity=severity,
            start_ns=master.since,
            end_ns=master.until,
            at_ns=one.tick + TICK_NS,
            targets=(Target(ip=one.dst, port=one.port, proto=one.transport),),
            target_count=1,
            facts={
                "why": why,
                "protocol": one.spoken,
                "commands": master.odd,
                "functions": words[:16],
                "units": sorted({order.unit for order in odd})[:16],
                "addresses": sorted({address for order in odd for address in order.addresses})[:16],
                "refused": sum(order.count for order in odd if order.refused),
                "known_masters": sorted(others)[:16],
                "asked_before_for": span,
            },
            reasons=(
                Reason(
                    feature="commands_out_of_line",
                    value=float(master.odd),
                    typical=(0.0, 0.0 if why != "flood" else 10.0),
                    weight=1.0,
                ),
            ),
            selectors=(
                Selector(
                    a=one.src,
                    b=one.dst,
                    from_ns=master.since,
                    until_ns=master.until,
                    protocol=PROTOCOLS[one.transport],
                    port=one.port,
                ),
            ),
        )

    def save(self) -> State:
        """Return who commands what."""
        return {
            "devices": {
                name: [
                    one.first,
                    one.peak,
                    one.functions,
                    {src: _plain(master) for src, master in one.masters.items()},
                ]
                for name, one in self.devices.items()
            }
        }

    def load(self, state: State) -> None:
        """Remember who commands what."""
        self.devices = OrderedDict((name, _device(saved)) for name, saved in state["devices"].items())

    def merge(self, other: State) -> None:
        """Remember these devices too."""
        for name, saved in other["devices"].items():
            theirs, mine = _device(saved), self.devices.get(name)
            self.devices[name] = theirs if mine is None else _merged(mine, theirs)
        ordered = sorted(
            self.devices.items(),
            key=lambda entry: (max((one.last for one in entry[1].masters.values()), default=0), entry[0]),
        )
        self.devices = OrderedDict(ordered[-MOST_DEVICES:])


def _learn(device: Device, master: Master, asked: list[Order]) -> None:
    """Take what was asked for granted from now on."""
    commands = 0
    for one in asked:
        master.requests += one.count
        master.last = max(master.last, one.last)
        if one.is_command:
            commands += one.count
        if one.is_command or one.halts:
            name = _name(one)
            if name in device.functions or len(device.functions) < MOST_FUNCTIONS:
                device.functions[name] = device.functions.get(name, 0) + one.count
    master.commands += commands
    device.peak = max(device.peak, commands)


def _name(order: Order) -> str:
    return f"{order.function}{'!' if order.halts else ''}"


def _listed(names: list[str]) -> str:
    few = sorted(names)[:2]
    return " and ".join(few) + (f" and {len(names) - 2} more" if len(names) > 2 else "")  # noqa: PLR2004  # two are named


def _plain(master: Master) -> list[int]:
    return [int(getattr(master, name)) for name in Master.__slots__]


def _device(saved: list[Any]) -> Device:
    first, peak, functions, masters = saved
    return Device(
        first=first,
        peak=peak,
        functions=dict(functions),
        masters={src: _master_of(values) for src, values in masters.items()},
    )


def _master_of(values: list[int]) -> Master:
    named: Mapping[str, Any] = dict(zip(Master.__slots__, values, strict=True))
    return Master(**{**named, "is_new": bool(named["is_new"])})


def _merged(mine: Device, theirs: Device) -> Device:
    masters = {**theirs.masters, **mine.masters}
    for name in mine.masters.keys() & theirs.masters.keys():
        one, other = mine.masters[name], theirs.masters[name]
        later = max(one, other, key=lambda master: master.last)
        later.first = min(one.first, other.first)
        later.requests = one.requests + other.requests
        masters[name] = later
    kept = sorted(masters.items(), key=lambda entry: (entry[1].last, entry[0]))[-MOST_MASTERS:]
    functions = sorted({*mine.functions, *theirs.functions})[:MOST_FUNCTIONS]
    return Device(
        first=min(mine.first, theirs.first),
        peak=max(mine.peak, theirs.peak),
        functions={name: mine.functions.get(name, 0) + theirs.functions.get(name, 0) for name in functions},
        masters=dict(kept),
    )
