"""Commands to controllers by a host that has no business there, or of a sort that was never given before."""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.controllers import CONTROLLERS_NEED, Order, orders
from oddwire.features.masters import (
    MOST_MASTERS,
    Device,
    Master,
    device_of,
    learn,
    merged,
    name_of,
    plain,
    strange,
)
from oddwire.features.memory import Memory
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

__all__ = ["IcsCommand"]

SECOND = 1_000_000_000
PROTOCOLS = {"tcp": 6, "udp": 17}
# A device is 1 KiB of JSON, 8 at most.
MOST_DEVICES = 2_000
# A pause after which a host that gave commands it should not starts anew.
PAUSE_NS = 600 * SECOND
RECENT_NS = 300 * SECOND


@dataclass(frozen=True, kw_only=True)
class IcsCommandParameters(Parameters):
    """When a device's masters are known, and what is out of line then."""

    known_s: int = parameter(60, "for so long another host has asked the device", "s")
    known_requests: int = parameter(10, "and so often", "requests")
    calm_s: int = parameter(120, "for so long a device went without an order to restart", "s")
    calm_requests: int = parameter(30, "and for so many requests", "requests")
    trusted_s: int = parameter(900, "for so long a newcomer asks without a command before it is known", "s")
    flood: int = parameter(200, "commands in 5 s that are a flood where there were fewer", "commands")
    flood_times: int = parameter(10, "times the most in 5 s until then", "times")
    torrent: int = parameter(2_000, "commands in 5 s that no device needs", "commands")
    strange: int = parameter(10, "questions of a newcomer that no known master asks", "questions")
    devices: int = parameter(3, "known devices that a newcomer asks within five minutes", "devices")
    settled_s: int = parameter(1_800, "for so long those devices were asked by others", "s")
    restarts: int = parameter(
        3, "orders to restart or fall silent, within a minute, whoever gives them", "orders"
    )


