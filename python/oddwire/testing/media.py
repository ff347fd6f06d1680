"""Calls, games, video and peers over UDP: STUN and ICE, RTP, QUIC, SIP, BitTorrent and its DHT."""

import struct
from collections.abc import Sequence
from random import Random

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ends
from oddwire.testing.names import public
from oddwire.testing.wire import datagram, noise

__all__ = ["dht_ask", "handshake_of_peers", "hole_punching", "quic", "rtp_call", "sip_turn", "stun_check"]

STUN_COOKIE = 0x2112A442
DEAD_TRIES = (0.0, 0.25, 0.75, 1.75, 3.75)


def _stun(kind: int, number: int, size: int = 0) -> bytes:
    body = struct.pack("!HH", 0x0006, size - 4) + noise(size - 4, number) if size else b""
    return struct.pack("!HHI", kind, len(body), STUN_COOKIE) + noise(12, number) + body


def stun_check(
    ends: Ends, number: int, *, start: float, rtt: float = 0.03, dead: bool = False
) -> list[Timed]:
    """Return one check of a path, answered, or repeated with longer pauses until it is given up."""
    client, cport, server, sport = ends
    wire = datagram(client, cport, server, sport, _stun(1, number, 64))
    if dead:
        return [(start + after, wire) for after in DEAD_TRIES]
    return [(start, wire), (start + rtt, datagram(server, sport, client, cport, _stun(0x0101, number, 44)))]


def hole_punching(
    host: str, port: int, dice: Random, *, start: float, candidates: int = 60, working: int = 3
) -> list[Timed]:
    """Return what a call does before it speaks: checks of many candidates, of which few work."""
    packets: list[Timed] = []
    for number in range(candidates):
        there = (
            public(dice.randrange(4_000)) if number % 4 else f"192.168.{dice.randrange(2, 200)}.{9 + number}"
        )
        ends = (host, port, there, dice.randrange(10_000, 65_000))
        dead = number >= working or there.startswith("192.168.")
        packets += stun_check(ends, number, start=start + 0.02 * number, dead=dead)
    return packets


def rtp_call(
    ends: Ends, *, start: float, seconds: float, every: float = 0.02, size: int = 160, kind: int = 0
) -> list[Timed]:
    """Return sound or pictures in both directions, a packet every 20 ms unless said otherwise."""
    client, cport, server, sport = ends
    packets: list[Timed] = []
    for number in range(int(seconds / every)):
        head = struct.pack("!BBHII", 0x80, kind, number % 65_536, number * 160, 0x1234_5678)
        at = start + number * every + (number * 37 % 11) / 10_000
        packets += [
            (at, datagram(client, cport, server, sport, head + noise(size, number))),
            (at + 0.007, datagram(server, sport, client, cport, head + noise(size, number + 7))),
        ]
    return packets


def quic(
    ends: Ends, pages: Sequence[tuple[float, int, int]], *, start: float, rtt: float = 0.02
) -> list[Timed]:
    """Return a QUIC connection: two padded first datagrams, then short ones; pages as (pause, up, down)."""
    client, cport, server, sport = ends
    salt = cport
    initial = b"\xc3\x00\x00\x00\x01\x08" + noise(8, salt) + b"\x00\x00\x44\xb0" + noise(1_182, salt)
    answer = b"\xc1\x00\x00\x00\x01\x00\x08" + noise(8, salt + 1) + b"\x00\x44\xb0" + noise(1_182, salt + 1)
    packets = [
        (start, datagram(client, cport, server, sport, initial)),
        (start + rtt, datagram(server, sport, client, cport, answer)),
        (start + rtt + 0.001, datagram(client, cport, server, sport, b"\x43" + noise(80, salt))),
    ]
    time = start + rtt + 0.002
    for pause, asked, answered in pages:
        time += pause
        packets.append((time, datagram(client, cport, server, sport, b"\x43" + noise(asked, salt))))
        time += rtt
        for number, at in enumerate(range(0, answered, 1_250)):
            wire = datagram(server, sport, client, cport, b"\x51" + noise(min(1_250, answered - at), number))
            packets.append((time, wire))
            time += 0.000_15
            if number % 8 == 7:  # noqa: PLR2004  # one acknowledgement for eight datagrams
                packets.append((time, datagram(client, cport, server, sport, b"\x43" + noise(32, number))))
    return packets


def sip_turn(phone: str, server: str, method: str, *, start: float, answer: str = "200 OK") -> list[Timed]:
    """Return a request of a phone and the answer of its exchange."""
    head = f"Via: SIP/2.0/UDP {phone}:5060\r\nFrom: <sip:20@{server}>\r\nTo: <sip:20@{server}>\r\n"
    head += f"Call-ID: {int(start)}@{phone}\r\nCSeq: 1 {method}\r\nContent-Length: 0\r\n\r\n"
    ask = f"{method} sip:{server} SIP/2.0\r\n{head}".encode()
    return [
        (start, datagram(phone, 5_060, server, 5_060, ask)),
        (start + 0.01, datagram(server, 5_060, phone, 5_060, f"SIP/2.0 {answer}\r\n{head}".encode())),
    ]


def dht_ask(ends: Ends, number: int, *, start: float, rtt: float = 0.12, dead: bool = False) -> list[Timed]:
    """Return a question to a node of BitTorrent's table; a dead one is asked once, and once more later."""
    client, cport, server, sport = ends
    name = noise(20, 5)
    ask = b"d1:ad2:id20:" + name + b"9:info_hash20:" + noise(20, 9) + b"e1:q9:get_peers1:t2:"
    ask += struct.pack("!H", number % 65_536) + b"1:y1:qe"
    wire = datagram(client, cport, server, sport, ask)
    if dead:
        return [(start, wire), (start + 15.0, wire)] if number % 3 == 0 else [(start, wire)]
    nodes = noise(208, number)
    answer = b"d1:rd2:id20:" + noise(20, number) + b"5:nodes208:" + nodes + b"e1:t2:"
    answer += struct.pack("!H", number % 65_536) + b"1:y1:re"
    return [(start, wire), (start + rtt, datagram(server, sport, client, cport, answer))]


def handshake_of_peers(number: int) -> bytes:
    """Return the first 68 bytes that a peer of BitTorrent sends."""
    return (
        b"\x13BitTorrent protocol"
        + b"\0" * 5
        + b"\x10\0\x05"
        + noise(20, 9)
        + b"-TR4050-"
        + noise(12, number)
    )
