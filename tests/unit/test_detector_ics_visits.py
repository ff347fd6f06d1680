"""A newcomer that visits controllers is found; their old acquaintances are not."""

from pathlib import Path

import pytest

from oddwire.detectors.ics_visits import IcsVisits
from oddwire.testing.capture import Timed
from oddwire.testing.conversations import conversation
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
MASTER, STRANGER = "10.0.0.5", "10.0.0.66"
DEVICES = [f"10.0.1.{n}" for n in range(1, 9)]


def visit(host: str, device: str, at: float, port: int) -> list[Timed]:
    steps = [(0.01, True, b"\x03\x00\x00\x16" + bytes(18)), (0.01, False, b"\x03\x00\x00\x16" + bytes(18))]
    return conversation((host, port, device, 102), steps, start=START + at)


def polls(host: str, begin: float, *, turns: int = 20) -> list[Timed]:
    return [
        packet
        for turn in range(turns)
        for n, device in enumerate(DEVICES)
        for packet in visit(host, device, begin + 60 * turn + n, 40_000 + turn)
    ]


def in_order(*parts: list[Timed]) -> list[Timed]:
    return sorted([packet for part in parts for packet in part], key=lambda packet: packet[0])


def test_a_newcomer_that_visits_all(tmp_path: Path) -> None:
    visits = [
        packet for n, device in enumerate(DEVICES) for packet in visit(STRANGER, device, 903 + 2 * n, 50_000)
    ]
    found = alarms(alike(IcsVisits, tmp_path / "a.pcap", in_order(polls(MASTER, 0), visits)))
    assert [one.subject.ip for one in found] == [STRANGER]


@pytest.mark.parametrize(
    "packets",
    [
        polls(MASTER, 0),
        in_order(polls(MASTER, 0), polls(STRANGER, 301)),
        in_order(polls(MASTER, 0), visit(STRANGER, DEVICES[0], 903, 50_000)),
    ],
    ids=["polling", "two from early on", "one visit"],
)
def test_acquaintances_are_silent(tmp_path: Path, packets: list[Timed]) -> None:
    assert not alarms(said(IcsVisits(), tmp_path / "a.pcap", packets))
