"""What is imported decides how long a command takes to start; heavy libraries wait until they are used."""

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"jinja2", "matplotlib", "numpy", "pandas", "polars", "pyarrow", "seaborn", "sklearn"}
# Parts of the standard library that cost milliseconds, and what only some commands need.
SLOW = {"asyncio", "ctypes", "difflib", "http", "rich", "sqlite3", "tempfile"}
PROGRAM = """
import sys
from oddwire.cli import main
try:
    main(sys.argv[1:])
except SystemExit as done:
    assert not done.code, done.code
print(*sorted(sys.modules), file=sys.stderr)
"""


def imported(*arguments: str) -> set[str]:
    """Return the top-level modules that a command has imported by its end."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=True
    )
    return {module.partition(".")[0] for module in done.stderr.split()}


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["flows", "--help"], ["summary", "--help"]])
def test_asking_imports_nothing_heavy(arguments: list[str]) -> None:
    assert imported(*arguments) & (HEAVY | SLOW) == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["summary"],
        ["summary", "--json"],
        ["flows"],
        ["flows", "--format", "csv"],
        ["packets", "--format", "json"],
    ],
)
def test_a_small_file_imports_nothing_heavy(small: Path, arguments: list[str]) -> None:
    assert imported(*arguments, str(small)) & (HEAVY | SLOW) == set()


def test_the_package_itself_imports_nothing_heavy() -> None:
    program = "import sys, oddwire; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert {module.partition(".")[0] for module in done.stdout.split()} & HEAVY == set()
