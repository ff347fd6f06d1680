"""`oddwire analyze`: what it says, writes and keeps, and how it ends."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from oddwire.detectors.port_scan import PortScan
from oddwire.testing.capture import write_pcap
from oddwire.testing.demo import write_demo
from oddwire.testing.demo_guest import GUEST, visited_packets
from tests.unit.conftest import Cli


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("visited") / "visited.pcap"
    write_pcap(path, visited_packets())
    return path


@pytest.fixture
def quiet(tmp_path: Path) -> Path:
    write_demo(tmp_path / "quiet.pcap")
    return tmp_path / "quiet.pcap"


def test_a_quiet_capture_is_a_result(cli: Cli, quiet: Path, tmp_path: Path) -> None:
    out = tmp_path / "findings.jsonl"
    done = cli("analyze", quiet, "--no-store", "--findings", out)
    assert done.code == 0
    assert "No findings at medium or above in 6,929 packets" in done.out
    assert out.read_bytes() == b"", "silence is an empty file"


def test_two_runs_are_byte_equal(cli: Cli, visited: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        cli("analyze", visited, "--no-store", "--findings", tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes() != b""


def test_no_path_of_this_machine_is_in_a_finding(cli: Cli, visited: Path, tmp_path: Path) -> None:
    cli("analyze", visited, "--no-store", "--findings", tmp_path / "out.jsonl")
    text = (tmp_path / "out.jsonl").read_text()
    assert str(visited.parent) not in text
    assert '"input": "visited.pcap"' in text


def test_the_screen_ranks_and_names_the_next_command(cli: Cli, visited: Path, tmp_path: Path) -> None:
    done = cli("analyze", visited, "--store", tmp_path / "kept")
    first = done.out.index("asked by ARP for 253 addresses")
    assert first < done.out.index("Next: oddwire explain")
    word = done.out.split("Next: ")[1].split()
    explained = cli(*word[1:])
    assert explained.code == 0
    assert GUEST in explained.out


def test_what_is_not_kept_cannot_be_explained_and_says_so(cli: Cli, visited: Path) -> None:
    assert "Nothing is kept" in cli("analyze", visited, "--no-store").out


def test_exports_are_read_by_others(cli: Cli, visited: Path, tmp_path: Path) -> None:
    words = [f"{name}:{tmp_path / f'f.{name}'}" for name in ("csv", "json", "parquet", "sqlite")]
    done = cli("analyze", visited, "--no-store", *(part for word in words for part in ("--export", word)))
    assert done.code == 0
    table = pl.read_parquet(tmp_path / "f.parquet")
    assert table.height == pl.read_csv(tmp_path / "f.csv").height == 3
    assert json.loads(table["line"][0])["id"] == table["id"][0]
    with closing(sqlite3.connect(tmp_path / "f.sqlite")) as base:
        assert base.execute("SELECT count(*) FROM findings").fetchone() == (3,)


def test_standard_input_is_judged_and_says_what_it_cannot_name(
    visited: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import subprocess
    import sys

    monkeypatch.chdir(tmp_path)
    command = [sys.executable, "-m", "oddwire", "analyze", "-", "--no-store", "--json"]
    with visited.open("rb") as stream:
        done = subprocess.run(command, stdin=stream, capture_output=True, check=True)
    findings = json.loads(done.stdout)["findings"]
    assert len(findings) == 3
    assert {one["filters"]["why_not"] for one in findings} == {
        "the input was a stream, which cannot be read a second time"
    }


def test_severity_leaves_out_what_is_less(cli: Cli, visited: Path) -> None:
    done = cli("analyze", visited, "--no-store", "--severity", "high")
    assert "No findings at high or above" in done.out


def test_detectors_are_chosen_by_name(cli: Cli, visited: Path) -> None:
    chosen = json.loads(cli("analyze", visited, "--no-store", "--json", "--detectors", "port_scan").out)
    assert {one["detector"] for one in chosen["findings"]} == {"port_scan"}
    without = json.loads(cli("analyze", visited, "--no-store", "--json", "--detectors=-port_scan").out)
    assert "port_scan" not in {one["detector"] for one in without["findings"]}
    assert len(without["findings"]) == 2
    wrong = cli("analyze", visited, "--detectors", "port_scam")
    assert (wrong.code, "there is no detector 'port_scam'" in wrong.err) == (2, True)


def test_thresholds_and_rules_come_from_a_file(cli: Cli, visited: Path, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(
        "[detectors.port_scan]\nfast_ports = 500\nslow_ports = 500\n"
        '[[suppress]]\nkind = "arp_scan"\nreason = "our inventory"\n'
    )
    done = cli("analyze", visited, "--no-store", "--config", tmp_path / "own.toml")
    assert "1 finding to look at" in done.out
    assert "suppressed: our inventory" in done.err


def test_what_was_suppressed_in_the_workspace_is_raised_no_more(
    cli: Cli, visited: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    cli("suppress", "--subject", GUEST, "--reason", "the auditor", "--store", kept)
    done = cli("analyze", visited, "--store", kept)
    assert "No findings at medium or above" in done.out
    assert "suppressed: the auditor" in done.err


def test_a_failing_detector_is_told_and_the_others_go_on(
    cli: Cli, visited: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(PortScan, "observe", fail)
    done = cli("analyze", visited, "--no-store")
    assert "2 findings to look at" in done.out
    assert "detector port_scan failed and was left out: ZeroDivisionError: of all things" in done.err


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["missing.pcap"], 3, "missing.pcap"),
        (["{}", "--export", "xml"], 2, "'xml'"),
        (["{}", "--config", "none.toml"], 2, "none.toml"),
        (["{}", "--local-net", "10.0.0.300/8"], 2, "10.0.0.300"),
        (["{}", "--blocklist", "none.txt"], 2, "none.txt"),
    ],
)
def test_what_is_wrong_is_one_line(cli: Cli, quiet: Path, words: list[str], code: int, says: str) -> None:
    done = cli("analyze", "--no-store", *(word.format(quiet) for word in words))
    assert done.code == code
    assert says in done.err
    assert done.err.count("\n") == 1


def test_an_empty_file_makes_an_empty_file_of_findings(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty.pcap").write_bytes(b"")
    done = cli("analyze", tmp_path / "empty.pcap", "--no-store", "--findings", tmp_path / "out.jsonl")
    assert done.code == 0
    assert "holds no byte" in done.err
    assert (tmp_path / "out.jsonl").read_bytes() == b""
