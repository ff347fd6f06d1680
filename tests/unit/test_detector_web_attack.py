"""Searches of web servers are found; crawlers, broken pages and stores of tiles are not."""

from collections.abc import Callable
from pathlib import Path

import pytest

from oddwire.detectors.web_attack import WebAttack
from oddwire.records.kinds import Severity
from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Step, conversation
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
CLIENT, SERVER = "10.0.0.7", "10.0.0.80"
WORDS = ["admin", "backup", "old", "test", "login", "setup", "config", "user", "db", "shop", "mail", "blog"]


def name(number: int) -> str:
    return f"/{WORDS[number % 12]}{WORDS[number // 12 % 12]}{WORDS[number // 144 % 12]}.php"


def visits(
    paths: list[str], status: Callable[[int], int], *, gap: float = 0.05, referrer: str = ""
) -> list[Timed]:
    """Return requests one after the other over a connection for each fifty of them."""
    packets: list[Timed] = []
    for batch in range(0, len(paths), 50):
        steps: list[Step] = []
        for number, path in enumerate(paths[batch : batch + 50], batch):
            more = f"Referer: {referrer}\r\n" if referrer else ""
            ask = f"GET {path} HTTP/1.1\r\nHost: www.example.com\r\n{more}\r\n".encode()
            body = b"x" * 40
            reply = f"HTTP/1.1 {status(number)} So\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
            steps += [(gap, True, ask), (0.005, False, reply)]
        begin = START + batch * (gap + 0.05)
        packets += conversation((CLIENT, 40_000 + batch, SERVER, 80), steps, start=begin)
    return sorted(packets, key=lambda packet: packet[0])


def test_a_search_for_paths(tmp_path: Path) -> None:
    packets = visits([name(n) for n in range(600)], lambda n: 200 if n % 40 == 0 else 404)
    found = alarms(alike(WebAttack, tmp_path / "a.pcap", packets))
    assert {(one.subject.ip, one.targets[0].ip) for one in found} == {(CLIENT, SERVER)}
    assert found[-1].severity is Severity.HIGH


@pytest.mark.parametrize(
    "packets",
    [
        visits([name(n) for n in range(300)], lambda n: 404 if n % 8 == 0 else 200),
        visits([name(n) for n in range(100)], lambda _: 404, referrer="http://www.example.com/"),
        visits([f"/tiles/{n % 20}/{n}.png" for n in range(400)], lambda _: 404),
        visits(["/status.php"] * 400, lambda _: 404),
        visits([name(n) for n in range(12)], lambda _: 404),
    ],
    ids=["a crawler", "a broken page", "tiles", "one thing again and again", "a few"],
)
def test_ordinary_requests_are_silent(tmp_path: Path, packets: list[Timed]) -> None:
    assert not alarms(said(WebAttack(), tmp_path / "a.pcap", packets))
