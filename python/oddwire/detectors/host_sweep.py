"""Horizontal scans: one host knocks at the same door of many others."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.memory import Memory, Track
from oddwire.features.sweeps import CONTACTS_NEED, PING, contacts, is_group, neighbours, stretch
from oddwire.features.tries import OPEN, TCP, UDP, is_service_port
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
BUSY = frozenset({25, 53, 80, 110, 123, 143, 443, 465, 587, 853, 993, 995, 3478, 3479, 5222, 5223, 5228, 19302})
# Where peers meet that come and go.
PEERS = frozenset({1214, 4001, 6346, 6347, 6348, 6699, 8333, 18080, 30303, 51413, *range(4661, 4673)}) | frozenset(
    range(6881, 7000)
)
# An old alarm is not carried on into a new one after so long a pause.
PAUSE_NS = 900 * SECOND
# What silence counts where the capture shows one direction only.
BLIND_FACTOR = 4


@dataclass(frozen=True, kw_only=True)
class HostSweepParameters(Parameters):
    """When knocking at many hosts is a sweep."""

    near_hosts: int = parameter(14, "hosts of one block of 256 that failed within `fast_s`", "hosts")
    far_hosts: int = parameter(25, "hosts anywhere that failed within `fast_s`", "hosts")
    busy_hosts: int = parameter(80, "the same at ports of which many servers are always down", "hosts")
    slow_near_hosts: int = parameter(24, "hosts of one block that failed within `slow_s`", "hosts")
    slow_far_hosts: int = parameter(60, "hosts anywhere that failed within `slow_s`", "hosts")
    fast_s: int = parameter(600, "what counts as fast", "s")
    slow_s: int = parameter(21_600, "how long contacts are remembered", "s")
    near_failed: float = parameter(0.55, "least share of failures among neighbours", "share")
    far_failed: float = parameter(0.8, "least share of failures elsewhere", "share")
    answered_hosts: int = parameter(64, "hosts of a gapless stretch that makes a sweep even if all answer", "hosts")
    strong_hosts: int = parameter(1_000, "hosts from which on the severity is high", "hosts")


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """The hosts at which a source knocked in a time: all, those that failed, and how near they are to each other."""

    hosts: Mapping[str, tuple[int, str]]
    failed: int
    spoken: int
    near: int
    block: str

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
            "One host knocks at the same TCP or UDP port of many hosts, or pings them, and most do not answer or "
            "refuse; or it goes through a whole range of addresses without a gap, whoever answers."
        ),
        matters="Worms, bots and intruders look for their next victims this way.",
        wrong_when=(
            "An inventory tool of your own looks the same: put it on the allow-list. So does monitoring of hosts most "
            "of which are switched off."
        ),
        example="10.0.0.5 tried port 23 (tcp) of 812 hosts in 10 min; none answered",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.memory = Memory(quiet_ns=self.settings.slow_s * SECOND, most_keys=20_000, most_things=1_024)

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add the contacts of each tick, and judge the sources that made some in vain."""
        for row in contacts(window, {int(key.rpartition("|")[2]) for key in self.memory.tracks}):
            key = f"{row['src_name']}|{row['door']}"
            if not row["hosts"]:
                if track := self.memory.find(key):
                    _count_spoken(track, row)
                continue
            now = max(row["times"])
            track = self.memory.at(key, now)
            _count_spoken(track, row)
            is_new = False
            seen = sorted(zip(row["times"], row["hosts"], row["outcomes"], row["hows"], strict=True))
            for time_ns, host, outcome, how in seen:
                if is_group(host):
                    continue
                is_new = is_new or host not in track.things
                track.touch(host, time_ns, f"{outcome} {how}", self.memory.most_things)
            blind = BLIND_FACTOR if row["tick"] in window.quality.one_sided and "syn" not in row["hows"] else 1
            if is_new and (evidence := self._judged(row, track, now, blind)):
                yield evidence

    def _judged(self, row: Mapping[str, Any], track: Track, now: int, blind: int) -> Evidence | None:
        """Say that it is a sweep, if it is."""
        wanted = self.settings
        if len(track.things) < wanted.near_hosts:
            return None
        track.forget_before(now - wanted.slow_s * SECOND)
        fast = _reach(track, now, wanted.fast_s * SECOND)
        is_ping, port = row["door"] == PING, row["door"] >> 8
        found = (
            self._is_near(fast, wanted.near_hosts * blind)
            or self._is_far(fast, wanted.far_hosts * blind, port, is_ping=is_ping)
            or self._is_gapless(fast)
        )
        if found:
            return self._evidence(row, track, fast)
        slow = _reach(track, now, wanted.slow_s * SECOND)
        if self._is_near(slow, wanted.slow_near_hosts * blind) or self._is_far(
            slow, wanted.slow_far_hosts * blind, port, is_ping=is_ping
        ):
            return self._evidence(row, track, slow)
        return None

    def _is_near(self, reach: Reach, least: int) -> bool:
        """Say whether many neighbours failed."""
        return reach.near >= least and reach.share >= self.settings.near_failed

    def _is_far(self, reach: Reach, least: int, port: int, *, is_ping: bool) -> bool:
        """Say whether many hosts anywhere failed, at a door where clients do not meet dead servers or peers."""
        wanted = self.settings
        if reach.failed < least or reach.share < wanted.far_failed:
            return False
        if is_ping:
            return reach.failed >= least + least // 2
        if any(not seen[1].endswith((" syn", " udp")) for seen in reach.hosts.values()):
            return False
        if port in BUSY or any(seen[1].endswith(" udp") for seen in reach.hosts.values()):
            is_many = reach.failed >= wanted.busy_hosts and reach.share > wanted.far_failed + 0.1
            return is_many and is_service_port(port) and not (port in BUSY and _is_udp(reach))
        if is_service_port(port):
            return True
        return port not in PEERS and reach.failed >= wanted.busy_hosts and reach.share > 0.98  # noqa: PLR2004

    def _is_gapless(self, reach: Reach) -> bool:
        """Say whether a whole stretch of addresses was gone through, also ones that no host has."""
        if len(reach.hosts) < self.settings.answered_hosts:
            return False
        count, share, beyond = stretch(reach.hosts, reach.block)
        least = self.settings.answered_hosts
        return share >= 0.9 and count >= (least if beyond else 2 * least) and count > reach.spoken  # noqa: PLR2004

    def _evidence(self, row: Mapping[str, Any], track: Track, reach: Reach) -> Evidence:
        src, door = row["src_name"], row["door"]
        first, last = min(seen[0] for seen in reach.hosts.values()), track.end_ns
        began = track.sums.get("began", first)
        if track.sums.get("alarmed", 0) < last - PAUSE_NS:
            began = first
        track.sums["began"], track.sums["alarmed"] = min(began, first), last
        began = track.sums["began"]
        # What was forgotten for want of room was touched in this sweep too.
        count = len(reach.hosts) + track.beyond
        port, proto = (door >> 8, PROTOCOLS[door & 255]) if door != PING else (None, "icmp")
        answered = sum(seen[1].startswith(OPEN) for seen in reach.hosts.values()) / len(reach.hosts)
        what = f"tried port {port} ({proto}) of" if port else "pinged"
        words = "none" if answered == 0 else f"{max(100 * answered, 1):.0f} %"
        span = duration_text(max(last - began, 1))
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
            start_ns=began,
            end_ns=last,
            at_ns=row["tick"] + TICK_NS,
            targets=tuple(Target(ip=host, port=port, proto=proto) for host in shown),
            target_count=count,
            facts={
                "hosts": count,
                "answered": round(answered, 4),
                "neighbours": reach.near,
                "by": hows,
                "seconds": round((last - began) / SECOND, 3),
            },
            reasons=(
                Reason(feature="unique_dst_hosts", value=float(count), typical=TYPICAL_HOSTS, weight=0.6),
                Reason(
                    feature="failed_ratio", value=round(reach.share, 4), typical=(0.0, 0.3), weight=0.4
                ),
            ),
            selectors=(
                Selector(a=src, b=None, from_ns=began, until_ns=last, protocol=protocol, port=port),
            ),
        )

    def save(self) -> State:
        """Return the contacts remembered."""
        return {"memory": self.memory.save()}

    def load(self, state: State) -> None:
        """Remember these contacts."""
        self.memory.load(state["memory"])

    def merge(self, other: State) -> None:
        """Remember these contacts too."""
        self.memory.merge(other["memory"])


def _count_spoken(track: Track, row: Mapping[str, Any]) -> None:
    """Count hosts that were spoken to, by steps, so that old ones can be left out."""
    if row["spoken"]:
        track.add(**{f"spoken {row['tick'] // STEP_NS}": row["spoken"]})


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
    return Reach(hosts=hosts, failed=len(failed), spoken=spoken, near=blocks[block] if failed else 0, block=block)
