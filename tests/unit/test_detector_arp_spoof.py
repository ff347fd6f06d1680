"""Forgers are named, not their victims; what takes over an address in good order is left alone."""

from pathlib import Path

from oddwire.detectors.arp_spoof import ArpSpoof
from oddwire.detectors.ip_conflict import IpConflict
from oddwire.testing.capture import Timed
from oddwire.testing.packets import arp
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
GATEWAY, VICTIM, FORGER = "10.0.0.1", "10.0.0.5", "aa:bb:cc:00:00:42"


def talk(until: int = 300) -> list[Timed]:
    """Return the victim's questions for the gateway, with their answers."""
    asks = [(START + at, arp(1, src=VICTIM, dst=GATEWAY)) for at in range(0, until, 30)]
    return asks + [(time + 0.001, arp(2, src=GATEWAY, dst=VICTIM)) for time, _ in asks]


def test_who_answers_unasked_is_named_even_when_first(tmp_path: Path) -> None:
    forged = [(START - 4 + 7 * at, arp(2, src=GATEWAY, dst=VICTIM, src_mac=FORGER)) for at in range(30)]
    found = alarms(alike(ArpSpoof, tmp_path / "a.pcap", talk() + forged))
    assert {one.subject.mac for one in found} == {FORGER}
    assert found[-1].targets[0].ip == GATEWAY


def test_a_changed_card_and_a_shared_virtual_address_are_no_forgery(tmp_path: Path) -> None:
    changed = [(START + 400 + 10 * at, arp(1, src=VICTIM, dst=GATEWAY, src_mac=FORGER)) for at in range(20)]
    virtual = [
        (START + 2 * at, arp(2, src="10.0.0.254", dst=VICTIM, src_mac="00:00:5e:00:01:0a"))
        for at in range(30)
    ]
    for make in (ArpSpoof, IpConflict):
        assert not alarms(said(make(), tmp_path / "a.pcap", talk() + changed + virtual))
