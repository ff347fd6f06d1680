"""Chains of remote sessions: who was entered from where, while the session before was still in use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Hop", "Hops"]

SECOND = 1_000_000_000
# A session with no packet for so long is no longer in use.
IDLE_NS = 120 * SECOND
# A connection that goes on for less may be a job that gives a command.
LASTING_NS = 30 * SECOND
MOST_SERVERS, MOST_CLIENTS, MOST_LENGTH = 5_000, 64, 16


@dataclass(slots=True)
class Hop:
    """A session of remote commands, and by which way its client had been entered."""

    first: int
    last: int
    # The hosts from the first client to the server, each entered from the one before.
    path: list[str]
    # Whether files were pushed to each host of the path.
    is_pushed: bool
    # How long the longest of its connections went on.
    held: int = 0


class Hops:
    """Sessions of remote commands by server and client; of too many the longest untouched goes."""

    def __init__(self, *, span_s: int) -> None:
        self.span_ns = span_s * SECOND
        self.known: dict[str, dict[str, Hop]] = {}

    def add(self, client: str, server: str, times: tuple[int, int, int], *, is_pushed: bool) -> Hop:
        """Note that a client used a session at a server: when it was born, and first and last used now."""
        born, first, last = times
        clients = self.known.pop(server, None)
        if clients is None:
            clients = {}
            if len(self.known) >= MOST_SERVERS:
                del self.known[next(iter(self.known))]
        self.known[server] = clients
        hop = clients.pop(client, None)
        if hop is None:
            hop = self._begun(client, server, first, last, is_pushed=is_pushed)
            if len(clients) >= MOST_CLIENTS:
                del clients[next(iter(clients))]
        clients[client] = hop
        hop.last, hop.held = max(hop.last, last), max(hop.held, last - born)
        return hop

    def _begun(self, client: str, server: str, first: int, last: int, *, is_pushed: bool) -> Hop:
        """Return a new session, behind the longest chain of sessions that were in use when it began."""
        before = [
            hop
            for hop in self.known.get(client, {}).values()
            if first - self.span_ns <= hop.first < first <= hop.last + IDLE_NS
            and server not in hop.path
            and len(hop.path) < MOST_LENGTH
        ]
        if not before:
            return Hop(first=first, last=last, path=[client, server], is_pushed=is_pushed)
        way = min(before, key=lambda hop: (-len(hop.path), hop.first, hop.path))
        return Hop(first=first, last=last, path=[*way.path, server], is_pushed=is_pushed and way.is_pushed)

    def links(self, hop: Hop) -> list[tuple[str, str, Hop]]:
        """Return the sessions of a chain, as far as they are known."""
        found = []
        for client, server in zip(hop.path, hop.path[1:], strict=False):
            if one := self.known.get(server, {}).get(client):
                found.append((client, server, one))
        return found

    def in_use(self, hop: Hop, now: int) -> bool:
        """Say whether all sessions of a chain are known, went on for a while, and are in use."""
        links = self.links(hop)
        return len(links) == len(hop.path) - 1 and all(
            one.held >= LASTING_NS and now - one.last <= IDLE_NS for _, _, one in links
        )

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            server: {
                client: [hop.first, hop.last, list(hop.path), hop.is_pushed, hop.held]
                for client, hop in clients.items()
            }
            for server, clients in self.known.items()
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.known = {
            server: {client: _hop(saved) for client, saved in clients.items()}
            for server, clients in state.items()
        }

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved; of a session that both saw the longer chain."""
        for server, clients in state.items():
            mine = self.known.setdefault(server, {})
            for client, saved in clients.items():
                theirs, known = _hop(saved), mine.get(client)
                if known is not None:
                    theirs.path = max(theirs.path, known.path, key=lambda path: (len(path), path))
                    theirs.first, theirs.last = min(theirs.first, known.first), max(theirs.last, known.last)
                    theirs.held = max(theirs.held, known.held)
                    theirs.is_pushed = theirs.is_pushed and known.is_pushed
                mine[client] = theirs


def _hop(saved: list[Any]) -> Hop:
    first, last, path, is_pushed, held = saved
    return Hop(first=first, last=last, path=list(path), is_pushed=is_pushed, held=held)
