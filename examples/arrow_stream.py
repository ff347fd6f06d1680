"""Packets batch by batch, never the whole file in memory. Usage: arrow_stream.py [CAPTURE]."""

import sys
import tempfile
from pathlib import Path

import polars as pl

import oddwire
from oddwire.testing.demo import write_demo


def bytes_by_transport(capture: Path) -> dict[str, int]:
    """Return the bytes of each transport, added up while the batches come."""
    stream = oddwire.read(capture).stream("packets")
    totals: dict[str, int] = {}
    while (batch := stream.next_batch()) is not None:
        for transport, size in (
            pl.DataFrame(batch).group_by("transport").agg(pl.col("length").sum()).iter_rows()
        ):
            totals[transport] = totals.get(transport, 0) + size
    return dict(sorted(totals.items()))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "demo.pcap"
        if len(sys.argv) == 1:
            write_demo(path)
        print(bytes_by_transport(path))
