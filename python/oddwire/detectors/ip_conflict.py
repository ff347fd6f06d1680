"""Address conflicts: two living hosts have the same address."""

from collections.abc import Iterator

from oddwire.base.detector import Detector, Page, Parameters, State
from oddwire.base.window import Window
from oddwire.features.bindings import BINDINGS_NEED, Contest
from oddwire.features.contests import Contests, Verdict
from oddwire.records.evidence import ARP, Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope
from oddwire.records.units import count_text

__all__ = ["IpConflict"]


class IpConflict(Detector):
    """Watches for an address that passes to and fro between two cards."""

    name = "ip_conflict"
    kind = Kind.IP_CONFLICT
    scope = Scope.NETWORK
    needs = BINDINGS_NEED
    page = Page(
        sees="Two network cards claim one address in turn, and neither does what forging takes.",
        matters="Both hosts lose connections at random; somebody may also have taken the address on purpose.",
        wrong_when=(
            "Two cards of one host that answer in turn may look alike, and so may a cluster that "
            "cannot agree."
        ),
        example="10.0.0.7 is claimed by 02:00:00:00:00:07 and 02:00:00:00:00:17 in turn",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.contests = Contests()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add what was claimed, and say of which addresses two hosts are owners."""
        for contest in self.contests.found(window, Verdict.CONFLICT):
            yield _evidence(contest)

    def save(self) -> State:
        """Return the claims remembered."""
        return {"bindings": self.contests.save()}

    def load(self, state: State) -> None:
        """Remember these claims."""
        self.contests.load(state["bindings"])

    def merge(self, other: State) -> None:
        """Remember these claims too."""
        self.contests.merge(other["bindings"])


def _evidence(contest: Contest) -> Evidence:
    claims = contest.place.claims
    pair = [contest.card, contest.other or contest.card]
    elder, newcomer = sorted(pair, key=lambda card: (claims[card].first, card))
    begin, end = claims[newcomer].first, max(claims[card].last for card in pair)
    turns = len(contest.place.turns)
    passed = count_text(turns, "turn")
    return Evidence(
        kind=Kind.IP_CONFLICT,
        subject=Party(ip=contest.address, mac=newcomer),
        part=str(contest.vlan),
        title=f"{contest.address} is claimed by {elder} and {newcomer} in turn: {passed}",
        score=min(0.5 + 0.04 * turns, 0.95),
        start_ns=begin,
        end_ns=end,
        at_ns=contest.tick + TICK_NS,
        targets=(Target(ip=contest.address, mac=elder),),
        target_count=1,
        facts={"cards": [elder, newcomer], "turns": turns},
        reasons=(Reason(feature="address_turns", value=float(turns), typical=(0.0, 1.0), weight=1.0),),
        selectors=tuple(
            Selector(a=card, b=None, from_ns=begin, until_ns=end, both=False, protocol=ARP)
            for card in sorted(pair)
        ),
    )
