"""A story on the command line: told before its findings, in JSON, in the report, and step by step."""

import json
from pathlib import Path

import pytest

from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.packets import icmp
from oddwire.testing.sessions import tcp_session
from tests.unit.conftest import Cli
from tests.unit.scanned import SCANNER, scan


def sweep(start: float) -> list[Timed]:
    """Return pings of forty hosts that nobody answers."""
    return [(start + at / 20, icmp(SCANNER, f"10.0.0.{100 + at}", 8)) for at in range(40)]


@pytest.fixture
def capture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a capture in which one host looks for hosts and then tries ports, while others talk."""
    monkeypatch.setenv("ODDWIRE_STORE", str(tmp_path / "store"))
    scanned = scan()
    begin = min(time for time, _ in scanned)
    others = tcp_session("10.0.0.7", 40_000, "203.0.113.80", 443, [(400, 9_000)], start=begin - 50)
    path = tmp_path / "story.pcap"
    write_pcap(path, sorted([*others, *sweep(begin - 60), *scanned], key=lambda one: one[0]))
    return path


def test_the_story_is_told_before_its_findings(cli: Cli, capture: Path, tmp_path: Path) -> None:
    done = cli("analyze", capture, "--report", tmp_path / "r.html")
    assert done.code == 0
    assert f"Together: {SCANNER} looked for hosts and tried ports of " in " ".join(done.out.split())
    assert done.out.index("Together") < done.out.index("medium ")
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert f"{SCANNER} looked for hosts and tried ports of " in page


def test_json_holds_incidents_and_explain_tells_them(cli: Cli, capture: Path, tmp_path: Path) -> None:
    findings = tmp_path / "f.jsonl"
    (told,) = json.loads(cli("analyze", capture, "--json", "--findings", findings).out)["incidents"]
    assert [step["kind"] for step in told["steps"] if step["severity"] != "low"] == [
        "host_sweep",
        "port_scan",
    ]
    shown = cli("explain", told["id"])
    assert f"--findings {findings}" not in shown.out
    for places in ((), ("--findings", findings)):
        again = json.loads(cli("explain", told["id"], *places, "--json").out)
        assert again == {"incident": told}
        shown = cli("explain", told["id"], *places)
        assert shown.code == 0
        titles = [step["title"] for step in told["steps"]]
        flat = " ".join(shown.out.split())
        assert [flat.index(title) for title in titles] == sorted(flat.index(title) for title in titles)
        assert "Next: oddwire explain " in shown.out
    assert f"--findings {findings}" in shown.out


def test_what_is_no_incident_is_said(cli: Cli, capture: Path) -> None:
    assert cli("analyze", capture).code == 0
    done = cli("explain", "i-000000000000")
    assert done.code == 2
    assert "there is no incident 'i-000000000000'" in done.err


def test_a_finding_names_its_incident(cli: Cli, capture: Path) -> None:
    (told,) = json.loads(cli("analyze", capture, "--json").out)["incidents"]
    shown = cli("explain", told["steps"][0]["finding"])
    assert f"oddwire explain {told['id']}" in " ".join(shown.out.split())
