"""Hosts that report at a beat are found; those that only live by a clock are not."""

from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from oddwire.detectors.beacon import Beacon
from oddwire.records.kinds import Severity
from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Step, conversation, unanswered
from oddwire.testing.names import lookup, ntp_poll
from oddwire.testing.packets import udp
from oddwire.testing.services import Page, tls
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
HOST, RESOLVER, PROXY = "10.0.0.5", "10.0.0.1", "10.0.0.2"
OUTSIDE = "203.0.113.9"
NAMED = "updates.example.com"
HOUR = 3_600


def beats(
    count: int, every: float, *, jitter: float = 0.1, missed: float = 0.0, seed: int = 1
) -> list[float]:
    """Return when contacts begin."""
    dice = Random(seed)  # noqa: S311  # made traffic, the same every time
    times: list[float] = []
    time = START
    while len(times) < count:
        time += every * (1 + dice.uniform(-jitter, jitter))
        if dice.random() >= missed:
            times.append(time)
    return times


def talks(
    times: Sequence[float],
    steps: Sequence[Step],
    *,
    server: str = OUTSIDE,
    port: int = 443,
    host: str = HOST,
) -> list[Timed]:
    """Return a new connection at each time, all of the same words."""
    return [
        packet
        for number, time in enumerate(times)
        for packet in conversation((host, 40_000 + number, server, port), steps, start=time)
    ]


def request(
    head: str, body: bytes = b"", answer: str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
) -> list[Step]:
    """Return a request and its answer."""
    length = f"Content-Length: {len(body)}\r\n" if body else ""
    return [
        (0.001, True, f"{head}\r\n{length}\r\n".encode() + body),
        (0.01, False, answer.encode()),
    ]


def browsing(name: str = NAMED, address: str = OUTSIDE) -> list[Timed]:
    """Return a question for a name and its answer."""
    return lookup(HOST, 30_000, RESOLVER, name, [address], start=START)


PAGE: list[Page] = [(0.01, 300, 200)]
NAMELESS = tls("", PAGE)
RAW: list[Step] = [(0.01, True, b"\x01\x07" * 20), (0.02, False, b"\x02\x07" * 12)]
POST = request("POST /in HTTP/1.1\r\nHost: updates.example.com", b"id=7731&state=idle")
# Somebody else's name, so that it is known that names are asked for.
OTHER = browsing("www.example.org", "198.51.100.3")

HITS = {
    "without a name": [*OTHER, *talks(beats(40, 30, jitter=0.2, missed=0.2), NAMELESS)],
    "half skewed": [*OTHER, *talks(beats(120, 30, jitter=0.5), NAMELESS, port=8_081)],
    "a hasty script": [*browsing(), *talks(beats(30, 3, jitter=0.25), tls(NAMED, PAGE))],
    "posts": [*browsing(), *talks(beats(30, 20), POST, port=80)],
    "a cookie by day and night": [
        *browsing(),
        *talks(
            beats(60, 1_800, jitter=0.03),
            request("GET /p.gif HTTP/1.1\r\nHost: updates.example.com\r\nCookie: id=8Fa3kQ2vLw0z"),
            port=80,
        ),
    ],
    "a cookie at an exact beat": [
        *browsing(),
        *talks(
            beats(60, 60, jitter=0),
            request("GET /p.gif HTTP/1.1\r\nHost: updates.example.com\r\nCookie: id=8Fa3kQ2vLw0z"),
            port=80,
        ),
    ],
    "unknown words": [*OTHER, *talks(beats(20, 45, jitter=0.2), RAW, port=4_782)],
    "a dead master": [
        *OTHER,
        *(
            packet
            for number, time in enumerate(beats(30, 30))
            for packet in unanswered((HOST, 40_000 + number, OUTSIDE, 5_552), start=time, tries=2)
        ),
    ],
    "one connection": [
        *OTHER,
        *conversation(
            (HOST, 40_000, OUTSIDE, 5_552),
            [step for _ in range(120) for step in ((60.0, True, b"\x01\x07" * 20), RAW[1])],
            start=START,
        ),
    ],
    "a proxy": talks(
        beats(120, 60, jitter=0.2),
        request(
            "POST http://updates.example.com/in HTTP/1.1\r\nHost: updates.example.com",
            b"id=7731&state=idle",
        ),
        server=PROXY,
        port=3_128,
    ),
}


@pytest.mark.parametrize("case", HITS)
def test_a_beacon_is_found(tmp_path: Path, case: str) -> None:
    found = alarms(alike(Beacon, tmp_path / "a.pcap", HITS[case]))
    assert found
    last = found[-1]
    assert last.subject.ip == HOST
    target = last.targets[0]
    assert (target.ip, target.hostname) == ((PROXY, NAMED) if case == "a proxy" else (OUTSIDE, None))
    first, end = (round(time * 1e9) for time in (HITS[case][2][0], max(HITS[case])[0]))
    assert last.start_ns >= first - 1_000
    assert last.end_ns <= end + 1_000


def chance(count: int, mean: float) -> list[float]:
    """Return arrivals at random."""
    dice = Random(5)  # noqa: S311  # made traffic, the same every time
    times: list[float] = []
    time = START
    for _ in range(count):
        time += dice.expovariate(1 / mean)
        times.append(time)
    return times


