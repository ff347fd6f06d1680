"""Advertisements of IPv6 routers that should not be, or that are made in a router's name."""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window, mac_text
from oddwire.features.advertisers import (
    MOST_ROUTERS,
    Link,
    Router,
    Said,
    is_other,
    link_of,
    listed,
    merge_link,
    note_host,
    speaker,
)
from oddwire.features.frames import SPEAKERS_NEED, speakers
from oddwire.features.gateways import WAYS_NEED, Way, ways_out
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import duration_text

__all__ = ["RogueRa"]

SECOND = 1_000_000_000
MINUTE_NS, PAUSE_NS = 60 * SECOND, 600 * SECOND
ICMP6, SOLICIT, ADVERTISE = 58, 133, 134
MOST_LINKS, MOST_CROWD = 256, 256
# All routers answer a host that asks for them, after half a second at most.
ANSWER_NS = 3 * SECOND
LOUD = 4
_COLUMNS = "tick src vlans first type router_lifetime_s prefixes dns_servers source_mac ip_version"


@dataclass(frozen=True, kw_only=True)
class RogueRaParameters(Parameters):
    """When an advertisement is wrong."""

    known_s: int = parameter(600, "for so long another router was there alone", "s")
    likely_s: int = parameter(30, "the same for one that announces itself more often than needed", "s")
    crowd: int = parameter(24, "routers or prefixes that are new within a minute", "routers")
    withdrawals: int = parameter(3, "times that a router withdrew itself and went on", "times")


