"""What routers of IPv6 announced on a link, and who asked for routers there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "MOST_ROUTERS",
    "Link",
    "Router",
    "Said",
    "is_other",
    "link_of",
    "listed",
    "merge_link",
    "note_host",
    "speaker",
]

MOST_ROUTERS, MOST_HOSTS = 32, 1_000


@dataclass(slots=True, kw_only=True)
class Router:
    """What a router announced."""

    ip: str
    mac: str
    first: int
    last: int
    count: int = 0
    lifetime: int = 0
    prefixes: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    # Times that it withdrew itself, and when last.
    withdrawn: int = 0
    withdrawn_ns: int = 0
    # The longest pause between two of its advertisements.
    pause: int = 0
    # Whether it goes out through another machine itself.
    is_client: bool = False
    # Severity of what is wrong with it, in figures; 1 where that is open.
    rogue: int = 0
    since: int = 0
    odd: int = 0
    told: int = 0


@dataclass(slots=True)
class Link:
    """One link: its routers, the hosts that asked for one, and what was new in the present minute."""

    routers: dict[str, Router] = field(default_factory=dict)
    # When the first router was asked for or announced.
    since: int = 0
    # Hosts and hardware addresses that asked for routers: they are none.
    hosts: dict[str, int] = field(default_factory=dict)
    # When routers were asked for last, and when a known one answered that.
    asked_ns: int = 0
    answered_ns: int = 0
    crowd: dict[str, str] = field(default_factory=dict)
    crowd_since: int = 0
    crowd_told: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """One advertisement."""

    tick: int
    at: int
    ip: str
    mac: str
    lifetime: int
    prefixes: list[str]
    names: list[str]


def listed(text: str | None) -> list[str]:
    """Return what a text lists."""
    return sorted(text.split(","))[:16] if text else []


def note_host(link: Link, ip: str, macs: list[str], at: int) -> None:
    """Note that a host asked for routers."""
    link.asked_ns = at
    for name in (ip, *macs):
        if name and name != "::" and name not in link.hosts:
            if len(link.hosts) >= MOST_HOSTS:
                del link.hosts[next(iter(link.hosts))]
            link.hosts[name] = at


def speaker(link: Link, ip: str, macs: list[str], row: Mapping[str, Any]) -> str:
    """Return the hardware address that sent an advertisement; of several that it names, else a new one."""
    if len(macs) > 1:
        if row["source_mac"] in macs and row["router_lifetime_s"]:
            return str(row["source_mac"])
        return next((mac for mac in macs if f"{ip}|{mac}" not in link.routers), macs[0])
    return macs[0] if macs else str(row["source_mac"] or "")


def is_other(said: Said, true: list[Router]) -> bool:
    """Say whether it announces networks, or name servers, that no known router does."""
    known = {prefix for one in true for prefix in one.prefixes}
    names = {name for one in true for name in one.names}
    if said.names and names and not names.intersection(said.names):
        return True
    if said.prefixes:
        return not known.intersection(said.prefixes)
    return bool(said.names) and not names.intersection(said.names)


def link_of(saved: Mapping[str, Any]) -> Link:
    """Return a link that was saved."""
    routers = {name: Router(**values) for name, values in saved["routers"].items()}
    plain = {name: value for name, value in saved.items() if name != "routers"}
    return Link(routers=routers, **{**plain, "hosts": dict(saved["hosts"]), "crowd": dict(saved["crowd"])})


def merge_link(mine: Link, theirs: Link) -> None:
    """Add what another knew of a link."""
    for key, router in theirs.routers.items():
        known = mine.routers.get(key)
        if known is None or known.last < router.last:
            mine.routers[key] = router
        if known is not None:
            mine.routers[key].first = min(known.first, router.first)
    newest = sorted(mine.routers.items(), key=lambda entry: (entry[1].last, entry[0]))
    mine.routers = dict(newest[-MOST_ROUTERS:])
    mine.hosts = dict(list({**theirs.hosts, **mine.hosts}.items())[-MOST_HOSTS:])
    mine.since = min(mine.since or theirs.since, theirs.since or mine.since)
    mine.asked_ns = max(mine.asked_ns, theirs.asked_ns)
    mine.answered_ns = max(mine.answered_ns, theirs.answered_ns)
    if theirs.crowd_since > mine.crowd_since:
        mine.crowd, mine.crowd_since, mine.crowd_told = theirs.crowd, theirs.crowd_since, theirs.crowd_told
