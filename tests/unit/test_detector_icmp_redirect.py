"""Redirects in the name of a router are found, and those of the router itself are only context."""

from pathlib import Path

from oddwire.detectors.icmp_redirect import IcmpRedirect
from oddwire.testing.packets import arp, icmp
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
ROUTER, HOST, FORGER = "10.0.0.1", "10.0.0.5", bytes.fromhex("aabbcc000042")


def test_a_redirect_from_another_card_is_forged(tmp_path: Path) -> None:
    real = icmp(ROUTER, HOST, 5)
    forged = real[:6] + FORGER + real[12:]
    packets = [(START + at, arp(2, src=ROUTER, dst=HOST)) for at in range(10)]
    found = alarms(
        alike(IcmpRedirect, tmp_path / "a.pcap", packets + [(START + 6 + at, forged) for at in range(20)])
    )
    assert {one.subject.mac for one in found} == {"aa:bb:cc:00:00:42"}
    silent = packets + [(START + 6 + at, real) for at in range(3)]
    assert not alarms(said(IcmpRedirect(), tmp_path / "a.pcap", silent))
