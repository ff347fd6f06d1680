"""The programs of the benchmark that are built here."""

import functools
import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@functools.cache
def _built() -> Path:
    """Build the bare loop and the capture maker; the folder they are in."""
    manifest = ["--manifest-path", str(ROOT / "Cargo.toml")]
    subprocess.run(
        ["cargo", "build", "--release", "--quiet", "--package", "bare-loop", *manifest], check=True
    )
    described = subprocess.run(
        ["cargo", "metadata", "--no-deps", "--format-version", "1", *manifest],
        check=True,
        capture_output=True,
        text=True,
    )
    return Path(json.loads(described.stdout)["target_directory"]) / "release"


def binary(name: str) -> Path:
    """A program of `benchmarks/bare-loop`, built when it is first asked for."""
    return _built() / name
