"""Which files of the pack are captures."""

import gzip
from pathlib import Path

# The first four bytes of pcap (micro- and nanoseconds, modified, both byte orders) and of pcapng.
MAGICS = frozenset(
    bytes.fromhex(magic)
    for magic in ("d4c3b2a1", "a1b2c3d4", "4d3cb2a1", "a1b23c4d", "34cdb2a1", "a1b2cd34", "0a0d0d0a")
)
SUFFIXES = frozenset({".pcap", ".pcapng", ".cap", ".trace"})


def captures(pack: Path) -> list[Path]:
    """Return every capture of the pack, by magic number or, however damaged it is, by its name."""
    files = sorted(path for path in pack.rglob("*") if path.is_file())
    return [path for path in files if path.suffix in SUFFIXES or _magic(path) in MAGICS]


def _magic(path: Path) -> bytes:
    if path.suffix == ".gz":
        with gzip.open(path) as file:
            return file.read(4)
    with path.open("rb") as file:
        return file.read(4)
