"""Spraying: one client tries a few passwords at each of many services; or many clients at one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.logins import FAMILIES, LOGINS_NEED, Group, Waiting, is_refused_ssh
from oddwire.features.memory import Memory, Track
from oddwire.records.evidence import MOST_TARGETS, Evidence, Party, Reason, Selector, Target
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

__all__ = ["PasswordSpray"]

SECOND = 1_000_000_000
TCP = 6
LARGER = "larger"
# Rounds of a monitor: so far apart, and so even.
ROUND_NS, EVEN = 20_000_000_000, 1.3
# Tries of each client on the average, where many clients try.
LEAST_EACH = 1.5
TYPICAL_SERVICES = (0.0, 3.0)


@dataclass(frozen=True, kw_only=True)
class PasswordSprayParameters(Parameters):
    """When refused log-ins at many services are one attempt."""

    services: int = parameter(8, "services at which a client was refused within `span_s`", "services")
    span_s: int = parameter(1_800, "how long refusals are remembered", "s")
    refused: float = parameter(0.8, "least share of services at which nothing became more", "share")
    clients: int = parameter(20, "clients refused by one service within `span_s`", "clients")


class PasswordSpray(Detector):
    """Counts, for each client, the services by which it looks refused; and the clients of each service."""

    name = "password_spray"
    kind = Kind.PASSWORD_SPRAY
    scope = Scope.HOST
    needs = LOGINS_NEED
    attack = ("T1110", "T1110.003")
    parameters = PasswordSprayParameters
    kinds = (Kind.PASSWORD_SPRAY, Kind.BRUTE_FORCE)
    page = Page(
        sees=(
            "One client has conversations of the size of a refused log-in with many services of one "
            "sort (SSH, "
            "Telnet, FTP, databases, VNC, RDP, SMB), with answers of nearly one size, and hardly any "
            "becomes more. "
            "Also many clients that one service refuses in the same way."
        ),
        matters=(
            "A few tries at each of many doors escape the locks that count tries; one weak password is "
            "enough."
        ),
        wrong_when=(
            "An inventory or vulnerability scanner that logs in, or a management tool whose password "
            "has expired."
        ),
        example="10.0.0.7 was refused by 24 SSH services in 4 min, with 2 tries at each",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.waiting = Waiting([at for at, one in enumerate(FAMILIES) if one.sprays])
        self.clients = Memory(quiet_ns=self.settings.span_s * SECOND, most_keys=10_000, most_things=1_024)
        self.servers = Memory(quiet_ns=self.settings.span_s * SECOND, most_keys=10_000, most_things=1_024)

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add the conversations known by each tick, and judge whom they concern."""
        for at_ns, groups in self.waiting.pass_through(window):
            touched: dict[str, Track] = {}
            for group in groups:
                key, service = f"{group.client}|{group.family}", f"{group.server}|{group.port}"
                touched[key] = self._added(self.clients, key, service, group)
                key = f"{service}|{group.family}"
                touched[f"to {key}"] = self._added(self.servers, key, group.client, group)
            for key, track in touched.items():
                if key.startswith("to "):
                    evidence = self._of_many_clients(key.removeprefix("to "), track, at_ns)
                else:
                    evidence = self._of_many_services(key, track, at_ns)
                if evidence:
                    yield evidence

    def _added(self, memory: Memory, key: str, thing: str, group: Group) -> Track:
        """Remember what a client had with a service: `larger`, or first time, number and answer."""
        last = max(one.last for one in group.sessions)
        track = memory.at(key, last)
        is_ssh = FAMILIES[group.family].name == "SSH"
        before = track.things.get(thing, (0, ""))[1]
        if (
            before == LARGER
            or not all(group.fits)
            or (is_ssh and not all(map(is_refused_ssh, group.sessions)))
        ):
            track.touch(thing, last, LARGER, memory.most_things)
        else:
            begin = min(one.first for one in group.sessions)
            first, count, _ = before.split() if before else (begin, 0, 0)
            words = f"{min(int(first), begin)} {int(count) + len(group.fits)} {group.sessions[-1].back}"
            track.touch(thing, last, words, memory.most_things)
        track.forget_before(last - self.settings.span_s * SECOND)
        return track

    def _of_many_services(self, key: str, track: Track, at_ns: int) -> Evidence | None:
        """Say that a client tries its luck at many services, if it does."""
        found = self._refused(track, self.settings.services)
        if not found:
            return None
        client, family = key.rsplit("|", 1)
        name = FAMILIES[int(family)].name
        start_ns, end_ns, tries = _span(found)
        what, each = count_text(len(found), f"{name} service"), max(round(tries / len(found)), 1)
        span = duration_text(max(end_ns - start_ns, 1))
        title = (
            f"{client} was refused by {what} in {span}, with about {count_text(each, 'try', 'tries')} at each"
        )
        services = [thing.rsplit("|", 1) for thing in found]
        targets = tuple(Target(ip=ip, port=int(port), proto="tcp") for ip, port in services[:MOST_TARGETS])
        selectors = tuple(
            Selector(a=client, b=ip, from_ns=seen[0], until_ns=seen[1], protocol=TCP, port=int(port))
            for (ip, port), seen in zip(services, found.values(), strict=True)
        )
        facts = {"service": name, "services": len(found), "tries": tries}
        # Who looks round comes to each server once, and only SSH shows by its sizes that it was refused; a
        # monitor comes to all of them again and again.
        is_ordinary = (name != "SSH" and tries < LEAST_EACH * len(found)) or _are_rounds(found)
        return self._evidence(
            (Kind.PASSWORD_SPRAY, client, title),
            found,
            facts,
            at_ns,
            part=name,
            severity=Severity.LOW if is_ordinary else Severity.MEDIUM,
            targets=targets,
            selectors=selectors,
        )

    def _of_many_clients(self, key: str, track: Track, at_ns: int) -> Evidence | None:
        """Say that many clients guess at one service, if they do."""
        found = self._refused(track, self.settings.clients)
        start_ns, end_ns, tries = _span(found) if found else (0, 0, 0)
        if not found or tries < LEAST_EACH * len(found):
            return None
        server, port, family = key.rsplit("|", 2)
        name = FAMILIES[int(family)].name
        title = (
            f"{count_text(len(found), 'client')} made {count_text(tries, f'{name} log-in')} of one shape at "
            f"{server}:{port} in {duration_text(max(end_ns - start_ns, 1))}; hardly any became more"
        )
        targets = tuple(Target(ip=client) for client in list(found)[:MOST_TARGETS])
        selectors = tuple(
            Selector(a=client, b=server, from_ns=seen[0], until_ns=seen[1], protocol=TCP, port=int(port))
            for client, seen in found.items()
        )
        facts = {"role": "victim", "service": name, "clients": len(found), "tries": tries}
        return self._evidence(
            (Kind.BRUTE_FORCE, server, title),
            found,
            facts,
            at_ns,
            part=f"to {port}",
            targets=targets,
            selectors=selectors,
        )

    def _refused(self, track: Track, least: int) -> dict[str, tuple[int, int, int]]:
        """Return who looks refused (first time, last time, tries), if they are enough and alike."""
        if len(track.things) < least:
            return {}
        refused = {
            thing: (seen[0], *map(int, seen[1].split()))
            for thing, seen in track.things.items()
            if seen[1] != LARGER
        }
        if len(refused) < max(least, self.settings.refused * len(track.things)):
            return {}
        answers = sorted(seen[3] for seen in refused.values())
        middle = answers[len(answers) // 2]
        alike = sum(abs(one - middle) <= max(0.25 * middle, 40) for one in answers)
        if alike < self.settings.refused * len(answers):
            return {}
        return {thing: (seen[1], seen[0], seen[2]) for thing, seen in sorted(refused.items())}

    def _evidence(
        self,
        what: tuple[Kind, str, str],
        found: Mapping[str, tuple[int, int, int]],
        facts: Mapping[str, Any],
        at_ns: int,
        *,
        part: str,
        targets: tuple[Target, ...],
        selectors: tuple[Selector, ...],
        severity: Severity = Severity.MEDIUM,
    ) -> Evidence:
        kind, subject, title = what
        start_ns, end_ns, _ = _span(found)
        return Evidence(
            kind=kind,
            subject=Party(ip=subject),
            part=part,
            title=title,
            score=min(0.5 + 0.5 * len(found) / (len(found) + 16), 0.99),
            severity=severity,
            start_ns=start_ns,
            end_ns=end_ns,
            at_ns=at_ns,
            targets=targets,
            target_count=len(found),
            facts=facts,
            reasons=(
                Reason(
                    feature="refusing_peers", value=float(len(found)), typical=TYPICAL_SERVICES, weight=1.0
                ),
            ),
            selectors=selectors,
        )

    def save(self) -> State:
        """Return what waits and what is remembered."""
        return {
            "waiting": self.waiting.save(),
            "clients": self.clients.save(),
            "servers": self.servers.save(),
        }

    def load(self, state: State) -> None:
        """Remember these conversations."""
        self.waiting.load(state["waiting"])
        self.clients.load(state["clients"])
        self.servers.load(state["servers"])

    def merge(self, other: State) -> None:
        """Remember these conversations too."""
        self.waiting.merge(other["waiting"])
        self.clients.merge(other["clients"])
        self.servers.merge(other["servers"])


def _are_rounds(found: Mapping[str, tuple[int, int, int]]) -> bool:
    """Say whether every service was tried at the same even pace, as monitors do."""
    paces = sorted((last - first) / (tries - 1) for first, last, tries in found.values() if tries > 1)
    if 2 * len(paces) < len(found):
        return False
    return paces[0] >= ROUND_NS and paces[-1] <= EVEN * paces[0]


def _span(found: Mapping[str, tuple[int, int, int]]) -> tuple[int, int, int]:
    """Return when it began, when it ended, and how many tries there were."""
    return (
        min(seen[0] for seen in found.values()),
        max(seen[1] for seen in found.values()),
        sum(seen[2] for seen in found.values()),
    )
