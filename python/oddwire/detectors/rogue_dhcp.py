"""DHCP servers that should not be, and clients that take all addresses away."""

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window, mac_text
from oddwire.features.frames import SPEAKERS_NEED, Speakers, speakers
from oddwire.features.gateways import WAYS6_NEED, WAYS_NEED, Way, ways_of_ipv6, ways_out
from oddwire.features.leases import (
    MOST_ASKED,
    MOST_LEASES,
    MOST_SERVERS,
    Lan,
    Server,
    differs,
    is_candidate,
    is_near,
    is_resolver_only,
    is_same,
    is_there,
    lan_of,
    later,
    lender_of,
    merge_lan,
    names_itself,
    push,
    router_beside,
)
from oddwire.records.evidence import Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import count_text, duration_text

if TYPE_CHECKING:
    import polars as pl

__all__ = ["RogueDhcp"]

SECOND = 1_000_000_000
UDP, CLIENT_PORT, SERVER_PORT = 17, 68, 67
PORTS = (CLIENT_PORT, SERVER_PORT, 546, 547)
MOST_NETWORKS = 64
PAUSE_NS = 600 * SECOND
# What was true of a server all the time, though it shows only later.
ALWAYS = ("goes out elsewhere", "resolver")
# So long two servers answer one question.
CALL_NS = 30 * SECOND
MINUTE_NS = 60 * SECOND
_COLUMNS = (
    "tick src dst vlans first service message transaction client_mac assigned_ip server_ip relay_ip "
    "router dns_servers hostname vendor_class subnet_mask"
)


@dataclass(frozen=True, kw_only=True)
class RogueDhcpParameters(Parameters):
    """When a server or a crowd of clients is wrong."""

    clients: int = parameter(100, "new hardware addresses without names that ask within a minute", "clients")
    nameless: float = parameter(0.9, "share of them that say neither a name nor a vendor", "share")


