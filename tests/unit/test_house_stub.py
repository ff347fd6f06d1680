"""The stub of the compiled core says what the compiled core has."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_stub_and_the_core_agree(tmp_path: Path) -> None:
    # Only the stub is looked at: what the package around it imports has a check of its own.
    alone = tmp_path / "alone.ini"
    alone.write_text("[mypy]\nfollow_imports = skip\n")
    options = ["--concise", "--ignore-disjoint-bases", "--mypy-config-file", str(alone)]
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", *options, "oddwire._oddwire"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
