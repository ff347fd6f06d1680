"""A small segment and what its hosts do, put together piece by piece: pages, names, conversations, rounds."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, Step, conversation
from oddwire.testing.names import arp_asked, lookup
from oddwire.testing.office import browse
from oddwire.testing.wire import datagram, dice, seen_from

if TYPE_CHECKING:
    from random import Random

__all__ = ["ROUTER", "SEGMENT", "Scene"]

SEGMENT, ROUTER = "192.168.10.0/24", "192.168.10.1"
ARP_EVERY_S = 600.0


class Scene:
    """What one switch of one segment sees; each piece is added with the time at which it happens."""

    def __init__(self, seed: int, begin: float, *, resolver: str = ROUTER) -> None:
        """Begin with nothing; `resolver` answers for names, if nobody else is asked."""
        self.begin, self.resolver = begin, resolver
        self.dice: Random = dice(seed)
        self.ports = Ports(seed)
        self.packets: list[Timed] = []

    def add(self, packets: Iterable[Timed]) -> None:
        """Add packets that are made already."""
        self.packets += packets

    def say(
        self,
        client: str,
        server: str,
        port: int,
        steps: Sequence[Step],
        *,
        at: float,
        rtt: float = 0.03,
        ending: str = "fin",
        opening: bool = True,
    ) -> float:
        """Add a TCP conversation from a port of its own, and return when it was over."""
        ends = (client, self.ports.take(client), server, port)
        packets = conversation(ends, steps, start=at, rtt=rtt, ending=ending, opening=opening)
        self.packets += packets
        return packets[-1][0]

    def name(self, host: str, name: str, answers: Sequence[str], *, at: float, missing: bool = False) -> None:
        """Let a host ask for a name, once for the addresses of each family."""
        for kind in ("A", "AAAA"):
            given = [answer for answer in answers if (":" in answer) == (kind == "AAAA")]
            port = self.ports.take(host)
            self.packets += lookup(
                host, port, self.resolver, name, given, start=at, kind=kind, missing=missing
            )

    def exchange(
        self,
        ends: tuple[str, int, str, int],
        ask: bytes,
        reply: bytes | None,
        *,
        at: float,
        rtt: float = 0.02,
    ) -> None:
        """Add a datagram and, when there is one, its answer."""
        client, cport, server, sport = ends
        self.packets.append((at, datagram(client, cport, server, sport, ask)))
        if reply is not None:
            self.packets.append((at + rtt, datagram(server, sport, client, cport, reply)))

    def browsing(self, hosts: Sequence[str], seconds: float, *, every: float = 180.0) -> None:
        """Let hosts load pages of many sites, so often on the average, with the ARP that goes along."""
        for host in hosts:
            at = self.begin + self.dice.expovariate(1 / every)
            while at < self.begin + seconds - 20:
                site = self.dice.randrange(150)
                self.packets += browse(host, self.resolver, self.dice, self.ports, start=at, site=site)
                at += 5 + self.dice.expovariate(1 / every)
            for turn in range(int(seconds // ARP_EVERY_S) + 1):
                asked = self.begin + ARP_EVERY_S * turn + self.dice.uniform(0, 60)
                self.packets += arp_asked(host, ROUTER, start=asked)

    def rounds(
        self, every: float, seconds: float, *, jitter: float = 0.0, missed: float = 0.0, after: float = 5.0
    ) -> Iterator[float]:
        """Yield the times of something that happens again and again.

        `jitter` is the share of the period by which a pause may be shorter (Cobalt Strike's way); `missed` is
        the share of the rounds that do not take place.
        """
        at = self.begin + after
        while at < self.begin + seconds:
            if self.dice.random() >= missed:
                yield at + self.dice.uniform(0, 0.02)
            at += every * (1 - jitter * self.dice.random())

    def seen(self, until: float | None = None) -> list[Timed]:
        """Return what the switch saw, those outside behind the router."""
        packets = seen_from(self.packets, (SEGMENT, ROUTER))
        return [packet for packet in packets if until is None or packet[0] < self.begin + until]
