"""Guessing: one client tries to log in to one service again and again, and is refused."""

from collections.abc import Iterator
from dataclasses import dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.guesses import Run, Runs, Shape, shape_of
from oddwire.features.logins import (
    FAMILIES,
    LOGINS_NEED,
    MANY_REQUESTS,
    OTHER,
    WEB,
    Family,
    Group,
    Session,
    Waiting,
    is_refused_ssh,
)
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

__all__ = ["BruteForce"]

SECOND = 1_000_000_000
TCP = 6
# Log-ins by hand: a person mistypes a few times.
TYPICAL_TRIES, TYPICAL_SAME = (1.0, 4.0), (0.0, 0.6)


@dataclass(frozen=True, kw_only=True)
class BruteForceParameters(Parameters):
    """When short conversations are guesses."""

    tries: int = parameter(10, "refused conversations within `fast_s`", "conversations")
    fast_s: int = parameter(300, "what counts as fast", "s")
    slow_tries: int = parameter(
        40, "refused conversations without a long pause, however slow", "conversations"
    )
    web_tries: int = parameter(30, "requests over HTTP, or on a port of no known service", "conversations")
    web_rate: float = parameter(3.0, "the same a second, one after the other", "conversations/s")
    one_connection: int = parameter(30, "messages to and fro in one connection", "messages")
    refused: float = parameter(0.9, "least share of conversations that became no more", "share")
    same: float = parameter(0.8, "least share of answers of nearly one size", "share")


