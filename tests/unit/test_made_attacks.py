"""The builders of attack traffic: numbers that fit, checksums that hold, the same every time."""

import struct
from itertools import pairwise

from oddwire.testing.channels import linux_payload, ping, ptunnel
from oddwire.testing.dialogue import Dialogue, hammer, seeded
from oddwire.testing.icmp_messages import internet_checksum
from oddwire.testing.office_lan import Lan, mac_bytes
from oddwire.testing.spoofing import forge, redirect, relayed
from oddwire.testing.ssh_sessions import guess

ROUTER, HOST, EVIL = "192.168.1.1", "192.168.1.50", "08:00:27:5e:01:7a"


def talk(start: float = 0.0, port: int = 40_000) -> Dialogue:
    return Dialogue(client=HOST, cport=port, server="203.0.113.8", sport=22, start=start, dice=seeded(1))


def test_a_conversation_acknowledges_what_was_said() -> None:
    packets = talk().open().ask(3_000).answer(b"yes", 0.2).finish().packets
    ends = {HOST: 0, "203.0.113.8": 0}
    for _, frame in packets:
        source = ".".join(map(str, frame[26:30]))
        sequence, acknowledged = struct.unpack_from("!II", frame, 38)
        other = next(end for name, end in ends.items() if name != source)
        assert acknowledged in {0, other}
        size = len(frame) - 54 + (1 if frame[47] & 3 else 0)
        ends[source] = (sequence + size) % 2**32


def test_time_only_goes_on() -> None:
    packets = guess(talk(), 3).packets
    assert all(before <= after for (before, _), (after, _) in pairwise(packets))


def test_tasks_take_ports_of_their_own() -> None:
    packets = hammer(seeded(2), lambda time, port: guess(talk(time, port)), 12, start=0.0, tasks=4)
    ports = {frame[34:36] for _, frame in packets if frame[26:30] == bytes([192, 168, 1, 50])}
    assert len(ports) == 12


def test_a_relay_shows_each_frame_twice_with_one_hop_less() -> None:
    first, second = relayed(talk().open().packets[:1], EVIL, Lan())
    assert first[1][:6] == mac_bytes(EVIL) == second[1][6:12]
    assert first[1][22] - second[1][22] == 1
    assert internet_checksum(second[1][14:34]) == 0


def test_a_lie_names_the_address_of_another() -> None:
    frame = forge(EVIL, ROUTER, ("3c:52:82:00:00:01", HOST))
    assert frame[22:28] == mac_bytes(EVIL)
    assert frame[28:32] == bytes([192, 168, 1, 1])


def test_a_redirect_quotes_its_cause() -> None:
    cause = talk().open().packets[0][1]
    frame = redirect(ROUTER, cause, "192.168.1.66")
    assert frame[34:36] == b"\x05\x01"
    assert frame[38:42] == bytes([192, 168, 1, 66])
    assert frame[42:] == cause[14:42]
    assert internet_checksum(frame[34:]) == 0


def test_an_honest_reply_returns_its_bytes_and_a_tunnel_does_not() -> None:
    honest = ping(seeded(3), (HOST, ROUTER), [0.0, 1.0], lambda _: linux_payload(seeded(4)))
    assert honest[0][1][38:] == honest[1][1][38:]
    tunnel = ptunnel(seeded(3), (HOST, ROUTER), 0.0, 20)
    assert all(ask[1][42:] != reply[1][42:] for ask, reply in zip(tunnel[::2], tunnel[1::2], strict=True))


def test_the_same_dice_make_the_same_traffic() -> None:
    assert guess(talk(), 2).packets == guess(talk(), 2).packets
