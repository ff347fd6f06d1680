"""Pings that carry data are found, and pings are not."""

import random
from pathlib import Path

import pytest

from oddwire.detectors.icmp_tunnel import IcmpTunnel
from oddwire.testing.capture import Timed
from oddwire.testing.packets import icmp
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
INSIDE, OUTSIDE = "10.0.0.5", "203.0.113.9"


def pings(sizes: list[tuple[int, int]], gap: float) -> list[Timed]:
    """Return echoes of the sizes asked and answered."""
    asked = [
        (START + gap * at, icmp(INSIDE, OUTSIDE, 8, data=b"x" * size)) for at, (size, _) in enumerate(sizes)
    ]
    return asked + [
        (START + gap * at + 0.01, icmp(OUTSIDE, INSIDE, 0, data=b"x" * size))
        for at, (_, size) in enumerate(sizes)
    ]


def test_answers_unlike_questions_and_varied_uploads_are_found(tmp_path: Path) -> None:
    dice = random.Random(3)  # noqa: S311  # made traffic, the same every time
    unlike = [(dice.randrange(30, 1_000), dice.randrange(30, 1_000)) for _ in range(300)]
    mirrored = [(size, size) for size, _ in unlike]
    for sizes, gap in ((unlike, 0.1), (mirrored, 0.5)):
        found = alarms(alike(IcmpTunnel, tmp_path / "a.pcap", pings(sizes, gap)))
        assert found[-1].subject.ip == INSIDE


@pytest.mark.parametrize(
    "sizes",
    [
        [(56, 56)] * 600,
        [(1_400, 1_400)] * 300,
        [(1_400, 64)] * 200,
        [(100 + 10 * at, 100 + 10 * at) for at in range(130)],
        [(56, 56), (1_400, 1_400)] * 100,
    ],
)
def test_pings_are_silent(tmp_path: Path, sizes: list[tuple[int, int]]) -> None:
    assert not said(IcmpTunnel(), tmp_path / "a.pcap", pings(sizes, 1.0))
