import json
from pathlib import Path
from typing import Any

import pytest

from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.packets import ACK, RST, SYN, tcp
from tests.unit.conftest import Cli
from tests.unit.made import START, small_packets

SCANNER, TARGET = "10.0.0.5", "10.0.0.9"
HEAD = "capture,kind,also,attackers,victims,start,end,label"


def scan() -> list[Timed]:
    """Return a scan of 200 ports, all refused, in 20 s."""
    packets: list[Timed] = []
    for at in range(200):
        time, port = START + 5 + at * 0.1, 1_000 + at * 7
        packets += [
            (time, tcp(SCANNER, 40_000 + at, TARGET, port, SYN)),
            (time + 0.001, tcp(TARGET, port, SCANNER, 40_000 + at, RST | ACK, ack=1)),
        ]
    return packets


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Return a folder with an attacked and a benign capture, and labels of them."""
    (tmp_path / "captures").mkdir()
    write_pcap(tmp_path / "captures" / "scan.pcap", scan())
    write_pcap(tmp_path / "captures" / "quiet.pcap", small_packets())
    rows = [
        HEAD,
        f"scan.pcap,port_scan,,{SCANNER},{TARGET},{START + 5},2024-03-10T09:20:25Z,a scan",
        "captures/quiet.pcap,benign,,,,,,",
    ]
    (tmp_path / "labels.csv").write_text("\n".join(rows) + "\n")
    return tmp_path


def judged(cli: Cli, *words: object) -> dict[str, Any]:
    done = cli("evaluate", *words, "--json")
    assert done.code == 0, done.err
    figures: dict[str, Any] = json.loads(done.out)
    return figures


def test_a_folder_is_judged_by_its_labels(cli: Cli, labelled: Path) -> None:
    figures = judged(cli, labelled / "captures", "--labels", labelled / "labels.csv")
    [row] = figures["rows"]
    assert row["detected"]
    assert row["attributed"]
    assert row["right_kind"]
    assert row["delay_s"] < 20
    [part] = figures["benign"]
    assert (part["alarms"], part["run"], part["hours"]) == (0, True, round(1 / 60, 4))
    assert figures["summary"]["entity_precision"] == 1


def test_the_screen_says_it_in_sentences(cli: Cli, labelled: Path) -> None:
    shown = cli("evaluate", labelled / "captures", "--labels", labelled / "labels.csv").out
    assert "1 of 1 labelled attack found: the right subject in 1, of the right kind in 1." in shown
    assert "0 false alarms in 0.02 benign hours" in shown
    assert "Median time to the first alarm" in shown


def test_rows_are_shown_on_request(cli: Cli, labelled: Path) -> None:
    shown = cli("evaluate", labelled / "captures", "--labels", labelled / "labels.csv", "--rows").out
    assert "scan.pcap" in shown


def test_findings_are_kept_and_judged_again_without_captures(cli: Cli, labelled: Path) -> None:
    labels, kept = labelled / "labels.csv", labelled / "kept"
    first = judged(cli, labelled / "captures", "--labels", labels, "--keep-findings", kept)
    assert {path.name for path in kept.iterdir()} == {"scan.pcap.jsonl", "captures__quiet.pcap.jsonl"}
    assert (kept / "captures__quiet.pcap.jsonl").read_text() == ""
    again = judged(cli, "--labels", labels, "--findings-dir", kept)
    assert again["rows"] == first["rows"]


def test_findings_of_another_tool_are_read_by_the_detectors_name(cli: Cli, labelled: Path) -> None:
    line = {
        "detector": "port_scan",
        "severity": "high",
        "start": START + 6,
        "end": START + 8,
        "subject": {"ip": SCANNER, "mac": None},
    }
    other = labelled / "other"
    other.mkdir()
    (other / "scan.pcap.jsonl").write_text(json.dumps(line) + "\n")
    [row] = judged(cli, "--labels", labelled / "labels.csv", "--findings-dir", other)["rows"]
    assert (row["right_kind"], row["delay_s"]) == (True, 3)


def test_a_false_alarm_names_its_detector_and_the_next_command(cli: Cli, labelled: Path) -> None:
    (labelled / "labels.csv").write_text(f"{HEAD}\nscan.pcap,benign,,,,,,\n")
    shown = cli("evaluate", labelled / "captures", "--labels", labelled / "labels.csv").out
    assert "1 port_scan: scan.pcap" in shown
    assert shown.splitlines()[-1].endswith("scan.pcap")
    assert shown.splitlines()[-1].startswith("Next: oddwire analyze ")


def test_a_severity_above_the_findings_misses_them(cli: Cli, labelled: Path) -> None:
    figures = judged(
        cli, labelled / "captures", "--labels", labelled / "labels.csv", "--severity", "critical"
    )
    assert not figures["rows"][0]["detected"]


def test_a_capture_without_a_file_counts_as_missed(cli: Cli, labelled: Path) -> None:
    done = cli("evaluate", labelled / "captures" / "quiet.pcap", "--labels", labelled / "labels.csv")
    assert "1 label without a capture" in done.out
    assert "port_scan, not judged: a scan" in done.out


def test_a_manifest_names_the_files(cli: Cli, labelled: Path) -> None:
    (labelled / "labels.csv").write_text(f"{HEAD}\nfar/away,port_scan,,{SCANNER},,,,\n")
    (labelled / "MANIFEST.csv").write_text("path,origin\ncaptures/scan.pcap,far/away\n")
    words = ("--labels", labelled / "labels.csv", "--manifest", labelled / "MANIFEST.csv")
    assert judged(cli, *words)["rows"][0]["right_kind"]
    assert judged(cli, labelled / "captures", *words)["rows"][0]["right_kind"]


def test_columns_beyond_the_needed_ones_are_used_or_passed_over(cli: Cli, labelled: Path) -> None:
    head = "capture,row,group,kind,also,attackers,victims,start,end,first,last,active_minutes,remainder,mood"
    row = f"scan.pcap,D1,dev,port_scan,,{SCANNER},,,,{START},{START + 60},1,benign,grim"
    (labelled / "labels.csv").write_text(f"{head}\n{row}\n")
    figures = judged(cli, labelled / "captures", "--labels", labelled / "labels.csv")
    assert figures["rows"][0]["row"] == "D1"
    assert figures["summary"]["recall"]["dev"]["right_kind"] == 1
    assert figures["benign"][0]["part"] == "remainder"


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ("capture,kind\n", "no column named attackers"),
        (f"{HEAD}\nscan.pcap,port_scan,,,,soon,,\n", "row 1: 'soon' is no time"),
        (f"{HEAD}\nelsewhere.pcap,port_scan,,,,,,\n", "none of the labelled captures is among the files"),
    ],
)
def test_labels_that_cannot_be_used(cli: Cli, labelled: Path, labels: str, said: str) -> None:
    (labelled / "labels.csv").write_text(labels)
    done = cli("evaluate", labelled / "captures", "--labels", labelled / "labels.csv")
    assert done.code == 2
    assert said in done.err
    assert len(done.err.splitlines()) == 1


def test_a_name_that_fits_two_files_is_refused(cli: Cli, labelled: Path) -> None:
    (labelled / "captures" / "more").mkdir()
    write_pcap(labelled / "captures" / "more" / "scan.pcap", scan())
    done = cli("evaluate", labelled / "captures", "--labels", labelled / "labels.csv")
    assert done.code == 2
    assert "'scan.pcap' may be" in done.err


def test_an_unknown_kind_is_remarked_upon(cli: Cli, labelled: Path) -> None:
    (labelled / "labels.csv").write_text(f"{HEAD}\nscan.pcap,portscan,,{SCANNER},,,,\n")
    done = cli("evaluate", labelled / "captures", "--labels", labelled / "labels.csv")
    assert "'portscan' is no kind of finding" in done.err
    assert "portscan, other kind" in done.out


def test_findings_are_read_or_written_not_both(cli: Cli, labelled: Path) -> None:
    done = cli("evaluate", "--labels", labelled / "labels.csv", "--findings-dir", "a", "--keep-findings", "b")
    assert done.code == 2
    assert "not written again" in done.err
