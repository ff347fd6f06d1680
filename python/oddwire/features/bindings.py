"""Which hardware says that it has which address, by ARP and by the packets it sends, and who disagrees."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from oddwire.base.window import Window
from oddwire.features.claims import Claim, Told, is_virtual, told

__all__ = ["BINDINGS_NEED", "Bindings", "Contest", "is_conflict", "is_forged", "is_proxy"]

BINDINGS_NEED = frozenset(
    f"arp.{name}"
    for name in [
        "tick",
        "vlan",
        "frame_src",
        "frame_dst",
        "operation",
        "sender_mac",
        "sender",
        "target_mac",
        "target",
        "packets",
        "first",
        "last",
    ]
) | frozenset(
    f"talks.{name}"
    for name in [
        "tick",
        "src",
        "dst",
        "vlans",
        "first",
        "last",
        "mac_out",
        "mac_also_out",
        "mac_in",
        "mac_also_in",
    ]
)
SECOND = 1_000_000_000
TICK = 5 * SECOND
REQUEST, REPLY = 1, 2
MOST_PLACES, MOST_CARDS, MOST_TURNS, MOST_VICTIMS = 20_000, 8, 16, 64
MOST_PLACES_OF_CARD = 32
# So many answers that nobody asked for are no accident; many more of them are none even if nobody objects.
INSISTENT, VERY_INSISTENT = 3, 6
TURNS_NS = 600 * SECOND
# What makes a card a suspect at all (see `_suspicion`), and how often an address in conflict changes hands.
SUSPECT, CONFLICT_TURNS = 2, 3
# A question is answered within so many ticks, or the answer is to nobody.
ANSWER_TICKS = 2
# Claims that were not repeated for so long are history.
OLD_NS = 3_600 * SECOND


@dataclass(slots=True)
class Place:
    """One address in one VLAN: who claims it, and when the claim last passed from one to another."""

    claims: dict[str, Claim] = field(default_factory=dict)
    holder: str = ""
    turns: list[int] = field(default_factory=list)

    def heard(self, card: str, time_ns: int) -> None:
        """Note that a card spoke for the address."""
        if self.holder not in {"", card}:
            self.turns = sorted([*self.turns, time_ns])[-MOST_TURNS:]
        self.holder = card


@dataclass(frozen=True, kw_only=True, slots=True)
class Contest:
    """An address of which two or more cards say that it is theirs, or one says so too insistently."""

    tick: int
    vlan: int
    address: str
    place: Place
    # The card that spoke just now, and what else it speaks for.
    card: str
    claim: Claim
    other: str | None
    own: tuple[str, ...]
    contested: tuple[str, ...]
    places: tuple[Place, ...]
    # How much speaks for it that this card forges, and how much that the other one does.
    suspicion: int
    others_suspicion: int
    is_shared: bool

    def recent_turns(self, span_ns: int) -> int:
        """Return how often the claim passed from one to another lately."""
        return sum(time_ns >= self.claim.last - span_ns for time_ns in self.place.turns)


class Bindings:
    """All claims seen so far."""

    def __init__(self) -> None:
        self.places: dict[str, Place] = {}
        self.cards: dict[str, dict[str, int]] = {}
        # Questions of the last ticks: tick -> "vlan|asker|asked" -> count.
        self.asked: dict[int, dict[str, int]] = {}
        self.has_seen_requests = False
        # What a card claims against others, and besides; worked out once a tick.
        self._disputes: dict[str, tuple[frozenset[str], tuple[str, ...]]] = {}

    def observe(self, window: Window) -> Iterator[Contest]:
        """Add what each tick told, and yield the addresses that a card that spoke in it may well contest."""
        for tick, rows, frames in told(window, self.doubtful(), self.known()):
            for old in [old for old in self.asked if old <= tick - ANSWER_TICKS * TICK]:
                del self.asked[old]
            spoke: dict[tuple[str, str], None] = {}
            for row in rows:
                if row.operation == REQUEST:
                    self._ask(row)
            for row in rows:
                place, card = self._claim(row)
                if card:
                    spoke[place, card] = None
            for vlan, address, card, is_relay, first_ns, last_ns in frames:
                self._sent(f"{vlan}|{address}", card, first_ns, last_ns, is_relay=is_relay)
            self._disputes.clear()
            for key, card in spoke:
                if contest := self._contest(tick, key, card):
                    yield contest

    def doubtful(self) -> set[str]:
        """Return the addresses about which there is doubt, so that packets with them matter."""
        return {key for key, place in self.places.items() if _is_doubtful(place)}

    def known(self) -> dict[str, Collection[str]]:
        """Return the cards known for each address."""
        return {key: place.claims for key, place in self.places.items()}

    def _ask(self, row: Told) -> None:
        self.has_seen_requests = True
        here = self.asked.setdefault(row.tick, {})
        key = f"{row.vlan}|{row.sender}|{row.target}"
        here[key] = here.get(key, 0) + row.packets

    def _claim(self, row: Told) -> tuple[str, str]:
        """Add what an ARP packet says of its sender, and, of a reply, whom it is for."""
        if row.operation == REPLY and row.target and row.target_card and row.target != row.sender:
            asserted = self._at(f"{row.vlan}|{row.target}", row.target_card, row.first)
            if asserted is not None:
                asserted.asserted += row.packets
        if not row.sender:
            return "", ""
        key = f"{row.vlan}|{row.sender}"
        claim = self._at(key, row.card, row.first)
        if claim is None:
            return "", ""
        claim.last = max(claim.last, row.last)
        if row.actor != row.card:
            claim.actors[row.actor] = claim.actors.get(row.actor, 0) + row.packets
            return key, row.card
        if row.operation == REPLY and not row.target and not row.target_card:
            # An answer to nobody: who announces itself names itself as the one who asked.
            claim.unsolicited += row.packets
        elif row.operation == REQUEST or row.target == row.sender or not row.target:
            claim.announced += row.packets if row.target == row.sender else 0
            claim.requests += row.packets if row.target != row.sender else 0
        else:
            question = f"{row.vlan}|{row.target}|{row.sender}"
            questions = sum(here.get(question, 0) for here in self.asked.values())
            free = max(row.packets - questions, 0)
            claim.unsolicited += free
            claim.solicited += row.packets - free
            if len(claim.victims) < MOST_VICTIMS:
                claim.victims[row.target] = row.target_card
        self.places[key].heard(row.card, row.first)
        return key, row.card

    def _at(self, key: str, card: str, time_ns: int) -> Claim | None:
        place = self.places.pop(key, None) or Place()
        if len(self.places) >= MOST_PLACES:
            self._forget(next(iter(self.places)))
        self.places[key] = place
        claim = place.claims.get(card)
        if claim is None or time_ns - claim.last > OLD_NS:
            if claim is None and len(place.claims) >= MOST_CARDS:
                return None
            claim = place.claims[card] = Claim(first=time_ns, last=time_ns)
            places = self.cards.setdefault(card, {})
            if len(places) < MOST_PLACES_OF_CARD:
                places[key] = 1
        return claim

    def _forget(self, key: str) -> None:
        for card in self.places.pop(key).claims:
            mine = self.cards.get(card, {})
            mine.pop(key, None)
            if not mine:
                self.cards.pop(card, None)

    def _sent(self, key: str, card: str, first_ns: int, last_ns: int, *, is_relay: bool) -> None:
        """Add that packets with a doubtful address came from a card."""
        place = self.places.get(key)
        if place is None or not _is_doubtful(place):
            return
        claim = self._at(key, card, first_ns)
        if claim is None:
            return
        claim.last = max(claim.last, last_ns)
        claim.frames += 1
        claim.relayed += is_relay
        place.heard(card, first_ns)

    def _contest(self, tick: int, key: str, card: str) -> Contest | None:
        place = self.places[key]
        if not _is_doubtful(place) or is_virtual(card, key.partition("|")[2]):
            return None
        claim = place.claims[card]
        rivals = [
            other
            for other, theirs in place.claims.items()
            if other != card and (theirs.spoken or theirs.asserted or self._is_alone(other))
        ]
        if not rivals and claim.unsolicited < VERY_INSISTENT:
            return None
        others = [(self._suspicion(key, other), other) for other in rivals]
        # The most innocent of the others is taken for the owner.
        least, suspicion = min(others, default=None), self._suspicion(key, card)
        is_suspect = least is None or (suspicion >= SUSPECT and suspicion > least[0])
        if not is_suspect and len(place.turns) < CONFLICT_TURNS:
            return None
        disputed, free = self._dispute(card)
        contested = tuple(sorted(disputed))
        return Contest(
            tick=tick,
            vlan=int(key.partition("|")[0]),
            address=key.partition("|")[2],
            place=place,
            card=card,
            claim=claim,
            other=least[1] if least else None,
            own=tuple(sorted(one.partition("|")[2] for one in free if one != key)),
            contested=tuple(one.partition("|")[2] for one in contested),
            places=tuple(self.places[one] for one in contested),
            suspicion=suspicion,
            others_suspicion=least[0] if least else 0,
            is_shared=least is not None and self._is_shared(card, least[1]),
        )

    def _dispute(self, card: str) -> tuple[frozenset[str], tuple[str, ...]]:
        """Return which places a card claims that others claim too, and which it alone claims."""
        if (known := self._disputes.get(card)) is None:
            claimed = [key for key in self.cards.get(card, ()) if self._claims(key, card)]
            disputed = frozenset(key for key in claimed if len(self.places[key].claims) > 1)
            known = disputed, tuple(key for key in claimed if key not in disputed)
            self._disputes[card] = known
        return known

    def _claims(self, key: str, card: str) -> bool:
        """Say whether a card itself said by ARP that it has an address."""
        claim = self.places[key].claims[card]
        return bool(claim.requests or claim.solicited or claim.unsolicited or claim.announced)

    def _is_alone(self, card: str) -> bool:
        """Say whether a card sends packets for one address only: several make a router."""
        return len(self.cards.get(card, ())) == 1

    def _is_shared(self, card: str, other: str) -> bool:
        """Say whether two cards claim the same two or more addresses, as two cards of one host do."""
        both = {key for key in self.cards.get(card, ()) if key in self.cards.get(other, ())}
        return sum(self._claims(key, card) and self._claims(key, other) for key in both) > 1

    def _suspicion(self, key: str, card: str) -> int:
        """Return how much speaks for it that a card forges: what forging must do, and owning need not."""
        if is_virtual(card, key.partition("|")[2]):
            return -9
        claim, points = self.places[key].claims[card], 0
        if claim.spoken:
            contested, free = self._dispute(card)
            points += 3 if claim.unsolicited >= INSISTENT else 0
            points += 2 if len(contested) > 1 else 0
            points += 1 if any(one != key for one in free) else 0
            points += 2 if claim.relayed else 0
            points += 1 if claim.announced >= INSISTENT else 0
            points += 1 if any(self.places[one].claims[card].unsolicited for one in contested) else 0
        elif (
            claim.actors
            and not claim.frames
            and not any(actor in self.places[key].claims for actor in claim.actors)
        ):
            # Others speak for a card that never says a word; who only hands frames on also hands on packets.
            points += 3
        return points

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "places": {key: asdict(place) for key, place in self.places.items()},
            "asked": {str(tick): dict(here) for tick, here in self.asked.items()},
            "has_seen_requests": self.has_seen_requests,
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.places, self.cards, self.asked = {}, {}, {}
        self.has_seen_requests = False
        self.merge(state)

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved."""
        self.has_seen_requests |= state["has_seen_requests"]
        for tick, here in state["asked"].items():
            mine = self.asked.setdefault(int(tick), {})
            for key, count in here.items():
                mine[key] = mine.get(key, 0) + count
        for key, saved in state["places"].items():
            place = self.places.setdefault(key, Place())
            place.holder = saved["holder"]
            place.turns = sorted([*place.turns, *saved["turns"]])[-MOST_TURNS:]
            for card, values in saved["claims"].items():
                theirs, mine_too = Claim(**values), place.claims.get(card)
                place.claims[card] = theirs if mine_too is None else mine_too.merged(theirs)
                self.cards.setdefault(card, {})[key] = 1
        for key in list(self.places)[: max(len(self.places) - MOST_PLACES, 0)]:
            self._forget(key)


