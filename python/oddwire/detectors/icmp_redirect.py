"""Forged redirects: somebody tells hosts to send their packets another way."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window, mac_text
from oddwire.features.claims import is_virtual
from oddwire.features.memory import Memory, Track
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["IcmpRedirect"]

SECOND = 1_000_000_000
ICMP, ICMP6 = 1, 58
REDIRECT, REDIRECT6 = 5, 137
# Router and neighbour advertisements.
ANNOUNCING = (134, 136)
NOBODY = (1 << 32) - 1
MOST_CARDS = 4
MOST_PAIRS = 1_000
# How long it is remembered which card speaks for an address.
REMEMBERED_NS = 6 * 3_600 * SECOND


@dataclass(frozen=True, kw_only=True)
class IcmpRedirectParameters(Parameters):
    """When redirects are forged."""

    repeated: int = parameter(10, "redirects to one host from which on they are dubious", "packets")


class IcmpRedirect(Detector):
    """Compares the card that redirects come from with those that speak for the same address."""

    name = "icmp_redirect"
    kind = Kind.ICMP_REDIRECT
    scope = Scope.NETWORK
    needs = frozenset(
        f"talks.{name}"
        for name in [
            "tick",
            "src",
            "dst",
            "protocol",
            "icmp_type",
            "packets_out",
            "packets_in",
            "first",
            "last",
            "mac_out",
            "mac_also_out",
            "mac_in",
            "ttl_max_out",
        ]
    ) | frozenset({"arp.tick", "arp.sender", "arp.sender_mac"})
    attack = ("T1557",)
    parameters = IcmpRedirectParameters
    page = Page(
        sees=(
            "An ICMP or ICMPv6 redirect comes from a network card other than the one that speaks for its "
            "sender's "
            "address, or one that a workstation's address has too."
        ),
        matters="A host that believes it sends its packets through whoever forged it.",
        wrong_when=(
            "A router that sends a few redirects is in order, and is reported as low; routers that take "
            "turns for "
            "one address without a virtual hardware address may look like forgers."
        ),
        example=(
            "02:00:0a:00:00:42 redirected 10.0.0.5 in the name of 10.0.0.1, which belongs to "
            "02:00:0a:00:00:01"
        ),
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        # By sender's address: which cards sent anything else from it.
        self.cards = Memory(quiet_ns=REMEMBERED_NS, most_keys=2_000, most_things=MOST_CARDS)
        # By sender, card and host: what was redirected.
        self.seen = Memory(quiet_ns=900 * SECOND, most_keys=5_000, most_things=8)

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Look at redirects; where there are none nothing else is looked at."""
        import polars as pl

        is_redirect = ((pl.col("protocol") == ICMP) & (pl.col("icmp_type") == REDIRECT)) | (
            (pl.col("protocol") == ICMP6) & (pl.col("icmp_type") == REDIRECT6)
        )
        redirects = window.talks.filter(
            pl.col("protocol").is_in([ICMP, ICMP6]) & is_redirect & (pl.col("packets_out") > 0)
        )
        notes = deque(_announced(window))
        if redirects.is_empty():
            self._note(notes, None)
            return
        grouped = (
            redirects.group_by("tick", "src", "dst", "mac_out", maintain_order=True)
            .agg(
                pl.col("packets_out").sum(),
                pl.col("first").min(),
                pl.col("last").max(),
                pl.col("ttl_max_out").max(),
            )
            .filter(pl.int_range(pl.len()).over("tick") < MOST_PAIRS)
            .sort("tick", maintain_order=True)
        )
        spoken = _spoken(window, grouped, ~is_redirect)
        numbers = list({*grouped["src"].to_list(), *grouped["dst"].to_list(), *(one for _, one in spoken[1])})
        names = dict(zip(numbers, window.hosts.names(numbers), strict=True))
        for tick, src, dst, card, packets, first, last, ttl in grouped.iter_rows():
            self._note(notes, tick)
            sender, host, mac = names[src], names[dst], mac_text(card) or ""
            known = self.cards.at(sender, last)
            for other in spoken[0].get((tick, src), ()):
                known.touch(other, last, "", MOST_CARDS)
            track = self.seen.at(f"{sender}|{mac}|{host}", first)
            track.end_ns = max(track.end_ns, last)
            track.add(packets=packets)
            track.sums["ttl"] = max(track.sums.get("ttl", 0), ttl)
            behind = sorted(
                names[one] for at, one in spoken[1] if at == (tick, card) and names[one] != sender
            )
            yield self._evidence(tick, sender, mac, host, track, known, behind)
        self._note(notes, None)

    def _note(self, notes: deque[tuple[int, str, str]], tick: int | None) -> None:
        """Remember who announced which address until the end of a tick."""
        while notes and (tick is None or notes[0][0] <= tick):
            at, address, card = notes.popleft()
            self.cards.touch(address, [card], at)

    def _evidence(  # noqa: PLR0917  # one call, and all of it is needed
        self, tick: int, sender: str, mac: str, host: str, track: Track, known: Track, behind: list[str]
    ) -> Evidence:
        owners = sorted(known.things)
        packets = track.sums["packets"]
        is_foreign = bool(mac and owners and mac not in owners)
        is_foreign = is_foreign and not any(is_virtual(owner, sender) for owner in owners)
        # A router passes on packets from far and wide; a workstation has one more address, and that near by.
        is_shared = mac in owners and len(owners) > 1
        is_host = not is_foreign and not owners and len(behind) == 1
        severity = Severity.LOW
        if is_foreign:
            severity = Severity.HIGH
        elif is_host or (is_shared and packets >= self.settings.repeated):
            severity = Severity.MEDIUM
        forger = behind[0] if (is_foreign or is_host) and len(behind) == 1 else None
        if severity is Severity.LOW:
            forger = sender
        who = f"{forger} ({mac})" if forger and mac else forger or mac or sender
        name = f" in the name of {sender}" if forger != sender else ""
        owner = f", which belongs to {owners[0]}" if is_foreign else ""
        many = f": {count_text(packets, 'redirect')}"
        return Evidence(
            kind=Kind.ICMP_REDIRECT,
            subject=Party(ip=forger, mac=mac or None),
            part=f"{sender}|{host}",
            title=f"{who} redirected {host}{name}{owner}{many}",
            score={Severity.LOW: 0.3, Severity.MEDIUM: 0.6}.get(severity, 0.9),
            severity=severity,
            start_ns=track.start_ns,
            end_ns=track.end_ns,
            at_ns=tick + TICK_NS,
            targets=(Target(ip=host), Target(ip=sender, mac=owners[0] if is_foreign else None)),
            target_count=2,
            facts={
                "redirects": packets,
                "sender": sender,
                "card": mac,
                "owner": owners[0] if owners else None,
            },
            reasons=(
                Reason(feature="foreign_sender_mac", value=float(is_foreign), typical=(0.0, 0.0), weight=0.8),
                Reason(feature="redirects", value=float(packets), typical=(0.0, 3.0), weight=0.2),
            ),
            selectors=(
                Selector(
                    a=mac or sender,
                    b=host,
                    from_ns=track.start_ns,
                    until_ns=track.end_ns,
                    both=False,
                    protocol=ICMP6 if ":" in sender else ICMP,
                ),
            ),
        )

    def save(self) -> State:
        """Return the cards and redirects remembered."""
        return {"cards": self.cards.save(), "seen": self.seen.save()}

    def load(self, state: State) -> None:
        """Remember these cards and redirects."""
        self.cards.load(state["cards"])
        self.seen.load(state["seen"])

    def merge(self, other: State) -> None:
        """Remember these cards and redirects too."""
        self.cards.merge(other["cards"])
        self.seen.merge(other["seen"])


