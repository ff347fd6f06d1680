"""The promises that the second part keeps, a test each."""

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from oddwire.engine.analysis import Analysis, analyze
from oddwire.engine.settings import settings_of
from oddwire.records.kinds import Kind, Severity
from oddwire.sources.files import read
from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.demo import BEGIN, write_demo
from oddwire.testing.demo_guest import GUEST, visited_packets
from oddwire.testing.packets import ip_packet, udp
from tests.unit.conftest import Cli


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("visited") / "visited.pcap"
    write_pcap(path, visited_packets())
    return path


@pytest.fixture(scope="module")
def found(visited: Path) -> Analysis:
    return analyze(read(visited))


def judged(path: Path, packets: list[Timed], name: str, **thresholds: float) -> Analysis:
    write_pcap(path / "made.pcap", packets)
    settings = settings_of({"detectors": {name: thresholds}})
    return analyze(read(path / "made.pcap"), replace(settings, only=frozenset({name})))


def test_known_bad_addresses_are_recognised(cli: Cli, visited: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text(f"# known\n{GUEST}/32\n")
    done = cli("analyze", visited, "--no-store", "--blocklist", tmp_path / "bad.txt", "--json")
    listed = [one for one in json.loads(done.out)["findings"] if one["kind"] == "intel_match"]
    assert listed
    assert all(GUEST in json.dumps(one) for one in listed)


def test_anomalous_rows_become_a_file(cli: Cli, visited: Path, tmp_path: Path) -> None:
    out = tmp_path / "anomalies.csv"
    done = cli("analyze", visited, "--no-store", "--export", f"csv:{out}", "--severity", "medium")
    assert done.code == 0
    rows = pl.read_csv(out)
    assert sorted(rows["kind"]) == ["arp_scan", "brute_force", "port_scan"]
    assert set(rows["subject_ip"]) == {GUEST}


def test_odd_things_are_told_apart(found: Analysis) -> None:
    kinds = {one.kind for one in found.findings}
    assert {Kind.ARP_SCAN, Kind.PORT_SCAN, Kind.BRUTE_FORCE} <= kinds
    assert len({one.attack for one in found.findings}) > 1


def test_a_capture_named_on_the_command_line_is_judged(cli: Cli, visited: Path) -> None:
    done = cli("analyze", visited, "--no-store")
    assert done.code == 0
    assert "3 findings to look at" in done.out


def test_each_anomaly_has_source_score_and_figures(found: Analysis) -> None:
    for one in found.at_least(Severity.MEDIUM):
        assert one.subject.ip == GUEST
        assert 0 < one.score <= 1
        assert one.facts
        assert all(reason.value > reason.typical[1] for reason in one.reasons)


def test_a_host_that_deviates_from_its_own_past_is_told(tmp_path: Path) -> None:
    packets: list[Timed] = []
    for minute in range(60):
        size, count = (1_400, 4_000) if minute == 50 else (1_400, 100)
        start = BEGIN + 60 * minute
        for number in range(count):
            at = start + 50 * number / count
            packets += [
                (at, udp("10.0.0.5", 5_000, "10.0.0.9", 6_000, b"\0" * size)),
                (at + 0.001, udp("10.0.0.9", 6_000, "10.0.0.5", 5_000, b"\0" * 60)),
            ]
    seen = judged(tmp_path, packets, "unusual_volume", bytes=2_000_000)
    assert {one.kind for one in seen.findings} == {Kind.UNUSUAL_VOLUME}
    assert all(one.severity is Severity.LOW for one in seen.findings)


def test_detection_runs_by_itself_and_tells_by_its_exit_code(cli: Cli, visited: Path, tmp_path: Path) -> None:
    write_demo(tmp_path / "quiet.pcap")
    assert cli("analyze", tmp_path / "quiet.pcap", "--no-store", "--fail-on", "medium").code == 0
    assert cli("analyze", visited, "--no-store", "--fail-on", "medium").code == 1
    assert cli("analyze", visited, "--no-store", "--fail-on", "critical").code == 0


def test_basic_signs_of_intrusion_are_found(found: Analysis) -> None:
    assert {one.subject.ip for one in found.at_least(Severity.MEDIUM)} == {GUEST}
    assert all(one.packets for one in found.findings)


def test_a_host_with_unusually_high_traffic_is_named(tmp_path: Path) -> None:
    packets: list[Timed] = []
    for host in range(5, 15):
        count = 6_000 if host == 5 else 400
        sent = udp(f"10.0.0.{host}", 5_000, "10.0.0.99", 6_000, b"\0" * 1_400)
        packets += [(BEGIN + number / 1_000, sent) for number in range(count)]
    seen = judged(tmp_path, packets, "top_talker", bytes=1_000_000)
    assert [(one.kind, one.subject.ip) for one in seen.findings] == [(Kind.TOP_TALKER, "10.0.0.5")]


def test_rare_protocols_are_told(tmp_path: Path) -> None:
    packets: list[Timed] = [
        (BEGIN + number, ip_packet("10.0.0.5", "10.0.0.9", 99, b"\0" * 40)) for number in range(5)
    ]
    seen = judged(tmp_path, packets, "rare_protocol")
    assert [(one.kind, one.subject.ip) for one in seen.findings] == [(Kind.RARE_PROTOCOL, "10.0.0.5")]
    assert judged(tmp_path, packets[:2], "rare_protocol").findings == []


def test_bursts_are_told(tmp_path: Path) -> None:
    packets: list[Timed] = [
        (BEGIN + second, udp("10.0.0.5", 5_000, "10.0.0.9", 6_000, b"\0" * 90)) for second in range(400)
    ]
    packets += [
        (BEGIN + 390 + number / 3_000, udp("10.0.0.7", 5_000, "10.0.0.9", 6_000, b"\0" * 90))
        for number in range(9_000)
    ]
    seen = judged(tmp_path, packets, "burst")
    assert [(one.kind, one.subject.ip) for one in seen.findings] == [(Kind.BURST, "10.0.0.7")]


def test_anomalies_are_detected_without_any_training(found: Analysis) -> None:
    assert found.at_least(Severity.MEDIUM)
    assert not found.failures
