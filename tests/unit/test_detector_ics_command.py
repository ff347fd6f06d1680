"""Commands to controllers out of line are found; those of their masters are not."""

from pathlib import Path

import pytest

from oddwire.detectors.ics_command import IcsCommand
from oddwire.records.kinds import Kind
from oddwire.testing.capture import Timed
from oddwire.testing.controllers import Asked, modbus
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
MASTER, SECOND_MASTER, STRANGER, DEVICE = "10.0.0.5", "10.0.0.6", "10.0.0.66", "10.0.0.20"


def polls(client: str, port: int, *, seconds: float, every: float = 2.0, begin: float = 0.0) -> list[Timed]:
    """Return steady reads of a few registers."""
    turns = int(seconds / every)
    asked = [Asked(at=START + begin + every * turn, address=10 * (turn % 3)) for turn in range(turns)]
    return modbus(client, DEVICE, port, asked)


def commands(
    client: str, port: int, at: float, function: int = 6, *, count: int = 1, value: int = 1
) -> list[Timed]:
    """Return some writes."""
    asked = [
        Asked(at=START + at + 0.02 * n, function=function, address=n % 40, value=value) for n in range(count)
    ]
    return modbus(client, DEVICE, port, asked)


def sorted_by_time(*parts: list[Timed]) -> list[Timed]:
    return sorted([packet for part in parts for packet in part], key=lambda packet: packet[0])


def test_a_stranger_that_writes_is_found_at_once(tmp_path: Path) -> None:
    packets = sorted_by_time(polls(MASTER, 40_000, seconds=300), commands(STRANGER, 41_000, 151.0, 5))
    found = alarms(alike(IcsCommand, tmp_path / "a.pcap", packets))
    assert [(one.subject.ip, one.targets[0].ip) for one in found] == [(STRANGER, DEVICE)]
    assert "only 10.0.0.5" in found[0].title
    assert found[0].start_ns == found[0].end_ns == pytest.approx((START + 151) * 1e9, abs=1e7)


def test_a_known_master_that_restarts_its_device_for_the_first_time_is_found(tmp_path: Path) -> None:
    # Diagnostics with subfunction 1: restart.
    restart = modbus(MASTER, DEVICE, 41_000, [Asked(at=START + 200, function=8, address=1, value=0)])
    found = alarms(
        said(IcsCommand(), tmp_path / "a.pcap", sorted_by_time(polls(MASTER, 40_000, seconds=300), restart))
    )
    assert [one.facts["why"] for one in found] == ["halt"]


def test_a_flood_of_writes_is_found(tmp_path: Path) -> None:
    packets = sorted_by_time(
        polls(MASTER, 40_000, seconds=300),
        commands(MASTER, 41_000, 100),
        commands(MASTER, 41_001, 200, count=240),
    )
    assert {one.facts["why"] for one in alarms(said(IcsCommand(), tmp_path / "a.pcap", packets))} == {"flood"}


def test_a_device_that_asks_another_is_found(tmp_path: Path) -> None:
    other = modbus(MASTER, STRANGER, 42_000, [Asked(at=START + 1 + 2 * n) for n in range(150)])
    asks = modbus(STRANGER, DEVICE, 41_000, [Asked(at=START + 200 + n, address=n) for n in range(4)])
    packets = sorted_by_time(polls(MASTER, 40_000, seconds=300), other, asks)
    found = alarms(alike(IcsCommand, tmp_path / "a.pcap", packets))
    assert {(one.subject.ip, one.kind) for one in found} == {(STRANGER, Kind.ICS_RECON)}


@pytest.mark.parametrize(
    "packets",
    [
        sorted_by_time(polls(MASTER, 40_000, seconds=300), commands(MASTER, 41_000, 250, 5, count=3)),
        sorted_by_time(
            polls(MASTER, 40_000, seconds=300),
            polls(SECOND_MASTER, 40_001, seconds=300, begin=1),
            commands(SECOND_MASTER, 41_000, 250, 16),
        ),
        commands(MASTER, 40_000, 0, count=400),
        modbus(MASTER, DEVICE, 40_000, [Asked(at=START, function=8, address=1, value=0)]),
        sorted_by_time(
            polls(MASTER, 40_000, seconds=200),
            polls(SECOND_MASTER, 40_001, seconds=200, begin=205),
            commands(SECOND_MASTER, 41_000, 300),
        ),
        sorted_by_time(
            polls(MASTER, 40_000, seconds=600), polls(SECOND_MASTER, 40_001, seconds=300, begin=200)
        ),
    ],
    ids=[
        "operator",
        "two masters",
        "writes from the beginning",
        "one restart alone",
        "an heir",
        "a second reader",
    ],
)
def test_masters_at_work_are_silent(tmp_path: Path, packets: list[Timed]) -> None:
    assert not alarms(said(IcsCommand(), tmp_path / "a.pcap", packets))
