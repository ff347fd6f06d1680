"""Every example runs, with a capture and without, and is named in the list."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
PROGRAMS = sorted(EXAMPLES.glob("*.py"))


def said(*words: object) -> str:
    """Run a program that must warn of nothing, and return what it printed."""
    command = [sys.executable, "-W", "error", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda program: program.stem)
def test_an_example_runs_and_is_listed(program: Path, small: Path) -> None:
    assert said(program)
    assert said(program, small)
    assert f"`{program.name}`" in (EXAMPLES / "README.md").read_text(encoding="utf-8")


def test_the_figures_are_right(small: Path) -> None:
    assert said(EXAMPLES / "arrow_stream.py", small) == "{'arp': 60, 'icmp': 148, 'tcp': 4148, 'udp': 299}\n"
