"""Scans by ARP are found, and a gateway that refreshes what it knows is not."""

from pathlib import Path

from oddwire.detectors.arp_scan import ArpScan
from oddwire.testing.packets import arp
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0


def test_a_scan_is_found_fast_or_slow(tmp_path: Path) -> None:
    for gap in (0.01, 5.0):
        packets = [
            (START + gap * at, arp(1, src="10.0.0.66", dst=f"10.0.0.{at * 7 % 251 + 1}")) for at in range(120)
        ]
        found = alarms(alike(ArpScan, tmp_path / "a.pcap", packets))
        assert found[-1].subject.ip == "10.0.0.66"
        assert found[-1].subject.mac == "02:00:0a:00:00:42"


def test_a_gateway_that_refreshes_known_hosts_is_no_scanner(tmp_path: Path) -> None:
    hosts = [f"10.0.0.{at}" for at in range(20, 60)]
    asks = [
        (START + 60 * turn + at / 9, arp(1, src="10.0.0.1", dst=host))
        for turn in range(9)
        for at, host in enumerate(hosts)
    ]
    replies = [
        (time + 0.001, arp(2, src=hosts[at % 40], dst="10.0.0.1")) for at, (time, _) in enumerate(asks)
    ]
    assert not alarms(said(ArpScan(), tmp_path / "a.pcap", asks + replies))