class RogueDhcp(Detector):
    """Compares what DHCP servers of one link offer, and who they are otherwise."""

    name = "rogue_dhcp"
    kind = Kind.ROGUE_DHCP
    scope = Scope.NETWORK
    needs = (
        frozenset(f"dhcp.{name}" for name in _COLUMNS.split())
        | SPEAKERS_NEED
        | WAYS_NEED
        | WAYS6_NEED
        | frozenset({"talks.protocol", "talks.src_port", "talks.dst_port"})
    )
    attack = ("T1557.003", "T1498")
    parameters = RogueDhcpParameters
    page = Page(
        sees=(
            "A client is offered another router or other name servers by a second DHCP server than by the "
            "one known before; a host that got its own address by DHCP serves addresses; one that goes out "
            "through another machine gives itself as router; one that is no router gives itself as name "
            "server by DHCPv6; or very many "
            "clients without a name ask for addresses within a minute."
        ),
        matters="Whoever says what the router and the name servers are can read and change all traffic.",
        wrong_when=(
            "Somebody plugged a home router in, which is a fault all the same. Of two servers that appear at "
            "once the wrong one may be named."
        ),
        example="10.0.0.66 offers 10.0.0.66 as router to clients of 10.0.0.1, which offers 10.0.0.1",
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.lans: OrderedDict[str, Lan] = OrderedDict()

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Go through the messages of each tick."""
        import polars as pl

        macs = {one.mac for lan in self.lans.values() for one in lan.servers.values() if is_candidate(one)}
        rows = _messages(window)
        if rows is None or rows.is_empty():
            yield from self._went_out(ways_out(window, macs))
            for router in ways_of_ipv6(window):
                self._announced(router)
            return
        is_dhcp = pl.col("src_port").is_in(PORTS) & pl.col("dst_port").is_in(PORTS)
        spoke = speakers(window, rows, is_dhcp & (pl.col("protocol") == UDP))
        answers = rows.select("tick", "vlans", "dst").unique().rows()
        macs |= {mac_text(mac) or "" for answer in answers for mac in spoke.get(answer, ())}
        ways, routers = deque(ways_out(window, macs)), deque(ways_of_ipv6(window))
        clients = window.hosts.names(rows["src"].to_list())
        servers = window.hosts.names(rows["dst"].to_list())
        for row, client, server in zip(rows.iter_rows(named=True), clients, servers, strict=True):
            while ways and ways[0].tick < row["tick"]:
                yield from self._went_out([ways.popleft()])
            while routers and routers[0][0] <= row["tick"]:
                self._announced(routers.popleft())
            lan = self._lan(str(row["vlans"]))
            if row["service"] == "dhcpv6":
                evidence = self._answered6(lan, row, server, spoke)
            elif row["message"] in {"discover", "request"}:
                evidence = self._asked(lan, row, client, spoke)
            else:
                evidence = self._answered(lan, row, server, spoke)
            if evidence:
                yield evidence
        yield from self._went_out(ways)
        for router in routers:
            self._announced(router)

    def _announced(self, router: tuple[int, int, str]) -> None:
        """Note that a router of IPv6 announced itself as a way out."""
        tick, vlans, ip = router
        push(self._lan(str(vlans)).ways6, ip, tick, MOST_SERVERS)

    def _went_out(self, ways: Iterable[Way]) -> Iterator[Evidence]:
        """Say which servers that call themselves the way out go out through another machine."""
        for way in ways:
            lan = self.lans.get(str(way.vlans))
            for server in lan.servers.values() if lan else ():
                # The address tells a server from others behind the same card; of IPv6 only the card can.
                is_it = server.mac == way.mac and (server.ip == way.ip or is_resolver_only(server))
                if not is_it or not is_candidate(server):
                    continue
                server.gateway = way.gateway
                mac, ip = server.client or [None, None]
                answer = {"tick": way.tick, "first": server.last, "client_mac": mac, "assigned_ip": ip}
                if evidence := _evidence(server, None, "goes out elsewhere", Severity.HIGH, answer):
                    yield evidence

    def _lan(self, name: str) -> Lan:
        lan = self.lans.pop(name, None) or Lan()
        if len(self.lans) >= MOST_NETWORKS:
            self.lans.popitem(last=False)
        self.lans[name] = lan
        return lan

    def _asked(self, lan: Lan, row: Mapping[str, Any], client: str, spoke: Speakers) -> Evidence | None:
        """Count the clients that ask, and say when they are too many."""
        mac, first = row["client_mac"], row["first"]
        if mac is None:
            return None
        if first - lan.asked_since > MINUTE_NS:
            lan.asked, lan.asked_since, lan.asked_told = {}, first, 0
        if mac in lan.asked or mac in lan.leases or len(lan.asked) >= MOST_ASKED:
            return None
        lan.asked[mac] = row["hostname"] is None and row["vendor_class"] is None
        count, nameless = len(lan.asked), sum(lan.asked.values())
        if count < self.settings.clients or nameless < self.settings.nameless * count:
            return None
        if count < 2 * lan.asked_told:
            return None
        lan.asked_told = count
        macs = spoke.get((row["tick"], row["vlans"], row["src"]), ())
        culprit = mac_text(macs[0]) if len(macs) == 1 else None
        span = duration_text(max(first - lan.asked_since, 1))
        what = f"{count_text(count, 'client')} without a name asked for addresses in {span}"
        return Evidence(
            kind=Kind.ROGUE_DHCP,
            subject=Party(mac=culprit) if culprit else Party(ip=client),
            part="starvation",
            title=what + (f", all by {culprit}" if culprit else ""),
            score=min(0.6 + count / 2_000, 0.9),
            severity=Severity.MEDIUM,
            start_ns=lan.asked_since,
            end_ns=first,
            at_ns=row["tick"] + TICK_NS,
            targets=(Target(port=SERVER_PORT, proto="udp"),),
            target_count=1,
            facts={"why": "starvation", "clients": count, "nameless": nameless},
            reasons=(
                Reason(
                    feature="new_clients_in_a_minute", value=float(count), typical=(0.0, 20.0), weight=1.0
                ),
            ),
            selectors=(
                Selector(
                    a=client, b=None, from_ns=lan.asked_since, until_ns=first, protocol=UDP, port=SERVER_PORT
                ),
            ),
        )

    def _answered(self, lan: Lan, row: Mapping[str, Any], speaker: str, spoke: Speakers) -> Evidence | None:
        """Judge what a server answers, then learn from it."""
        ip = row["server_ip"] or speaker
        server = self._server(lan, ip, spoke.get((row["tick"], row["vlans"], row["dst"]), ()), row)
        name = f"{server.ip}|{server.mac}"
        server.last = max(server.last, row["first"])
        server.answers += 1
        server.client = [row["client_mac"], row["assigned_ip"]]
        server.is_far |= bool(row["relay_ip"])
        call = f"{row['client_mac']}|{row['transaction']}"
        if row["router"] or row["dns_servers"]:
            server.router = row["router"] or server.router
            server.names = (
                sorted((row["dns_servers"] or "").split(","))[:8] if row["dns_servers"] else server.names
            )
        others = [one for one in lan.answered.get(call, []) if one != name]
        push(lan.answered, call, [*others, name][:4], MOST_ASKED)
        verdict = self._verdict(lan, server, others, row)
        # What a rogue gave away says nothing of who is an ordinary client.
        if row["message"] == "ack" and verdict is None:
            for client in (row["client_mac"], row["assigned_ip"]):
                if client:
                    push(lan.leases, client, name, MOST_LEASES)
        if verdict is None:
            return None
        culprit, other, why, severity = verdict
        return _evidence(culprit, other, why, severity, row)

    def _answered6(self, lan: Lan, row: Mapping[str, Any], ip: str, spoke: Speakers) -> Evidence | None:
        """Judge who gives itself as name server to those who ask for addresses of IPv6."""
        server = self._server(lan, ip, spoke.get((row["tick"], row["vlans"], row["dst"]), ()), row)
        server.last = max(server.last, row["first"])
        server.answers += 1
        server.client = [row["client_mac"], row["assigned_ip"]]
        server.names = (
            sorted((row["dns_servers"] or "").split(","))[:8] if row["dns_servers"] else server.names
        )
        if not is_resolver_only(server):
            return None
        if server.gateway:
            return _evidence(server, None, "goes out elsewhere", Severity.HIGH, row)
        router = None if server.ip in lan.ways6 else router_beside(lan, server)
        return _evidence(server, router, "resolver", Severity.HIGH, row) if router else None

    def _server(self, lan: Lan, ip: str, macs: tuple[int, ...], row: Mapping[str, Any]) -> Server:
        """Return the server of an address; where several hardware addresses spoke for it, the newest."""
        texts = [mac_text(mac) or "" for mac in macs] or [""]
        known = [lan.servers[f"{ip}|{mac}"] for mac in texts if f"{ip}|{mac}" in lan.servers]
        if not macs and not known:
            known = [one for one in lan.servers.values() if one.ip == ip][:1]
        if known and (len(known) == len(texts) or not macs):
            return known[-1]
        mac = next(mac for mac in texts if f"{ip}|{mac}" not in lan.servers)
        if len(lan.servers) >= MOST_SERVERS:
            del lan.servers[min(lan.servers, key=lambda name: (lan.servers[name].last, name))]
        server = Server(ip=ip, mac=mac, first=row["first"], last=row["first"])
        lan.servers[f"{ip}|{mac}"] = server
        return server

    def _verdict(
        self, lan: Lan, server: Server, others: list[str], row: Mapping[str, Any]
    ) -> tuple[Server, Server | None, str, Severity] | None:
        """Return who is the culprit, whom it stands against, why, and how sure that is."""
        # What comes by a relay comes from far, and is meant to.
        if row["relay_ip"] or not (row["router"] or row["dns_servers"]) or not row["assigned_ip"]:
            return None
        if server.gateway and server.router == server.ip:
            return server, None, "goes out elsewhere", Severity.HIGH
        lender = lender_of(lan, server, row)
        if lender is not None:
            return server, lender, "client", Severity.HIGH
        for name in others:
            other = lan.servers.get(name)
            # Some clients always use the same number.
            if (
                other is None
                or row["first"] - other.last > CALL_NS
                or is_same(other, server)
                or not differs(server, other)
            ):
                continue
            culprit, true = (server, other) if other.is_far else later(server, other)
            return culprit, true, "same request", Severity.HIGH if names_itself(culprit) else Severity.MEDIUM
        for other in lan.servers.values():
            if (
                other.first < server.first
                and not is_same(other, server)
                and differs(server, other)
                and is_near(row, other)
                and is_there(lan, other, server)
            ):
                return (
                    server,
                    other,
                    "same network",
                    Severity.HIGH if names_itself(server) else Severity.MEDIUM,
                )
        return None

    def save(self) -> State:
        """Return what is known of each link."""
        return {"lans": {name: asdict(lan) for name, lan in self.lans.items()}}

    def load(self, state: State) -> None:
        """Remember these links."""
        self.lans = OrderedDict((name, lan_of(saved)) for name, saved in state["lans"].items())

    def merge(self, other: State) -> None:
        """Remember these links too."""
        for name, saved in other["lans"].items():
            merge_lan(self._lan(name), lan_of(saved))


def _messages(window: Window) -> "pl.DataFrame | None":
    """Return the questions of DHCP and the answers of DHCP and DHCPv6, in order."""
    import polars as pl

    rows = window.said.get("dhcp")
    if rows is None or rows.is_empty():
        return None
    is_answer = pl.col("message").is_in(["offer", "ack"])
    # What a relay passes on to a server was asked on another link.
    is_question = pl.col("message").is_in(["discover", "request"]) & pl.col("relay_ip").is_null()
    is_answer6 = pl.col("message").is_in(["advertise", "reply"]) & pl.col("relay_ip").is_null()
    is_dhcp = (pl.col("service") == "dhcp") & (is_answer | is_question)
    rows = rows.filter(is_dhcp | ((pl.col("service") == "dhcpv6") & is_answer6)).select(_COLUMNS.split())
    return rows.sort("tick", "first", maintain_order=True)


def _evidence(
    culprit: Server, other: Server | None, why: str, severity: Severity, row: Mapping[str, Any]
) -> Evidence | None:
    """Say it, unless it was said and has not grown much."""
    first = row["first"]
    if not culprit.since or first - culprit.until > PAUSE_NS:
        was_so = why in ALWAYS and first - culprit.first <= PAUSE_NS
        culprit.since, culprit.odd, culprit.told = culprit.first if was_so else first, 0, 0
    culprit.until = max(culprit.until, first)
    culprit.odd += 1
    if culprit.told and culprit.odd < 2 * culprit.told:
        return None
    culprit.told = culprit.odd
    offers = [f"{culprit.router or 'no router'} as router"] if culprit.router or not culprit.names else []
    offers += [f"{', '.join(culprit.names[:2])} as name server"] if culprit.names else []
    against = "" if other is None else f", where {other.ip} offers {other.router or 'no router'}"
    if why == "client":
        against = ", though it has its own address from " + (other.ip if other else "another server")
    if why == "goes out elsewhere":
        against = f", but goes out through {culprit.gateway} itself"
    start = min(culprit.since, first)
    return Evidence(
        kind=Kind.ROGUE_DHCP,
        subject=Party(ip=culprit.ip, mac=culprit.mac or None),
        part="server",
        title=f"{culprit.ip} serves DHCP and offers {' and '.join(offers)}{against}",
        score=0.95 if severity is Severity.HIGH else 0.75,
        severity=severity,
        start_ns=start,
        end_ns=first,
        at_ns=row["tick"] + TICK_NS,
        targets=(Target(mac=row["client_mac"], ip=row["assigned_ip"]),),
        target_count=1,
        facts={
            "why": why,
            "answers": culprit.answers,
            "router": culprit.router,
            "name_servers": culprit.names,
            "known_server": other.ip if other else None,
            "known_server_mac": (other.mac or None) if other else None,
            "known_router": other.router if other else None,
            "known_name_servers": other.names if other else [],
        },
        reasons=(Reason(feature="servers_that_disagree", value=2.0, typical=(0.0, 1.0), weight=1.0),),
        selectors=(
            Selector(
                a=culprit.mac or culprit.ip, b=None, from_ns=start, until_ns=first, both=False, protocol=UDP
            ),
        ),
    )
