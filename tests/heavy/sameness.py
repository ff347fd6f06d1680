"""The bytes of every table of a capture, so that two runs can be compared."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import oddwire

TABLES = ("packets", "slices", "flows", "pairs")
FORMATS = ("csv", "parquet")
# One run on one thread, then two on two.
RUNS = (1, 2, 2)


def unequal(capture: Path, scratch: Path) -> Iterator[str]:
    """Yield the tables that are not the same, byte for byte, on one thread and on two, and in two runs."""
    for table in TABLES:
        for form in FORMATS:
            prints = [
                _print(capture, table, scratch / f"{turn}.{form}", threads)
                for turn, threads in enumerate(RUNS)
            ]
            if len(set(prints)) > 1:
                yield f"{capture.name}: {table} as {form} {prints}"


def _print(capture: Path, table: str, file: Path, threads: int) -> str:
    try:
        oddwire.read(capture, threads=threads).write(table, file)
    except oddwire.CaptureError as refusal:
        return refusal.kind
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]
