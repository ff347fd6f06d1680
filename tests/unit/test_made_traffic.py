"""The builders of made traffic: sums, pieces, tunnels, and that a case is the same every time."""

import random
import struct
from pathlib import Path

import pytest

import oddwire
from oddwire.testing.bystanders import bystanders, seeded
from oddwire.testing.capture import write_pcap
from oddwire.testing.packets import SYN, fragments, icmp, ip_packet, tcp, udp, unreachable
from oddwire.testing.scans import SYN_SCAN, Victim, scan_tcp
from oddwire.testing.wrapping import gre, one_way, routed, tagged, vxlan

A, B = "10.0.0.5", "10.0.0.9"
A6, B6 = "2001:db8::5", "2001:db8::9"


def summed(data: bytes) -> int:
    """Add 16-bit words as RFC 1071 says: right data with its checksum gives 0xFFFF."""
    total: int = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


@pytest.mark.parametrize("size", [0, 1, 2, 7, 333, 1_400])
def test_checksums_are_right(size: int) -> None:
    data = random.Random(size).randbytes(size)  # noqa: S311
    for frame in (tcp(A, 1, B, 2, SYN, data=data, options=b"\2\4\5\xb4"), udp(A, 1, B, 2, data)):
        packet = frame[14:]
        pseudo = packet[12:20] + struct.pack("!HH", packet[9], len(packet) - 20)
        assert summed(packet[:20]) == summed(pseudo + packet[20:]) == 0xFFFF
    assert summed(icmp(A, B, 8, data=data)[34:]) == 0xFFFF
    message = icmp(A6, B6, 128, data=data)[14:]
    assert summed(message[8:40] + struct.pack("!IHBB", len(message) - 40, 0, 0, 58) + message[40:]) == 0xFFFF


def test_fragments_carry_the_whole_payload() -> None:
    whole = udp(A, 1, B, 2, bytes(range(250)) * 16)
    pieces = fragments(whole, ident=7)
    assert b"".join(piece[34:] for piece in pieces) == whole[34:]
    assert [len(piece) for piece in pieces] == [1_514, 1_514, 1_082]


@pytest.mark.parametrize("depth", ["plain", "vlan", "qinq", "gre", "vxlan"])
def test_the_core_finds_the_packet_in_its_wrapping(tmp_path: Path, depth: str) -> None:
    frame = tcp(A, 40_000, B, 80, SYN)
    wrapped = {
        "plain": frame,
        "vlan": tagged(frame, 5),
        "qinq": tagged(frame, 5, outer=6),
        "gre": gre(frame, "192.0.2.1", "192.0.2.2"),
        "vxlan": vxlan(frame, "192.0.2.1", "192.0.2.2"),
    }[depth]
    write_pcap(tmp_path / "one.pcap", [(1.0, wrapped)])
    row = oddwire.read(tmp_path / "one.pcap").packets().row(0, named=True)
    assert (row["src_ip"], row["dst_ip"], row["dst_port"]) == (A, B, 80)


def test_an_unreachable_port_quotes_the_question() -> None:
    question = udp(A, 1, B, 2, b"x" * 9)
    assert question[14:] in unreachable(B, question)
    assert len(ip_packet(A, B, 89)) == 34


def test_a_scan_has_probes_and_answers_and_is_the_same_every_time() -> None:
    victim = Victim(ip=B, open=frozenset({22}), filtered=frozenset({23}))
    first, second = (
        scan_tcp(A, victim, [22, 23, 24], start=5.0, gap=0.1, dice=seeded(1), style=SYN_SCAN)
        for _ in range(2)
    )
    assert first == second
    assert len(first) == 3 + 2 + 2  # SYN, SYN-ACK, RST; SYN and SYN; SYN, RST-ACK
    assert len(list(one_way(first, src=B))) == 2


def test_far_hosts_wear_the_card_of_the_gateway() -> None:
    packets = bystanders(start=1_000.0, seconds=30)
    gateway = bytes.fromhex("02000a000001")
    far = [frame for _, frame in packets if frame[12:14] == b"\x08\x00" and frame[26] in {198, 203}]
    assert far
    assert {frame[6:12] for frame in far} == {gateway}
    assert list(routed(packets, gateway="10.0.0.1", local="10.0.0.0/24")) == packets
