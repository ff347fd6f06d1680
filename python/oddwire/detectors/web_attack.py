"""Searches of a web server for what it may hold: path after path, and hardly any of them is there."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.memory import Memory, Track
from oddwire.features.missing import MISSING_NEED, MOST_PATHS, Missed, missed
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

__all__ = ["WebAttack"]

SECOND = 1_000_000_000
TCP = 6
SPAN_NS = 300 * SECOND
MINUTE_NS = 60 * SECOND


@dataclass(frozen=True, kw_only=True)
class WebAttackParameters(Parameters):
    """When requests for what is not there are a search; all within five minutes."""

    paths: int = parameter(50, "different paths that are not there", "paths")
    many_paths: int = parameter(200, "the same for a high finding", "paths")
    few_paths: int = parameter(20, "the same for a low finding", "paths")
    refused: float = parameter(0.6, "least share of requests that were refused", "share")
    referred: float = parameter(0.3, "most requests that a page led to", "share")


class WebAttack(Detector):
    """Counts the different paths that a client tries at a site in vain."""

    name = "web_attack"
    kind = Kind.WEB_ATTACK
    scope = Scope.PAIR
    needs = MISSING_NEED
    attack = ("T1595.003", "T1190")
    parameters = WebAttackParameters
    page = Page(
        sees=(
            "One client asks a web server over clear HTTP for very many different paths within minutes, most "
            "of them are not there or not allowed, and no page led to them. Numbers, hashes, images and "
            "other parts of pages do not count, nor does what goes through a proxy."
        ),
        matters="Whoever looks for forgotten pages, copies and log-ins wants to break in.",
        wrong_when=(
            "A program that asks a store of packages for many names that it does not hold looks the same. "
            "Sites that answer every path as if it were there hide the search."
        ),
        example="10.0.0.7 tried 1,204 paths at 10.0.0.80:80 in 2 min; 98 % of its requests were refused",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        # 300 sites with 320 paths of 80 characters each: about 12 MiB.
        self.memory = Memory(quiet_ns=SPAN_NS, most_keys=300, most_things=MOST_PATHS)

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Note what was missed in each tick, and judge who missed it."""
        for one in missed(window):
            key = f"{one.client}|{one.server}|{one.port}|{one.site}"
            if not one.paths and self.memory.find(key) is None:
                continue
            track = self._noted(key, one)
            if evidence := self._judged(track, one):
                yield evidence

    def _noted(self, key: str, one: Missed) -> Track:
        """Add what a client asked in a tick; forget what is older than the span."""
        track = self.memory.at(key, one.tick)
        for path, at in one.paths:
            # The first time counts: who asks again for the same does not search.
            if path not in track.things:
                track.touch(path, at, "", MOST_PATHS)
                track.add(tried=1)
        track.end_ns = max(track.end_ns, one.tick)
        minute = one.tick // MINUTE_NS
        track.add(
            **{
                f"all {minute}": one.requests,
                f"refused {minute}": one.refused,
                f"referred {minute}": one.referred,
            }
        )
        oldest = (one.tick - SPAN_NS) // MINUTE_NS
        for name in [name for name in track.sums if " " in name and int(name.split()[1]) < oldest]:
            del track.sums[name]
        return track

    def _judged(self, track: Track, one: Missed) -> Evidence | None:
        """Say that it is a search, if it is."""
        wanted = self.settings
        recent = [at for at, _ in track.things.values() if at >= one.tick - SPAN_NS]
        if len(recent) < wanted.few_paths:
            track.sums.pop("since", None)
            track.sums.pop("told", None)
            track.sums["before"] = track.sums.get("tried", 0) - len(recent)
            return None
        totals = {
            what: sum(amount for name, amount in track.sums.items() if name.startswith(f"{what} "))
            for what in ("all", "refused", "referred")
        }
        if (
            totals["refused"] < wanted.refused * totals["all"]
            or totals["referred"] > wanted.referred * totals["all"]
        ):
            return None
        since = track.sums.setdefault("since", min(recent))
        tried = track.sums["tried"] - track.sums.get("before", 0)
        if tried < 2 * track.sums.get("told", 0) and not self._rises(track, tried):
            return None
        track.sums["told"] = tried
        return self._evidence(one, tried, since, max(recent), totals["refused"] / totals["all"])

    def _rises(self, track: Track, tried: int) -> bool:
        """Say whether it is worse than what was told."""
        told = track.sums.get("told", 0)
        return any(told < least <= tried for least in (self.settings.paths, self.settings.many_paths))

    def _evidence(self, one: Missed, tried: int, first: int, last: int, share: float) -> Evidence:
        wanted = self.settings
        severity = Severity.LOW
        if tried >= wanted.paths:
            severity = Severity.HIGH if tried >= wanted.many_paths else Severity.MEDIUM
        span = duration_text(max(last - first, 1))
        where = f"{one.server}:{one.port}"
        return Evidence(
            kind=Kind.WEB_ATTACK,
            subject=Party(ip=one.client),
            part=f"{where}|{one.site}",
            title=(
                f"{one.client} tried {count_text(tried, 'path')} at {where} in {span}; {share:.0%} of its "
                "requests were refused"
            ),
            score=min(0.3 + tried / 500, 0.97)
            if severity is Severity.LOW
            else min(0.7 + tried / 2_000, 0.97),
            severity=severity,
            start_ns=first,
            end_ns=last,
            at_ns=one.tick + TICK_NS,
            targets=(Target(ip=one.server, port=one.port, proto="tcp"),),
            target_count=1,
            facts={
                "why": "paths",
                "site": one.site or None,
                "paths": tried,
                "refused_share": round(share, 3),
                "examples": [path for path, _ in one.paths[:8]],
            },
            reasons=(
                Reason(feature="paths_not_there", value=float(tried), typical=(0.0, 5.0), weight=0.6),
                Reason(feature="refused_share", value=round(share, 4), typical=(0.0, 0.2), weight=0.4),
            ),
            selectors=(
                Selector(
                    a=one.client, b=one.server, from_ns=first, until_ns=last, protocol=TCP, port=one.port
                ),
            ),
        )

    def save(self) -> State:
        """Return what was tried."""
        return {"memory": self.memory.save()}

    def load(self, state: State) -> None:
        """Remember what was tried."""
        self.memory.load(state["memory"])

    def merge(self, other: State) -> None:
        """Remember this too."""
        self.memory.merge(other["memory"])
