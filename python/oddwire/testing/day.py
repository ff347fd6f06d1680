"""A day of a local network while it is written: conversations with ports of their own, names, other hosts."""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address

from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue, in_order, seeded
from oddwire.testing.names import lookup
from oddwire.testing.office_lan import Lan, background, resolve

__all__ = ["Scene"]

IPV4 = b"\x08\x00"
FIRST_PORT, PORTS = 49_152, 16_000
NEAR_RTT_S, INSIDE_HOPS, OUTSIDE_HOPS = 0.000_6, (128, 128), (128, 52)


class Scene:
    """What happens in one capture; times are seconds after its begin."""

    def __init__(self, seed: int, *, begin: float = 1_700_000_000.0, lan: Lan | None = None) -> None:
        self.dice = seeded(seed)
        self.begin = begin
        self.lan = lan or Lan()
        self.packets: list[Timed] = []
        self._ports: dict[str, int] = {}

    def inside(self, host: str) -> bool:
        """Whether a host stands in this network."""
        return host.startswith(self.lan.network.rsplit(".", 1)[0] + ".")

    def port(self, host: str) -> int:
        """Return a host's next port of its own, as Windows counts them."""
        taken = self._ports[host] = self._ports.get(host, self.dice.randrange(PORTS)) + 1
        return FIRST_PORT + taken % PORTS

    def talk(self, client: str, server: str, port: int, at: float, *, rtt: float = 0.02) -> Dialogue:
        """Return a conversation that is yet to be spoken: near hosts answer at once."""
        near = self.inside(client) and self.inside(server)
        return Dialogue(
            client=client,
            cport=self.port(client),
            server=server,
            sport=port,
            start=self.begin + at,
            dice=self.dice,
            rtt=NEAR_RTT_S if near else rtt,
            near="client" if self.inside(client) else "server",
            ttls=INSIDE_HOPS if near else OUTSIDE_HOPS if self.inside(client) else OUTSIDE_HOPS[::-1],
        )

    def add(self, *talks: Dialogue) -> float:
        """Keep spoken conversations; return when the last one ended, in seconds after the begin."""
        for talk in talks:
            self.packets += talk.packets
        return max(talk.time for talk in talks) - self.begin

    def keep(self, packets: Iterable[Timed]) -> None:
        """Keep packets whose times are already those of the clock."""
        self.packets += packets

    def name(self, client: str, name: str, address: str, at: float) -> None:
        """Let a host ask the router for a name and get its address."""
        self.packets += resolve(self.lan, client, self.lan.router, self.begin + at - 0.01)
        self.packets += lookup(
            client, self.port(client), self.lan.router, name, [address], start=self.begin + at, rtt=0.012
        )

    def others(self, hosts: Sequence[str], seconds: float, every: float = 30.0) -> None:
        """Let other hosts do what hosts of an office do."""
        self.packets += background(self.dice, self.lan, hosts, self.begin, seconds, every)

    def done(self) -> list[Timed]:
        """Return all packets, in order, with the hardware addresses of this network."""
        cards: dict[bytes, bytes] = {}

        def card(address: bytes) -> bytes:
            if address not in cards:
                text = self.lan.mac(str(ip_address(address)))
                cards[address] = bytes.fromhex(text.replace(":", ""))
            return cards[address]

        def placed(frame: bytes) -> bytes:
            return card(frame[30:34]) + card(frame[26:30]) + frame[12:] if frame[12:14] == IPV4 else frame

        return in_order((time, placed(frame)) for time, frame in self.packets)
