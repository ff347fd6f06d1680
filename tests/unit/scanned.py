"""A made capture with a scan in it, analysed and kept."""

import json
from dataclasses import dataclass
from pathlib import Path

from oddwire.engine.analysis import analyze
from oddwire.engine.keeping import keep
from oddwire.records.finding import Finding
from oddwire.sources.files import Capture
from oddwire.store.workspace import Workspace
from oddwire.testing.capture import Timed, write_pcap
from oddwire.testing.packets import ACK, RST, SYN, tcp
from tests.unit.made import START, small_packets

SCANNER, VICTIM, PORTS = "10.0.0.5", "10.0.0.9", 60


def scan(*, start: float = START + 10, scanner: str = SCANNER) -> list[Timed]:
    """Return a fast scan of 60 ports, each refused."""
    packets: list[Timed] = []
    for at in range(PORTS):
        time, port = start + 0.05 * at, 20 + at
        packets += [
            (time, tcp(scanner, 40_000 + at, VICTIM, port, SYN)),
            (time + 0.001, tcp(VICTIM, port, scanner, 40_000 + at, RST | ACK)),
        ]
    return packets


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Where everything lies, and what was found."""

    capture: Path
    store: Path
    findings: Path
    found: Finding


def scanned(folder: Path) -> Kept:
    """Write a scan among ordinary traffic, analyse it and keep what is found."""
    capture = folder / "scan.pcap"
    write_pcap(capture, [*small_packets(), *scan()])
    return kept(folder, Capture(inputs=(str(capture),)))


def kept(folder: Path, capture: Capture) -> Kept:
    """Analyse a capture and keep what is found, in a workspace and in a file."""
    analysis = analyze(capture)
    with Workspace.open(folder / "store", write=True) as workspace:
        keep(workspace, capture, analysis)
    lines = [json.dumps(one.to_dict()) for one in analysis.findings]
    (folder / "findings.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return Kept(
        capture=Path(str(capture.inputs[0])),
        store=folder / "store",
        findings=folder / "findings.jsonl",
        found=next(one for one in analysis.findings if one.detector == "port_scan"),
    )
