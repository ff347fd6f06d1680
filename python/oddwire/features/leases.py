"""What DHCP servers of a link offered, and who has an address of whom."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar

__all__ = [
    "MOST_ASKED",
    "MOST_LEASES",
    "MOST_SERVERS",
    "Lan",
    "Server",
    "differs",
    "is_candidate",
    "is_near",
    "is_resolver_only",
    "is_same",
    "is_there",
    "lan_of",
    "later",
    "lender_of",
    "merge_lan",
    "names_itself",
    "push",
    "router_beside",
]

SECOND = 1_000_000_000
HOUR_NS = 3_600 * SECOND
MOST_SERVERS, MOST_LEASES, MOST_ASKED = 32, 4_000, 500
Value = TypeVar("Value")


@dataclass(slots=True, kw_only=True)
class Server:
    """What a server offered."""

    ip: str
    mac: str
    first: int
    last: int
    answers: int = 0
    # Hardware address of another machine through which it goes out itself.
    gateway: str = ""
    # Hardware address and address of the client that it answered last.
    client: list[str | None] = field(default_factory=list)
    # Whether a relay brought its answers.
    is_far: bool = False
    router: str = ""
    names: list[str] = field(default_factory=list)
    since: int = 0
    until: int = 0
    told: int = 0
    odd: int = 0


@dataclass(slots=True)
class Lan:
    """One link: its servers, who got which address of whom, and what was answered to whom of late."""

    servers: dict[str, Server] = field(default_factory=dict)
    # Address or hardware address of a client -> the server that it has its address of.
    leases: dict[str, str] = field(default_factory=dict)
    # Client and transaction -> the servers that answered it.
    answered: dict[str, list[str]] = field(default_factory=dict)
    # Hardware addresses of clients that asked in the present minute -> whether they say who they are.
    asked: dict[str, bool] = field(default_factory=dict)
    asked_since: int = 0
    asked_told: int = 0
    # Routers of IPv6 that announced themselves as a way out.
    ways6: dict[str, int] = field(default_factory=dict)


def push(into: dict[str, Value], key: str, value: Value, most: int) -> None:
    """Set a value, as the newest; of too many the oldest goes."""
    into.pop(key, None)
    if len(into) >= most:
        del into[next(iter(into))]
    into[key] = value


def is_same(one: Server, other: Server) -> bool:
    """Say whether two are one machine, with several addresses or after a change of its address."""
    return bool(one.mac) and one.mac == other.mac


def differs(one: Server, other: Server) -> bool:
    """Say whether two servers name different routers, or name servers none of which is common."""
    routers = bool(one.router and other.router) and one.router != other.router
    names = bool(one.names and other.names) and not set(one.names) & set(other.names)
    return routers or names


def names_itself(server: Server) -> bool:
    """Say whether a server offers itself as router or name server."""
    return server.ip == server.router or server.ip in server.names


def is_resolver_only(server: Server) -> bool:
    """Say whether a server of DHCPv6 gives itself as name server, by an address of the link alone."""
    return server.ip.startswith("fe80:") and server.ip in server.names


def is_candidate(server: Server) -> bool:
    """Say whether it would be odd if a server went out through another machine, and none is known yet."""
    return (
        bool(server.mac) and not server.gateway and (server.ip == server.router or is_resolver_only(server))
    )


def router_beside(lan: Lan, server: Server) -> Server | None:
    """Return a server of IPv4 of the link that is its router, and another machine."""
    for other in lan.servers.values():
        is_router = other.router == other.ip and not other.is_far and not other.gateway
        if is_router and other.mac and server.mac and not is_same(other, server):
            return other
    return None


def is_there(lan: Lan, other: Server, server: Server) -> bool:
    """Say whether a server serves the link still: who is carried about leaves its servers behind."""
    name = f"{other.ip}|{other.mac}"
    clients = sum(lender == name for lender in lan.leases.values())
    # Each client is there twice, by both its addresses.
    is_of_many = clients >= 4 and server.first - other.last < HOUR_NS  # noqa: PLR2004  # as above
    return other.last > server.first or is_of_many


def lender_of(lan: Lan, server: Server, row: Mapping[str, Any]) -> Server | None:
    """Return the server that a server has its own address of, if it is a client itself."""
    by_ip = lan.servers.get(lan.leases.get(server.ip, ""))
    by_mac = lan.servers.get(lan.leases.get(server.mac, "")) if server.mac else None
    if by_ip is not None and not is_same(by_ip, server):
        return by_ip
    # A home router is a client on its other side.
    if by_mac is not None and not is_same(by_mac, server) and is_near(row, by_mac):
        return by_mac
    return None


def later(one: Server, other: Server) -> tuple[Server, Server]:
    """Return who of two is the culprit, and the other: the later one, or who wants to be router."""
    if abs(one.first - other.first) < 5 * SECOND and names_itself(one) != names_itself(other):
        return (one, other) if names_itself(one) else (other, one)
    return (one, other) if one.first > other.first else (other, one)


def is_near(row: Mapping[str, Any], other: Server) -> bool:
    """Say whether what is given lies in the network of another server's router."""
    try:
        network = ip_network(f"{row['assigned_ip']}/{row['subnet_mask'] or 24}", strict=False)
        return bool(other.router) and ip_address(other.router) in network
    except ValueError:
        return False


def lan_of(saved: Mapping[str, Any]) -> Lan:
    """Return a link that was saved."""
    servers = {name: Server(**values) for name, values in saved["servers"].items()}
    return Lan(
        servers=servers,
        leases=dict(saved["leases"]),
        answered={call: list(names) for call, names in saved["answered"].items()},
        asked=dict(saved["asked"]),
        asked_since=saved["asked_since"],
        asked_told=saved["asked_told"],
        ways6=dict(saved["ways6"]),
    )


def merge_lan(mine: Lan, theirs: Lan) -> None:
    """Add what another knew of a link."""
    for key, server in theirs.servers.items():
        known = mine.servers.get(key)
        if known is None or known.last < server.last:
            mine.servers[key] = server
        if known is not None:
            mine.servers[key].first = min(known.first, server.first)
    newest = sorted(mine.servers.items(), key=lambda entry: (entry[1].last, entry[0]))
    mine.servers = dict(newest[-MOST_SERVERS:])
    for client, server_name in theirs.leases.items():
        push(mine.leases, client, server_name, MOST_LEASES)
    for call, names in theirs.answered.items():
        push(mine.answered, call, names, MOST_ASKED)
    for router, when in theirs.ways6.items():
        push(mine.ways6, router, when, MOST_SERVERS)
    if theirs.asked_since > mine.asked_since:
        mine.asked, mine.asked_since, mine.asked_told = theirs.asked, theirs.asked_since, theirs.asked_told
