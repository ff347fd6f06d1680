"""What the command line answers, as values."""

import csv
import io
import json
from typing import Any

from tests.unit.conftest import Cli


def summary(cli: Cli, *words: object) -> dict[str, Any]:
    """Return a summary as JSON gives it."""
    done = cli("summary", *words, "--json")
    assert done.code == 0, done.err
    facts: dict[str, Any] = json.loads(done.out)
    return facts


def table(cli: Cli, name: str, *words: object) -> list[dict[str, Any]]:
    """Return a table as JSON gives it."""
    done = cli(name, *words, "--format", "json")
    assert done.code == 0, done.err
    rows: list[dict[str, Any]] = json.loads(done.out)
    return rows


def as_csv(text: str) -> list[dict[str, str]]:
    """Return the rows of CSV."""
    return list(csv.DictReader(io.StringIO(text)))


def named(entries: list[dict[str, Any]]) -> dict[str, int]:
    """Return packets by name."""
    return {entry["name"]: entry["packets"] for entry in entries}
