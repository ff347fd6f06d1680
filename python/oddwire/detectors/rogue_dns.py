"""Name servers that lie: forged answers, names turned inside, floods of answers, and who has any name."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.asked_rows import is_group
from oddwire.features.memory import Memory, Track
from oddwire.features.name_servers import SERVERS_NEED, Behind
from oddwire.features.neighbour_names import Called, called_names
from oddwire.features.rival_answers import RIVAL_NEED, Rival, Rivals, Unasked, plain_answers
from oddwire.features.spells import began
from oddwire.features.turned_names import Turned, TurnedNames
from oddwire.records.evidence import Evidence, Fact, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text, one_line

__all__ = ["RogueDns"]

HOUR_NS, MINUTE_NS = 3_600_000_000_000, 60_000_000_000
UDP, DNS_PORT = 17, 53
CALL_PORTS = {"llmnr": 5_355, "nbns": 137, "mdns": 5_353}
MOST_NAME = 60
WPAD = "wpad"
MOST_CALLERS = 16
STATES = ("raced", "floods", "calls", "astray")


@dataclass(frozen=True, kw_only=True)
class RogueDnsParameters(Parameters):
    """When answers are lies."""

    rivals: int = parameter(
        2, "questions that had two different answers, where nothing else tells", "questions"
    )
    turned: int = parameter(4, "domains outside that a server turned to one address inside", "domains")
    called: int = parameter(3, "different names to which one host answers neighbours' calls", "names")
    called_slowly: int = parameter(5, "the same by multicast DNS or NetBIOS alone", "names")
    flood: int = parameter(200, "answers about one domain that nobody asked for", "answers")


@dataclass(frozen=True, slots=True)
class _Case:
    """One thing to be said."""

    subject: Party
    part: str
    what: str
    count: int
    feature: str
    typical: tuple[float, float]
    targets: tuple[Target, ...]
    selectors: tuple[Selector, ...]
    severity: Severity | None
    span: tuple[int, int]
    facts: dict[str, Fact]


class RogueDns(Detector):
    """Compares answers with other answers to the same question, and with who is asked at all."""

    name = "rogue_dns"
    kind = Kind.ROGUE_DNS
    scope = Scope.NETWORK
    needs = RIVAL_NEED | SERVERS_NEED
    attack = ("T1557", "T1557.001", "T1584.002")
    parameters = RogueDnsParameters
    page = Page(
        sees=(
            "A question has two different answers, one right behind the other; a server says of many domains "
            "outside that they are at one address, after it was said otherwise; answers about one "
            "domain arrive in numbers that nobody asked for; or a host answers to many names that neighbours "
            "call."
        ),
        matters="Whoever says where a name is gets what is sent there: passwords, updates, mail.",
        wrong_when=(
            "A portal that takes over all names in the middle of a session turns them inside, too; a host "
            "that stands in for many others may answer to all their names."
        ),
        example="10.0.0.66 answered neighbours who called for 5 different names as its own, in 4 min",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.rivals, self.turned, self.behind = Rivals(), TurnedNames(), Behind()
        self.raced = Memory(quiet_ns=HOUR_NS, most_keys=1_000, most_things=64)
        self.floods = Memory(quiet_ns=HOUR_NS, most_keys=1_000, most_things=8)
        self.calls = Memory(quiet_ns=HOUR_NS, most_keys=1_000, most_things=64)
        self.astray = Memory(quiet_ns=HOUR_NS, most_keys=500, most_things=8)

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Compare the answers of a window, and judge those that are odd tick by tick."""
        events: list[Rival | Unasked | Called | Turned] = list(called_names(window))
        rows = plain_answers(window)
        self.behind.take(window)
        if rows is not None:
            rivals, floods = self.rivals.compare(rows, window)
            events += [*rivals, *floods, *self.turned.add(rows, window)]
        for tick, group in groupby(
            sorted(events, key=lambda event: event.tick), key=lambda event: event.tick
        ):
            self.behind.learn(tick)
            told: dict[tuple[str, str], _Case] = {}
            for event in group:
                if case := self._case(event):
                    told[(case.subject.name, case.part)] = case
            for case in told.values():
                yield _evidence(case, tick)
        self.behind.learn(window.end_ns)

    def _case(self, event: Rival | Unasked | Called | Turned) -> _Case | None:
        match event:
            case Rival():
                return self._raced(event)
            case Unasked():
                return self._flooded(event)
            case Called():
                return self._called(event)
            case Turned():
                return self._turned(event)

    def _raced(self, event: Rival) -> _Case | None:
        """Judge a question that had two answers."""
        forger = self.behind.forger(event.tick, event.client, event.server, event.port)
        who = forger.mac if forger else event.server
        track = self.raced.touch(who, [event.name[-MOST_NAME:]], event.time_ns)
        track.end_ns = max(track.end_ns, event.last_ns)
        track.add(races=1)
        races = track.sums["races"]
        if (forger is None and races < self.settings.rivals) or not _is_news(track, races, event.last_ns):
            return None
        span = (began(track, track.start_ns, track.end_ns), track.end_ns)
        by = f"in the name of {event.server}" if forger else "with different content"
        return _Case(
            subject=Party(ip=forger.ip, mac=forger.mac) if forger else Party(ip=event.server),
            part="race",
            what=f"answered {count_text(races, 'question')} a second time {by}, such as {_short(event.name)}",
            count=races,
            feature="two_answers",
            typical=(0.0, 0.0),
            targets=(Target(ip=event.client), Target(ip=event.server, port=DNS_PORT, proto="udp")),
            selectors=(_selector(event.client, event.server, span),),
            severity=None if races >= 3 and forger else Severity.MEDIUM,  # noqa: PLR2004  # no accident
            span=span,
            facts={
                "why": "two answers",
                "questions": races,
                "one_answer": _short(event.one),
                "other_answer": _short(event.other),
            },
        )

    def _flooded(self, event: Unasked) -> _Case | None:
        """Judge answers that nobody asked for; of a domain never asked for they are somebody else's."""
        if not self.turned.was_asked(event.client, event.domain, event.last_ns):
            return None
        track = self.floods.touch(f"{event.client}|{event.domain}", [event.server], event.time_ns)
        track.end_ns = max(track.end_ns, event.last_ns)
        track.add(answers=event.answers)
        answers = track.sums["answers"]
        if answers < self.settings.flood or not _is_news(track, answers, event.last_ns):
            return None
        span = (began(track, track.start_ns, track.end_ns), track.end_ns)
        return _Case(
            subject=Party(ip=event.server),
            part=f"flood|{event.client}",
            what=(
                f"sent {event.client} {count_text(answers, 'answer')} about {_short(event.domain)} "
                "that it had not asked for, with ever other transactions"
            ),
            count=answers,
            feature="unasked_answers",
            typical=(0.0, 20.0),
            targets=(Target(ip=event.client),),
            selectors=(_selector(event.client, event.server, span),),
            severity=None,
            span=span,
            facts={
                "why": "unasked answers",
                "answers": answers,
                "domain": _short(event.domain),
            },
        )

    def _called(self, event: Called) -> _Case | None:
        """Judge a host that answers to names: its own are few."""
        track = self.calls.touch(event.answerer, [f"{event.service}|{event.name[:MOST_NAME]}"], event.time_ns)
        caller = f"to {event.caller}"
        is_one = event.service != "mdns" and not is_group(event.caller)
        if is_one and (len(track.sums) < MOST_CALLERS or caller in track.sums):
            track.add(**{caller: 1})
        by = {
            service: {name.partition("|")[2] for name in track.things if name.startswith(service)}
            for service in CALL_PORTS
        }
        names = by["llmnr"] | by["nbns"] | (by["mdns"] if len(by["mdns"]) > 1 else set())
        is_enough = (
            len(by["llmnr"]) >= self.settings.called
            or max(map(len, by.values())) >= self.settings.called_slowly
            or (WPAD in by["llmnr"] | by["nbns"] and len(by["llmnr"] | by["nbns"]) > 1)
        )
        if not is_enough or not _is_news(track, len(names), event.time_ns):
            return None
        span = (began(track, track.start_ns, track.end_ns), track.end_ns)
        callers = [name.removeprefix("to ") for name in track.sums if name.startswith("to ")]
        listed = ", ".join(sorted(map(one_line, names))[:3])
        return _Case(
            subject=Party(ip=event.answerer),
            part="calls",
            what=(
                f"answered neighbours who called for {count_text(len(names), 'different name')} ({listed}) "
                "as its own"
            ),
            count=len(names),
            feature="names_answered_to",
            typical=(0.0, 2.0),
            targets=tuple(Target(ip=caller) for caller in callers),
            selectors=tuple(
                Selector(a=None, b=event.answerer, from_ns=span[0], until_ns=span[1], protocol=UDP, port=port)
                for service, port in CALL_PORTS.items()
                if by[service]
            ),
            severity=None if len(names) >= 5 else Severity.MEDIUM,  # noqa: PLR2004  # no aliases
            span=span,
            facts={"why": "called by any name", "names": len(names), "callers": len(callers)},
        )

    def _turned(self, event: Turned) -> _Case | None:
        """Judge a server that turned names inside: most of what it says, not a few."""
        if not event.is_inside:
            return self._spread(event)
        # One that blocks advertisers, or lets nobody out yet, names itself and leaves other names alone.
        least = self.settings.turned * (1 + (event.address == event.server))
        if event.domains < least or 4 * event.others > event.domains:
            return None
        track = self.turned.turned.find(f"{event.server}|{event.address}")
        if track is None or not _is_news(track, event.domains, event.time_ns):
            return None
        span = (event.start_ns, event.time_ns)
        return _Case(
            subject=Party(ip=event.server),
            part=f"turned|{event.address}",
            what=(
                f"told that {count_text(event.domains, 'domain')} outside, such as {_short(event.example)}, "
                f"are all at {event.address} inside"
            ),
            count=event.domains,
            feature="domains_turned_inside",
            typical=(0.0, 1.0),
            targets=(Target(ip=event.client), Target(ip=event.address)),
            selectors=(_selector(None, event.server, span),),
            severity=Severity.MEDIUM,
            span=span,
            facts={
                "why": "turned inside",
                "domains": event.domains,
                "address": event.address,
                "others": event.others,
            },
        )

    def _spread(self, event: Turned) -> _Case | None:
        """Judge a server that leads names to one place outside, which for others are far apart."""
        key = f"{event.server}|{event.address}"
        track = self.astray.touch(key, [event.example[-MOST_NAME:]], event.time_ns)
        if not _is_news(track, event.domains, event.time_ns):
            return None
        span = (event.start_ns, event.time_ns)
        return _Case(
            subject=Party(ip=event.server),
            part=f"astray|{event.address}",
            what=(
                f"told that {count_text(event.domains, 'domain')}, such as {_short(event.example)}, are all "
                f"at {event.address}, while by other name servers they are far apart"
            ),
            count=event.domains,
            feature="domains_led_astray",
            typical=(0.0, 1.0),
            targets=(Target(ip=event.client), Target(ip=event.address)),
            selectors=(_selector(None, event.server, span),),
            severity=Severity.MEDIUM,
            span=span,
            facts={"why": "led astray", "domains": event.domains, "address": event.address},
        )

    def save(self) -> State:
        """Return all that is remembered."""
        return {
            "held": self.rivals.held,
            "turned": self.turned.save(),
            "behind": self.behind.save(),
            **{name: getattr(self, name).save() for name in STATES},
        }

    def load(self, state: State) -> None:
        """Remember this, and nothing else."""
        self.rivals.held = [list(row) for row in state["held"]]
        self.turned.load(state["turned"])
        self.behind.load(state["behind"])
        for name in STATES:
            getattr(self, name).load(state[name])

    def merge(self, other: State) -> None:
        """Remember this too."""
        self.rivals.merge(other["held"])
        self.turned.merge(other["turned"])
        self.behind.merge(other["behind"])
        for name in STATES:
            getattr(self, name).merge(other[name])


