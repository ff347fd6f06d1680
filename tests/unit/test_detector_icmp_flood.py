"""ICMP floods of several types; and people who ping."""

import pytest

from oddwire.detectors.icmp_flood import IcmpFlood
from oddwire.testing.capture import Timed
from oddwire.testing.packets import ethernet, icmp, ipv6
from tests.unit.onslaughts import (
    VICTIM,
    addresses,
    assert_merges,
    assert_same_however_cut,
    judge,
    last_words,
    spread_over,
)

ATTACKER = "198.51.100.66"


def forged(seconds: float = 4.0) -> list[Timed]:
    return spread_over(seconds, [icmp(one, VICTIM, 8) for one in addresses(1_000)])


def advertisement(source: str) -> bytes:
    message = bytes([134, 0, 0, 0]) + b"\0" * 12
    packet = ipv6(message, src=source, dst="ff02::1", protocol=58, ttl=255)
    return ethernet(packet, src="02:00:00:00:00:66", dst="33:33:00:00:00:01", ethertype=0x86DD)


@pytest.mark.parametrize(
    ("packets", "subject"),
    [
        (forged(), VICTIM),
        (spread_over(5.0, [icmp(ATTACKER, VICTIM, 8)] * 1_000), ATTACKER),
        (spread_over(8.0, [icmp(ATTACKER, VICTIM, 8, data=b"a" * 1_400)] * 300), ATTACKER),
        (spread_over(3.0, [icmp(f"10.10.1.{at % 200 + 1}", VICTIM, 0) for at in range(2_000)]), VICTIM),
        (spread_over(4.0, [icmp(ATTACKER, VICTIM, 3, 3)] * 4_000), ATTACKER),
        (spread_over(4.0, [advertisement(f"fe80::{at:x}") for at in range(1, 600)]), "02:00:00:00:00:66"),
    ],
)
def test_floods(packets: list[Timed], subject: str) -> None:
    (one,) = last_words(judge(IcmpFlood, packets)).values()
    assert one.subject.name == subject


@pytest.mark.parametrize(
    "packets",
    [
        spread_over(60.0, [icmp("10.0.0.7", VICTIM, 8), icmp(VICTIM, "10.0.0.7", 0)] * 300),
        spread_over(10.0, [icmp("10.0.0.7", one, 8) for one in addresses(2_000)]),
        spread_over(10.0, [icmp(one, "10.0.0.7", 0) for one in addresses(2_000)]),
        spread_over(10.0, [icmp(one, VICTIM, 3, 1) for one in addresses(1_000)]),
        spread_over(60.0, [advertisement("fe80::1")] * 20),
    ],
)
def test_people_who_ping_are_none(packets: list[Timed]) -> None:
    assert judge(IcmpFlood, packets) == []


def test_memory_and_cuts() -> None:
    assert_same_however_cut(IcmpFlood, forged(12.0))
    assert_merges(IcmpFlood, forged(12.0))
