"""TCP as it is spoken: numbers that fit, closed ports, dead hosts."""

import pytest

from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Ports, conversation, port_closed, refused, stray_reset, unanswered
from oddwire.testing.packets import ACK, FIN, RST, SYN
from oddwire.testing.services import ssh, tls

ENDS = ("192.168.10.21", 40_000, "104.16.2.3", 443)
WINDOWS = ("192.168.10.100", 50_000, "104.16.2.3", 443)


def flags(packets: list[Timed]) -> list[int]:
    return [wire[47] for _, wire in packets]


@pytest.mark.parametrize("ends", [ENDS, WINDOWS])
@pytest.mark.parametrize(
    "steps", [[], tls("www.example.com", [(0.1, 300, 200_000), (0.0, 90_000, 0)]), ssh([])]
)
def test_every_byte_follows_the_one_before(ends: tuple[str, int, str, int], steps: list[object]) -> None:
    expected: dict[bytes, int] = {}
    last = 0.0
    for time, wire in conversation(ends, steps, start=5.0):  # type: ignore[arg-type]  # three kinds of steps
        assert time >= last
        last, sender, words = time, wire[26:30], wire[46] >> 4
        number = int.from_bytes(wire[38:42])
        assert number == expected.get(sender, number)
        size = len(wire) - 34 - 4 * words + (1 if wire[47] & (SYN | FIN) else 0)
        expected[sender] = (number + size) % 2**32
        assert len(wire) <= 1_514
    assert len(expected) == 2


@pytest.mark.parametrize(
    ("ending", "last"), [("fin", ACK), ("server", ACK), ("rst", RST | ACK), ("open", ACK)]
)
def test_endings(ending: str, last: int) -> None:
    assert flags(conversation(ENDS, [], start=0.0, ending=ending))[-1] == last


def test_a_conversation_can_have_begun_before() -> None:
    assert SYN not in flags(conversation(ENDS, [(0.0, True, b"x")], start=0.0, opening=False))


def test_a_closed_port_answers_with_a_reset_and_windows_asks_thrice() -> None:
    assert flags(refused(ENDS, start=0.0)) == [SYN, RST | ACK]
    assert flags(refused(WINDOWS, start=0.0)) == [SYN, RST | ACK] * 3


def test_a_dead_host_is_asked_again_later_with_the_same_number() -> None:
    packets = unanswered(ENDS, start=10.0, tries=3)
    assert [round(time - 10) for time, _ in packets] == [0, 1, 3]
    assert len({wire[38:42] for _, wire in packets}) == 1


def test_what_is_no_longer_known_is_reset_or_refused() -> None:
    assert flags(stray_reset(ENDS, b"old", start=0.0))[-1] == RST
    assert port_closed(ENDS, b"?", start=0.0)[-1][1][34:36] == b"\x03\x03"


def test_ports_of_windows_count_up() -> None:
    ports = Ports()
    first, second = ports.take("192.168.10.100"), ports.take("192.168.10.100")
    assert second == first + 1 >= 49_152
    assert ports.take("192.168.10.21") != ports.take("192.168.10.21")
