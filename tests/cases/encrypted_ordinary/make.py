"""Random bytes on odd ports that are honest: private networks, peers, games, calls, QUIC."""

import random
import struct
from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.channels import datagrams, raw_exchange
from oddwire.testing.dialogue import Dialogue, in_order, seeded
from oddwire.testing.office_lan import Lan, background
from oddwire.testing.packets import udp
from oddwire.testing.spoofing import rounds
from oddwire.testing.ssh_sessions import work
from oddwire.testing.tls_records import client_finished, client_hello, record, server_hello

BEGIN = 1_700_000_000.0
LAN = Lan()
HOST, OUTSIDE = "192.168.1.50", "203.0.113.8"
ENDS = (HOST, OUTSIDE)
OFFICE = [f"192.168.1.{last}" for last in (21, 22, 23)]
PEERS = [f"203.0.113.{last}" for last in range(60, 100)]
BULK = [(80, 1_300), (80, 1_300), (400, 1_300), (1_300, 80), (80, 0)]


def captures() -> Iterator[tuple[str, list[Timed]]]:
    """Yield each capture."""
    dice = seeded(151)
    yield "wireguard", _office(dice, _wireguard(dice))
    yield "openvpn-udp", _office(dice, _openvpn(dice, 1_194))
    yield "openvpn-tcp", _office(dice, _openvpn_tcp(dice))
    yield "ipsec-through-nat", _office(dice, _ipsec(dice))
    yield "esp-and-gre", _office(dice, raw_exchange(dice, ENDS, 50, BEGIN + 5, 600) + _gre(dice))
    yield "peers-share-files", _office(dice, _peers(dice))
    yield "quic", _office(dice, _quic(dice))
    yield "messenger-on-odd-port", _office(dice, _messenger(dice))
    yield (
        "game",
        _office(
            dice,
            datagrams(dice, ENDS, (50_700, 27_015), BEGIN + 5, 200, sizes=[(44, 180), (52, 260)], gap=0.05),
        ),
    )
    yield "call", _office(dice, _call(dice))
    yield "ssh-long", _office(dice, _ssh(dice))
    yield "time-asked-often", _office(dice, _time(dice), 1_200)


def _office(dice: random.Random, packets: list[Timed], seconds: float = 240) -> list[Timed]:
    return in_order(LAN.place(packets) + background(dice, LAN, OFFICE, BEGIN, seconds, seconds / 8))


def _wireguard(dice: random.Random) -> list[Timed]:
    """A handshake each two minutes (148 and 92 bytes), data in multiples of sixteen, each with type 4."""
    there, back = (b"\x04\0\0\0" + dice.randbytes(4) for _ in range(2))
    packets = datagrams(
        dice,
        ENDS,
        (51_820, 51_820),
        BEGIN + 6,
        220,
        sizes=[(88, 1_320), (1_320, 88), (24, 0)],
        gap=0.1,
        head=(there, back),
    )
    for time in (BEGIN + 5, BEGIN + 125):
        packets.append((time, udp(HOST, 51_820, OUTSIDE, 51_820, b"\x01\0\0\0" + dice.randbytes(144))))
        packets.append((time + 0.03, udp(OUTSIDE, 51_820, HOST, 51_820, b"\x02\0\0\0" + dice.randbytes(88))))
    return packets


def _openvpn(dice: random.Random, port: int) -> list[Timed]:
    head = (b"\x48" + dice.randbytes(3), b"\x48" + dice.randbytes(3))
    return datagrams(dice, ENDS, (50_600, port), BEGIN + 5, 220, sizes=BULK, gap=0.1, head=head)


def _openvpn_tcp(dice: random.Random) -> list[Timed]:
    talk = Dialogue(client=HOST, cport=50_601, server=OUTSIDE, sport=1_194, start=BEGIN + 5, dice=dice).open()
    for _ in range(400):
        size, answer = (max(size, 24) for size in dice.choice(BULK))
        talk.ask(struct.pack("!HB", size + 1, 0x48) + dice.randbytes(size), dice.expovariate(3))
        talk.answer(struct.pack("!HB", answer + 1, 0x48) + dice.randbytes(answer))
    return talk.finish().packets


def _ipsec(dice: random.Random) -> list[Timed]:
    """ESP in UDP 4500, with a byte each twenty seconds that keeps the way open."""
    head = (dice.randbytes(4), dice.randbytes(4))
    packets = datagrams(dice, ENDS, (4_500, 4_500), BEGIN + 5, 220, sizes=BULK, gap=0.1, head=head)
    return packets + [
        (time, udp(HOST, 4_500, OUTSIDE, 4_500, b"\xff")) for time in rounds(dice, BEGIN + 7, BEGIN + 220, 20)
    ]