class RogueRa(Detector):
    """Compares what routers of one link announce, and who they are otherwise."""

    name = "rogue_ra"
    kind = Kind.ROGUE_RA
    scope = Scope.NETWORK
    needs = (
        frozenset(f"icmp.{name}" for name in _COLUMNS.split())
        | SPEAKERS_NEED
        | WAYS_NEED
        | frozenset({"talks.protocol", "talks.icmp_type"})
    )
    attack = ("T1557", "T1498.001")
    parameters = RogueRaParameters
    page = Page(
        sees=(
            "A second router of IPv6 appears on a link whose router is known and announces another network "
            "or other name servers; a host that goes out through another machine becomes router of a link "
            "that had none; somebody with another hardware address withdraws the router in its name; or very "
            "many routers or networks are announced within a minute."
        ),
        matters=(
            "All hosts of the link take a new router without asking: it reads their traffic, or they lose "
            "their way."
        ),
        wrong_when=(
            "A second router that is meant to be, of another provider, is new as well; so is a computer "
            "that shares its connection. The preference of routers is not known here."
        ),
        example="fe80::66 announces itself as router with 2001:db8:66::/64, where fe80::1 is the router",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.links: OrderedDict[str, Link] = OrderedDict()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Go through questions for routers and advertisements in order."""
        import polars as pl

        rows = window.said.get("icmp")
        macs = {router.mac for link in self.links.values() for router in link.routers.values()}
        if rows is not None and not rows.is_empty():
            rows = rows.filter(pl.col("type").is_in([SOLICIT, ADVERTISE]) & (pl.col("ip_version") == 6))  # noqa: PLR2004  # IP's version
        if rows is None or rows.is_empty():
            for way in ways_out(window, macs):
                self._went_out(way)
            return
        is_router = (pl.col("protocol") == ICMP6) & pl.col("icmp_type").is_in([SOLICIT, ADVERTISE])
        spoke = speakers(window, rows, is_router)
        macs |= {mac_text(mac) or "" for some in spoke.values() for mac in some}
        ways = deque(ways_out(window, macs))
        rows = rows.sort("tick", "first", maintain_order=True)
        names = window.hosts.names(rows["src"].to_list())
        for row, ip in zip(rows.iter_rows(named=True), names, strict=True):
            while ways and ways[0].tick < row["tick"]:
                self._went_out(ways.popleft())
            link = self._link(str(row["vlans"]))
            link.since = link.since or row["first"]
            spoken = [mac_text(mac) or "" for mac in spoke.get((row["tick"], row["vlans"], row["src"]), ())]
            if row["type"] == SOLICIT:
                note_host(link, ip, spoken, row["first"])
                continue
            said = Said(
                tick=row["tick"],
                at=row["first"],
                ip=ip,
                mac=speaker(link, ip, spoken, row),
                lifetime=row["router_lifetime_s"] or 0,
                prefixes=listed(row["prefixes"]),
                names=listed(row["dns_servers"]),
            )
            if evidence := self._crowd(link, said) or self._judged(link, said):
                yield evidence
        for way in ways:
            self._went_out(way)

    def _went_out(self, way: Way) -> None:
        """Note that a router goes out through another machine."""
        link = self.links.get(str(way.vlans))
        for router in link.routers.values() if link else ():
            router.is_client |= router.mac == way.mac

    def _link(self, name: str) -> Link:
        link = self.links.pop(name, None) or Link()
        if len(self.links) >= MOST_LINKS:
            self.links.popitem(last=False)
        self.links[name] = link
        return link

    def _crowd(self, link: Link, said: Said) -> Evidence | None:
        """Count what is new in a minute; say when it is too much for any link."""
        if said.at - link.crowd_since > MINUTE_NS:
            link.crowd, link.crowd_since, link.crowd_told = {}, said.at, 0
        for thing in (said.ip, *said.prefixes):
            if len(link.crowd) < MOST_CROWD:
                link.crowd.setdefault(thing, f"{said.mac}|{said.ip}")
        count = len(link.crowd)
        if count < self.settings.crowd or count < 2 * link.crowd_told:
            return None
        link.crowd_told = count
        macs, addresses = self._announcers(link)
        mac = macs[0] if len(macs) == 1 and macs[0] else None
        first = next(iter(link.crowd))
        span = duration_text(max(said.at - link.crowd_since, 1))
        who = mac or f"{said.ip} and others"
        return Evidence(
            kind=Kind.ROGUE_RA,
            subject=Party(
                ip=said.ip if not mac or len(addresses) == 1 else None, mac=mac or said.mac or None
            ),
            part="crowd",
            title=f"{who} announced {count:,} routers and networks in {span}",
            score=0.95,
            severity=Severity.HIGH,
            start_ns=link.crowd_since,
            end_ns=said.at,
            at_ns=said.tick + TICK_NS,
            targets=(Target(ip="ff02::1", proto="icmp6"),),
            target_count=1,
            facts={"why": "crowd", "announced": count, "first": first, "hardware_addresses": len(macs)},
            reasons=(
                Reason(feature="announced_in_a_minute", value=float(count), typical=(1.0, 6.0), weight=1.0),
            ),
            selectors=(
                Selector(
                    a=mac, b="ff02::1", from_ns=link.crowd_since, until_ns=said.at, protocol=ICMP6, both=False
                ),
            ),
        )

    def _announcers(self, link: Link) -> tuple[list[str], list[str]]:
        """Return the hardware addresses and addresses that announced a crowd, without who hardly did."""
        counts = Counter(link.crowd.values())
        few = len(link.crowd) // self.settings.crowd
        ends = [who.partition("|") for who, count in counts.items() if count > few] or [("", "", "")]
        return sorted({mac for mac, _, _ in ends}), sorted({ip for _, _, ip in ends})

    def _judged(self, link: Link, said: Said) -> Evidence | None:
        """Judge one advertisement, then learn from it."""
        if len(link.crowd) >= self.settings.crowd:
            return None
        router = link.routers.get(f"{said.ip}|{said.mac}")
        is_new = router is None
        true = [one for one in link.routers.values() if one.rogue < Severity.MEDIUM and one is not router]
        if router is None:
            if len(link.routers) >= MOST_ROUTERS:
                del link.routers[min(link.routers, key=lambda name: (link.routers[name].last, name))]
            router = Router(ip=said.ip, mac=said.mac, first=said.at, last=said.at)
            link.routers[f"{said.ip}|{said.mac}"] = router
        verdict = self._verdict(link, router, true, said, is_new=is_new)
        router.pause = max(router.pause, said.at - router.last)
        if said.lifetime == 0 and router.lifetime > 0:
            router.withdrawn += 1
            router.withdrawn_ns = said.at
        router.last, router.count, router.lifetime = said.at, router.count + 1, said.lifetime
        router.prefixes = sorted({*router.prefixes, *said.prefixes})[:16]
        router.names = said.names or router.names
        if verdict is None:
            # Only those who were there before show by an answer that nobody else was.
            if not is_new and said.at - link.asked_ns < ANSWER_NS:
                link.answered_ns = link.asked_ns
            return None
        why, severity, other = verdict
        if severity > router.rogue and why != "comes and goes":
            router.told = 0
        router.rogue = 0 if why == "comes and goes" else int(severity)
        return _evidence(router, other, why, severity, said)

    def _verdict(
        self, link: Link, router: Router, true: list[Router], said: Said, *, is_new: bool
    ) -> tuple[str, Severity, Router | None] | None:
        """Say what is wrong with an advertisement, how sure that is, and whom it stands against."""
        wanted = self.settings
        same = next((one for one in true if one.ip == said.ip and one.mac and said.mac), None)
        if router.rogue >= Severity.MEDIUM:
            return "again", Severity(router.rogue), same or next(iter(true), None)
        if same is not None and is_new and same.count:
            if said.lifetime == 0 and same.lifetime > 0:
                return "withdrawn in its name", Severity.HIGH, same
            if is_other(said, [same]):
                return "in its name", Severity.HIGH, same
        goes_on = said.lifetime == 0 and router.lifetime > 0
        if goes_on and router.withdrawn + 1 >= wanted.withdrawals:
            return "comes and goes", Severity.MEDIUM, None
        # Who gives no way out may give name servers.
        is_idle = said.lifetime == 0 and not said.names
        if goes_on or is_idle or any(one.mac == said.mac and said.mac for one in true):
            return None
        return self._newcomer(link, router, true, said, is_open=is_new or router.rogue > 0)

    def _newcomer(
        self, link: Link, router: Router, true: list[Router], said: Said, *, is_open: bool
    ) -> tuple[str, Severity, Router | None] | None:
        """Say what is wrong with one that speaks for itself."""
        if true:
            if not is_open or not is_other(said, true):
                return None
            oldest = min(true, key=lambda one: (one.first, one.ip))
            return "another router", self._how_sure(link, router, true, said), oldest
        is_late = router.first - link.since >= self.settings.likely_s * SECOND
        gives = bool(said.prefixes or said.names)
        return ("a host as router", Severity.MEDIUM, None) if router.is_client and is_late and gives else None

    def _how_sure(self, link: Link, router: Router, true: list[Router], said: Said) -> Severity:
        """Say how sure it is that a router with another network was not there before."""
        wanted = self.settings
        # A computer that was carried to another link asks there, and its old router does not answer.
        is_there = any(one.last >= router.first or one.last >= link.asked_ns for one in true)
        if not is_there:
            return Severity.LOW
        pause = max(router.pause, said.at - router.last)
        gives_way = said.lifetime > 0
        is_host = bool(link.hosts.get(said.ip) or (said.mac and link.hosts.get(said.mac)))
        was_silent = bool(link.answered_ns) and link.answered_ns + ANSWER_NS < router.first
        alone_ns = router.first - min(one.first for one in true)
        if gives_way and (is_host or was_silent or alone_ns >= wanted.known_s * SECOND):
            return Severity.HIGH
        if was_silent or (gives_way and router.is_client):
            return Severity.MEDIUM
        # One that starts says so three times, 16 s apart; nobody needs more.
        is_loud = router.count >= LOUD and said.at - router.first <= router.count * 15 * SECOND
        # Had it been there as it is now, it would have been heard before, more than once.
        was_away = (
            router.count >= LOUD - 1 and alone_ns >= 2 * pause and link.asked_ns < router.first - ANSWER_NS
        )
        is_new = (is_loud or was_away) and alone_ns >= wanted.likely_s * SECOND
        return Severity.MEDIUM if is_new else Severity.LOW

    def save(self) -> State:
        """Return what is known of each link."""
        return {"links": {name: asdict(link) for name, link in self.links.items()}}

    def load(self, state: State) -> None:
        """Remember these links."""
        self.links = OrderedDict((name, link_of(saved)) for name, saved in state["links"].items())

    def merge(self, other: State) -> None:
        """Remember these links too."""
        for name, saved in other["links"].items():
            merge_link(self._link(name), link_of(saved))


def _evidence(
    router: Router, other: Router | None, why: str, severity: Severity, said: Said
) -> Evidence | None:
    """Say it, unless it was said and has not grown much."""
    if not router.since or said.at - router.since > PAUSE_NS + router.odd * MINUTE_NS:
        router.since, router.odd, router.told = said.at, 0, 0
    router.odd += 1
    if router.told and router.odd < 2 * router.told:
        return None
    router.told = router.odd
    named = f"{router.ip} ({router.mac})" if router.mac else router.ip
    network = f" with {', '.join(said.prefixes[:2])}" if said.prefixes else ""
    if why == "withdrawn in its name" and other is not None:
        title = f"{router.mac} withdrew the router {router.ip} of {other.mac} in its name"
    elif why == "comes and goes":
        title = f"The router {named} was withdrawn {router.withdrawn + 1:,} times and went on each time"
    else:
        title = f"{named} announces itself as router{network}"
        title += f", where {other.ip} ({other.mac}) is the router" if other is not None else ""
        title += ", but goes out through another machine itself" if router.is_client else ""
    return Evidence(
        kind=Kind.ROGUE_RA,
        subject=Party(ip=router.ip, mac=router.mac or None),
        part=f"{router.ip}|{router.mac}",
        title=title,
        score={Severity.HIGH: 0.95, Severity.MEDIUM: 0.75}.get(severity, 0.4),
        severity=severity,
        start_ns=router.since,
        end_ns=said.at,
        at_ns=said.tick + TICK_NS,
        targets=(Target(ip="ff02::1", proto="icmp6"),),
        target_count=1,
        facts={
            "why": why,
            "advertisements": router.odd,
            "lifetime_s": said.lifetime,
            "prefixes": said.prefixes,
            "name_servers": said.names,
            "known_router": other.ip if other else None,
            "known_router_mac": (other.mac or None) if other else None,
            "known_prefixes": other.prefixes if other else [],
        },
        reasons=(Reason(feature="routers_that_disagree", value=2.0, typical=(0.0, 1.0), weight=1.0),),
        selectors=(
            Selector(
                a=router.mac or router.ip,
                b=None,
                from_ns=router.since,
                until_ns=said.at,
                protocol=ICMP6,
                both=False,
            ),
        ),
    )
