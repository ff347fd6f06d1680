"""Scans of controllers are found; polling is not."""

from pathlib import Path

import pytest

from oddwire.detectors.ics_recon import IcsRecon
from oddwire.testing.capture import Timed
from oddwire.testing.controllers import Asked, modbus
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
MASTER, DEVICE = "10.0.0.5", "10.0.0.20"


def asked(orders: list[Asked], device: str = DEVICE, port: int = 40_000) -> list[Timed]:
    return modbus(MASTER, device, port, orders)


def test_function_codes_that_there_are_not(tmp_path: Path) -> None:
    codes = [
        Asked(at=START + 0.1 * code, function=code, exception=0 if code < 5 else 1) for code in range(1, 60)
    ]
    found = alarms(alike(IcsRecon, tmp_path / "a.pcap", asked(codes)))
    assert {(one.subject.ip, one.facts["what"]) for one in found} == {(MASTER, "function")}


def test_units_that_do_not_answer(tmp_path: Path) -> None:
    units = [
        Asked(at=START + 0.1 * unit, unit=unit, exception=0 if unit == 7 else 11) for unit in range(1, 100)
    ]
    assert alarms(alike(IcsRecon, tmp_path / "a.pcap", asked(units)))[-1].facts["what"] == "unit"


def test_registers_that_there_are_not_or_one_by_one(tmp_path: Path) -> None:
    missing = [Asked(at=START + 0.1 * n, address=1_000 + n, exception=2) for n in range(20)]
    assert alarms(alike(IcsRecon, tmp_path / "a.pcap", asked(missing)))[-1].facts["what"] == "address"
    steps = [Asked(at=START + 0.05 * n, address=n, value=1) for n in range(600)]
    assert alarms(alike(IcsRecon, tmp_path / "b.pcap", asked(steps)))[-1].facts["what"] == "step"


def test_devices_asked_only_what_they_are(tmp_path: Path) -> None:
    packets = [
        packet
        for n in range(5)
        for packet in asked([Asked(at=START + n, function=43)], f"10.0.0.{20 + n}", 40_000 + n)
    ]
    found = alarms(said(IcsRecon(), tmp_path / "a.pcap", packets))
    assert found[-1].target_count >= 3


@pytest.mark.parametrize(
    "orders",
    [
        [Asked(at=START + n, address=100 * (n % 12), function=1 + n % 4) for n in range(400)],
        [Asked(at=START + 0.2 * n, address=100 + n % 4, exception=2) for n in range(400)],
        [Asked(at=START + 0.1 * n, unit=1 + n % 40) for n in range(1_200)],
        [Asked(at=START + n, function=43 if n == 0 else 3) for n in range(20)],
    ],
    ids=["polling", "a wrong configuration", "a gateway", "identified, then polled"],
)
def test_masters_at_work_are_silent(tmp_path: Path, orders: list[Asked]) -> None:
    assert not alarms(said(IcsRecon(), tmp_path / "a.pcap", asked(orders)))