class BruteForce(Detector):
    """Counts, for each client and service, the conversations that look like a refused log-in."""

    name = "brute_force"
    kind = Kind.BRUTE_FORCE
    scope = Scope.PAIR
    needs = LOGINS_NEED
    attack = ("T1110", "T1110.001")
    parameters = BruteForceParameters
    page = Page(
        sees=(
            "Many short conversations of one client with one service (SSH, Telnet, FTP, mail, "
            "databases, VNC, RDP, "
            "SMB, HTTP), each of the size of a refused log-in, with answers of nearly one size, and "
            "none that became "
            "more; or many small questions and answers in one FTP, Telnet or mail connection. Only "
            "sizes and times "
            "are looked at, so it works where everything is encrypted, but not for log-ins inside HTTPS."
        ),
        matters=(
            "Whoever guesses long enough gets in; a guesser inside is a host that somebody else controls."
        ),
        wrong_when=(
            "A script with an old password, or a job that logs in and does next to nothing, looks "
            "the same. Guesses "
            "over HTTP are told from ordinary requests only by equal answers to questions of varying length."
        ),
        example=(
            "10.0.0.7 made 214 SSH log-ins of one shape at 10.0.0.9:22 in 3 min, none of which became "
            "a session"
        ),
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.waiting = Waiting(range(len(FAMILIES)))
        self.runs = Runs()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add the conversations known by each tick, and judge the pairs that had some."""
        for at_ns, groups in self.waiting.pass_through(window):
            for group in groups:
                run = self.runs.add(group)
                if run.count >= self.settings.tries and (evidence := self._judged(group, run, at_ns)):
                    yield evidence
                elif any(one.said >= self.settings.one_connection for one in group.sessions):
                    yield from self._long_ones(group, at_ns)

    def _judged(self, group: Group, run: Run, at_ns: int) -> Evidence | None:
        """Say that it is guessing, if it is."""
        last = run.sessions[-1]
        if run.larger_before(last.last) > (1 - self.settings.refused) * run.count:
            return None
        since = last.last - self.settings.fast_s * SECOND
        recent = [one for one in run.sessions if one.last >= since]
        family = group.family
        is_fast = len(recent) >= self.settings.tries
        if not is_fast and run.count < self.settings.slow_tries:
            return None
        shape = shape_of(recent if is_fast else run.sessions)
        severity = (
            self._of_web(family, shape) if family in {WEB, OTHER} else self._of_known(family, shape, run)
        )
        if severity is None:
            return None
        return self._evidence(group, run, shape, severity, at_ns)

    def _of_web(self, family: int, shape: Shape) -> Severity | None:
        """Judge requests that may be anything: equal answers to questions of varying length, and fast."""
        varies = shape.out_kinds >= 4 and 2 <= shape.out_spread <= 48  # noqa: PLR2004  # as passwords differ
        if shape.count < self.settings.web_tries or not varies or shape.back_same < self.settings.refused:
            return None
        fast = shape.rate >= self.settings.web_rate or (shape.parallel >= 3 and shape.rate >= 1)  # noqa: PLR2004  # several at once
        is_sure = fast and (family == WEB or shape.parallel >= 3)  # noqa: PLR2004  # as above
        return Severity.MEDIUM if is_sure else Severity.LOW

    def _of_known(self, family: int, shape: Shape, run: Run) -> Severity | None:
        """Judge conversations of the size of a refused log-in: whether they are alike, and nothing else."""
        what = FAMILIES[family]
        if shape.back_near < self.settings.same or shape.out_spread > max(80, 0.35 * shape.out):
            return None
        busy = shape.parallel >= 3 or shape.rate >= 1.0  # noqa: PLR2004  # more than one hand
        polls = shape.is_regular and shape.pause_s >= 5 and not busy  # noqa: PLR2004  # as monitors wait
        if what.worded:
            return self._of_worded(what, shape, is_busy=busy)
        if what.name == "SSH":
            late = sum(map(is_refused_ssh, run.sessions)) >= self.settings.same * len(run.sessions)
            sure = shape.parallel >= 3 or (late and (busy or shape.median_s >= 1.0))  # noqa: PLR2004  # many hands
            return Severity.MEDIUM if sure else Severity.LOW
        return Severity.LOW if polls and shape.out_kinds == 1 else Severity.MEDIUM

    def _of_worded(self, what: Family, shape: Shape, *, is_busy: bool) -> Severity | None:
        """Judge conversations in the open: passwords differ in length, and little else is said.

        To collect mail or leave a file takes more words; mail refused for its receiver takes as many.
        """
        if shape.out_kinds < 3:  # noqa: PLR2004  # passwords differ in length
            return Severity.LOW if is_busy and shape.count >= self.settings.slow_tries else None
        is_brief = shape.said <= 3 or what.name in {"Telnet", "SMTP"}  # noqa: PLR2004  # who, the password, goodbye
        is_enough = what.name != "SMTP" or shape.count >= self.settings.web_tries
        return Severity.MEDIUM if is_enough and (is_brief or is_busy) else Severity.LOW

    def _long_ones(self, group: Group, at_ns: int) -> Iterator[Evidence]:
        """Judge connections in which small questions and small answers alternate for long."""
        family = FAMILIES[group.family]
        if group.family == WEB:
            yield from self._kept_alive(group, at_ns)
        if not family.worded or group.family in {WEB, OTHER}:
            return
        for one in group.sessions:
            if one.said < self.settings.one_connection or not _alternates(one):
                continue
            run = Run(start_ns=one.first, end_ns=one.last, count=one.said // 2, sessions=[one])
            severity = Severity.LOW if family.name == "IMAP" else Severity.MEDIUM
            yield self._evidence(group, run, shape_of([one]), severity, at_ns, inside=True)

    def _kept_alive(self, group: Group, at_ns: int) -> Iterator[Evidence]:
        """Judge connections in which many requests of different length all had equal answers."""
        sessions = [
            one
            for one in group.sessions
            if one.said >= MANY_REQUESTS
            and one.out / one.said <= FAMILIES[WEB].out[1]
            and one.back % one.said == 0
        ]
        tries = sum(one.said for one in sessions)
        if not sessions:
            return
        start_ns, end_ns = min(one.first for one in sessions), max(one.last for one in sessions)
        rate = tries / max((end_ns - start_ns) / SECOND, 1.0)
        if rate >= self.settings.web_rate:
            # A device that reports what it measures does the same, but in one connection.
            severity = Severity.MEDIUM if len(sessions) >= 3 else Severity.LOW  # noqa: PLR2004  # several at once
            run = Run(start_ns=start_ns, end_ns=end_ns, count=tries, sessions=sessions)
            yield self._evidence(group, run, shape_of(sessions), severity, at_ns, inside=True)

    def _evidence(
        self,
        group: Group,
        run: Run,
        shape: Shape,
        severity: Severity,
        at_ns: int,
        *,
        inside: bool = False,
    ) -> Evidence:
        client, server, port, family = group.client, group.server, group.port, FAMILIES[group.family]
        got_in = (
            any(one >= run.end_ns for one in run.larger_ends) and severity > Severity.LOW and family.sprays
        )
        span = duration_text(max(run.end_ns - run.start_ns, 1))
        what = "short TCP conversation" if family.name == "TCP" else f"{family.name} log-in"
        if inside:
            lines = count_text(len(run.sessions), "connection")
            title = (
                f"{client} tried {count_text(run.count, what)} at {server}:{port} inside {lines} in {span}"
            )
        else:
            sure = "made" if severity > Severity.LOW else "may have made"
            end = "and the last one became a session" if got_in else "none of which became more"
            title = (
                f"{client} {sure} {count_text(run.count, what)} of one shape at {server}:{port} in "
                f"{span}, {end}"
            )
        return Evidence(
            kind=Kind.BRUTE_FORCE,
            subject=Party(ip=client),
            part=f"{server}|{port}" + (f"|{run.start_ns}" if inside else ""),
            title=title,
            score=min(0.5 + 0.5 * run.count / (run.count + 40), 0.99)
            * (1 if severity > Severity.LOW else 0.5),
            severity=Severity.HIGH if got_in else severity,
            start_ns=run.start_ns,
            end_ns=run.end_ns,
            at_ns=at_ns,
            targets=(Target(ip=server, port=port, proto="tcp"),),
            target_count=1,
            facts={
                "service": family.name,
                "tries": run.count,
                "at_once": shape.parallel,
                "answer_bytes": shape.back,
                "request_bytes": shape.out,
                "seconds_each": round(shape.median_s, 3),
                "got_in": got_in,
            },
            reasons=(
                Reason(feature="refused_logins", value=float(run.count), typical=TYPICAL_TRIES, weight=0.6),
                Reason(
                    feature="equal_answers", value=round(shape.back_near, 4), typical=TYPICAL_SAME, weight=0.4
                ),
            ),
            selectors=(
                Selector(
                    a=client, b=server, from_ns=run.start_ns, until_ns=run.end_ns, protocol=TCP, port=port
                ),
            ),
        )

    def save(self) -> State:
        """Return what waits and what is remembered."""
        return {"waiting": self.waiting.save(), "runs": self.runs.save()}

    def load(self, state: State) -> None:
        """Remember these conversations."""
        self.waiting.load(state["waiting"])
        self.runs.load(state["runs"])

    def merge(self, other: State) -> None:
        """Remember these conversations too."""
        self.waiting.merge(other["waiting"])
        self.runs.merge(other["runs"])


def _alternates(one: Session) -> bool:
    """Say whether small questions and small answers took turns, at the pace of refusals."""
    turns = one.said / max(one.heard, 1)
    seconds = (one.last - one.first) / SECOND
    return (
        0.85 <= turns <= 1.15  # noqa: PLR2004  # one answer a question, and a greeting
        and 5 <= one.out / one.said <= 40  # noqa: PLR2004  # a name or a password, and no typing key by key
        and 10 <= one.back / one.heard <= 60  # noqa: PLR2004  # a line
        and 0.15 * one.said <= seconds <= 10 * one.said  # refusals are slow on purpose
    )
