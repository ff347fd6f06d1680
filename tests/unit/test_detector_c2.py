"""A destination with several signs is found; one with two weak ones is not."""

from collections.abc import Iterable
from pathlib import Path

import pytest

from oddwire.detectors.c2 import C2
from oddwire.testing.capture import Timed
from oddwire.testing.certificates import certificate, old_tls
from oddwire.testing.dialogue import Dialogue, in_order, seeded
from tests.unit.windows import alarms, alike

START = 1_710_062_400.0
INSIDE, OUTSIDE = "10.0.0.5", "203.0.113.9"
PRINTED = (
    b" Volume in drive C has no label.\r\n Directory of C:\\Users\\anna\r\n"
    + b"14.03.2024  <DIR>  report\r\n" * 9
)


def talk(port: int, at: float, server: str = OUTSIDE, seed: int = 3) -> Dialogue:
    """Return a connection to the outside."""
    return Dialogue(
        client=INSIDE,
        cport=40_000 + int(at) % 20_000,
        server=server,
        sport=port,
        start=START + at,
        dice=seeded(seed),
    ).open()


BANNER = b"Microsoft Windows [Version 10.0.19045.3803]\r\n\r\nC:\\Users\\anna>"


def orders(
    lines: Iterable[bytes], printed: bytes, pause: float, at: float = 0.0, banner: bytes = BANNER
) -> list[Timed]:
    """Return a connection in which the server gives lines, and the client answers."""
    dialogue = talk(4_444, at).ask(banner)
    for line in lines:
        dialogue.answer(line, pause).ask(line + printed)
    return in_order(dialogue.finish("server").packets)


def posts(host: bytes, gap: float, count: int, answer: int, port: int = 80) -> list[Timed]:
    """Return requests of one shape at a steady beat."""
    packets: list[Timed] = []
    for at in range(count):
        body = b"id=4711&data=" + b"x" * 200
        head = b"POST /gate HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n\r\n" % (host, len(body))
        reply = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % answer
        packets += talk(port, gap * at).ask(head + body).answer(reply + b"k" * answer).finish().packets
    return in_order(packets)


def test_orders_given_by_the_server_are_found(tmp_path: Path) -> None:
    lines = [b"dir\r\n", b"whoami /all\r\n", b"ipconfig\r\n", b"net user\r\n", b"cd ..\r\n"]
    packets = orders(lines, PRINTED, 12.0) + orders(lines[::-1], PRINTED, 9.0, 100.0)
    found = alike(C2, tmp_path / "a.pcap", in_order(packets))
    assert found[-1].subject.ip == INSIDE
    assert "shell" in found[-1].facts["signs"]  # type: ignore[operator]  # a list of words


def test_a_steady_beat_of_posts_to_an_address_is_found(tmp_path: Path) -> None:
    found = alarms(alike(C2, tmp_path / "a.pcap", posts(OUTSIDE.encode(), 30.0, 14, 4)))
    assert found[-1].targets[0].ip == OUTSIDE


@pytest.mark.parametrize(
    ("host", "gap", "count", "answer"),
    [
        (b"telemetry.example.org", 30.0, 14, 4),
        (OUTSIDE.encode(), 30.0, 5, 4),
        (OUTSIDE.encode(), 0.4, 60, 4_000),
    ],
)
def test_posts_with_two_weak_signs_raise_no_alarm(
    tmp_path: Path, host: bytes, gap: float, count: int, answer: int
) -> None:
    assert not alarms(alike(C2, tmp_path / "a.pcap", posts(host, gap, count, answer)))


def test_receipts_for_what_is_delivered_are_no_orders(tmp_path: Path) -> None:
    receipts = [b"OK 200\r\n"] * 20
    assert not alike(C2, tmp_path / "a.pcap", orders(receipts, PRINTED, 12.0, banner=b"station 7\r\n"))


def homemade(pages: list[tuple[float, int, int]]) -> list[Timed]:
    """Return one line to a server that made its own certificate, on a port where TLS is not at home."""
    dialogue = talk(7_707, 0.0)
    chain = [certificate(seeded(4), [("CN", "somebody")], years=(22, 60))]
    for pause, is_mine, data in old_tls(seeded(3), pages, chain):
        dialogue = dialogue.ask(data, pause) if is_mine else dialogue.answer(data, pause)
    return in_order(dialogue.finish().packets)


def test_a_homemade_server_is_one_thing_and_a_line_that_nobody_works_at_another(tmp_path: Path) -> None:
    at_work = [(2.0, 200 + 9 * turn, 5_000) for turn in range(200)]
    assert not alarms(alike(C2, tmp_path / "a.pcap", homemade(at_work)))
    left_open = [(12.0, 60, 45)] * 40
    found = alarms(alike(C2, tmp_path / "a.pcap", homemade(left_open)))
    assert "idles" in found[-1].facts["signs"]  # type: ignore[operator]  # a list of words