def _is_news(track: Track, count: int, time_ns: int) -> bool:
    """Say whether there is more to tell by half than was told; a minute later one more will do."""
    told, when = track.sums.get("told", 0), track.sums.get("told_ns", 0)
    is_late = time_ns - when >= MINUTE_NS and count > told
    if not is_late and 2 * count < 3 * max(told, 1):
        return False
    track.sums["told"], track.sums["told_ns"] = count, time_ns
    return True


def _short(text: str) -> str:
    """Return hostile text in a few plain letters."""
    return one_line(text)[:MOST_NAME]


def _selector(client: str | None, server: str, span: tuple[int, int]) -> Selector:
    return Selector(a=client, b=server, from_ns=span[0], until_ns=span[1], protocol=UDP, port=DNS_PORT)


def _evidence(case: _Case, tick: int) -> Evidence:
    span = duration_text(max(case.span[1] - case.span[0], 1))
    return Evidence(
        kind=Kind.ROGUE_DNS,
        subject=case.subject,
        part=case.part,
        title=f"{case.subject.name} {case.what}, in {span}",
        score=min(0.6 + 0.03 * min(case.count, 12), 0.96),
        severity=case.severity,
        start_ns=case.span[0],
        end_ns=case.span[1],
        at_ns=tick + TICK_NS,
        targets=case.targets,
        target_count=len(case.targets),
        facts=case.facts,
        reasons=(Reason(feature=case.feature, value=float(case.count), typical=case.typical, weight=1.0),),
        selectors=case.selectors,
    )
