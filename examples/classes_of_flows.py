"""Scan or ordinary? Learned from made traffic, said of a capture. Usage: classes_of_flows.py [CAPTURE]."""

import sys
import tempfile
from pathlib import Path

import polars as pl

import oddwire
from oddwire.engine.classifier_training import Wish, train_classifier
from oddwire.engine.labelled_rows import Rows
from oddwire.testing.capture import write_pcap
from oddwire.testing.demo import demo_packets
from oddwire.testing.packets import ACK, RST, SYN, tcp

SCANNER, TARGET, BEGIN = "192.168.10.66", "192.168.10.3", 1_710_062_460.0


def made(path: Path) -> Path:
    """Write a small office in which one host tries 150 ports of another."""
    packets = demo_packets()
    for at in range(150):
        time, port = BEGIN + at * 0.1, 1_000 + 7 * at
        packets.append((time, tcp(SCANNER, 40_000 + at, TARGET, port, SYN)))
        packets.append((time + 0.001, tcp(TARGET, port, SCANNER, 40_000 + at, RST | ACK, ack=1)))
    write_pcap(path, sorted(packets, key=lambda one: one[0]))
    return path


def told(folder: Path, capture: Path) -> list[str]:
    """Learn from the flows of made traffic, and return what the flows of a capture are said to be."""
    flows = oddwire.read(made(folder / "made.pcap")).flows()
    label = pl.when(pl.col("src_ip") == SCANNER).then(pl.lit("scan")).otherwise(pl.lit("ordinary"))
    flows.with_columns(label=label).write_parquet(folder / "labelled.parquet")
    found = train_classifier(Wish(rows=Rows(inputs=[folder / "labelled.parquet"])))
    said = found.classifier.predicted(oddwire.read(capture).flows())
    counted = said["label"].value_counts().sort("label").rows()
    return [
        f"{found.figures.accuracy:.0%} of {found.figures.rows} held-out flows are right",
        *(f"{label}: {count} flows of {capture.name}" for label, count in counted),
        f"like neither: {said['unknown'].sum()}",
    ]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(name) / "made.pcap"
        print("\n".join(told(Path(name), chosen)))
