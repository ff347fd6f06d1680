"""Which kind of traffic is a flow? Learned from labels. Usage: classes_of_flows.py [CAPTURE]."""

import sys
import tempfile
from pathlib import Path

import oddwire
from oddwire.engine.classifier_training import Wish, train_classifier
from oddwire.engine.labelled_rows import Rows
from oddwire.testing.capture import write_pcap
from oddwire.testing.demo import demo_packets


def told(capture: Path, folder: Path) -> list[str]:
    """Learn the transport of flows from their sizes and times alone, and return how well that goes."""
    flows = oddwire.read(capture).flows()
    # Labels usually come from people; here the transport serves, and what gives it away is left out below.
    flows.rename({"transport": "label"}).write_parquet(folder / "flows.parquet")
    found = train_classifier(
        Wish(
            rows=Rows(inputs=[folder / "flows.parquet"]),
            drop=["protocol", "service", "state", "src_port", "dst_port"],
            least_rows=2,
            test_size=0.5,
        )
    )
    lines = [f"{found.figures.accuracy:.0%} of {found.figures.rows} held-out flows are right"]
    lines += [f"{one.column}: {one.lost:.2f} of macro F1" for one in found.importances[:3]]
    return lines


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(name) / "demo.pcap"
        if len(sys.argv) == 1:
            write_pcap(path, demo_packets())
        print("\n".join(told(path, Path(name))))