def _announced(window: Window) -> list[tuple[int, str, str]]:
    """Return who announced by ARP, or as a router or neighbour of IPv6, which address is his, in order."""
    import polars as pl

    by_arp = window.arp.select("tick", pl.col("sender").alias("host"), pl.col("sender_mac").alias("card"))
    neighbours = (pl.col("protocol") == ICMP6) & pl.col("icmp_type").is_in(ANNOUNCING)
    by_ip = window.talks.filter(neighbours & (pl.col("packets_out") > 0)).select(
        "tick", pl.col("src").alias("host"), pl.col("mac_out").alias("card")
    )
    found = (
        pl.concat([by_arp, by_ip]).filter(pl.col("card").is_not_null() & (pl.col("host") != NOBODY)).unique()
    )
    found = found.sort("tick", "host", "card").filter(pl.int_range(pl.len()).over("tick") < MOST_PAIRS)
    names = window.hosts.names(found["host"].to_list())
    rows = zip(found["tick"].to_list(), names, found["card"].to_list(), strict=True)
    return sorted((tick, name, mac_text(card) or "") for tick, name, card in rows)


def _spoken(
    window: Window, grouped: "pl.DataFrame", is_other: "pl.Expr"
) -> tuple[dict[tuple[int, int], list[str]], set[tuple[tuple[int, int], int]]]:
    """Return which cards sent anything else from the senders, and which other addresses the cards have.

    By that is meant that they
    sent anything, tick by tick. Only ticks with redirects are looked at, so that the cut of windows does
    not matter.
    """
    import polars as pl

    ticks = grouped["tick"].unique().implode()
    senders, cards = grouped["src"].unique().implode(), grouped["mac_out"].drop_nulls().unique().implode()
    near = window.talks.filter(pl.col("tick").is_in(ticks) & is_other)
    ways = [
        near.filter(pl.col(host).is_in(senders) | pl.col(card).is_in(cards)).select(
            "tick", pl.col(host).alias("host"), pl.col(card).alias("card")
        )
        for host, card in (("src", "mac_out"), ("dst", "mac_in"))
    ]
    found = pl.concat(ways).filter(pl.col("card").is_not_null()).unique()
    wanted, known = set(grouped["src"].to_list()), set(grouped["mac_out"].to_list())
    by_sender: dict[tuple[int, int], list[str]] = {}
    by_card: set[tuple[tuple[int, int], int]] = set()
    for tick, host, card in sorted(found.iter_rows()):
        if host in wanted:
            by_sender.setdefault((tick, host), []).append(mac_text(card) or "")
        if card in known:
            by_card.add(((tick, card), host))
    return by_sender, by_card
