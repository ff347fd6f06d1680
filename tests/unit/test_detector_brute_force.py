"""Guessing at one service is told; what only resembles it is not."""

from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from oddwire.detectors.brute_force import BruteForce
from oddwire.detectors.password_spray import PasswordSpray
from oddwire.engine import analysis
from oddwire.engine.settings import Settings
from oddwire.records.finding import Finding
from oddwire.records.kinds import Kind, Severity
from oddwire.sources.files import Capture
from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.sessions import tcp_session

BEGIN = 1_710_062_400.0
CLIENT, SERVER = "10.0.0.7", "10.0.0.9"
LOGINS = frozenset({"brute_force", "password_spray"})
KEYS = [(22, 41), (1_100, 1_080), (48, 600), (60, 44), (68, 84)]


def stretched(packets: list[Timed], seconds: float) -> list[Timed]:
    begin = packets[0][0]
    return [(begin + seconds * at / len(packets), frame) for at, (_, frame) in enumerate(packets)]


def ssh_refused(client: str, server: str, at: int, start: float, tries: int = 3) -> list[Timed]:
    dice = Random(at)  # noqa: S311  # made traffic, the same every time
    words = [(dice.choice([84, 100]), 84) for _ in range(tries)]
    return stretched(
        tcp_session(client, 40_000 + at, server, 22, KEYS + words, start=start, rtt=0.004), 2.1 * tries
    )


def ssh_let_in(client: str, server: str, at: int, start: float) -> list[Timed]:
    told = 180 + Random(at).randrange(300)  # noqa: S311  # as above
    more = [(620, 500), (960, 28), (400, 600), (180, told), (60, 200)]
    return tcp_session(client, 40_000 + at, server, 22, KEYS + more, start=start, rtt=0.02)


def short_key(client: str, server: str, at: int, start: float) -> list[Timed]:
    """A command let in by a short key: no larger than a refusal, but over in no time."""
    more = [(100, 80), (200, 28), (64, 44), (112, 600), (180, 260), (60, 200)]
    return tcp_session(client, 40_000 + at, server, 22, KEYS + more, start=start, rtt=0.02)


def plain(port: int, number: int, gap: float, exchanges: list[tuple[int, int]], vary: int = 0) -> list[Timed]:
    dice, packets = Random(port), list[Timed]()  # noqa: S311  # as above
    for at in range(number):
        said = [*exchanges[:-1], (exchanges[-1][0] + dice.randrange(vary + 1), exchanges[-1][1])]
        packets += tcp_session(CLIENT, 41_000 + at, SERVER, port, said, start=BEGIN + gap * at, rtt=0.004)
    return packets


def found(path: Path, packets: list[Timed], rows: int = 65_536) -> list[Finding]:
    capture = path / "made.pcap"
    write_pcap(capture, packets)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis, "SPAN_ROWS", rows)
        seen = analysis.analyze(Capture(inputs=(str(capture),)), Settings(only=LOGINS))
    assert not seen.failures
    return list(seen.findings)


def alarms(path: Path, packets: list[Timed]) -> list[tuple[Kind, str]]:
    return [(one.kind, one.subject.name) for one in found(path, packets) if one.severity > Severity.LOW]


