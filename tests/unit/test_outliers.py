"""What stands out in a capture by itself: named few times, low, last, and left out by its name."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from oddwire.engine import capture_rows
from oddwire.engine.analysis import Analysis, analyze
from oddwire.engine.capture_rows import CaptureRows
from oddwire.engine.outliers import LEAST_ROWS
from oddwire.engine.settings import Settings, settings_of
from oddwire.errors import UsageError
from oddwire.features.units.gather import FLOWS, MINUTES
from oddwire.records.finding import Finding
from oddwire.records.incident import Incident
from oddwire.records.kinds import Cadence, Kind, Severity
from oddwire.sources.files import Capture
from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.packets import SYN, tcp
from oddwire.testing.sessions import tcp_session
from oddwire.testing.windows import recorded
from tests.unit.conftest import Cli

BEGIN = 1_700_000_000
SERVER = "198.51.100.7"
ODD = "10.0.0.3"
ONLY = Settings(only=frozenset({"outliers"}))


def visits(minutes: int, *, odd: bool = True) -> list[Timed]:
    """Return four clients that ask a server once a minute; in the end one of them sends a lot."""
    packets = [
        one
        for minute in range(minutes)
        for host in range(1, 5)
        for one in tcp_session(
            f"10.0.0.{host}",
            40_000 + minute,
            SERVER,
            443,
            [(200 + 7 * (minute % 9), 900 + 11 * (minute % 7))],
            start=BEGIN + 60 * minute + host,
        )
    ]
    if odd:
        many = [(60_000, 200)] * 8
        packets += tcp_session(ODD, 50_000, "203.0.113.9", 8_443, many, start=BEGIN + 60 * minutes)
    return sorted(packets, key=lambda one: one[0])


def judged(folder: Path, packets: Sequence[Timed], settings: Settings = ONLY) -> Analysis:
    capture = folder / "made.pcap"
    write_pcap(capture, packets)
    seen = analyze(Capture(inputs=(str(capture),)), settings)
    assert not seen.failures
    return seen


def odd_ones(seen: Analysis) -> list[Finding]:
    return [one for one in seen.findings if one.detector == "outliers"]


def story(one: Incident) -> tuple[str, str, list[str]]:
    return one.id, one.title, [step.id for step in one.findings]


def test_the_one_host_that_sends_a_lot_is_named_with_what_is_usual(tmp_path: Path) -> None:
    found = odd_ones(judged(tmp_path, visits(60)))
    assert {one.kind for one in found} == {Kind.ODD_HOST, Kind.ODD_FLOW}
    for one in found:
        assert one.subject.ip == ODD
        assert one.severity is Severity.LOW
        assert "stands out in this capture" in one.title
        assert one.reasons[0].value > one.reasons[0].typical[1]
        assert sum(part.count for part in one.packets) > 8
    (flow,) = (one for one in found if one.kind is Kind.ODD_FLOW)
    assert (flow.targets[0].ip, flow.targets[0].port) == ("203.0.113.9", 8_443)


def test_traffic_that_is_all_alike_stays_silent(tmp_path: Path) -> None:
    assert judged(tmp_path, visits(60, odd=False)).findings == []


def test_with_little_traffic_nothing_stands_out(tmp_path: Path) -> None:
    assert judged(tmp_path, visits(LEAST_ROWS // 4 - 2)).findings == []


def test_two_runs_say_the_same(tmp_path: Path) -> None:
    first, second = (judged(tmp_path, visits(60)).findings for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "settings",
    [
        Settings(off=frozenset({"outliers"})),
        Settings(only=frozenset({"port_scan"})),
        settings_of({"detectors": {"outliers": {"enabled": False}}}),
        settings_of({"suppress": [{"detector": "outliers"}]}),
    ],
    ids=["off", "not among those wanted", "settings", "rule"],
)
def test_it_is_left_out_by_its_name(tmp_path: Path, settings: Settings) -> None:
    assert odd_ones(judged(tmp_path, visits(60), settings)) == []


def test_what_the_rules_say_is_not_changed_and_comes_first(tmp_path: Path) -> None:
    # A host that both stands out and does what a rule knows: the story is that of the rules alone.
    packets = visits(60)
    packets += [
        (BEGIN + 3_700 + port / 10, tcp(ODD, 51_000 + port, "10.0.0.9", port, SYN)) for port in range(1, 120)
    ]
    everything = judged(tmp_path, packets, Settings())
    without = judged(tmp_path, packets, Settings(off=frozenset({"outliers"})))
    found = odd_ones(everything)
    assert found
    assert without.findings
    rest = everything.findings[: len(without.findings)]
    assert [(one.id, one.incident, one.severity) for one in rest] == [
        (one.id, one.incident, one.severity) for one in without.findings
    ]
    assert [story(one) for one in everything.incidents] == [story(one) for one in without.incidents]
    assert [one.incident for one in found] == [None] * len(found)


def test_a_model_is_asked_for_where_there_is_none(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no model"):
        judged(tmp_path, visits(2), Settings(only=frozenset({"model"})))


@pytest.mark.parametrize(("wanted", "told"), [("outliers", True), ("-outliers", False)])
def test_the_command_line_knows_it_by_name(cli: Cli, tmp_path: Path, wanted: str, *, told: bool) -> None:
    capture = tmp_path / "made.pcap"
    write_pcap(capture, visits(60))
    done = cli("analyze", capture, "--no-store", "--json", "--detectors", wanted, "--fail-on", "medium")
    assert done.code == 0
    found = {one["detector"] for one in json.loads(done.out)["findings"]}
    assert ("outliers" in found) is told
    assert not told or found == {"outliers"}


def test_rows_do_not_depend_on_how_windows_are_cut() -> None:
    record = recorded(visits(12))
    whole, cut = CaptureRows(record.hosts), CaptureRows(record.hosts)
    for rows, ends in ((whole, []), (cut, None)):
        for window in record.windows(ends, cadence=Cadence.WINDOW):
            rows.add(window)
    for member in (MINUTES, FLOWS):
        one, other = whole.table(member), cut.table(member)
        assert one is not None
        assert other is not None
        assert one.equals(other)


def test_so_many_rows_are_held_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture_rows, "MOST_ROWS", 10)
    record = recorded(visits(12))
    rows = CaptureRows(record.hosts)
    for window in record.windows(cadence=Cadence.WINDOW):
        rows.add(window)
    for member in (MINUTES, FLOWS):
        table = rows.table(member)
        assert table is not None
        assert table.height == 10


def test_in_a_flood_only_what_was_answered_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    flood = [(BEGIN + at / 100, tcp(f"10.1.{at}.9", 40_000, ODD, 80, SYN)) for at in range(200)]
    record = recorded(sorted(visits(2) + flood, key=lambda one: one[0]))

    def hosts() -> set[str]:
        rows = CaptureRows(record.hosts)
        for window in record.windows(cadence=Cadence.WINDOW):
            rows.add(window)
        table = rows.table(MINUTES)
        assert table is not None
        return set(table["host"].to_list())

    assert len(hosts()) > 200
    monkeypatch.setattr(capture_rows, "FLOOD_TALKS", 10)
    assert hosts() == {f"10.0.0.{host}" for host in range(1, 5)}
