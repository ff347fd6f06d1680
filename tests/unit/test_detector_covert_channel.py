"""Data in openings that come to nothing are told; floods, single tries and openings that succeed are not."""

from pathlib import Path

import pytest

from oddwire.detectors.covert_channel import CovertChannel
from oddwire.testing.capture import Timed
from oddwire.testing.packets import ACK, RST, SYN, tcp
from tests.unit.windows import alarms, alike

T = 1_710_062_400.0
INSIDE, OUTSIDE = "10.0.0.5", "203.0.113.9"


def tries(
    count: int, gap: float, kinds: int, *, is_taken: bool = False, is_answered: bool = True
) -> list[Timed]:
    """Return openings with data in them."""
    packets: list[Timed] = []
    for turn in range(count):
        port, data = 40_000 + turn, bytes(range(20 + 3 * (turn % kinds)))
        at = T + gap * turn
        packets.append((at, tcp(INSIDE, port, OUTSIDE, 443, SYN, seq=7, data=data)))
        flags = SYN | ACK if is_taken else RST | ACK
        if not is_answered:
            continue
        packets.append((at + 0.03, tcp(OUTSIDE, 443, INSIDE, port, flags, seq=9, ack=8 + len(data))))
    return packets


def test_data_in_openings_that_come_to_nothing_are_told(tmp_path: Path) -> None:
    found = alarms(alike(CovertChannel, tmp_path / "a.pcap", tries(60, 5.0, 12)))
    assert (found[-1].subject.ip, found[-1].targets[0].ip) == (INSIDE, OUTSIDE)


@pytest.mark.parametrize(
    "packets",
    [
        tries(12, 10.0, 12),
        tries(900, 0.01, 12),
        tries(60, 5.0, 1),
        tries(60, 5.0, 12, is_taken=True),
        tries(60, 5.0, 12, is_answered=False),
    ],
    ids=["few", "flood", "all alike", "accepted at once", "filtered"],
)
def test_what_has_another_reason_is_not(tmp_path: Path, packets: list[Timed]) -> None:
    assert not alarms(alike(CovertChannel, tmp_path / "a.pcap", packets))
