"""Moving on inside: one host pushes files to several others of the same network, and then makes them act."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from oddwire.base.detector import Detector, Page, Parameters, State, parameter
from oddwire.base.window import Window
from oddwire.features.hops import Hop, Hops
from oddwire.features.inside import FILES, INSIDE_NEED, inside_talks
from oddwire.features.spread_words import of_chain, of_takeover, of_worm
from oddwire.features.takeovers import TAKEOVERS_NEED, Act, Deeds, Takeovers, acts
from oddwire.features.worms import WORMS_NEED, Worms
from oddwire.records.evidence import MOST_TARGETS, Evidence, Party, Reason, Selector, Target
from oddwire.records.judged import TICK_NS
from oddwire.records.kinds import Kind, Scope, Severity
from oddwire.records.units import bytes_text, count_text, duration_text

__all__ = ["Lateral"]

SECOND = 1_000_000_000
# Those of them in which somebody sits, or may.
SESSIONS = (22, 3389, 5900)
MOST_CLIENTS, MOST_PEERS = 5_000, 256
TYPICAL_PEERS = (0.0, 2.0)


@dataclass(frozen=True, kw_only=True)
class LateralParameters(Parameters):
    """When file copies inside are somebody moving on."""

    peers: int = parameter(3, "inside hosts that files are pushed to within `span_s`", "hosts")
    relayed: int = parameter(2, "the same, by a host that was itself pushed to before", "hosts")
    span_s: int = parameter(1_800, "what counts as one move", "s")
    remembered_s: int = parameter(86_400, "for how long a peer is known and no longer new", "s")
    pushed: int = parameter(32_768, "bytes that make a file copy", "bytes")
    chained: int = parameter(4, "hosts in a row, each entered from inside the last", "hosts")
    chained_pushes: int = parameter(3, "the same, where files were pushed to each before", "hosts")
    ratio: float = parameter(3.0, "by how much more is sent than received", "times")
    taken: int = parameter(2, "inside hosts on which something was made to run", "hosts")
    touched: int = parameter(3, "the same, where it is only likely, or programs were written", "hosts")
    known_as: int = parameter(6, "inside hosts that one account logs in at; of that alone only low", "hosts")
    refused: int = parameter(3, "of these, hosts that refuse their administrators' shares to it", "hosts")


@dataclass(slots=True)
class Peer:
    """What a host did with another one."""

    first: int
    last: int
    pushed: int = 0
    pulled: int = 0
    commands: list[int] = field(default_factory=list)


class Lateral(Detector):
    """Keeps, for each inside host, with which inside hosts it spoke SMB, RPC, shells and desktops."""

    name = "lateral"
    kind = Kind.LATERAL
    scope = Scope.HOST
    needs = INSIDE_NEED | TAKEOVERS_NEED | WORMS_NEED
    attack = ("T1021", "T1021.002", "T1570")
    parameters = LateralParameters
    page = Page(
        sees=(
            "One inside host copies files over SMB to three or more inside hosts that it did not "
            "speak to before, "
            "sending far more than it receives, and then uses RPC, WinRM, RDP, SSH or VNC there; or "
            "a host that "
            "files were pushed to does the same to others soon after; or four hosts in a row (three, "
            "after pushed files) are each entered by SSH, RDP or VNC from inside the last, while the "
            "sessions before are still in use. Where it can be read: services, tasks or processes made "
            "by remote calls at two inside hosts or more, or a program written and started; and hosts "
            "that sweep one service, each entered before by another that did; and one account that logs in "
            "at six hosts or more, three of which refuse it the shares of administrators."
        ),
        matters="This is how one infected machine becomes many: a copied tool, and a command that starts it.",
        wrong_when=(
            "Software distribution that pushes packages over SMB looks the same the first time. "
            "Copies without "
            "anything after them are told as low: they may be a person who shares files. An "
            "administrator's station is known only once it was seen doing the same for half an hour."
        ),
        example=(
            "10.0.0.23 pushed 4.1 MiB to 5 inside hosts over SMB in 6 min and went on by RPC at 5 of them"
        ),
    )

    def __init__(self, parameters: Parameters | None = None) -> None:
        super().__init__(parameters)
        self.clients: dict[str, dict[str, Peer]] = {}
        # When files were last pushed to a host.
        self.received: dict[str, int] = {}
        self.hops = Hops(span_s=self.settings.span_s)
        self.takeovers = Takeovers()
        self.worms = Worms(span_s=self.settings.span_s)

    def observe(self, window: Window) -> Iterator[Evidence]:
        """Add what hosts did with each other in each tick, and judge it in three ways."""
        rows = inside_talks(window)
        found = [*self._by_shape(rows), *self._by_words(window)]
        found += [of_worm(spread) for spread in self.worms.spreads(window, rows)]
        yield from sorted(found, key=attrgetter("at_ns"))

    def _by_words(self, window: Window) -> Iterator[Evidence]:
        """Judge those that did something new to another host, by what was said."""
        forget_ns = self.settings.remembered_s * SECOND
        new: dict[str, Act] = {}
        tick: int | None = None
        for act in acts(window):
            if act.tick != tick:
                yield from self._taken_by(new)
                new, tick = {}, act.tick
            if self.takeovers.add(act, act.tick + TICK_NS - 1, forget_ns):
                new[act.client] = act
        yield from self._taken_by(new)

    def _taken_by(self, new: Mapping[str, Act]) -> Iterator[Evidence]:
        """Say of each client what it made others do, if that is odd."""
        for client, act in new.items():
            span_ns = self.settings.span_s * SECOND
            fresh = self.takeovers.ran_by(client, act.time_ns - span_ns)
            severity = self._severity(client, fresh, act.time_ns - span_ns)
            if severity is not None:
                acted = {name: one for name, one in fresh.items() if one.words} or fresh
                yield of_takeover(client, acted, act, severity)
            links = self.takeovers.chain(
                client, [name for name, one in fresh.items() if one.is_likely], span_ns
            )
            if len(links) > 1:
                yield of_chain(links, act)

    def _severity(self, client: str, fresh: Mapping[str, Deeds], since_ns: int) -> Severity | None:
        """Say how odd it is: who did the same before is an administrator's station."""
        wanted = self.settings
        sure = sum(one.is_sure for one in fresh.values())
        likely = sum(one.is_likely for one in fresh.values())
        wrote = sum("wrote" in one.done and "admin" in one.done for one in fresh.values())
        whole = any(one.is_sure and "wrote" in one.done and "admin" in one.done for one in fresh.values())
        if sure >= wanted.taken or whole or max(likely, wrote) >= wanted.touched:
            is_known = self.takeovers.before(client, since_ns) >= wanted.taken
            return Severity.LOW if is_known else Severity.MEDIUM
        names: dict[str, int] = {}
        for one in fresh.values():
            _, user = one.done.get("login", (0, ""))
            names[user] = names.get(user, 0) + bool(user)
        most = max(names.values(), default=0)
        refused = sum("refused" in one.done for one in fresh.values())
        if most >= wanted.known_as and refused >= wanted.refused:
            return Severity.MEDIUM
        return Severity.LOW if sure or most >= wanted.known_as else None

    def _by_shape(self, rows: list[dict[str, Any]]) -> Iterator[Evidence]:
        """Judge those that pushed files, and chains of sessions."""
        touched: dict[str, int] = {}
        chains: dict[str, tuple[Hop, int]] = {}
        tick: int | None = None
        for row in rows:
            if row["tick"] != tick:
                yield from self._judged_all(touched, chains, tick)
                touched, chains, tick = {}, {}, row["tick"]
            if self._added(row):
                touched[row["client"]] = row["last"]
            if row["dst_port"] in SESSIONS and (hop := self._stepped(row)):
                chains["|".join(hop.path)] = (hop, row["last"])
        yield from self._judged_all(touched, chains, tick)

    def _stepped(self, row: Mapping[str, Any]) -> Hop | None:
        """Remember a session of remote commands; return it if it is the end of a long chain."""
        client, server = row["client"], row["server"]
        pushed = self._is_push(self.clients[client][server])
        times = (row["born"], row["first"], row["last"])
        hop = self.hops.add(client, server, times, is_pushed=pushed)
        least = self.settings.chained_pushes if hop.is_pushed else self.settings.chained
        return hop if len(hop.path) > least else None

    def _added(self, row: Mapping[str, Any]) -> bool:
        """Remember a conversation; say whether its client may be worth a look."""
        client, server = row["client"], row["server"]
        peers = self.clients.pop(client, None)
        if peers is None:
            peers = {}
            if len(self.clients) >= MOST_CLIENTS:
                del self.clients[next(iter(self.clients))]
        self.clients[client] = peers
        peer = peers.pop(server, None)
        if peer is None or row["first"] - peer.last > self.settings.remembered_s * SECOND:
            peer = Peer(first=row["first"], last=row["last"])
            if len(peers) >= MOST_PEERS:
                del peers[next(iter(peers))]
        peers[server] = peer
        peer.last = max(peer.last, row["last"])
        if row["dst_port"] in FILES:
            peer.pushed += row["payload_out"]
            peer.pulled += row["payload_in"]
        elif row["dst_port"] not in peer.commands:
            peer.commands.append(row["dst_port"])
        if self._is_push(peer):
            self.received.pop(server, None)
            if len(self.received) >= MOST_CLIENTS:
                del self.received[next(iter(self.received))]
            self.received[server] = row["last"]
        return len(peers) >= int(self.settings.relayed)

    def _is_push(self, peer: Peer) -> bool:
        wanted = self.settings
        return bool(peer.pushed >= wanted.pushed and peer.pushed >= wanted.ratio * peer.pulled)

    def _judged_all(
        self, touched: Mapping[str, int], chains: Mapping[str, tuple[Hop, int]], tick: int | None
    ) -> Iterator[Evidence]:
        if tick is None:
            return
        for client, last in touched.items():
            if evidence := self._judged(client, last, tick):
                yield evidence
        longest = [key for key in chains if not any(one.startswith(f"{key}|") for one in chains)]
        for key in sorted(longest):
            hop, now = chains[key]
            if self.hops.in_use(hop, now):
                yield self._of_chain(hop, tick)

    def _of_chain(self, hop: Hop, tick: int) -> Evidence:
        """Say that somebody goes from host to host, each entered from inside the last."""
        links = self.hops.links(hop)
        start_ns, end_ns = min(one.first for _, _, one in links), max(one.last for _, _, one in links)
        begin, others = hop.path[0], hop.path[1:]
        pushes = ", each after files were pushed to it" if hop.is_pushed else ""
        return Evidence(
            kind=Kind.LATERAL,
            subject=Party(ip=begin),
            part="chain",
            title=(
                f"{begin} went on by remote commands through {count_text(len(others), 'inside host')} in "
                f"{duration_text(max(end_ns - start_ns, 1))}, each entered from the one before{pushes}"
            ),
            score=min(0.5 + 0.08 * len(others), 0.95),
            severity=Severity.MEDIUM,
            start_ns=start_ns,
            end_ns=end_ns,
            at_ns=tick + TICK_NS,
            targets=tuple(Target(ip=name) for name in others[:MOST_TARGETS]),
            target_count=len(others),
            facts={"hosts": len(others), "chained": len(others), "pushed": hop.is_pushed},
            reasons=(
                Reason(feature="hosts_in_chain", value=float(len(others)), typical=TYPICAL_PEERS, weight=1.0),
            ),
            selectors=tuple(
                Selector(a=client, b=server, from_ns=one.first, until_ns=one.last)
                for client, server, one in links
            ),
        )

    def _judged(self, client: str, now: int, tick: int) -> Evidence | None:
        """Say that a host moves on, if it does."""
        span_ns = self.settings.span_s * SECOND
        fresh = {name: one for name, one in self.clients[client].items() if one.first >= now - span_ns}
        pushed = {name: one for name, one in fresh.items() if self._is_push(one)}
        led = sum(bool(one.commands) for one in pushed.values())
        got = self.received.get(client)
        relays = got is not None and now - span_ns <= got and len(pushed) >= self.settings.relayed
        if len(pushed) < self.settings.peers and not relays:
            return None
        is_sure = relays or led >= self.settings.peers
        return self._evidence(client, pushed, led, tick, is_sure=is_sure, relays=relays)

    def _evidence(
        self, client: str, pushed: Mapping[str, Peer], led: int, tick: int, *, is_sure: bool, relays: bool
    ) -> Evidence:
        start_ns = min(one.first for one in pushed.values())
        end_ns = max(one.last for one in pushed.values())
        sent = sum(one.pushed for one in pushed.values())
        title = (
            f"{client} pushed {bytes_text(sent)} to {count_text(len(pushed), 'inside host')} over SMB in "
            f"{duration_text(max(end_ns - start_ns, 1))}"
        )
        if led:
            title += f" and went on by remote commands at {led} of them"
        if relays:
            title += ", after files had been pushed to itself"
        names = sorted(pushed)
        return Evidence(
            kind=Kind.LATERAL,
            subject=Party(ip=client),
            title=title,
            score=min(0.5 + 0.1 * len(pushed), 0.95) if is_sure else 0.4,
            severity=Severity.MEDIUM if is_sure else Severity.LOW,
            start_ns=start_ns,
            end_ns=end_ns,
            at_ns=tick + TICK_NS,
            targets=tuple(Target(ip=name, port=FILES[1], proto="tcp") for name in names[:MOST_TARGETS]),
            target_count=len(pushed),
            facts={"hosts": len(pushed), "bytes": sent, "commanded": led, "relayed": relays},
            reasons=(
                Reason(
                    feature="hosts_pushed_to", value=float(len(pushed)), typical=TYPICAL_PEERS, weight=0.6
                ),
                Reason(feature="hosts_commanded", value=float(led), typical=TYPICAL_PEERS, weight=0.4),
            ),
            selectors=tuple(
                Selector(a=client, b=name, from_ns=pushed[name].first, until_ns=pushed[name].last)
                for name in names
            ),
        )

    def save(self) -> State:
        """Return who did what with whom."""
        clients = {
            client: {
                name: [one.first, one.last, one.pushed, one.pulled, one.commands]
                for name, one in peers.items()
            }
            for client, peers in self.clients.items()
        }
        return {
            "clients": clients,
            "received": dict(self.received),
            "hops": self.hops.save(),
            "takeovers": self.takeovers.save(),
            "worms": self.worms.save(),
        }

    def load(self, state: State) -> None:
        """Remember this, and nothing else."""
        self.clients = {
            client: {name: _peer(saved) for name, saved in peers.items()}
            for client, peers in state["clients"].items()
        }
        self.received = dict(state["received"])
        self.hops.load(state["hops"])
        self.takeovers.load(state["takeovers"])
        self.worms.load(state["worms"])

    def merge(self, other: State) -> None:
        """Remember this too."""
        for client, peers in other["clients"].items():
            mine = self.clients.setdefault(client, {})
            for name, saved in peers.items():
                theirs, known = _peer(saved), mine.get(name)
                mine[name] = theirs if known is None else _both(known, theirs)
        for name, time_ns in other["received"].items():
            self.received[name] = max(time_ns, self.received.get(name, 0))
        self.hops.merge(other["hops"])
        self.takeovers.merge(other["takeovers"])
        self.worms.merge(other["worms"])


def _peer(saved: list[Any]) -> Peer:
    first, last, pushed, pulled, commands = saved
    return Peer(first=first, last=last, pushed=pushed, pulled=pulled, commands=list(commands))


def _both(mine: Peer, theirs: Peer) -> Peer:
    return Peer(
        first=min(mine.first, theirs.first),
        last=max(mine.last, theirs.last),
        pushed=mine.pushed + theirs.pushed,
        pulled=mine.pulled + theirs.pulled,
        commands=sorted({*mine.commands, *theirs.commands}),
    )
