"""Reflection floods at the victim and at the reflector; and answers that somebody asked for."""

from random import Random

import pytest

from oddwire.detectors.ack_flood import AckFlood
from oddwire.detectors.reflection_flood import ReflectionFlood
from oddwire.detectors.udp_flood import UdpFlood
from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, SYN, tcp, udp
from oddwire.testing.sessions import dns_lookup
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


def answers(
    port: int, size: int, *, seconds: float = 2.0, reflectors: int = 60, fixed: bool = False
) -> list[Timed]:
    draw = Random(1)  # noqa: S311  # the same traffic every time
    return spread_over(
        seconds,
        [
            udp(one, port, VICTIM, 80 if fixed else draw.randint(1_024, 65_000), b"r" * size)
            for _ in range(10)
            for one in addresses(reflectors)
        ],
    )


def reflector() -> list[Timed]:
    return [
        packet
        for at in range(1_000)
        for packet in [
            (START + at * 0.008, udp("198.51.100.9", 80, "10.0.0.53", 53, b"q" * 36)),
            (START + at * 0.008 + 0.001, udp("10.0.0.53", 53, "198.51.100.9", 80, b"r" * 1_400)),
        ]
    ]


@pytest.mark.parametrize(
    ("port", "size"),
    [
        (19, 1_000),
        (53, 1_400),
        (123, 440),
        (389, 1_400),
        (1_900, 300),
        (3_702, 800),
        (4_500, 204),
        (11_211, 1_400),
        (36_001, 500),
    ],
)
@pytest.mark.parametrize("fixed", [False, True])
def test_answers_nobody_asked_for(port: int, size: int, fixed: bool) -> None:
    packets = answers(port, size, fixed=fixed)
    (one,) = last_words(judge(ReflectionFlood, packets)).values()
    assert one.subject.ip == VICTIM
    assert (one.facts["reflectors"], one.facts["reflected_port"]) == (60, port)
    assert judge(UdpFlood, packets) == []


def test_handshakes_nobody_began() -> None:
    frames = [tcp(one, 443, VICTIM, 2_000 + at, SYN | ACK, ack=1) for at, one in enumerate(addresses(600))]
    packets = spread_over(3.0, frames)
    (one,) = last_words(judge(ReflectionFlood, packets)).values()
    assert one.facts["proto"] == "tcp"
    assert judge(AckFlood, packets) == []


def test_a_reflector_of_ones_own() -> None:
    (one,) = last_words(judge(ReflectionFlood, reflector())).values()
    assert (one.subject.ip, one.targets[0].ip) == ("10.0.0.53", "198.51.100.9")
    assert one.facts["role"] == "reflector"


def test_a_resolver_is_none_even_one_sided() -> None:
    packets = [
        packet
        for at, one in enumerate(addresses(2_000))
        for packet in dns_lookup(
            "10.0.0.53", 1_024 + at, one, "www.example.com", "192.0.2.1", start=START + at * 0.01
        )
    ]
    assert judge(ReflectionFlood, packets) == []
    assert judge(ReflectionFlood, [packet for at, packet in enumerate(packets) if at % 2]) == []


def test_answers_to_a_question_to_all_are_none() -> None:
    asked = [(START, udp(VICTIM, 50_000, "239.255.255.250", 1_900, b"M-SEARCH"))]
    told = [udp(f"10.10.10.{at % 30 + 11}", 1_900, VICTIM, 50_000, b"r" * 300) for at in range(400)]
    assert judge(ReflectionFlood, asked + spread_over(3.0, told, start=START + 0.1)) == []


def test_a_monitor_is_no_forged_client() -> None:
    draw = Random(1)  # noqa: S311  # the same traffic every time
    packets = [
        packet
        for at in range(2_000)
        for packet in [
            (START + at * 0.01, udp("10.0.0.5", 5_000, VICTIM, 161, b"q" * (40 + at % 7))),
            (START + at * 0.01 + 0.004, udp(VICTIM, 161, "10.0.0.5", 5_000, b"r" * draw.randint(600, 1_300))),
        ]
    ]
    assert judge(ReflectionFlood, packets) == []


def test_memory_and_cuts() -> None:
    packets = answers(1_900, 300, seconds=12.0) + reflector()
    assert_same_however_cut(ReflectionFlood, packets)
    assert_merges(ReflectionFlood, packets)