def guessing() -> list[Timed]:
    return [
        packet
        for at in range(60)
        for packet in ssh_refused(CLIENT, SERVER, at, BEGIN + at // 4 * 6.5 + at % 4 * 0.05)
    ]


def spraying() -> list[Timed]:
    return [
        packet
        for at in range(24)
        for packet in ssh_refused(CLIENT, f"10.0.1.{at + 1}", at, BEGIN + at * 9, 1)
    ]


HITS: dict[str, Callable[[], list[Timed]]] = {
    "ssh": guessing,
    "ssh slowly": lambda: [
        packet for at in range(180) for packet in ssh_refused(CLIENT, SERVER, at, BEGIN + at * 20, 1)
    ],
    "ftp": lambda: plain(21, 40, 1.5, [(12, 34), (11, 22)], vary=8),
    "ftp in one connection": lambda: stretched(plain(21, 1, 1, [(12, 34), (13, 22)] * 60), 100),
    "mysql": lambda: plain(3306, 80, 0.2, [(0, 95), (180, 82)]),
    "smb": lambda: plain(445, 80, 0.3, [(240, 260), (160, 310), (430, 77)]),
    "smb, five tries each": lambda: plain(445, 20, 0.3, [(240, 260), *[(160, 310), (430, 77)] * 5]),
    "smb in one connection": lambda: plain(445, 1, 0.3, [(240, 260), *[(170, 310), (430, 77)] * 60]),
    "mail submission": lambda: plain(
        587, 30, 2, [(0, 35), (12, 80), *[(12, 18), (26, 18), (10, 52)] * 4], vary=9
    ),
    "rdp": lambda: plain(3389, 50, 1.3, [(43, 19), (300, 1_200), (350, 90), (200, 300), (600, 120)]),
    "form": lambda: plain(80, 200, 0.1, [(384, 1_540)], vary=10),
    "form in kept connections": lambda: plain(
        80, 4, 0.01, [(384 + at * 7 % 10, 1_240) for at in range(120)], vary=3
    ),
}
QUIET: dict[str, Callable[[], list[Timed]]] = {
    "commands by SSH": lambda: [
        packet for at in range(40) for packet in ssh_let_in(CLIENT, SERVER, at, BEGIN + at * 7)
    ],
    "commands at many hosts": lambda: [
        packet for at in range(80) for packet in ssh_let_in(CLIENT, f"10.0.1.{at % 40 + 1}", at, BEGIN + at)
    ],
    "commands by a short key": lambda: [
        packet for at in range(60) for packet in short_key(CLIENT, SERVER, at, BEGIN + at * 0.9)
    ],
    "commands by a short key at many hosts": lambda: [
        packet for at in range(40) for packet in short_key(CLIENT, f"10.0.1.{at + 1}", at, BEGIN + at * 0.1)
    ],
    "a person who mistypes": lambda: (
        [packet for at in range(3) for packet in ssh_refused(CLIENT, SERVER, at, BEGIN + at * 9, 1)]
        + ssh_let_in(CLIENT, SERVER, 99, BEGIN + 40)
    ),
    "health checks": lambda: plain(8080, 300, 2, [(120, 180)]),
    "banner checks": lambda: plain(22, 20, 30, [(0, 41), (20, 0)]),
    "FTP checks": lambda: plain(21, 60, 30, [(12, 34), (14, 22), (6, 14)]),
    "polling in kept connections": lambda: plain(80, 4, 0.01, [(384, 1_240)] * 120),
    "load test": lambda: plain(80, 600, 0.05, [(240, 1_800)]),
    "MySQL without a pool": lambda: plain(3306, 300, 0.5, [(0, 95), (180, 11), (40, 110), (5, 0)], vary=9),
    "mail collected for many": lambda: plain(
        110, 40, 8, [(0, 30), (14, 20), (12, 30), (6, 9), (10, 14)], vary=9
    ),
    "refused receivers": lambda: plain(25, 20, 9, [(0, 60), (20, 90), (34, 20), (30, 60), (6, 20)], vary=4),
    "IMAP polling": lambda: plain(143, 60, 60, [(0, 60), (30, 90), (20, 120), (12, 30)]),
}


@pytest.mark.parametrize("name", HITS)
def test_guessing_is_told(tmp_path: Path, name: str) -> None:
    assert alarms(tmp_path, HITS[name]()) == [(Kind.BRUTE_FORCE, CLIENT)]


@pytest.mark.parametrize("name", QUIET)
def test_what_resembles_guessing_is_not(tmp_path: Path, name: str) -> None:
    assert alarms(tmp_path, QUIET[name]()) == []


def test_spraying_is_told(tmp_path: Path) -> None:
    assert alarms(tmp_path, spraying()) == [(Kind.PASSWORD_SPRAY, CLIENT)]


def test_many_guessers_at_one_service(tmp_path: Path) -> None:
    packets = [
        packet
        for at in range(90)
        for packet in ssh_refused(f"203.0.113.{at % 30 + 1}", SERVER, at, BEGIN + at * 4, 1)
    ]
    assert alarms(tmp_path, packets) == [(Kind.BRUTE_FORCE, SERVER)]


def test_a_session_after_the_guesses_makes_it_graver(tmp_path: Path) -> None:
    [one] = found(tmp_path, guessing() + ssh_let_in(CLIENT, SERVER, 900, BEGIN + 103))
    assert one.severity in {Severity.MEDIUM, Severity.HIGH}


@pytest.mark.parametrize("make", [guessing, spraying, HITS["form"], HITS["ftp in one connection"]])
def test_how_ticks_are_cut_changes_nothing(tmp_path: Path, make: Callable[[], list[Timed]]) -> None:
    packets = make()
    assert found(tmp_path, packets) == found(tmp_path, packets, rows=1)


@pytest.mark.parametrize("kind", [BruteForce, PasswordSpray])
def test_what_is_saved_is_remembered(kind: type[BruteForce] | type[PasswordSpray], tmp_path: Path) -> None:
    judge = kind()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Settings, "detectors", lambda _: [judge])
        patch.setattr(analysis, "judges_of", lambda *_: [])
        found(tmp_path, guessing() + spraying())
    state = judge.save()
    other, both = kind(), kind()
    other.load(state)
    both.merge(state)
    assert other.save() == state
    assert both.save() == state
