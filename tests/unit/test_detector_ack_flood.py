"""Floods of TCP packets that belong to nothing, of all flags; and halves of real conversations."""

from random import Random

import pytest

from oddwire.detectors.ack_flood import AckFlood
from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, FIN, PSH, RST, SYN, tcp
from oddwire.testing.sessions import tcp_session
from tests.unit.onslaughts import (
    START,
    VICTIM,
    addresses,
    assert_merges,
    assert_same_however_cut,
    judge,
    last_words,
    spread_over,
)

URG = 32
ATTACKER = "198.51.100.66"
ALL = FIN | SYN | RST | PSH | ACK | URG


def forged(flags: int, *, seconds: float = 4.0, any_port: bool = False) -> list[Timed]:
    draw = Random(1)  # noqa: S311  # the same traffic every time
    return spread_over(
        seconds,
        [
            tcp(one, draw.randint(1_024, 65_000), VICTIM, draw.randint(1, 65_000) if any_port else 80, flags)
            for one in addresses(1_000)
        ],
    )


def conversations() -> list[Timed]:
    made = [
        packet
        for at, one in enumerate(addresses(600))
        for packet in tcp_session(one, 20_000 + at, VICTIM, 443, [(400, 3_000)] * 2, start=START + at * 0.01)
    ]
    return sorted(made)[len(made) // 3 :]


@pytest.mark.parametrize(
    "flags", [ACK, RST, FIN, PSH | ACK, FIN | PSH | URG, 0, URG, ALL, SYN | ACK, RST | ACK, FIN | ACK]
)
@pytest.mark.parametrize("any_port", [False, True])
def test_stray_packets_of_any_flags(flags: int, any_port: bool) -> None:
    (one,) = last_words(judge(AckFlood, forged(flags, any_port=any_port))).values()
    assert one.subject.ip == VICTIM
    assert one.target_count > 990


@pytest.mark.parametrize("flags", [ACK, RST, FIN, 0, ALL])
def test_one_source(flags: int) -> None:
    packets = spread_over(6.0, [tcp(ATTACKER, 1_024 + at, VICTIM, 80, flags) for at in range(2_000)])
    (one,) = last_words(judge(AckFlood, packets)).values()
    assert (one.subject.ip, one.targets[0].ip) == (ATTACKER, VICTIM)


def test_refusals_are_the_victims() -> None:
    packets = [
        packet
        for at in range(3_000)
        for packet in [
            (START + at * 0.001, tcp(ATTACKER, 5_555, VICTIM, 80, ACK, ack=1)),
            (START + at * 0.001 + 0.0002, tcp(VICTIM, 80, ATTACKER, 5_555, RST)),
        ]
    ]
    (one,) = last_words(judge(AckFlood, packets)).values()
    assert one.subject.ip == ATTACKER


def test_halves_of_conversations_are_none() -> None:
    packets = conversations()
    me = bytes(int(part) for part in VICTIM.split("."))
    assert judge(AckFlood, packets) == []
    assert judge(AckFlood, [packet for packet in packets if packet[1][30:34] == me]) == []
    assert judge(AckFlood, [packet for packet in packets if packet[1][26:30] == me]) == []


def test_scans_and_their_answers_are_none() -> None:
    null = [tcp(ATTACKER, 40_000, VICTIM, port, 0) for port in range(1, 1_001) for _ in range(2)]
    assert judge(AckFlood, spread_over(5.0, null)) == []
    answers = [tcp(VICTIM, port, ATTACKER, 40_000, RST | ACK, ack=1) for port in range(1, 1_001)]
    assert judge(AckFlood, spread_over(3.0, answers)) == []


def test_memory_and_cuts() -> None:
    assert_same_however_cut(AckFlood, forged(ACK, seconds=9.0))
    assert_merges(AckFlood, forged(ACK, seconds=9.0))