def sized(times: Sequence[float]) -> list[Timed]:
    """Return contacts of which each says and hears something else."""
    dice = Random(7)  # noqa: S311  # made traffic, the same every time
    return [
        packet
        for number, time in enumerate(times)
        for packet in conversation(
            (HOST, 40_000 + number, OUTSIDE, 443),
            tls("", [(0.01, dice.randrange(200, 4_000), dice.randrange(200, 60_000))]),
            start=time,
        )
    ]


NEAR_MISSES = {
    "an agent that posts evenly": [*browsing(), *talks(beats(60, 60, jitter=0.01), POST, port=80)],
    "at random": [*OTHER, *talks(chance(80, 30), NAMELESS)],
    "of all sizes": [*OTHER, *sized(beats(60, 30))],
    "a few": [*OTHER, *talks(beats(9, 30), NAMELESS)],
    "clock": [
        packet for time in beats(80, 64, jitter=0.02) for packet in ntp_poll(HOST, 123, OUTSIDE, start=time)
    ],
    "updates": [*browsing(), *talks(beats(40, 600), tls(NAMED, PAGE))],
    "is there a network": [
        *browsing(),
        *talks(
            beats(40, 60),
            request("GET /check HTTP/1.1\r\nHost: updates.example.com", answer="HTTP/1.1 204 None\r\n\r\n"),
            port=80,
        ),
    ],
    "an open page": [
        *browsing(),
        *talks(
            beats(60, 10),
            request(
                "POST /poll HTTP/1.1\r\nHost: updates.example.com\r\n"
                "Referer: http://updates.example.com/inbox\r\nCookie: a=1",
                b"since=17",
            ),
            port=80,
        ),
    ],
    "a runner with an exact timer": [*browsing(), *talks(beats(200, 3, jitter=0.004), tls(NAMED, PAGE))],
    "a ticker": [
        *browsing(),
        *talks(
            beats(100, 15, jitter=0.01),
            request("GET /q?s=17 HTTP/1.1\r\nHost: updates.example.com"),
            port=80,
        ),
    ],
    "is somebody there": [
        *OTHER,
        *talks(beats(60, 30), [(0.01, True, b"\0\4PING"), (0.02, False, b"\0\4PONG")], port=3_724),
    ],
    "an update check by day and night": [
        *browsing(),
        *talks(
            beats(60, 1_800, jitter=0.03),
            request("GET /list?v=7 HTTP/1.1\r\nHost: updates.example.com"),
            port=80,
        ),
    ],
    "many destinations": [
        *OTHER,
        *(
            packet
            for number in range(6)
            for packet in talks(beats(40, 30, seed=number), NAMELESS, server=f"203.0.113.{number}")
        ),
    ],
    "many hosts": [
        *OTHER,
        *(
            packet
            for number in range(6)
            for packet in talks(beats(40, 30, seed=number), NAMELESS, host=f"10.0.0.{50 + number}")
        ),
    ],
    "inside": [*OTHER, *talks(beats(60, 10), NAMELESS, server="10.0.3.9", port=9_100)],
    "devices": talks(beats(90, 10), RAW, server="192.168.7.9", port=1_102),
    "push": [
        *browsing(),
        *conversation((HOST, 40_000, OUTSIDE, 443), tls(NAMED, [(60.0, 40, 40)] * 120), start=START),
    ],
    "a minute of an app": [
        *OTHER,
        *conversation(
            (HOST, 40_000, OUTSIDE, 5_552),
            [step for _ in range(60) for step in ((10.0, True, b"\x01\x07" * 20), RAW[1])],
            start=START,
        ),
    ],
    "a game": [
        (time + late, udp(*ends, b"\x07" * 30))
        for time in beats(200, 5)
        for late, ends in (
            (0.0, (HOST, 40_000, OUTSIDE, 27_015)),
            (0.02, (OUTSIDE, 27_015, HOST, 40_000)),
        )
    ],
    "mail": [*OTHER, *talks(beats(40, 60), NAMELESS, port=993)],
}


@pytest.mark.parametrize("case", NEAR_MISSES)
def test_what_lives_by_a_clock_is_silent(tmp_path: Path, case: str) -> None:
    assert not [one.title for one in alarms(said(Beacon(), tmp_path / "a.pcap", NEAR_MISSES[case]))]


def test_a_strong_beacon_is_graver_and_told_early(tmp_path: Path) -> None:
    packets = [*OTHER, *talks(beats(120, 30), RAW, port=4_782)]
    found = alarms(said(Beacon(), tmp_path / "a.pcap", packets))
    assert found[-1].severity is Severity.HIGH
    assert found[0].at_ns <= (START + 12 * 33) * 1_000_000_000
    # It is told again while it grows, but not each time.
    assert len(found) <= 25


def test_answers_that_the_capture_lacks_are_no_sign(tmp_path: Path) -> None:
    packets = [*OTHER, *talks(beats(60, 30), RAW, port=4_782)]
    heard = [packet for packet in packets if packet[1][26:30] == bytes([10, 0, 0, 5])]
    assert not alarms(said(Beacon(), tmp_path / "a.pcap", heard))
