"""What is out of line over DNP3 is found as well as over Modbus."""

from pathlib import Path

import pytest

from oddwire.detectors.ics_command import IcsCommand
from oddwire.detectors.ics_recon import IcsRecon
from oddwire.testing.capture import Timed
from oddwire.testing.controllers import Told, dnp3
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
MASTER, STRANGER, DEVICE = "10.0.0.5", "10.0.0.66", "10.0.0.20"
# Function codes, and a relay's output as what they are about.
WRITE, DIRECT_OPERATE, COLD_RESTART, UNSOLICITED_ON, UNSOLICITED_OFF = 2, 5, 13, 20, 21
RELAY = b"\x0c\x01\x28\x01\x00\x03\x00" + b"\x41\x01" + bytes(9)
TIME = b"\x32\x01\x07\x01" + bytes(6)
UNKNOWN = 1 << 8


def polls(seconds: float = 300) -> list[Timed]:
    return dnp3(MASTER, DEVICE, 40_000, [Told(at=START + 2 * n) for n in range(int(seconds / 2))])


def with_polls(*told: Told, client: str = STRANGER) -> list[Timed]:
    return sorted(polls() + dnp3(client, DEVICE, 41_000, list(told)), key=lambda packet: packet[0])


def test_a_stranger_that_operates_and_a_master_that_restarts(tmp_path: Path) -> None:
    operates = with_polls(Told(at=START + 200, function=DIRECT_OPERATE, objects=RELAY))
    found = alarms(alike(IcsCommand, tmp_path / "a.pcap", operates))
    assert [(one.subject.ip, one.facts["why"]) for one in found] == [(STRANGER, "new")]
    restarts = with_polls(Told(at=START + 200, function=COLD_RESTART, objects=b""), client=MASTER)
    found = alarms(said(IcsCommand(), tmp_path / "b.pcap", restarts))
    assert [(one.subject.ip, one.facts["why"]) for one in found] == [(MASTER, "halt")]


@pytest.mark.parametrize("client", [MASTER, STRANGER])
def test_what_masters_do_when_they_connect_is_silent(tmp_path: Path, client: str) -> None:
    told = [
        Told(at=START + 200, function=UNSOLICITED_OFF),
        Told(at=START + 200.1, function=WRITE, objects=TIME),
        Told(at=START + 200.2, function=UNSOLICITED_ON),
    ]
    assert not alarms(said(IcsCommand(), tmp_path / "a.pcap", with_polls(*told, client=client)))


def test_scans_of_stations_and_functions(tmp_path: Path) -> None:
    stations = [Told(at=START + 0.1 * n, station=n, is_answered=n == 10) for n in range(60)]
    found = alarms(alike(IcsRecon, tmp_path / "a.pcap", dnp3(STRANGER, DEVICE, 40_000, stations)))
    assert found[-1].facts["what"] == "unit"
    functions = [Told(at=START + n, function=n, objects=b"", indications=UNKNOWN) for n in range(1, 24)]
    found = alarms(said(IcsRecon(), tmp_path / "b.pcap", dnp3(STRANGER, DEVICE, 40_000, functions)))
    assert found[-1].facts["what"] == "function"
