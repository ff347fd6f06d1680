"""The promises that what was said keeps, by the command line alone."""

import json
from pathlib import Path

from oddwire.engine.inspection import quality_lines
from oddwire.engine.tables import columns_of
from oddwire.testing.demo import write_demo
from tests.unit.conftest import Cli


def test_protocols_are_parsed_from_the_one_pass(cli: Cli, tmp_path: Path) -> None:
    write_demo(tmp_path / "demo.pcap")
    rows = json.loads(cli("dns", tmp_path / "demo.pcap", "--format", "json").out)
    assert {row["message"] for row in rows} >= {"exchange"}
    assert all(row["query"] and row["query_type"] for row in rows)


def test_encrypted_traffic_tells_names_and_fingerprints() -> None:
    said = {column["name"] for table in ("tls", "quic") for column in columns_of(table)}
    assert said >= {
        "sni", "alpn", "version", "cipher", "ja3", "ja3s", "ja4", "ech", "records", "resumed",
        "subject", "issuer", "not_after", "self_signed", "key_bits", "certificate_sha256",
    }  # fmt: skip


def test_the_summary_names_services_and_domains(cli: Cli, tmp_path: Path) -> None:
    write_demo(tmp_path / "demo.pcap")
    spoken = json.loads(cli("summary", tmp_path / "demo.pcap", "--json").out)["spoken"]
    assert {"dns", "ntp"} <= {one["name"] for one in spoken["services"] if one["by_content"]}
    assert spoken["domains"][0]["queries"] > 0
    assert spoken["domain_count"] >= len(spoken["domains"])
    shown = cli("summary", tmp_path / "demo.pcap").out
    assert "Services by what was said" in shown
    assert spoken["domains"][0]["domain"] in shown


def test_without_payload_the_summary_says_nothing_of_it(cli: Cli, tmp_path: Path) -> None:
    write_demo(tmp_path / "demo.pcap")
    spoken = json.loads(cli("summary", tmp_path / "demo.pcap", "--json", "--no-payload").out)["spoken"]
    assert (spoken["services"], spoken["domains"], spoken["fingerprints"]) == ([], [], [])


def test_a_screen_keeps_long_texts_short_and_files_whole(cli: Cli, tmp_path: Path) -> None:
    write_demo(tmp_path / "demo.pcap")
    shown = cli("dns", tmp_path / "demo.pcap", "--columns", "flow_id,query")
    assert shown.code == 0
    assert max(len(cell) for line in shown.out.splitlines() for cell in line.split("  ")) <= 60


def test_what_was_left_out_of_the_counts_is_said() -> None:
    lines = quality_lines({"inputs": [], "forgotten": 3, "unheard_flows": 1, "unheard_work": 2})
    assert lines == [
        "1 flow left unheard for lack of memory",
        "2 handshakes or certificates left unread: too many in a second",
        "3 names left out of the counts: too many",
    ]
