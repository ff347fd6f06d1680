"""UDP floods, other protocols and single streams; and the many services that take what they never answer."""

from random import Random

import pytest

from oddwire.detectors.udp_flood import UdpFlood
from oddwire.testing.capture import Timed
from oddwire.testing.packets import ethernet, ipv4, mac_of, udp
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

ATTACKER = "198.51.100.66"
DRAW = Random(2)  # noqa: S311  # the same traffic every time


def forged(seconds: float = 4.0) -> list[Timed]:
    draw = Random(1)  # noqa: S311  # the same traffic every time
    return spread_over(
        seconds, [udp(one, draw.randint(1_024, 65_000), VICTIM, 80, b"x" * 64) for one in addresses(1_500)]
    )


def raw(source: str, protocol: int) -> bytes:
    packet = ipv4(b"z" * 90, src=source, dst=VICTIM, protocol=protocol)
    return ethernet(packet, src=mac_of(source), dst=mac_of(VICTIM))


def test_forged_sources() -> None:
    (one,) = last_words(judge(UdpFlood, forged())).values()
    assert one.subject.ip == VICTIM
    assert one.facts["packets"] == 1_500


def test_ports_at_random() -> None:
    draw = Random(1)  # noqa: S311  # the same traffic every time
    packets = spread_over(
        5.0, [udp(ATTACKER, 5_555, VICTIM, draw.randint(1, 65_000), b"x" * 512) for _ in range(3_000)]
    )
    (one,) = last_words(judge(UdpFlood, packets)).values()
    assert (one.subject.ip, one.targets[0].ip) == (ATTACKER, VICTIM)


def test_a_stream_of_short_equal_datagrams() -> None:
    packets = spread_over(2.0, [udp(ATTACKER, 5_555, VICTIM, 80, b"x" * 32) for _ in range(14_000)])
    assert [one.subject.ip for one in last_words(judge(UdpFlood, packets)).values()] == [ATTACKER]


@pytest.mark.parametrize(("protocol", "name"), [(50, "ESP"), (255, "IP protocol 255")])
def test_other_protocols_from_many(protocol: int, name: str) -> None:
    packets = spread_over(2.0, [raw(one, protocol) for one in addresses(500)])
    (one,) = last_words(judge(UdpFlood, packets)).values()
    assert one.facts["proto"] == name
    assert judge(UdpFlood, spread_over(2.0, [raw(ATTACKER, protocol)] * 2_000)) == []


ORDINARY: dict[str, list[Timed]] = {
    "logs": spread_over(
        10.0,
        [udp(f"10.0.0.{at % 99 + 1}", 514, VICTIM, 514, b"l" * DRAW.randint(60, 300)) for at in range(4_000)],
    ),
    "metrics": spread_over(
        10.0, [udp("10.0.0.7", 20_000 + at, VICTIM, 8_125, b"c" * 30) for at in range(4_000)]
    ),
    "television": spread_over(
        5.0, [udp("10.0.0.7", 5_004, VICTIM, 5_004, b"c" * 1_316) for _ in range(5_000)]
    ),
    "measuring": spread_over(
        5.0, [udp("10.0.0.7", 5_004, VICTIM, 5_201, b"c" * 1_470) for _ in range(9_000)]
    ),
    "calls": spread_over(
        5.0,
        [
            udp(f"10.0.1.{at % 99}", 16_384 + at % 99, VICTIM, 20_000 + 2 * (at % 99), b"c" * 172)
            for at in range(20_000)
        ],
    ),
    "names": [
        packet
        for at, one in enumerate(addresses(2_000))
        for packet in dns_lookup(
            one, 2_000 + at, VICTIM, "www.example.com", "192.0.2.1", start=START + at * 0.005
        )
    ],
    "group": spread_over(5.0, [udp(one, 5_353, "224.0.0.251", 5_353, b"m" * 80) for one in addresses(1_000)]),
}


@pytest.mark.parametrize("what", ORDINARY)
def test_ordinary_streams_are_none(what: str) -> None:
    assert judge(UdpFlood, ORDINARY[what]) == []


def test_questions_alone_are_none() -> None:
    assert judge(UdpFlood, [packet for at, packet in enumerate(ORDINARY["names"]) if at % 2 == 0]) == []


def test_memory_and_cuts() -> None:
    assert_same_however_cut(UdpFlood, forged(9.0))
    assert_merges(UdpFlood, forged(9.0))
