"""A short round of every fuzz target; `make fuzz` runs longer ones."""

import os
import subprocess

import pytest

from tests.heavy.needs import ROOT, missing

pytestmark = pytest.mark.fuzz


def test_every_target_runs_clean() -> None:
    if not (ROOT / "fuzz" / "Cargo.toml").is_file():
        missing("fuzz/Cargo.toml")
    seconds = os.environ.get("FUZZ_SECONDS", "8")
    done = subprocess.run(
        [ROOT / "scripts" / "fuzz", seconds], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
