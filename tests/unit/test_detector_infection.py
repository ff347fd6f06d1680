"""A program that came in disguise, and what the host did then, make a story; an update makes none."""

from pathlib import Path

from oddwire.detectors.infection import Infection
from oddwire.testing.capture import Timed
from oddwire.testing.dialogue import Dialogue, in_order, seeded
from tests.unit.windows import alarms, alike

START = 1_710_062_400.0
INSIDE, OUTSIDE = "10.0.0.5", "203.0.113.9"
EXE = b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\xb8" + b"\0" * 43 + b"\x80\0\0\0" + b"\0" * 4_000


def fetch(at: float, host: bytes, path: bytes, kind: bytes, agent: bytes = b"Mozilla/5.0") -> list[Timed]:
    """Return a download of a program."""
    dialogue = Dialogue(
        client=INSIDE, cport=40_000 + int(at), server=OUTSIDE, sport=80, start=START + at, dice=seeded(5)
    ).open()
    named = b"User-Agent: %s\r\n" % agent if agent else b""
    dialogue.ask(b"GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n" % (path, host, named))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (kind, len(EXE))
    return dialogue.answer(head + EXE).finish().packets


def tried(at: float, count: int) -> list[Timed]:
    """Return connections tried in vain."""
    packets: list[Timed] = []
    for number in range(count):
        server = f"192.0.2.{number + 1}"
        packets += (
            Dialogue(
                client=INSIDE,
                cport=50_000 + number,
                server=server,
                sport=445,
                start=START + at,
                dice=seeded(6),
            )
            .unanswered(1)
            .packets
        )
    return packets


def test_a_disguised_program_and_a_burst_make_a_story(tmp_path: Path) -> None:
    packets = fetch(0.0, b"203.0.113.9", b"/a.jpg", b"image/jpeg", b"") + tried(60.0, 40)
    found = alarms(alike(Infection, tmp_path / "a.pcap", in_order(packets)))
    assert found[-1].subject.ip == INSIDE
    assert len(found[-1].facts["steps"]) == 2  # type: ignore[arg-type]  # a list


def test_an_update_from_a_named_host_is_silent(tmp_path: Path) -> None:
    packets = fetch(0.0, b"updates.example.org", b"/setup.exe", b"application/octet-stream") + tried(60.0, 12)
    assert not alarms(alike(Infection, tmp_path / "a.pcap", in_order(packets)))


def test_a_burst_before_the_download_does_not_count(tmp_path: Path) -> None:
    packets = tried(0.0, 40) + fetch(60.0, b"203.0.113.9", b"/setup.exe", b"application/x-msdownload")
    assert not alarms(alike(Infection, tmp_path / "a.pcap", in_order(packets)))
