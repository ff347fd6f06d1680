"""ARP floods of one machine and of a network; and scans, which are none."""

import pytest

from oddwire.detectors.arp_flood import ArpFlood
from oddwire.testing.capture import Timed
from oddwire.testing.packets import arp
from tests.unit.onslaughts import assert_merges, assert_same_however_cut, judge, last_words, spread_over

MACHINE = "02:00:0a:00:00:05"


def storm(operation: int = 1, seconds: float = 8.0) -> list[Timed]:
    return spread_over(
        seconds, [arp(operation, src="10.0.0.5", dst=f"10.0.0.{at % 3 + 10}") for at in range(1_200)]
    )


@pytest.mark.parametrize("operation", [1, 2])
def test_one_machine(operation: int) -> None:
    (one,) = last_words(judge(ArpFlood, storm(operation))).values()
    assert (one.subject.mac, one.subject.ip, one.target_count) == (MACHINE, "10.0.0.5", 3)


def test_ever_new_machines() -> None:
    frames = [arp(1, src=f"10.0.{at // 250}.{at % 250 + 1}", dst="10.0.0.1") for at in range(4_000)]
    (one,) = last_words(judge(ArpFlood, spread_over(4.0, frames))).values()
    assert one.facts["role"] == "victim"


def test_scans_and_a_quiet_network_are_none() -> None:
    scan = [
        arp(1, src="10.0.0.5", dst=f"10.0.{at // 250}.{at % 250 + 1}")
        for at in range(1_000)
        for _ in range(2)
    ]
    assert judge(ArpFlood, spread_over(4.0, scan)) == []
    quiet = [arp(1, src=f"10.0.0.{at % 200 + 1}", dst="10.0.0.254") for at in range(600)]
    assert judge(ArpFlood, spread_over(60.0, quiet)) == []


def test_memory_and_cuts() -> None:
    assert_same_however_cut(ArpFlood, storm(seconds=12.0))
    assert_merges(ArpFlood, storm(seconds=12.0))
