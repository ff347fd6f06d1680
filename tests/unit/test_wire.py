"""Frames as real stacks send them, and as a mirror port sees them."""

import pytest

from oddwire.testing.packets import ACK, SYN, mac_of
from oddwire.testing.wire import (
    checksum,
    datagram,
    echo,
    icmp_error,
    is_windows,
    noise,
    seen_from,
    segment,
    tagged,
    twice,
    without,
)

HERE, THERE = "192.168.10.21", "104.16.2.3"
PLACE = ("192.168.10.0/24", "192.168.10.1")


def hardware(ip: str) -> bytes:
    return bytes.fromhex(mac_of(ip).replace(":", ""))


@pytest.mark.parametrize(
    "frame",
    [
        segment(HERE, 40_000, THERE, 443, SYN, clock=7),
        segment(HERE, 40_000, THERE, 443, ACK, data=b"odd", clock=7, heard=5),
        segment("192.168.10.100", 50_000, THERE, 443, SYN),
        segment(HERE, 40_000, THERE, 443, SYN, window=1_024, offer=b"\x02\x04\x05\xb4"),
        datagram(HERE, 40_000, THERE, 53, b"question"),
        echo(HERE, THERE, 3, 1),
        icmp_error(THERE, HERE, 3, datagram(HERE, 40_000, THERE, 53, b"question")),
    ],
)
def test_checksums_are_right_before_and_after_the_mirror(frame: bytes) -> None:
    for wire in (frame, seen_from([(0.0, frame)], PLACE)[0][1]):
        head, payload, protocol = wire[14:34], wire[34:], wire[23]
        assert checksum(head) == 0
        pseudo = b"" if protocol == 1 else head[12:20] + bytes([0, protocol]) + len(payload).to_bytes(2)
        assert checksum(pseudo + payload) == 0


def test_a_host_outside_is_behind_the_router_and_has_lost_hops() -> None:
    out, back = seen_from(
        [(0.0, datagram(HERE, 1, THERE, 2, b"")), (1.0, datagram(THERE, 2, HERE, 1, b""))], PLACE
    )
    assert out[1][:12] == hardware("192.168.10.1") + hardware(HERE)
    assert back[1][:12] == hardware(HERE) + hardware("192.168.10.1")
    assert out[1][22] == 64
    assert 40 < back[1][22] < 60


def test_neighbours_and_groups_keep_their_hardware_addresses() -> None:
    near = datagram(HERE, 1, "192.168.10.9", 2, b"")
    group = datagram(HERE, 5_353, "224.0.0.251", 5_353, b"", ttl=255)
    seen = [wire for _, wire in seen_from([(0.0, near), (1.0, group)], PLACE)]
    assert seen[0][:6] == hardware("192.168.10.9")
    assert seen[1][:6] == bytes.fromhex("01005e0000fb")
    assert seen[1][22] == 255


def test_private_hosts_from_100_to_199_run_windows() -> None:
    assert is_windows("192.168.10.100")
    assert not is_windows("192.168.10.99")
    assert not is_windows("104.16.2.150")
    assert segment("192.168.10.100", 1, HERE, 2, SYN)[22] == 128


def test_what_a_capture_does_to_packets() -> None:
    packets = [(0.0, datagram(HERE, 1, THERE, 2, b"")), (1.0, datagram(THERE, 2, HERE, 1, b""))]
    assert [time for time, _ in twice(packets, after=0.5)] == [0.0, 0.5, 1.0, 1.5]
    assert tagged(packets, 110)[0][1][12:18] == bytes.fromhex("8100006e0800")
    assert without(packets, sources=["192.168.0.0/16"]) == packets[1:]


@pytest.mark.parametrize("size", [0, 1, 70_000, 300_000])
def test_noise_has_its_length_and_is_the_same_every_time(size: int) -> None:
    assert len(noise(size, 9)) == size
    assert noise(size, 9) == noise(size, 9)
