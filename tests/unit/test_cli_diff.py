import json
from pathlib import Path
from typing import Any

import pytest

from oddwire.engine import one_side
from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.packets import ACK, RST, SYN, arp, tcp, udp
from oddwire.testing.sessions import tcp_session
from tests.unit import made
from tests.unit.conftest import Cli
from tests.unit.made import CLIENT, SERVER, SIX, START, small_packets
from tests.unit.test_evaluation import SCANNER, TARGET, scan

LONELY = "192.168.1.77"


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """Return the small capture without IPv6, with a scan, a new service, an upload and a new host."""
    packets: list[Timed] = [
        *(one for one in small_packets() if one[0] < START + 4),
        *scan(),
        *tcp_session(CLIENT, 50_100, SERVER, 8_443, [(300_000, 100)], start=START + 6),
        *tcp_session(CLIENT, 50_200, SERVER, 443, [(400_000, 3_000)], start=START + 8),
        (START + 9, arp(1, src=LONELY, dst=CLIENT)),
    ]
    write_pcap(tmp_path / "changed.pcap", packets)
    return tmp_path / "changed.pcap"


def difference(cli: Cli, *words: object) -> dict[str, Any]:
    done = cli("diff", *words, "--json")
    assert done.code == 0, done.err
    figures: dict[str, Any] = json.loads(done.out)
    return figures


def test_the_same_capture_twice_is_no_change(cli: Cli, small: Path) -> None:
    done = cli("diff", small, small)
    assert done.code == 0
    assert "Nothing changed that is worth a line." in done.out
    assert done.out.splitlines()[-1] == f"Next: oddwire summary {small}"


def test_what_came_and_what_went(cli: Cli, small: Path, changed: Path) -> None:
    found = difference(cli, small, changed)
    assert {one["ip"] for one in found["hosts"]["new"]} == {SCANNER, TARGET, LONELY}
    assert {one["ip"] for one in found["hosts"]["gone"]} == set(SIX)
    assert [one["port"] for one in found["services"]["new"]] == [8_443]
    assert [(one["ip"], one["port"]) for one in found["services"]["gone"]] == [(SIX[1], 53)]
    [gone, new] = found["findings"]["gone"], found["findings"]["new"]
    assert (gone, [(one["kind"], one["subject"]["ip"]) for one in new]) == ([], [("port_scan", SCANNER)])
    assert {(one["ip"], one["protocol"]) for one in found["volumes"]} >= {(CLIENT, "https")}
    assert len(found["macs"]["new"]) == 3


def test_the_other_way_round_is_the_contrary(cli: Cli, small: Path, changed: Path) -> None:
    there, back = difference(cli, small, changed), difference(cli, changed, small)
    for part in ("findings", "services", "macs", "protocols", "hosts"):
        assert there[part]["new"] == back[part]["gone"], part
        assert there[part]["gone"] == back[part]["new"], part


def test_the_screen_puts_findings_first_and_ends_with_a_command(cli: Cli, small: Path, changed: Path) -> None:
    lines = cli("diff", small, changed).out.splitlines()
    assert lines[0].startswith("Base  ")
    assert lines[1].startswith("New   ")
    assert lines[2].startswith("The lengths differ: volumes of the base are shown times ")
    assert lines[4] == "New findings"
    assert lines[-1] == f"Next: oddwire analyze {changed}"
    assert len(lines) <= 45


def test_the_command_after_a_change_without_findings_runs(cli: Cli, small: Path, tmp_path: Path) -> None:
    write_pcap(tmp_path / "more.pcap", [*small_packets(), (START + 5, udp(LONELY, 9, SERVER, 9, b"x"))])
    shown = cli("diff", small, tmp_path / "more.pcap").out
    assert f"{LONELY}  sent " in shown
    assert shown.splitlines()[-1].endswith(f"--filter 'src_ip == {LONELY} or dst_ip == {LONELY}'")
    words = ("--filter", f"src_ip == {LONELY} or dst_ip == {LONELY}", "--format", "json")
    assert len(json.loads(cli("flows", tmp_path / "more.pcap", *words).out)) == 1


def test_a_long_list_is_cut_and_says_so(cli: Cli, tmp_path: Path) -> None:
    many, none = made.many_hosts(tmp_path / "many.pcap"), made.empty_capture(tmp_path / "none.pcap")
    shown = cli("diff", none, many, "--top", 3).out
    assert "New hosts (30)" in shown
    assert "  and 27 more; all with --json" in shown
    assert "10.0.0.30  sent " in shown


def test_a_refused_connection_and_a_silent_one_are_no_service(cli: Cli, tmp_path: Path) -> None:
    packets: list[Timed] = [
        (START, tcp(CLIENT, 40_000, SERVER, 22, SYN)),
        (START + 0.1, tcp(SERVER, 22, CLIENT, 40_000, RST | ACK, ack=1)),
        (START + 1, udp(CLIENT, 40_000, SERVER, 53, b"ask")),
    ]
    write_pcap(tmp_path / "refused.pcap", packets)
    found = difference(cli, made.empty_capture(tmp_path / "none.pcap"), tmp_path / "refused.pcap")
    assert found["services"]["new"] == []
    assert {one["ip"] for one in found["hosts"]["new"]} == {CLIENT, SERVER}


def test_what_goes_beyond_the_bound_is_counted(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(one_side, "MOST", 10)
    many = made.many_hosts(tmp_path / "many.pcap")
    done = cli("diff", many, many)
    assert "were left out" in done.err
    assert difference(cli, many, many)["base"]["hosts"] == 10


def test_a_side_that_cannot_be_read_is_named(cli: Cli, small: Path, tmp_path: Path) -> None:
    done = cli("diff", small, tmp_path / "none.pcap")
    assert done.code == 3
    assert "none.pcap" in done.err


def test_standard_input_is_refused(cli: Cli, small: Path) -> None:
    done = cli("diff", small, "-")
    assert done.code == 2
    assert "standard input can be read only once" in done.err
