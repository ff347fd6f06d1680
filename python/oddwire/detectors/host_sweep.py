"""Horizontal scans: one host knocks at the same door of many others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.memory import Memory, Track
from oddwire.features.spells import began
from oddwire.features.sweeps import (
    CONTACTS_NEED,
    DOORS_MATTER_FROM,
    PING,
    Known,
    Touch,
    contacts,
    neighbours,
    stretch,
)
from oddwire.features.tries import FIRST_EPHEMERAL, OPEN, TCP, UDP, is_service_port
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

__all__ = ["HostSweep"]

SECOND = 1_000_000_000
# Steps in which conversations that went well are counted.
STEP_NS = 600 * SECOND
TYPICAL_HOSTS = (0, 8)
MOST_SHOWN = 16
PROTOCOLS = {TCP: "tcp", UDP: "udp"}
# Ports of many servers all over the world, of which some are always down or behind a filter.
BUSY = frozenset(
    {25, 53, 80, 110, 123, 143, 443, 465, 587, 853, 993, 995, 3478, 3479, 5222, 5223, 5228, 19302}
)
# Ports above 1024 where bots knock and where nobody has so many servers of his own.
SOUGHT = frozenset({1433, 2222, 2323, 3306, 3389, 5432, 5555, 5900, 6379, 7547, 23023, 37215, 52869})
# Where peers meet that come and go.
PEERS = frozenset(
    {1214, 4001, 6346, 6347, 6348, 6699, 8333, 18080, 30303, 51413, *range(4661, 4673)}
) | frozenset(range(6881, 7000))
THOROUGH_NS, THOROUGH_HOSTS, THOROUGH_FAILED = 60 * SECOND, 10, 0.25
# A source that is not suspicious yet is looked at again when it reached so small a part more.
LOOKS = 8
# What silence counts where the capture shows one direction only.
BLIND_FACTOR = 4


@dataclass(frozen=True, kw_only=True)
class HostSweepParameters(Parameters):
    """When knocking at many hosts is a sweep."""

    near_hosts: int = parameter(14, "hosts of one block of 256 that failed within `fast_s`", "hosts")
    far_hosts: int = parameter(25, "hosts anywhere that failed within `fast_s`", "hosts")
    sought_hosts: int = parameter(15, "the same at doors that intruders seek and clients do not", "hosts")
    busy_hosts: int = parameter(80, "the same at ports of which many servers are always down", "hosts")
    slow_near_hosts: int = parameter(24, "hosts of one block that failed within `slow_s`", "hosts")
    slow_far_hosts: int = parameter(60, "hosts anywhere that failed within `slow_s`", "hosts")
    fast_s: int = parameter(600, "what counts as fast", "s")
    slow_s: int = parameter(21_600, "how long contacts are remembered", "s")
    near_failed: float = parameter(0.55, "least share of failures among neighbours", "share")
    far_failed: float = parameter(0.8, "least share of failures elsewhere", "share")
    answered_hosts: int = parameter(
        64, "hosts of a gapless stretch that makes a sweep even if all answer", "hosts"
    )
    strong_hosts: int = parameter(1_000, "hosts from which on the severity is high", "hosts")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """The hosts at which a source knocked in a time: all, how many failed, and how near they are."""

    hosts: Mapping[str, tuple[int, str]]
    failed: int
    spoken: int
    near: int
    block: str
    ends: int

    @property
    def share(self) -> float:
        """Return the share of contacts that failed."""
        return self.failed / max(len(self.hosts) + self.spoken, 1)


class HostSweep(Detector):
    """Counts, for each source and door, the hosts at which it knocked in vain."""

    name = "host_sweep"
    kind = Kind.HOST_SWEEP
    scope = Scope.HOST
    needs = CONTACTS_NEED
    attack = ("T1046", "T1018")
    parameters = HostSweepParameters
    page = Page(
        sees=(
            "One host knocks at the same TCP or UDP port of many hosts, or pings them, and most do not "
            "answer or "
            "refuse; or it goes through a whole range of addresses without a gap, whoever answers."
        ),
        matters="Worms, bots and intruders look for their next victims this way.",
        wrong_when=(
            "An inventory tool of your own looks the same: put it on the allow-list. So does monitoring "
            "of hosts most "
            "of which are switched off."
        ),
        example="10.0.0.5 tried port 23 (tcp) of 812 hosts in 10 min; none answered",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.memory = Memory(quiet_ns=self.settings.slow_s * SECOND, most_keys=20_000, most_things=1_024)
        # Keys at which so many hosts failed that those matter which were spoken to.
        self.watched: set[str] = set()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add the contacts of each tick, and judge the sources that made some in vain."""
        tracks = self.memory.tracks

        until_ns = int(window.talks["tick"][-1]) if len(window.talks) else 0

        def known(key: str) -> Known:
            if (track := tracks.get(key)) is None:
                return 0, ()
            is_over = until_ns - track.end_ns > self.memory.quiet_ns
            return len(track.things), () if is_over else track.things

        self.watched = {
            key for key in self.watched if key in tracks and len(tracks[key].things) >= DOORS_MATTER_FROM
        }
        found = contacts(window, known, self.watched)
        for key, touch in found.few:
            self._touch(self.memory.at(key, touch[0]), [touch])
        for tick, key, touched, spoken in found.many:
            if not touched:
                if key in tracks:
                    _count_spoken(tracks[key], tick, spoken)
                continue
            now = touched[-1][0]
            track = self.memory.at(key, now)
            fresh = self._touch(track, touched)
            if len(track.things) < DOORS_MATTER_FROM:
                continue
            self.watched.add(key)
            _count_spoken(track, tick, spoken)
            if fresh and self._is_due(track):
                is_syn = any(outcome.endswith(" syn") for _, _, outcome in touched)
                blind = 1 if is_syn or tick not in window.quality.one_sided else BLIND_FACTOR
                if evidence := self._judged(tick, key, track, blind):
                    yield evidence

    def _touch(self, track: Track, touched: Sequence[Touch]) -> int:
        """Add hosts that were touched; return how many of them are new."""
        fresh = 0
        for time_ns, host, outcome in touched:
            if host:
                fresh += host not in track.things
                track.touch(host, time_ns, outcome, self.memory.most_things)
        track.sums["new"] = track.sums.get("new", 0) + fresh
        return fresh

    def _is_due(self, track: Track) -> bool:
        """Say whether so much is new that another look is worth its cost; at a sweep that goes on, always."""
        known = len(track.things)
        if known < THOROUGH_HOSTS:
            return False
        if "alarmed" not in track.sums and track.sums["new"] < track.sums.get("due", 0):
            return False
        track.sums["due"] = track.sums["new"] + max(known // LOOKS, 2)
        return True

    def _judged(self, tick: int, key: str, track: Track, blind: int) -> Evidence | None:
        """Say that it is a sweep, if it is."""
        wanted, now = self.settings, track.end_ns
        track.forget_before(now - wanted.slow_s * SECOND)
        fast = _reach(track, now, wanted.fast_s * SECOND)
        door = int(key.rpartition("|")[2])
        is_ping, port = door == PING, door >> 8
        found = (
            self._is_near(fast, wanted.near_hosts * blind)
            or self._is_far(fast, wanted.sought_hosts * blind, port, is_ping=is_ping)
            or self._is_gapless(fast)
            or (fast.ends > 0 and self._is_thorough(_reach(track, now, THOROUGH_NS)))
        )
        if found:
            return self._evidence(tick, key, track, fast)
        if len(track.things) == len(fast.hosts):
            return None
        slow = _reach(track, now, wanted.slow_s * SECOND)
        if self._is_near(slow, wanted.slow_near_hosts * blind) or self._is_far(
            slow, wanted.slow_far_hosts * blind, port, is_ping=is_ping
        ):
            return self._evidence(tick, key, track, slow)
        return None

    def _is_near(self, reach: Reach, least: int) -> bool:
        """Say whether many neighbours failed."""
        return reach.near >= least and reach.share >= self.settings.near_failed

    def _is_far(self, reach: Reach, least: int, port: int, *, is_ping: bool) -> bool:
        """Say whether many hosts anywhere failed, where clients do not meet dead servers or peers."""
        wanted = self.settings
        if reach.failed < least or reach.share < wanted.far_failed:
            return False
        if is_ping:
            return bool(reach.failed >= 2 * wanted.far_hosts)
        if any(not seen[1].endswith((" syn", " udp")) for seen in reach.hosts.values()):
            return False
        if port in BUSY or any(seen[1].endswith(" udp") for seen in reach.hosts.values()):
            is_many = reach.failed >= wanted.busy_hosts and reach.share > wanted.far_failed + 0.1
            return is_many and is_service_port(port) and not (port in BUSY and _is_udp(reach))
        if is_service_port(port):
            return reach.failed >= wanted.far_hosts or port in SOUGHT or port < FIRST_EPHEMERAL
        return port not in PEERS and reach.failed >= wanted.busy_hosts and reach.share > 0.98  # noqa: PLR2004

    def _is_gapless(self, reach: Reach) -> bool:
        """Say whether a whole stretch of addresses was gone through, also ones that no host has."""
        if len(reach.hosts) < self.settings.answered_hosts:
            return False
        count, share, beyond = stretch(reach.hosts, reach.block)
        least = self.settings.answered_hosts
        return share >= 0.9 and count >= (least if beyond else 2 * least) and count > reach.spoken  # noqa: PLR2004

    def _is_thorough(self, reach: Reach) -> bool:
        """Say whether, within moments, addresses were tried that no host has.

        Among neighbours they are those of the
        network and of its broadcast. On one's own segment most other dead addresses fail by ARP, before a
        try.
        """
        count, _share, beyond = stretch(reach.hosts, reach.block)
        failing = reach.share >= THOROUGH_FAILED
        return failing and beyond and count >= (THOROUGH_HOSTS if reach.ends > 1 else 2 * THOROUGH_HOSTS)

    def _evidence(self, tick: int, key: str, track: Track, reach: Reach) -> Evidence:
        src, _, number = key.rpartition("|")
        door = int(number)
        first, last = min(seen[0] for seen in reach.hosts.values()), track.end_ns
        begun = began(track, first, last)
        # What was forgotten for want of room was touched in this sweep too.
        count = len(reach.hosts) + track.beyond
        port, proto = (door >> 8, PROTOCOLS[door & 255]) if door != PING else (None, "icmp")
        answered = sum(seen[1].startswith(OPEN) for seen in reach.hosts.values()) / len(reach.hosts)
        what = f"tried port {port} ({proto}) of" if port else "pinged"
        words = "none" if answered == 0 else f"{max(100 * answered, 1):.0f} %"
        span = duration_text(max(last - begun, 1))
        shown = sorted(reach.hosts, key=lambda host: (reach.hosts[host][0], host))[:MOST_SHOWN]
        hows = sorted({seen[1].partition(" ")[2] for seen in reach.hosts.values()})
        protocol = door & 255 if port else (58 if ":" in src else 1)
        return Evidence(
            kind=Kind.HOST_SWEEP,
            subject=Party(ip=src),
            part=f"{proto}|{port or ''}",
            title=f"{src} {what} {count_text(count, 'host')} in {span}; {words} answered",
            score=min(0.5 + 0.5 * count / (count + 60), 0.99),
            severity=Severity.HIGH if count >= self.settings.strong_hosts else None,
            start_ns=begun,
            end_ns=last,
            at_ns=tick + TICK_NS,
            targets=tuple(Target(ip=host, port=port, proto=proto) for host in shown),
            target_count=count,
            facts={
                "hosts": count,
                "answered": round(answered, 4),
                "neighbours": reach.near,
                "by": hows,
                "seconds": round((last - begun) / SECOND, 3),
            },
            reasons=(
                Reason(feature="unique_dst_hosts", value=float(count), typical=TYPICAL_HOSTS, weight=0.6),
                Reason(feature="failed_ratio", value=round(reach.share, 4), typical=(0.0, 0.3), weight=0.4),
            ),
            selectors=(Selector(a=src, b=None, from_ns=begun, until_ns=last, protocol=protocol, port=port),),
        )

    def save(self) -> State:
        """Return the contacts remembered."""
        return {"memory": self.memory.save()}

    def load(self, state: State) -> None:
        """Remember these contacts."""
        self.memory.load(state["memory"])
        self.watched = self._many()

    def merge(self, other: State) -> None:
        """Remember these contacts too."""
        self.memory.merge(other["memory"])
        self.watched = self._many()

    def _many(self) -> set[str]:
        return {key for key, track in self.memory.items() if len(track.things) >= DOORS_MATTER_FROM}


def _count_spoken(track: Track, tick: int, spoken: int) -> None:
    """Count hosts that were spoken to, by steps, so that old ones can be left out."""
    if spoken and len(track.things) >= DOORS_MATTER_FROM:
        track.add(**{f"spoken {tick // STEP_NS}": spoken})


def _ends(host: str) -> bool:
    """Say whether an address is that of a network, or of all its hosts, where networks have 256 addresses."""
    return host.endswith((".0", ".255"))


def _is_udp(reach: Reach) -> bool:
    return any(seen[1].endswith(" udp") for seen in reach.hosts.values())


def _reach(track: Track, now: int, span_ns: int) -> Reach:
    hosts = track.since(now - span_ns)
    failed = [host for host, seen in hosts.items() if not seen[1].startswith(OPEN)]
    blocks = neighbours(failed or hosts)
    block = min(blocks, key=lambda name: (-blocks[name], name))
    first_step = (now - span_ns) // STEP_NS
    spoken = sum(
        amount
        for name, amount in track.sums.items()
        if name.startswith("spoken ") and int(name[7:]) >= first_step
    )
    return Reach(
        hosts=hosts,
        failed=len(failed),
        spoken=spoken,
        near=blocks[block] if failed else 0,
        block=block,
        ends=sum(map(_ends, hosts)),
    )
