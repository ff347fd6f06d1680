"""`docs/requirements.md` names every promise once, and no test that does not exist."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
COUNTS = {"S1": 22, "S2": 33, "S3": 25, "S4": 24, "S5": 33}
EVERY_ID = [f"{seed}.{number}" for seed, count in COUNTS.items() for number in range(1, count + 1)]
# Kept by the first part of the product; a row may not go back to "not yet".
KEPT = [
    *(f"S1.{number}" for number in [*range(1, 12), 15]),
    *(f"S2.{number}" for number in [*range(7, 16), 31]),
    *(f"S3.{number}" for number in [2, 3, 4, *range(6, 12)]),
    *(f"S4.{number}" for number in [2, 3, 4, 8, 11, 12]),
    *(f"S5.{number}" for number in [1, 2, 7, 8, 9, *range(27, 32)]),
]


def cells(line: str) -> list[str]:
    """Return the cells of a table row; an escaped bar belongs to its cell."""
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def rows() -> list[list[str]]:
    """Return the rows of all tables, as id, promise, command, test."""
    text = (ROOT / "docs" / "requirements.md").read_text(encoding="utf-8")
    return [cells(line) for line in text.splitlines() if re.match(r"\| S\d", line)]


@cache
def functions_of(path: Path) -> frozenset[str]:
    """Return the names of the test functions of a file; none where there is no file."""
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def named() -> list[str]:
    """Return every test that a row names, once."""
    return sorted({name for row in rows() for name in re.findall(r"`([^`]+::[^`]+)`", row[3])})


def test_every_id_is_there_once_and_in_order() -> None:
    assert [row[0] for row in rows()] == EVERY_ID


def test_every_row_says_promise_command_and_test() -> None:
    assert [row for row in rows() if len(row) != 4 or not all(row)] == []


def test_a_row_is_kept_whole_or_not_yet() -> None:
    halves = [row[0] for row in rows() if (row[2] == "not yet") != (row[3] == "not yet")]
    assert halves == []


def test_what_was_kept_stays_kept() -> None:
    assert [row[0] for row in rows() if row[0] in KEPT and "`" not in row[3]] == []


@pytest.mark.parametrize("name", named())
def test_a_named_test_exists(name: str) -> None:
    path, _, function = name.partition("::")
    assert function in functions_of(ROOT / path)
