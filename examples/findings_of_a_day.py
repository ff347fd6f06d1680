"""What is not normal, and in which packets? Usage: findings_of_a_day.py [CAPTURE]."""

import sys
import tempfile
from pathlib import Path

import oddwire
from oddwire.testing.capture import write_pcap
from oddwire.testing.demo_guest import visited_packets


def told(capture: Path) -> list[str]:
    """Return a line for each finding: how bad, what, and the filter that shows its packets."""
    found = oddwire.analyze(oddwire.read(capture))
    lines = [f"{one.severity.word}: {one.title}\n    {one.filters.wireshark}" for one in found.findings]
    return lines or [f"nothing found in {found.seen['packets']:,} packets"]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "demo.pcap"
        if len(sys.argv) == 1:
            write_pcap(path, visited_packets())
        print("\n".join(told(path)))
