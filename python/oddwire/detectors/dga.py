"""Names made by rule: a host that tries one domain after the other, and nearly none of them exists."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zlib import crc32

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.dead_names import (
    DEAD_NEED,
    FOUND,
    LOST,
    MISSING,
    Answered,
    answered_domains,
    signs_of_life,
)
from oddwire.features.memory import Memory, Track
from oddwire.features.silent_servers import SilentServers
from oddwire.features.spells import began
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text, one_line

__all__ = ["Dga"]

SECOND = 1_000_000_000
TCP = 6
MOST_SERVERS, MOST_EXAMPLES, MOST_DOMAIN = 4, 5, 64
# What was asked for by others, so shortly before, was passed on.
PASSED_ON_NS = 3 * SECOND
COMMON = 3


@dataclass(frozen=True, kw_only=True)
class DgaParameters(Parameters):
    """When missing domains are tries."""

    fast_s: int = parameter(600, "what counts as fast", "s")
    slow_s: int = parameter(21_600, "how long missing domains are remembered", "s")
    babble: int = parameter(8, "missing domains of babble within `fast_s`", "domains")
    slow_babble: int = parameter(20, "the same within `slow_s`", "domains")
    many_babble: int = parameter(30, "the same where many others were found", "domains")
    lost_babble: int = parameter(14, "the same where names were not denied, only not answered", "domains")
    words: int = parameter(30, "missing domains of whatever letters within `fast_s`", "domains")


@dataclass(frozen=True, slots=True)
class _Tries:
    """The missing domains that count, and how many were found in the same time."""

    domains: Mapping[str, tuple[int, str]]
    found: int
    is_slow: bool

    @property
    def babble(self) -> int:
        """Return how many are babble."""
        return sum(outcome.endswith("!") for _, outcome in self.domains.values())

    @property
    def missing(self) -> int:
        """Return how many were denied."""
        return sum(outcome.startswith(MISSING) for _, outcome in self.domains.values())

    @property
    def share(self) -> float:
        """Return the share of the domains asked for that are not there."""
        return len(self.domains) / max(len(self.domains) + self.found, 1)


class Dga(Detector):
    """Counts, for each client, different registered domains that do not exist, and looks at their letters."""

    name = "dga"
    kind = Kind.DGA
    scope = Scope.HOST
    needs = DEAD_NEED
    attack = ("T1568.002",)
    parameters = DgaParameters
    page = Page(
        sees=(
            "One host asks for many different registered domains that do not exist, fast or over hours, and "
            "hardly for any that does; most have letters like no word, or they are so many that letters do "
            "not matter."
        ),
        matters="Malware finds its master so: both make names by one rule, and the master registers one.",
        wrong_when=(
            "A tool that tests lists of domains, or a name server that denies advertisers, can look the same "
            "to a client that asks for nothing else."
        ),
        example="10.0.0.5 asked for 84 domains that do not exist in 3 min, 81 babble such as xjwqzkv.ru",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        quiet_ns = self.settings.slow_s * SECOND
        self.dead = Memory(quiet_ns=quiet_ns, most_keys=1_000, most_things=192)
        self.found = Memory(quiet_ns=quiet_ns, most_keys=1_000, most_things=192)
        self.silent = SilentServers()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add the domains of each tick, and judge the clients that missed new ones."""
        tick, grown = None, dict[str, int]()
        signs = deque(signs_of_life(window, set(self.silent.signs)))
        for one in answered_domains(window, set(self.dead.tracks)):
            if tick not in {None, one.tick}:
                yield from self._judged(grown, tick)
                grown = {}
            tick = one.tick
            self._hear(signs, tick)
            if self._add(one):
                grown[one.client] = max(grown.get(one.client, 0), one.last_ns)
        yield from self._judged(grown, tick)
        self._hear(signs, window.end_ns)

    def _hear(self, signs: deque[tuple[int, str, int]], until_tick: int) -> None:
        """Note which servers were alive, tick by tick."""
        while signs and signs[0][0] <= until_tick:
            _, server, time_ns = signs.popleft()
            self.silent.answered(server, time_ns)

    def _add(self, one: Answered) -> bool:
        """Take what became of one question; say whether it is a new missing domain."""
        known, domain = self.dead.find(one.client), one.domain[-MOST_DOMAIN:]
        if one.fate == FOUND:
            if known is not None:
                known.things.pop(domain, None)
                self.found.touch(one.client, [_sum(domain)], one.time_ns)
            return False
        if one.fate == LOST and self.silent.lost(one.server, one.client, one.time_ns):
            return False
        found = self.found.find(one.client)
        if found is not None and _sum(domain) in found.things:
            return False
        track = self.dead.at(one.client, one.time_ns)
        track.end_ns = max(track.end_ns, one.last_ns)
        before = track.things.get(domain)
        if before is not None and (before[1].startswith(MISSING) or one.fate != MISSING):
            return False
        track.touch(domain, one.time_ns, one.fate + "!" * one.is_babble, self.dead.most_things)
        place = f"at {one.server}|{one.port}|{one.protocol}"
        if place in track.sums or sum(name.startswith("at ") for name in track.sums) < MOST_SERVERS:
            track.add(**{place: 1})
        return True

    def _judged(self, grown: Mapping[str, int], tick: int | None) -> Iterator[Evidence]:
        for client, last_ns in grown.items():
            track = self.dead.find(client)
            assert track is not None and tick is not None  # noqa: S101, PT018  # it grew in this tick
            if len(track.things) < self.settings.babble:
                continue
            for tries in self._spans(client, track, last_ns):
                if self._is_odd(tries):
                    if self._is_news(track, tries, last_ns) and not self._passes_on(client, tries):
                        yield self._evidence(client, track, tries, last_ns, tick)
                    break

    def _spans(self, client: str, track: Track, last_ns: int) -> Iterator[_Tries]:
        """Yield what was tried lately, and for long."""
        for span_s, is_slow in ((self.settings.fast_s, False), (self.settings.slow_s, True)):
            since = last_ns - span_s * SECOND
            found = self.found.find(client)
            yield _Tries(
                domains=track.since(since),
                found=0 if found is None else len(found.since(since)),
                is_slow=is_slow,
            )

    def _is_odd(self, tries: _Tries) -> bool:
        """Say whether these are more than dead links and typing errors."""
        many, babble = len(tries.domains), tries.babble
        if tries.is_slow:
            return babble >= max(self.settings.slow_babble, 0.6 * many) and tries.share >= 0.3  # noqa: PLR2004  # hardly links
        # Where nobody denies the names, servers may be down: only letters tell.
        least = self.settings.babble if 2 * tries.missing >= many else self.settings.lost_babble
        if babble >= max(least, 0.6 * many) and tries.share >= 0.4:  # noqa: PLR2004  # hardly links
            return True
        # A name server asks for everybody: there what was found says little.
        if babble >= max(self.settings.many_babble, 0.7 * many) and tries.share >= 0.1:  # noqa: PLR2004  # hardly links
            return True
        return tries.missing >= max(self.settings.words, 0.8 * many) and tries.share >= 0.8  # noqa: PLR2004  # nearly all

    def _is_news(self, track: Track, tries: _Tries, last_ns: int) -> bool:
        told, when = track.sums.get("told", 0), track.sums.get("told_ns", 0)
        many = len(tries.domains)
        is_late = last_ns - when >= 120 * SECOND  # two minutes
        if not is_late and many < 2 * told:
            return False
        track.sums["told"], track.sums["told_ns"] = many, last_ns
        return True

    def _passes_on(self, client: str, tries: _Tries) -> bool:
        """Say whether others ask for the same: of this host, through it, or as everybody does."""
        asked: dict[str, int] = {}
        for other, track in self.dead.items():
            if other == client:
                continue
            both = tries.domains.keys() & track.things.keys()
            if not both:
                continue
            asks_me = any(place.startswith(f"at {client}|") for place in track.sums)
            passed = sum(
                0 <= tries.domains[domain][0] - track.things[domain][0] <= PASSED_ON_NS for domain in both
            )
            if 2 * (len(both) if asks_me else passed) > len(tries.domains):
                return True
            for domain in both:
                asked[domain] = asked.get(domain, 0) + (not tries.domains[domain][1].endswith("!"))
        return 2 * sum(count >= COMMON for count in asked.values()) > len(tries.domains)

    def _evidence(self, client: str, track: Track, tries: _Tries, last_ns: int, tick: int) -> Evidence:
        first = began(track, min(time for time, _ in tries.domains.values()), last_ns)
        many, babble = len(tries.domains), tries.babble
        places = [name.removeprefix("at ").split("|") for name in track.sums if name.startswith("at ")]
        examples = [
            one_line(domain)
            for domain, (_, outcome) in tries.domains.items()
            if outcome.endswith("!") or not babble
        ][-MOST_EXAMPLES:]
        span = duration_text(max(last_ns - first, 1))
        tail = (
            f"{babble} babble such as {examples[-1]}" if babble else f"{tries.share:.0%} of all it asked for"
        )
        return Evidence(
            kind=Kind.DGA,
            subject=Party(ip=client),
            title=f"{client} asked for {count_text(many, 'domain')} that do not exist in {span}, {tail}",
            score=min(0.55 + 0.006 * babble + 0.002 * many, 0.97),
            severity=Severity.HIGH if babble >= 60 else None,  # noqa: PLR2004  # no chance
            start_ns=first,
            end_ns=last_ns,
            at_ns=tick + TICK_NS,
            targets=tuple(
                Target(ip=ip, port=int(port), proto="tcp" if int(protocol) == TCP else "udp")
                for ip, port, protocol in places
            ),
            target_count=len(places),
            facts={
                "missing_domains": many,
                "babble": babble,
                "found_domains": tries.found,
                "denied": tries.missing,
                "suffixes": len({domain.partition(".")[2] for domain in tries.domains}),
                "examples": examples,
            },
            reasons=(
                Reason(feature="missing_domains", value=float(many), typical=(0.0, 5.0), weight=0.4),
                Reason(feature="babble", value=float(babble), typical=(0.0, 2.0), weight=0.4),
                Reason(feature="missing_share", value=round(tries.share, 4), typical=(0.0, 0.2), weight=0.2),
            ),
            selectors=tuple(
                Selector(
                    a=client, b=ip, from_ns=first, until_ns=last_ns, protocol=int(protocol), port=int(port)
                )
                for ip, port, protocol in places
            ),
        )

    def save(self) -> State:
        """Return the domains remembered."""
        return {"dead": self.dead.save(), "found": self.found.save(), "silent": self.silent.save()}

    def load(self, state: State) -> None:
        """Remember these domains."""
        self.dead.load(state["dead"])
        self.found.load(state["found"])
        self.silent.load(state.get("silent", {"signs": {}, "losers": {}}))

    def merge(self, other: State) -> None:
        """Remember these domains too."""
        self.dead.merge(other["dead"])
        self.found.merge(other["found"])
        self.silent.merge(other.get("silent", {"signs": {}, "losers": {}}))


def _sum(domain: str) -> str:
    """Return a short name for a domain."""
    return f"{crc32(domain.encode()):08x}"
