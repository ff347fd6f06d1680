"""Many requests with the syntax of attacks are found; one alone is low, and pages that link to them too."""

from pathlib import Path

import pytest

from oddwire.detectors.web_injection import WebInjection
from oddwire.records.kinds import Severity
from oddwire.testing.capture import Timed
from oddwire.testing.conversations import Step, conversation
from tests.unit.windows import alarms, alike, said

START = 1_710_062_400.0
CLIENT, SERVER = "10.0.0.7", "10.0.0.80"
SQL = "/item?id=1'+union+select+{n},2,3--"
UP, SCRIPT = "/show?f=../../../../etc/passwd%00{n}", "/find?q=<script>alert(1)</script>{n}"


def requests(targets: list[str], *, referrer: str = "", server: str = SERVER) -> list[Timed]:
    """Return a connection with these requests."""
    steps: list[Step] = []
    more = f"Referer: {referrer}\r\n" if referrer else ""
    for target in targets:
        ask = f"GET {target} HTTP/1.1\r\nHost: www.example.com\r\n{more}\r\n".encode()
        steps += [(0.2, True, ask), (0.01, False, b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx")]
    return conversation((CLIENT, 40_000, server, 80), steps, start=START)


def numbered(target: str, count: int) -> list[str]:
    return [target.format(n="9" * at) for at in range(1, count + 1)]


def test_many_tries_and_several_kinds(tmp_path: Path) -> None:
    found = alarms(alike(WebInjection, tmp_path / "a.pcap", requests(numbered(SQL, 12))))
    assert {(one.subject.ip, one.severity) for one in found} == {(CLIENT, Severity.MEDIUM)}
    all_kinds = [target for kind in (SQL, UP, SCRIPT) for target in numbered(kind, 6)]
    found = alarms(said(WebInjection(), tmp_path / "b.pcap", requests(all_kinds)))
    assert found[-1].severity is Severity.HIGH


def test_the_same_at_several_servers(tmp_path: Path) -> None:
    packets = [packet for n in range(5) for packet in requests(numbered(UP, 1), server=f"203.0.113.{n + 1}")]
    assert alarms(said(WebInjection(), tmp_path / "a.pcap", packets))


@pytest.mark.parametrize(
    "packets",
    [
        requests(numbered(SCRIPT, 2)),
        requests(numbered(SCRIPT, 1) * 40),
        requests(numbered(SCRIPT, 9), referrer="http://www.example.com/forum"),
    ],
    ids=["two", "one again and again", "linked"],
)
def test_a_few_are_no_alarm(tmp_path: Path, packets: list[Timed]) -> None:
    assert not alarms(said(WebInjection(), tmp_path / "a.pcap", packets))
