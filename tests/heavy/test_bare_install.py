"""The package alone, as `pip install .` gives it: no extra, no tool of the checkout."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.heavy.needs import ROOT

pytestmark = pytest.mark.bare


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the programs of a fresh environment with nothing but the package."""
    folder = tmp_path_factory.mktemp("bare")
    run(sys.executable, "-m", "venv", folder)
    run(folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", ROOT)
    return folder / "bin"


def run(*command: str | Path) -> str:
    """Run outside the checkout, without its environment, and return what was printed."""
    environ = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", env=environ, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_it_says_its_version(bare: Path) -> None:
    assert "0.1.0" in run(bare / "oddwire", "--version")


def test_help_works_for_every_command(bare: Path) -> None:
    listed = run(bare / "oddwire", "--help")
    first, _, protocols = listed.partition("Commands")[2].partition("What was said")
    lines = [line for line in first.splitlines() if line.startswith("  ") and not line.startswith("   ")]
    commands = [line.split()[0] for line in lines] + protocols.partition(":")[2].replace(",", " ").split()
    assert {"analyze", "flows", "dns", "tls"} < set(commands)
    for command in commands:
        run(bare / "oddwire", command, "--help")


def test_the_wheel_is_one_for_every_python_from_3_11(bare: Path) -> None:
    found = run(bare / "python", "-c", "import oddwire._oddwire as core; print(core.__file__)")
    assert found.strip().endswith(".abi3.so")


def test_the_main_job_needs_no_extra(bare: Path, tmp_path: Path) -> None:
    run(bare / "oddwire", "demo", "--out", tmp_path / "demo")
    installed = json.loads(run(bare / "pip", "list", "--format", "json", "--disable-pip-version-check"))
    assert not {"pandas", "pyarrow"} & {package["name"] for package in installed}
