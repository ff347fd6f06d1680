"""Tunnels in pings: echo requests and replies that carry somebody's data."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.echo_contents import CONTENTS_NEED, Change, Contents
from oddwire.features.echoes import ECHO_NEED, Echo, echoes
from oddwire.features.memory import Memory, Track
from oddwire.features.spells import began
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import bytes_text, count_text, duration_text

__all__ = ["IcmpTunnel"]

SECOND = 1_000_000_000
QUIET_NS = 900 * SECOND
ICMP, ICMP6 = 1, 58
# A tiny ping so often in a tick is a question for orders.
POLLS_IN_TICK = 12
LARGE = 200
# Data up to so many bytes; larger ones repeat what a clock says, and move by more when it does.
SMALL = 128
# Share of answers with other data: of small random ones many are as mixed as the question.
DIFFERING = 0.3


@dataclass(frozen=True, kw_only=True)
class IcmpTunnelParameters(Parameters):
    """When echoes carry data."""

    unlike_ticks: int = parameter(2, "ticks of 5 s in which answers were not what was asked", "ticks")
    varied_ticks: int = parameter(3, "ticks of 5 s in which sizes went up and down", "ticks")
    sizes: int = parameter(6, "sizes of packets among them", "sizes")
    least_packets: int = parameter(10, "packets that a tunnel has at least", "packets")
    polling_ticks: int = parameter(6, "ticks of 5 s full of pings too small for a ping", "ticks")
    unsolicited: int = parameter(20, "answers with data that nobody asked for", "packets")
    changes: int = parameter(10, "echoes of one size whose data differed from the one before", "packets")
    levels: int = parameter(5, "degrees of disorder told apart among them; twice as many if large", "")
    change: float = parameter(28.0, "mean square of the change from one to the next; more if large", "bits2")
    others: int = parameter(10, "answers of the size of the question that carried other data", "packets")


class IcmpTunnel(Detector):
    """Looks for what no ping does: answers unlike the question, sizes that go up and down, no question."""

    name = "icmp_tunnel"
    kind = Kind.ICMP_TUNNEL
    scope = Scope.PAIR
    needs = ECHO_NEED | CONTENTS_NEED
    attack = ("T1095", "T1048.003")
    parameters = IcmpTunnelParameters
    page = Page(
        sees=(
            "Two hosts exchange echo requests and replies whose answers differ from the questions, whose "
            "sizes go up and down, that nobody asked for, or that are too small for a ping and never "
            "cease; or echoes of one size whose data change from one to the next by more than a clock "
            "does, or differ between question and answer."
        ),
        matters="Data leave, or orders come in, where most firewalls let everything pass.",
        wrong_when=(
            "Tests of a network with pings of many sizes at random, or filled with new random bytes each "
            "time, look the same."
        ),
        example="10.0.0.5 exchanged 3,120 echoes with 203.0.113.9 in 2 min: answers were not what was asked",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.memory = Memory(quiet_ns=QUIET_NS, most_keys=5_000, most_things=64)
        self.contents = Contents()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add the odd echoes of each tick, and judge the pairs that exchanged them."""
        found = [*self._by_shape(window), *self._by_contents(window)]
        yield from sorted(found, key=attrgetter("at_ns"))

    def _by_shape(self, window: Window) -> Iterator[Evidence]:
        """Judge by sizes and numbers."""
        for echo in echoes(window):
            track = self.memory.at(f"{echo.src}|{echo.dst}", echo.first)
            track.end_ns = max(track.end_ns, echo.last)
            # In a capture of one direction answers without questions mean nothing.
            is_blind = echo.tick in window.quality.one_sided
            if _is_odd(echo, track, is_blind=is_blind) and (why := self._why(echo, track)):
                yield self._evidence(echo, track, why)

    def _by_contents(self, window: Window) -> Iterator[Evidence]:
        """Judge by how mixed the data are, from one echo to the next."""
        wanted = self.settings
        for change in self.contents.changes(window):
            series, pair = change.series, change.pair
            # Who floods from outside does not tunnel: whoever is inside asks.
            if window.hosts.is_local(change.server) and not window.hosts.is_local(change.client):
                continue
            is_large = change.size > SMALL
            moves = (
                series.steps >= wanted.changes
                and len(series.levels) >= wanted.levels * (2 if is_large else 1)
                and series.mean_square >= wanted.change * (4 if is_large else 1)
            )
            differs = pair.other >= wanted.others and pair.other >= DIFFERING * pair.matched
            if moves or differs:
                yield _of_contents(change, differs=differs)

    def _why(self, echo: Echo, track: Track) -> str:
        """Say why it is a tunnel, if it is."""
        sums, wanted = track.sums, self.settings
        packets, sizes = sums.get("packets", 0), len(track.things)
        if packets < wanted.least_packets:
            return ""
        if sums.get("unlike", 0) >= wanted.unlike_ticks and 3 * sums["unlike"] >= sums["ticks"]:
            return "answers were not what was asked"
        if sums.get("varied", 0) >= wanted.varied_ticks and (
            sizes >= wanted.sizes or sums.get("spread", 0) >= wanted.varied_ticks
        ):
            return "sizes went up and down"
        if sums.get("unsolicited", 0) >= wanted.unsolicited:
            back = self.memory.find(f"{echo.dst}|{echo.src}")
            is_mutual = back is not None and back.sums.get("unsolicited", 0) >= wanted.unsolicited
            # One may have been pinged in somebody's name; both answer each other only on purpose.
            if is_mutual or sizes >= wanted.sizes or sums["payload"] > LARGE * packets:
                return "nobody had asked"
        if sums.get("polls", 0) >= wanted.polling_ticks:
            return "too small for a ping and without a pause"
        return ""

    def _evidence(self, echo: Echo, track: Track, why: str) -> Evidence:
        sums = track.sums
        is_unsolicited = "asked" not in sums
        subject, other = (echo.dst, echo.src) if is_unsolicited else (echo.src, echo.dst)
        first = began(track, sums["since"], echo.last)
        packets, payload = sums["packets"], sums["payload"]
        span = duration_text(max(echo.last - first, 1))
        many = count_text(packets, "odd echo", "odd echoes")
        odd_ticks = sum(sums.get(name, 0) for name in ("unlike", "varied", "polls"))
        is_weak = why.startswith("too small") or (is_unsolicited and len(track.things) < self.settings.sizes)
        return Evidence(
            kind=Kind.ICMP_TUNNEL,
            subject=Party(ip=subject),
            part=other,
            title=(f"{subject} exchanged {many} ({bytes_text(payload)}) with {other} in {span}: {why}"),
            score=min(0.55 + 0.02 * min(odd_ticks, 20), 0.97),
            severity=Severity.MEDIUM if is_weak else None,
            start_ns=first,
            end_ns=echo.last,
            at_ns=echo.tick + TICK_NS,
            targets=(Target(ip=other, proto="icmp"),),
            target_count=1,
            facts={
                "why": why,
                "packets": packets,
                "payload_bytes": payload,
                "sizes": len(track.things),
                "unlike_ticks": sums.get("unlike", 0),
                "varied_ticks": sums.get("varied", 0),
            },
            reasons=(
                Reason(feature="echo_sizes", value=float(len(track.things)), typical=(1.0, 2.0), weight=0.5),
                Reason(feature="odd_echo_ticks", value=float(odd_ticks), typical=(0.0, 0.0), weight=0.5),
            ),
            selectors=(
                Selector(
                    a=echo.src,
                    b=echo.dst,
                    from_ns=first,
                    until_ns=echo.last,
                    protocol=ICMP6 if ":" in echo.src else ICMP,
                ),
            ),
        )

    def save(self) -> State:
        """Return the echoes remembered."""
        return {"memory": self.memory.save(), "contents": self.contents.save()}

    def load(self, state: State) -> None:
        """Remember these echoes."""
        self.memory.load(state["memory"])
        self.contents.load(state["contents"])

    def merge(self, other: State) -> None:
        """Remember these echoes too."""
        self.memory.merge(other["memory"])
        self.contents.merge(other["contents"])


