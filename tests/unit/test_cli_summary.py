import json
from pathlib import Path

import pytest

from oddwire.testing.capture import pcap_bytes, write_pcap
from oddwire.testing.packets import ethernet
from tests.unit import made
from tests.unit.conftest import Cli


def test_quality_comes_before_the_totals(cli: Cli, tmp_path: Path) -> None:
    shown = cli("summary", made.damaged_capture(tmp_path / "d.pcap")).out
    assert shown.index("Quality") < shown.index("Protocol") < shown.index("Top sources")


def test_a_clean_capture_says_so(cli: Cli, small: Path) -> None:
    assert "Nothing damaged, cut, dropped or out of order." in cli("summary", small).out


def test_an_empty_capture_says_so_and_its_damage(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "cut.pcap").write_bytes(pcap_bytes([])[:10])
    done = cli("summary", tmp_path / "cut.pcap")
    assert done.code == 0
    assert "No packets." in done.out
    assert "byte 0: pcap file header needs 24 bytes, has 10" in done.out


def test_json_names_its_parts_and_is_whole(cli: Cli, tmp_path: Path, small: Path) -> None:
    for path in (small, made.empty_capture(tmp_path / "e.pcap"), made.damaged_capture(tmp_path / "d.pcap")):
        facts = json.loads(cli("summary", path, "--json", "--describe").out)
        assert {"total", "protocols", "services", "volume", "lengths", "seen", "samples"} <= facts.keys()
        assert all(entry.keys() == {"name", "packets", "bytes"} for entry in facts["protocols"])
        assert facts["length_histogram"][-1]["to"] is None


def test_a_capture_without_hosts(cli: Cli, tmp_path: Path) -> None:
    frame = ethernet(b"\x00" * 46, src="02:00:00:00:00:01", dst="02:00:00:00:00:02", ethertype=0x88CC)
    write_pcap(tmp_path / "lldp.pcap", [(made.START, frame)])
    shown = cli("summary", tmp_path / "lldp.pcap").out
    assert "no IP hosts" in shown
    assert "Top sources" not in shown
    assert "Volume over time" in shown


def test_the_rankings_are_as_long_as_asked(cli: Cli, tmp_path: Path) -> None:
    many = made.many_hosts(tmp_path / "many.pcap")
    assert len(json.loads(cli("summary", many, "--top", 3, "--json").out)["sources_by_bytes"]) == 3


def test_several_inputs_share_a_title(cli: Cli, tmp_path: Path) -> None:
    names = [made.small_capture(tmp_path / f"{letter}.pcap") for letter in "abcd"]
    shown = cli("summary", *names).out
    assert shown.startswith("4 inputs: ")
    assert shown.splitlines()[0].endswith("...")
    assert f"{4 * made.PACKETS} packets" in shown


def test_a_report_is_written_and_named(cli: Cli, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    done = cli("summary", small, "--report", out)
    assert f"{out}: written" in done.err
    assert out.read_text().startswith("<!doctype html>")


@pytest.mark.parametrize("words", [["--sample", "2"], ["--describe"]])
def test_extras_fit_in(cli: Cli, small: Path, words: list[str]) -> None:
    done = cli("summary", small, *words)
    assert done.code == 0
    assert len(done.out) > len(cli("summary", small).out)


def test_no_samples_of_what_is_not_there(cli: Cli, tmp_path: Path) -> None:
    write_pcap(
        tmp_path / "tcp.pcap", [packet for packet in made.small_packets() if packet[1][23:24] == b"\x06"]
    )
    assert "No UDP packets." in cli("summary", tmp_path / "tcp.pcap", "--sample", 1).out
