"""Which hosts reach out to new destinations, and when? Usage: new_destinations.py [CAPTURE]."""

import sys
import tempfile
from pathlib import Path

import polars as pl

import oddwire
from oddwire.testing.demo import write_demo


def new_destinations(capture: Path, *, window_s: float = 60) -> pl.DataFrame:
    """Return every window in which a host sent to hosts it had not sent to before, and to how many."""
    profiles = oddwire.read(capture, window_s=window_s).profiles(filter="new_dst_ips > 0")
    return profiles.select("window", "src_ip", "new_dst_ips", "unique_dst_ips").sort("window", "src_ip")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "demo.pcap"
        if len(sys.argv) == 1:
            write_demo(path)
        print(new_destinations(path))