class IcsCommand(Detector):
    """Learns who commands each controller, and speaks up when somebody else does."""

    name = "ics_command"
    kind = Kind.ICS_COMMAND
    kinds = (Kind.ICS_COMMAND, Kind.ICS_RECON)
    scope = Scope.NETWORK
    needs = CONTROLLERS_NEED
    attack = ("T0855", "T0836", "T0816")
    parameters = IcsCommandParameters
    page = Page(
        sees=(
            "A controller that some hosts have asked for a while (Modbus, DNP3) gets writes, operations or "
            "files from a host that never asked before; an order to restart, stop or fall silent that was "
            "never given before; very many more commands than ever; or many odd questions of a newcomer, or "
            "of another controller. All from the beginning of a capture counts as normal, unless somebody "
            "restarts again and again."
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
        # Newcomers and the devices that they asked of late.
        self.newcomers = Memory(quiet_ns=RECENT_NS, most_keys=500, most_things=64)

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
            learn(device, master, asked)
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
        elif (
            master.is_new
            and not master.told.keys() & {"new high", "asks medium"}
            and first - master.first > self.settings.trusted_s * SECOND
        ):
            master.is_new = False
        return master

    def _verdict(
        self, device: Device, master: Master, asked: list[Order], others: list[str], window: Window
    ) -> tuple[str, Severity, list[Order]] | None:
        """Say what is out of line in what a host asked in a tick, and in which orders."""
        commands = [one for one in asked if one.is_command or one.halts]
        if not commands:
            return self._newcomer(device, master, asked, others)
        src, dst, wanted = asked[0].src, asked[0].dst, self.settings
        if master.is_new:
            took_over = all(device.masters[name].is_silent(asked[0].first) for name in others)
            # Whoever takes over from a master that fell silent asks as that one did.
            is_heir = took_over and master.requests >= wanted.known_requests
            return "new", Severity.LOW if is_heir else Severity.HIGH, commands
        halts = [one for one in commands if one.halts]
        if halts:
            requests = sum(one.requests for one in device.masters.values())
            is_known = asked[0].first - device.first >= wanted.calm_s * SECOND
            is_known = is_known and requests >= wanted.calm_requests
            is_first = not any(name_of(one) in device.functions for one in halts)
            if (is_known and is_first) or self._again(master, halts):
                return "halt", Severity.HIGH, halts
        if window.hosts.is_local(dst) and not window.hosts.is_local(src):
            return "outside", Severity.MEDIUM, commands
        count = sum(one.count for one in commands)
        settled = asked[0].first - device.first >= wanted.known_s * SECOND
        least = max(wanted.flood, wanted.flood_times * device.peak) if settled else wanted.torrent
        if count >= min(least, wanted.torrent):
            return "flood", Severity.HIGH, commands
        return None

    def _newcomer(
        self, device: Device, master: Master, asked: list[Order], others: list[str]
    ) -> tuple[str, Severity, list[Order]] | None:
        """Judge a newcomer that only asks: whether it is a device itself, sweeps, or visits many."""
        if not master.is_new or not others:
            return None
        src, at, wanted = asked[0].src, asked[0].first, self.settings
        track = self.newcomers.touch(src, [asked[0].dst], at)
        master.strange += strange(device, asked)
        own = self.devices.get(f"{src}|{asked[0].spoken}")
        is_device = own is not None and bool(self._others(own, src, at))
        is_settled = at - device.first >= wanted.settled_s * SECOND
        is_tour = is_settled and len(track.since(at - RECENT_NS)) >= wanted.devices
        if is_device or is_tour or master.strange >= wanted.strange:
            return "asks", Severity.MEDIUM, asked
        return "asks", Severity.LOW, asked

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
        last = max(one.last for one in odd)
        if why == "asks":
            start, end, count = master.first, last, master.requests
        else:
            start, end, count = _run(master, odd, last)
        what = f"{why} {severity.word}"
        if count < 2 * master.told.get(what, 0):
            return None
        master.told[what] = count
        one = odd[0]
        words = sorted({order.word.replace("_", " ") for order in odd})
        said = f"({', '.join(words[:3])})"
        gave = f"{one.src} gave {count_text(count, 'command')} to controller {one.dst} {said}"
        only = f"which until then only {_listed(others)} had asked"
        titles = {
            "new": f"{gave}, {only}",
            "halt": f"{one.src} told controller {one.dst} to restart, stop or fall silent {said}",
            "outside": f"{gave} from outside the local network",
            "flood": f"{gave}, far more than ever before",
            "asks": f"{one.src} asked controller {one.dst} {count_text(count, 'question')} {said}, {only}",
        }
        return Evidence(
            kind=Kind.ICS_RECON if why == "asks" else Kind.ICS_COMMAND,
            subject=Party(ip=one.src),
            part=f"{one.device}|{why}",
            title=titles[why],
            score={"new": 0.9, "halt": 0.92, "outside": 0.7, "flood": 0.85, "asks": 0.65}[why]
            * (1 if severity > Severity.LOW else 0.4),
            severity=severity,
            start_ns=start,
            end_ns=end,
            at_ns=one.tick + TICK_NS,
            targets=(Target(ip=one.dst, port=one.port, proto=one.transport),),
            target_count=1,
            facts={
                "why": why,
                "protocol": one.spoken,
                "requests": count,
                "functions": words[:16],
                "units": sorted({order.unit for order in odd})[:16],
                "addresses": sorted({address for order in odd for address in order.addresses})[:16],
                "refused": sum(order.count for order in odd if order.refused),
                "known_masters": sorted(others)[:16],
                "asked_before_for": duration_text(max(start - master.first, 1)),
            },
            reasons=(
                Reason(
                    feature="requests_out_of_line",
                    value=float(count),
                    typical=(0.0, 0.0 if why != "flood" else 10.0),
                    weight=1.0,
                ),
            ),
            selectors=(
                Selector(
                    a=one.src,
                    b=one.dst,
                    from_ns=start,
                    until_ns=end,
                    protocol=PROTOCOLS[one.transport],
                    port=one.port,
                ),
            ),
        )

    def save(self) -> State:
        """Return who commands what."""
        devices = {name: plain(one) for name, one in self.devices.items()}
        return {"devices": devices, "newcomers": self.newcomers.save()}

    def load(self, state: State) -> None:
        """Remember who commands what."""
        self.devices = OrderedDict((name, device_of(saved)) for name, saved in state["devices"].items())
        self.newcomers.load(state["newcomers"])

    def merge(self, other: State) -> None:
        """Remember these devices too."""
        for name, saved in other["devices"].items():
            theirs, mine = device_of(saved), self.devices.get(name)
            self.devices[name] = theirs if mine is None else merged(mine, theirs)
        ordered = sorted(
            self.devices.items(),
            key=lambda entry: (max((one.last for one in entry[1].masters.values()), default=0), entry[0]),
        )
        self.devices = OrderedDict(ordered[-MOST_DEVICES:])
        self.newcomers.merge(other["newcomers"])


def _run(master: Master, odd: list[Order], last: int) -> tuple[int, int, int]:
    """Add to the present run of commands; return when it began and ends, and how many there are."""
    first = min(one.first for one in odd)
    if first - master.until > PAUSE_NS:
        master.since, master.odd = first, 0
        master.told = {what: count for what, count in master.told.items() if what.startswith("asks")}
    master.until = max(master.until, last)
    master.odd += sum(one.count for one in odd)
    return master.since, master.until, master.odd


def _listed(names: list[str]) -> str:
    few = sorted(names)[:2]
    return " and ".join(few) + (f" and {len(names) - 2} more" if len(names) > 2 else "")  # noqa: PLR2004  # two are named
