"""Pings that carry data are found, and pings are not."""

import random
import struct
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


def carried(asked: list[bytes], answered: list[bytes], gap: float = 1.0) -> list[Timed]:
    """Return echoes that carry these data."""
    packets: list[Timed] = []
    for at, (there, back) in enumerate(zip(asked, answered, strict=True)):
        packets.append((START + gap * at, icmp(INSIDE, OUTSIDE, 8, data=there, rest=at)))
        packets.append((START + gap * at + 0.01, icmp(OUTSIDE, INSIDE, 0, data=back, rest=at)))
    return packets


def clocked(size: int, count: int) -> list[bytes]:
    """Return the data of an ordinary ping: a clock, then bytes that count up."""
    dice = random.Random(5)  # noqa: S311  # made traffic, the same every time
    fill = bytes(at % 256 for at in range(16, size))
    return [struct.pack("<QQ", 1_710_062_400 + at, dice.randrange(10**6)) + fill for at in range(count)]


def test_data_that_change_while_sizes_do_not_are_found(tmp_path: Path) -> None:
    dice = random.Random(7)  # noqa: S311  # made traffic, the same every time
    file = [dice.randbytes(1_400) for _ in range(60)]
    lines = [bytes(dice.choices(range(32, 127), k=64)) for _ in range(80)]
    for data in (file, lines):
        found = alarms(alike(IcmpTunnel, tmp_path / "a.pcap", carried(data, data)))
        assert (found[-1].subject.ip, found[-1].part) == (INSIDE, OUTSIDE)
        assert found[0].at_ns / 1e9 <= START + 60
        twice = [(time + again, frame) for time, frame in carried(data, data) for again in (0, 0.000_02)]
        assert alarms(said(IcmpTunnel(), tmp_path / "b.pcap", sorted(twice, key=lambda one: one[0])))


def test_answers_with_other_data_are_found(tmp_path: Path) -> None:
    dice = random.Random(8)  # noqa: S311  # made traffic, the same every time
    back = [dice.randbytes(56) for _ in range(60)]
    found = alarms(said(IcmpTunnel(), tmp_path / "a.pcap", carried(clocked(56, 60), back)))
    assert found[-1].facts["answers_unlike"]


@pytest.mark.parametrize("size", [56, 64, 120, 1_400])
def test_clocks_and_fixed_fills_are_silent(tmp_path: Path, size: int) -> None:
    data = clocked(size, 400)
    assert not said(IcmpTunnel(), tmp_path / "a.pcap", carried(data, data))
    fill = [random.Random(9).randbytes(size)] * 100  # noqa: S311  # made traffic, the same every time
    assert not said(IcmpTunnel(), tmp_path / "a.pcap", carried(fill, fill))


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
