"""Small labelled tables: three classes that differ in what they do, and columns that must not decide."""

from pathlib import Path

import numpy as np
import polars as pl

CLASSES = ("beacon", "benign", "port_scan")
BEGIN = 1_710_062_400


def table(rows: int = 300, seed: int = 1) -> pl.DataFrame:
    """Return rows of three classes in the order of time: half benign, a quarter each of the others."""
    dice = np.random.default_rng(seed)
    kinds = dice.permutation(np.array(["benign", "benign", "port_scan", "beacon"])[np.arange(rows) % 4])
    scan, beacon = kinds == "port_scan", kinds == "beacon"
    packets = np.where(scan, dice.integers(1, 4, rows), np.where(beacon, 12, dice.integers(5, 60, rows)))
    sizes = np.where(scan, 60, np.where(beacon, 300, dice.integers(200, 1_400, rows)))
    return pl.DataFrame(
        {
            "start": BEGIN + np.arange(rows, dtype=np.int64),
            "src_ip": [f"10.0.0.{1 + at % 11}" for at in range(rows)],
            "flow_id": [f"flow {at}" for at in range(rows)],
            "src_port": dice.integers(32_768, 61_000, rows),
            "dst_port": np.where(scan, dice.integers(1, 65_000, rows), 443),
            "packets": packets,
            "bytes": packets * sizes,
            "state": np.where(scan, "REJ", dice.choice(["SF", "S1"], rows)),
            "gap": [None if one < 0.2 else one for one in dice.random(rows).tolist()],
            "ttl_min": np.where(scan, 63, 64),
            "label": kinds,
        }
    )


def written(path: Path, rows: int = 300, seed: int = 1) -> Path:
    """Write the table as CSV."""
    table(rows, seed).write_csv(path)
    return path
