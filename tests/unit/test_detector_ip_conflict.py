"""Two hosts with one address are a conflict, and an address that passes on once is none."""

from pathlib import Path

from oddwire.detectors.arp_spoof import ArpSpoof
from oddwire.detectors.ip_conflict import IpConflict
from oddwire.testing.packets import arp
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
ONE, TWO = "aa:bb:cc:00:00:01", "de:ad:00:00:00:02"


def test_two_that_answer_the_same_host_in_turn_are_a_conflict(tmp_path: Path) -> None:
    asks = [(START + 10 * at, arp(1, src="10.0.0.9", dst="10.0.0.7")) for at in range(20)]
    both = [
        (time + late, arp(2, src="10.0.0.7", dst="10.0.0.9", src_mac=card))
        for time, _ in asks
        for late, card in ((0.001, ONE), (0.002, TWO))
    ]
    found = alarms(alike(IpConflict, tmp_path / "a.pcap", asks + both))
    assert found[-1].subject.ip == "10.0.0.7"
    assert not alarms(said(ArpSpoof(), tmp_path / "a.pcap", asks + both))


def test_a_lease_that_passes_on_is_none(tmp_path: Path) -> None:
    asks = [(START + 10 * at, arp(1, src="10.0.0.9", dst="10.0.0.7")) for at in range(20)]
    turns = [
        (time + 0.001, arp(2, src="10.0.0.7", dst="10.0.0.9", src_mac=ONE if at < 10 else TWO))
        for at, (time, _) in enumerate(asks)
    ]
    assert not said(IpConflict(), tmp_path / "a.pcap", asks + turns)
