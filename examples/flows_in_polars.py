"""Which services carry the most bytes? Usage: flows_in_polars.py [CAPTURE]."""

import sys
import tempfile
from pathlib import Path

import polars as pl

import oddwire
from oddwire.testing.demo import write_demo


def busiest(capture: Path) -> pl.DataFrame:
    """Return the services of a capture with their flows, hosts and bytes, the largest first."""
    flows = oddwire.read(capture).flows(columns=["service", "src_ip", "bytes"])
    by_service = flows.group_by("service").agg(
        flows=pl.len(), hosts=pl.col("src_ip").n_unique(), bytes=pl.col("bytes").sum()
    )
    return by_service.sort("bytes", "service", descending=[True, False], nulls_last=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "demo.pcap"
        if len(sys.argv) == 1:
            write_demo(path)
        print(busiest(path))