def _is_doubtful(place: Place) -> bool:
    return len(place.claims) > 1 or any(claim.unsolicited or claim.actors for claim in place.claims.values())


def is_forged(contest: Contest, *, has_seen_requests: bool) -> bool:
    """Say whether the card that spoke claims an address of somebody else on purpose."""
    claim = contest.claim
    if contest.other is None:
        return bool(has_seen_requests and contest.own and claim.unsolicited >= VERY_INSISTENT)
    if contest.suspicion < SUSPECT or contest.suspicion <= contest.others_suspicion:
        return False
    if _are_twins(contest) or (contest.is_shared and claim.unsolicited < INSISTENT):
        return False
    if not claim.spoken:
        return sum(claim.actors.values()) >= INSISTENT
    return contest.suspicion > 3 or claim.unsolicited >= INSISTENT or contest.recent_turns(TURNS_NS) > 1  # noqa: PLR2004


def is_conflict(contest: Contest) -> bool:
    """Say whether two living hosts have one address by mistake."""
    if contest.other is None or contest.is_shared or _are_twins(contest):
        return False
    if max(contest.suspicion, contest.others_suspicion) > 1 and contest.suspicion != contest.others_suspicion:
        return False
    other = contest.place.claims[contest.other]
    is_mutual = contest.claim.spoken and other.spoken
    if not is_mutual or contest.recent_turns(TURNS_NS) < CONFLICT_TURNS:
        return False
    # Cards bound together answer different hosts; hosts in conflict answer, or announce themselves to, the
    # same.
    both_announce = contest.claim.announced > 0 and other.announced > 0
    return both_announce or not contest.claim.victims.keys().isdisjoint(other.victims)


def is_proxy(contest: Contest) -> bool:
    """Say whether the card only answers for others when asked, as routers and repeaters do."""
    claims = [place.claims[contest.card] for place in contest.places]
    free = sum(claim.unsolicited + claim.announced for claim in claims)
    asked = sum(claim.solicited + claim.requests for claim in claims)
    return free <= asked and len(claims) > 2  # noqa: PLR2004  # an attacker takes the place of one or two


def _are_twins(contest: Contest) -> bool:
    """Say whether two cards are likely those of one host that are bound together."""
    card, other = contest.card, contest.other or ""
    near = card[:14] == other[:14] and abs(int(card[15:], 16) - int(other[15:], 16)) <= 3  # noqa: PLR2004
    return near and not contest.own
