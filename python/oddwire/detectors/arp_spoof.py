"""Forged ARP: a host says that addresses of others are its own, to read or to stop what is sent to them."""

from collections.abc import Iterator

from oddwire.base.detector import Detector, Page, Parameters, State
from oddwire.base.window import Window
from oddwire.features.bindings import BINDINGS_NEED, Contest, is_proxy
from oddwire.features.contests import Contests, Verdict
from oddwire.records.evidence import ARP, Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text

__all__ = ["ArpSpoof"]

MOST_SHOWN, MOST_NAMED = 15, 1_000


class ArpSpoof(Detector):
    """Compares who claims an address by ARP with who sends packets from it, and with how claims are made."""

    name = "arp_spoof"
    kind = Kind.ARP_SPOOF
    scope = Scope.NETWORK
    needs = BINDINGS_NEED
    attack = ("T1557.002",)
    page = Page(
        sees=(
            "A network card claims by ARP an address that another card has, and does what forging takes: "
            "it answers "
            "again and again though nobody asked, claims several addresses of others, has one of its own "
            "besides, or "
            "passes on the packets of those it claims to be."
        ),
        matters="Traffic of the victims goes through the forger, who can read, change or drop it.",
        wrong_when=(
            "Clusters and routers that share an address without a virtual hardware address may look alike "
            "while they "
            "fight about it; a router that answers for a whole segment (proxy ARP) is reported as low."
        ),
        example=(
            "10.0.0.66 (02:00:0a:00:00:42) claims 10.0.0.1, which belongs to 02:00:0a:00:00:01, "
            "towards 10.0.0.5"
        ),
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.contests = Contests()
        self.named: dict[str, str] = {}

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add what was claimed, and say which claims are forged."""
        for contest in self.contests.found(window, Verdict.FORGED):
            forger = _forger(contest)
            own = contest.own[0] if len(contest.own) == 1 else ""
            # The name by which a forger was first reported stays.
            yield _evidence(contest, forger, self.named.setdefault(forger, own) or None)
            while len(self.named) > MOST_NAMED:
                del self.named[next(iter(self.named))]

    def save(self) -> State:
        """Return the claims remembered."""
        return {"bindings": self.contests.save(), "named": dict(self.named)}

    def load(self, state: State) -> None:
        """Remember these claims."""
        self.contests.load(state["bindings"])
        self.named = dict(state["named"])

    def merge(self, other: State) -> None:
        """Remember these claims too."""
        self.contests.merge(other["bindings"])
        self.named = {**other["named"], **self.named}


def _forger(contest: Contest) -> str:
    """Return the card that did it: the one claimed, or one that speaks for it where it is silent."""
    actors = contest.claim.actors
    if contest.claim.spoken or not actors:
        return contest.card
    return min(actors, key=lambda name: (-actors[name], name))


def _evidence(contest: Contest, forger: str, own: str | None) -> Evidence:
    claim = contest.claim
    who = f"{own} ({forger})" if own else forger
    owner = f", which belongs to {contest.other}" if contest.other else ""
    victims = sorted(claim.victims)
    towards = f", towards {victims[0]}" if len(victims) == 1 else ""
    towards = towards or (f", towards {count_text(len(victims), 'host')}" if victims else "")
    made = claim.unsolicited + claim.announced + claim.solicited + claim.requests + sum(claim.actors.values())
    severity = None
    if contest.other is None:
        severity = Severity.MEDIUM
    elif is_proxy(contest):
        severity = Severity.LOW
    return Evidence(
        kind=Kind.ARP_SPOOF,
        subject=Party(ip=own, mac=forger),
        part=f"{contest.vlan}|{contest.address}",
        title=f"{who} claims {contest.address}{owner}{towards}: {count_text(made, 'ARP packet')}",
        score=min(0.5 + 0.08 * max(contest.suspicion, 1) + 0.005 * min(made, 20), 0.99),
        severity=severity,
        start_ns=claim.first,
        end_ns=claim.last,
        at_ns=contest.tick + TICK_NS,
        targets=(
            Target(ip=contest.address, mac=contest.other),
            *(Target(ip=victim, mac=claim.victims[victim] or None) for victim in victims[:MOST_SHOWN]),
        ),
        target_count=1 + len(victims),
        facts={
            "claimed": contest.address,
            "owner": contest.other,
            "unsolicited": claim.unsolicited,
            "addresses_claimed": list(contest.contested),
            "own_addresses": list(contest.own[:MOST_SHOWN]),
            "relayed": claim.relayed,
        },
        reasons=(
            Reason(
                feature="unsolicited_arp_replies",
                value=float(claim.unsolicited),
                typical=(0.0, 1.0),
                weight=0.5,
            ),
            Reason(
                feature="contested_addresses",
                value=float(len(contest.contested)),
                typical=(0.0, 0.0),
                weight=0.3,
            ),
            Reason(feature="relayed_flows", value=float(claim.relayed), typical=(0.0, 0.0), weight=0.2),
        ),
        selectors=(
            Selector(a=forger, b=None, from_ns=claim.first, until_ns=claim.last, both=False, protocol=ARP),
        ),
    )
