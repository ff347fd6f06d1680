"""Connections held with nothing to say; and connections that are merely quiet."""

import pytest

from oddwire.detectors.slow_dos import SlowDos
from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, PSH, SYN, tcp
from oddwire.testing.sessions import tcp_session
from tests.unit.onslaughts import (
    START,
    VICTIM,
    assert_merges,
    assert_same_however_cut,
    judge,
    last_words,
)

ATTACKER = "198.51.100.66"


def held(
    count: int, *, port: int = 80, source: str = ATTACKER, trickles: int = 5, greeting: int = 0
) -> list[Timed]:
    """Return connections that ask for part of a page, and add a line every ten seconds."""
    packets: list[Timed] = []
    for at in range(count):
        time, sport, said, told = START + at * 0.05, 20_000 + at, 202, 10

        def out(flags: int, seq: int, ack: int, data: bytes = b"", *, sport: int = sport) -> bytes:
            return tcp(source, sport, VICTIM, port, flags, seq=seq, ack=ack, data=data)

        def back(flags: int, seq: int, ack: int, data: bytes = b"", *, sport: int = sport) -> bytes:
            return tcp(VICTIM, port, source, sport, flags, seq=seq, ack=ack, data=data)

        packets += [
            (time, out(SYN, 1, 0)),
            (time + 0.001, back(SYN | ACK, 9, 2)),
            (time + 0.002, out(ACK, 2, 10)),
            (time + 0.003, out(PSH | ACK, 2, 10, b"G" * 200)),
            (time + 0.004, back(ACK, 10, 202)),
        ]
        if greeting:
            packets.append((time + 0.005, back(PSH | ACK, 10, 202, b"h" * greeting)))
            told += greeting
        for step in range(1, trickles + 1):
            packets.append((time + 10 * step, out(PSH | ACK, said, told, b"X-a: b\r\n")))
            said += 8
            packets.append((time + 10 * step + 0.001, back(ACK, told, said)))
    return packets


def test_unfinished_requests() -> None:
    (one,) = last_words(judge(SlowDos, held(60))).values()
    assert (one.subject.ip, one.targets[0].ip, one.targets[0].port) == (ATTACKER, VICTIM, 80)
    assert one.facts["connections"] == 60
    assert "without completing a request" in one.title


def test_behind_a_tls_handshake() -> None:
    (one,) = last_words(judge(SlowDos, held(80, port=443, greeting=1_300))).values()
    assert one.targets[0].port == 443


def test_it_is_said_soon() -> None:
    first = judge(SlowDos, held(60))[0]
    assert first.at_ns - first.start_ns <= 35_000_000_000


@pytest.mark.parametrize(
    "packets",
    [
        held(25),
        held(60, trickles=0),
        held(60, port=514),
        held(60, greeting=100, trickles=3),
        [packet for at in range(40) for packet in held(3, source=f"10.0.1.{at + 1}")],
        [
            packet
            for at in range(100)
            for packet in tcp_session(
                "10.0.0.3", 30_000 + at, VICTIM, 5_432, [(40, 60)] * 4, start=START + at * 0.01, rtt=6.0
            )
        ],
    ],
)
def test_quiet_connections_are_none(packets: list[Timed]) -> None:
    assert judge(SlowDos, packets) == []


def test_memory_and_cuts() -> None:
    assert_same_however_cut(SlowDos, held(60))
    assert_merges(SlowDos, held(60))
