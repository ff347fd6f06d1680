"""File sharing: hundreds of peers on any port, most of them gone, over TCP and UDP at once."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation, port_closed, refused, unanswered
from oddwire.testing.media import dht_ask, handshake_of_peers
from oddwire.testing.names import lookup, public
from oddwire.testing.packets import SYN
from oddwire.testing.services import http
from oddwire.testing.wire import dice, noise, seen_from, segment

BEGIN = 1_700_070_000.0
HOST, PLACE = "192.168.1.44", ("192.168.1.0/24", "192.168.1.1")


def captures() -> Iterator[tuple[str, list[Timed]]]:
    yield "bittorrent", seen_from(_bittorrent(peers=400, port=6_881), PLACE)
    yield "bittorrent-odd-ports", seen_from(_bittorrent(peers=250, port=0), PLACE)
    yield "emule", seen_from(_network(ports=(4_662,), udp=4_672, seed=3), PLACE)
    yield "gnutella", seen_from(_network(ports=(6_346, 6_347, 6_348), udp=6_346, seed=4), PLACE)
    yield "skype-like", seen_from(_supernodes(), PLACE)


def _bittorrent(*, peers: int, port: int) -> list[Timed]:
    """A client joins a swarm: a tracker, the table of nodes, peers: two in three never answer."""
    numbers, ports = dice(peers), Ports(1)
    packets = lookup(HOST, 40_000, "192.168.1.1", "tracker.example", [public(1)], start=BEGIN)
    tracker = http("tracker.example", [(0.0, 300, 2_400)], path="/announce?info_hash=%7f%01")
    packets += conversation((HOST, 41_000, public(1), 6_969), tracker, start=BEGIN + 0.1)
    for number in range(peers):
        at, peer = BEGIN + 1 + numbers.expovariate(1 / 90), public(10_000 + number)
        theirs = port if port and number % 5 < 3 else numbers.randrange(1_025, 65_535)
        ends = (HOST, ports.take(HOST), peer, theirs)
        if number % 3:
            packets += unanswered(ends, start=at, tries=numbers.randrange(1, 4))
        elif number % 9 == 0:
            packets += refused(ends, start=at, rtt=0.09)
        else:
            packets += _swap(ends, number, at, pieces=numbers.choice([0, 0, 1, 3]))
        nodes = (HOST, 51_413, public(20_000 + numbers.randrange(900)), numbers.randrange(1_025, 65_535))
        packets += dht_ask(nodes, number, start=at + 2, dead=number % 2 == 0)
        if number % 10 == 3:
            packets += port_closed(
                nodes, b"d1:ad2:id20:" + noise(20) + b"e1:q4:ping1:t2:aa1:y1:qe", start=at + 4
            )
        if number % 6 == 1:
            theirs_first = (public(30_000 + number), 40_000 + number, HOST, 51_413)
            packets += _swap(theirs_first, number, at + 9, pieces=1)
    return packets


def _swap(ends: tuple[str, int, str, int], number: int, start: float, *, pieces: int) -> list[Timed]:
    hello = handshake_of_peers(number)
    steps = [(0.0, True, hello), (0.01, False, hello + b"\0\0\0\x65\x05" + noise(100, number))]
    for piece in range(pieces):
        ask = b"\0\0\0\x0d\x06" + piece.to_bytes(4) + b"\0" * 8
        answer = b"\0\0\x40\x09\x07" + noise(16_392, piece)
        steps += [(0.3, True, ask), (0.05, False, answer)]
    return conversation(ends, steps, start=start, rtt=0.08, ending="fin" if number % 2 else "open")


def _network(*, ports: tuple[int, ...], udp: int, seed: int) -> list[Timed]:
    """An older network: one port for all, sources of which most are gone, questions over UDP to all."""
    numbers, mine = dice(seed), Ports(seed)
    packets: list[Timed] = []
    for number in range(300):
        at, peer = BEGIN + 2.1 * number + numbers.uniform(0, 2), public(50_000 + 7 * number + seed)
        ends = (HOST, mine.take(HOST), peer, numbers.choice(ports))
        if number % 4 == 0:
            steps = [
                (0.0, True, b"\xe3\x5a\0\0\0\x01" + noise(84)),
                (0.05, False, b"\xe3\x5a\0\0\0\x4c" + noise(84)),
            ]
            packets += conversation(ends, steps, start=at, rtt=0.07)
        else:
            packets += unanswered(ends, start=at, tries=3)
        asked = (HOST, udp, peer, udp)
        packets += dht_ask(asked, number, start=at + 1, dead=number % 4 != 0)
    return packets


def _supernodes() -> list[Timed]:
    """A caller looks for a way out: 200 nodes over UDP and TCP on ports of theirs, then on 443 and 80."""
    numbers, ports = dice(9), Ports(9)
    packets: list[Timed] = []
    for number in range(200):
        at, node = BEGIN + 0.15 * number, public(60_000 + number)
        there = numbers.randrange(1_025, 65_000)
        packets += dht_ask((HOST, 21_043, node, there), number, start=at, dead=number % 5 != 0)
        if number % 8 == 0:
            for step, port in enumerate((there, 443, 80)):
                ends = (HOST, ports.take(HOST), node, port)
                if number % 24:
                    packets += unanswered(ends, start=at + 1 + step, tries=2)
                else:
                    packets += conversation(
                        ends, [(0, True, noise(70)), (0, False, noise(90))], start=at + 1 + step
                    )
        if number % 20 == 0:  # a peer that the firewall at home does not let in
            wire = segment(node, 50_000 + number, HOST, 21_043, SYN, seq=number, clock=number)
            packets += [(at + 3, wire), (at + 6, wire)]
    return packets
