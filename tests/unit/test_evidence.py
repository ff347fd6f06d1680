"""The packets of a finding: exactly those, from the captures that were analysed and no others."""

from pathlib import Path

import pytest

import oddwire
from oddwire.engine.analysis import analyze
from oddwire.engine.evidence import carve, locate
from oddwire.engine.keeping import kept_rules
from oddwire.engine.settings import Settings
from oddwire.errors import CaptureError, CaptureNotFound, UsageError
from oddwire.native import Options
from oddwire.sources.files import Capture
from oddwire.store.workspace import Workspace
from oddwire.testing.capture import write_pcap
from tests.unit.made import START, small_packets
from tests.unit.scanned import PORTS, SCANNER, VICTIM, Kept, kept, scan, scanned


@pytest.fixture
def made(tmp_path: Path) -> Kept:
    """Return a scan that was analysed and kept."""
    return scanned(tmp_path)


def rows(path: Path) -> list[tuple[object, ...]]:
    """Return time, ends and length of each packet."""
    frame = oddwire.read(path).packets(columns=["time", "src_ip", "dst_ip", "dst_port", "length"])
    return frame.rows()


@pytest.mark.parametrize("ending", ["pcap", "pcapng"])
def test_the_deletion_test(made: Kept, tmp_path: Path, ending: str) -> None:
    located = locate(made.found.id[:8], store=made.store)
    taken, rest = tmp_path / f"taken.{ending}", tmp_path / f"rest.{ending}"
    done = carve(located, taken)
    assert done.written == done.counted == sum(one.count for one in made.found.packets) == 2 * PORTS
    assert {row[1] for row in rows(taken)} == {SCANNER, VICTIM}
    assert carve(located, rest, others=True).written == len(rows(made.capture)) - 2 * PORTS
    assert sorted([*rows(taken), *rows(rest)], key=repr) == sorted(rows(made.capture), key=repr)
    again = [one.id for one in analyze(Capture(inputs=(str(taken),))).findings if one.kind == "port_scan"]
    assert again == [made.found.id]
    left = analyze(Capture(inputs=(str(rest),))).findings
    assert [one for one in left if one.kind == "port_scan"] == []


def test_a_finding_in_a_file_is_found_without_a_workspace(made: Kept, tmp_path: Path) -> None:
    located = locate(made.found.id, store=tmp_path / "none", findings=made.findings)
    assert located.finding.to_dict() == made.found.to_dict()
    assert carve(located, tmp_path / "taken.pcap").written == 2 * PORTS


@pytest.mark.parametrize("from_file", [True, False])
def test_a_capture_that_moved_is_named(made: Kept, tmp_path: Path, *, from_file: bool) -> None:
    located = locate(made.found.id, store=made.store, findings=made.findings if from_file else None)
    moved = made.capture.rename(tmp_path / "moved.pcap")
    with pytest.raises(CaptureNotFound, match=r"scan\.pcap: .* not there any more; .*--input FILE"):
        carve(located, tmp_path / "taken.pcap")
    assert not (tmp_path / "taken.pcap").exists()
    assert carve(located, tmp_path / "taken.pcap", named=[moved]).written == 2 * PORTS


def test_a_capture_that_changed_is_refused(made: Kept, tmp_path: Path) -> None:
    located = locate(made.found.id, store=made.store)
    write_pcap(made.capture, scan(start=START + 11))
    with pytest.raises(CaptureError, match=r"scan\.pcap: the content has changed since it was analysed"):
        carve(located, tmp_path / "taken.pcap")
    with pytest.raises(CaptureError, match=r"the content is not that of 'scan\.pcap'"):
        carve(located, tmp_path / "taken.pcap", named=[made.capture])


def test_only_the_captures_that_hold_packets_are_needed(tmp_path: Path) -> None:
    write_pcap(tmp_path / "a.pcap", small_packets())
    write_pcap(tmp_path / "b.pcap", scan())
    write_pcap(tmp_path / "c.pcap", scan(start=START + 12))
    made = kept(tmp_path, Capture(inputs=tuple(str(tmp_path / f"{name}.pcap") for name in "abc")))
    located = locate(made.found.id, store=made.store)
    (tmp_path / "a.pcap").unlink()
    assert carve(located, tmp_path / "taken.pcap").written == 4 * PORTS
    with pytest.raises(CaptureNotFound, match=r"a\.pcap"):
        carve(located, tmp_path / "rest.pcap", others=True)


def test_the_options_of_the_run_hold_again(tmp_path: Path) -> None:
    capture = tmp_path / "twice.pcap"
    write_pcap(capture, [packet for one in scan() for packet in (one, one)])
    made = kept(tmp_path, Capture(inputs=(str(capture),), options=Options(dedupe=True)))
    assert sum(one.count for one in made.found.packets) == 2 * PORTS
    assert carve(locate(made.found.id, store=made.store), tmp_path / "taken.pcap").written == 2 * PORTS
    without = carve(locate(made.found.id, store=made.store, findings=made.findings), tmp_path / "all.pcap")
    assert (without.written, without.counted) == (4 * PORTS, 2 * PORTS)


def test_the_capture_itself_is_not_overwritten(made: Kept, tmp_path: Path) -> None:
    located = locate(made.found.id, store=made.store)
    before = made.capture.read_bytes()
    (tmp_path / "link.pcap").symlink_to(made.capture)
    for out in (made.capture, tmp_path / "link.pcap"):
        with pytest.raises(UsageError, match="this is the capture itself"):
            carve(located, out)
    with pytest.raises(UsageError, match=r"let it end in \.pcap or \.pcapng"):
        carve(located, tmp_path / "taken.txt")
    assert made.capture.read_bytes() == before


@pytest.mark.parametrize("text", ["no json", "{}", "[1]", '{"id": "f00dfeed"}'])
def test_a_line_that_is_no_finding_is_named(made: Kept, tmp_path: Path, text: str) -> None:
    path = tmp_path / "mixed.jsonl"
    path.write_text(made.findings.read_text(encoding="utf-8") + text + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"mixed\.jsonl: line \d is no finding"):
        locate(made.found.id, store=made.store, findings=path)


def test_a_file_of_findings_that_is_not_there_is_said(made: Kept, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"none\.jsonl: No such file"):
        locate(made.found.id, store=made.store, findings=tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_bytes(b"")
    with pytest.raises(UsageError, match="no finding begins with"):
        locate(made.found.id, store=made.store, findings=tmp_path / "empty.jsonl")


def test_a_kept_rule_holds_for_the_next_analysis(made: Kept) -> None:
    with Workspace.open(made.store, write=True) as workspace:
        workspace.suppress({"subject": SCANNER, "until": "2030-01-01", "reason": "ours"})
    rules = kept_rules(Workspace.open(made.store, write=False))
    analysis = analyze(Capture(inputs=(str(made.capture),)), Settings(rules=rules))
    assert [one for one in analysis.findings if one.subject.ip == SCANNER] == []
    assert "ours" in analysis.suppressed