def _is_odd(echo: Echo, track: Track, *, is_blind: bool) -> bool:
    """Count in which ways the echoes of a tick are odd, and say whether they are in any."""
    sums = track.sums
    before = (sums.get("low", 0), sums.get("high", 0))
    sums["low"], sums["high"] = echo.sizes
    polls = echo.is_tiny and echo.packets_out >= POLLS_IN_TICK
    marks = {
        "unlike": echo.is_unlike,
        "varied": echo.overlaps(before),
        "spread": echo.overlaps(before) and echo.is_spread,
        "polls": polls,
        "unsolicited": echo.is_unsolicited and not is_blind,
    }
    # Small pings at leisure are pings all the same.
    if not any(marks.values()) and echo.is_tiny:
        return False
    packets = echo.packets_out + echo.packets_in
    sums.setdefault("since", echo.first)
    if echo.packets_out:
        sums["asked"] = 1
    track.add(ticks=1, packets=packets, payload=echo.payload_out + echo.payload_in)
    for size in sorted({*echo.out, *echo.back} - {0}):
        track.touch(str(size), echo.last, "", 64)
    for name, is_marked in marks.items():
        if is_marked:
            track.add(**{name: packets if name == "unsolicited" else 1})
    return any(marks.values())


def _of_contents(change: Change, *, differs: bool) -> Evidence:
    """Say that data go to and fro in echoes whose shape is that of pings."""
    series, pair = change.series, change.pair
    starts = [
        time_ns for time_ns, counts in ((series.since, series.steps), (pair.other_since, differs)) if counts
    ]
    start_ns = min([*starts, change.last])
    why = "answers carried other data than was asked" if differs else "the data changed from one to the next"
    times = max(pair.other, series.steps) if differs else series.steps
    span = duration_text(max(change.last - start_ns, 1))
    return Evidence(
        kind=Kind.ICMP_TUNNEL,
        subject=Party(ip=change.client),
        part=change.server,
        title=(
            f"{change.client} exchanged echoes of {bytes_text(change.size)} with {change.server} in {span} "
            f"whose data changed {count_text(times, 'time')}: {why}"
        ),
        score=min(0.6 + 0.005 * times, 0.97),
        severity=None if differs else Severity.MEDIUM,
        start_ns=start_ns,
        end_ns=change.last,
        at_ns=change.tick + TICK_NS,
        targets=(Target(ip=change.server, proto="icmp"),),
        target_count=1,
        facts={
            "why": why,
            "changes": series.steps,
            "answers_unlike": pair.other,
            "data_bytes": change.size,
            "disorders": len(series.levels),
        },
        reasons=(
            Reason(feature="data_disorders", value=float(len(series.levels)), typical=(1.0, 3.0), weight=0.5),
            Reason(
                feature="data_change", value=round(series.mean_square, 2), typical=(0.0, 15.0), weight=0.5
            ),
        ),
        selectors=(
            Selector(
                a=change.client,
                b=change.server,
                from_ns=start_ns,
                until_ns=change.last,
                protocol=ICMP6 if ":" in change.client else ICMP,
            ),
        ),
    )