def _gre(dice: random.Random) -> list[Timed]:
    """PPTP's way: GRE version 1 with a key, encrypted inside."""
    packets = raw_exchange(dice, (HOST, "203.0.113.9"), 47, BEGIN + 8, 200)
    head = bytes.fromhex("3081880b")
    fixed: list[Timed] = []
    for time, frame in packets:
        size = len(frame) - 14 - 20 - 4 - 12
        fixed.append(
            (time, frame[:34] + head + struct.pack("!HHII", size, 7, 1, 1) + b"\x00\xfd" + frame[52:])
        )
    return fixed


def _peers(dice: random.Random) -> list[Timed]:
    """BitTorrent by UDP with forty peers, its list of peers (DHT) beside it."""
    packets: list[Timed] = []
    for peer in PEERS:
        head = (b"\x01\0" + dice.randbytes(2), b"\x21\0" + dice.randbytes(2))
        port, start = dice.randrange(10_000, 60_000), BEGIN + dice.uniform(3, 150)
        packets += datagrams(
            dice, (HOST, peer), (51_413, port), start, 40, sizes=[(30, 1_380), (20, 0)], gap=0.5, head=head
        )
        ask = b"d1:ad2:id20:" + dice.randbytes(20) + b"e1:q4:ping1:t2:aa1:y1:qe"
        packets.append((start - 1, udp(HOST, 51_413, peer, port, ask)))
    return packets


def _quic(dice: random.Random) -> list[Timed]:
    packets: list[Timed] = []
    for turn in range(8):
        start, port = BEGIN + 5 + turn * 25, 52_000 + turn
        ident = dice.randbytes(8)
        first = b"\xc3\0\0\0\x01\x08" + ident + b"\0\0\x44\x9e" + dice.randbytes(1_182)
        packets.append((start, udp(HOST, port, OUTSIDE, 443, first)))
        head = (b"\x43" + ident, b"\x51" + dice.randbytes(8))
        packets += datagrams(
            dice, ENDS, (port, 443), start + 0.05, 15, sizes=[(30, 1_250), (25, 1_250)], gap=0.1, head=head
        )
    return packets


def _messenger(dice: random.Random) -> list[Timed]:
    """A messenger keeps a TLS-like line on port 5228 and says a little each half minute."""
    talk = Dialogue(client=HOST, cport=50_800, server=OUTSIDE, sport=5_228, start=BEGIN + 3, dice=dice).open()
    talk.ask(client_hello(dice, "mtalk.example.com")).answer(server_hello(dice)).ask(client_finished(dice))
    for _ in range(60):
        talk.ask(record(dice, dice.randrange(30, 300)), dice.expovariate(1 / 3)).answer(
            record(dice, 40), 0.02
        )
    return talk.finish().packets


def _call(dice: random.Random) -> list[Timed]:
    """A call: RTP both ways, fifty a second, two hundred bytes each."""
    packets: list[Timed] = []
    for number in range(3_000):
        time = BEGIN + 10 + number * 0.02
        head = struct.pack("!BBHII", 0x80, 111, number, number * 960, 0x1234)
        packets.append((time, udp(HOST, 50_900, OUTSIDE, 40_002, head + dice.randbytes(180))))
        packets.append((time + 0.009, udp(OUTSIDE, 40_002, HOST, 50_900, head + dice.randbytes(170), ttl=54)))
    return packets


def _ssh(dice: random.Random) -> list[Timed]:
    talk = Dialogue(client=HOST, cport=50_950, server=OUTSIDE, sport=2_022, start=BEGIN + 3, dice=dice)
    return work(talk, [(36, dice.choice([36, 36, 120, 2_000])) for _ in range(350)], pause=0.4).packets


def _time(dice: random.Random) -> list[Timed]:
    """Eight clients ask four time servers each 16 s (a burst of eight at first)."""
    packets: list[Timed] = []
    for host in OFFICE:
        for server in PEERS[:4]:
            begin = BEGIN + dice.uniform(1, 10)
            times = [begin + turn * 2 for turn in range(8)] + rounds(dice, begin + 16, BEGIN + 1_190, 16)
            for time in times:
                ask = b"\x23\x03\x04\xe9" + bytes(36) + dice.randbytes(8)
                told = b"\x24\x02\x04\xe9" + dice.randbytes(44)
                packets += [
                    (time, udp(host, 123, server, 123, ask)),
                    (time + 0.02, udp(server, 123, host, 123, told)),
                ]
    return packets
