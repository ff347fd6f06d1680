"""What a workspace gives back."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from oddwire.errors import UsageError

__all__ = [
    "SHORTEST",
    "Feedback",
    "Found",
    "Run",
    "RunInput",
    "Suppression",
    "chosen",
    "feedback_of",
    "run_of",
]

# Characters of an id that must be given.
SHORTEST = 4
MOST_NAMED = 9


@dataclass(frozen=True, kw_only=True, slots=True)
class RunInput:
    """One input of a run: where it was, and what it held; a stream has neither path nor hash."""

    name: str
    path: str | None
    blake3: str | None
    packets: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """One look at some inputs, with the options that decide which packets were seen."""

    id: str
    inputs: tuple[RunInput, ...]
    options: Mapping[str, Any]
    findings: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A finding as its line holds it, and the run that found it."""

    line: Mapping[str, Any]
    run: Run | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Suppression:
    """A rule of what need not be raised, with the number by which it is removed."""

    number: int
    rule: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Feedback:
    """One entry of the log of verdicts: `true` or `false` of a finding, or `undone` of an earlier entry."""

    number: int
    # The finding's id; of `undone` the number of the entry.
    id: str
    verdict: str
    note: str
    # The finding as it was judged: the log outlives the run.
    line: Mapping[str, Any]


def feedback_of(row: Mapping[str, Any]) -> Feedback:
    """Return the entry that a row of the index holds."""
    return Feedback(**{**row, "line": json.loads(row["line"])})


def run_of(row: Mapping[str, Any]) -> Run:
    """Return the run that a row of the index holds."""
    return Run(
        id=row["run"],
        inputs=tuple(RunInput(**one) for one in json.loads(row["inputs"])),
        options=json.loads(row["options"]),
        findings=row["findings"],
    )


def chosen(prefix: str, rows: Sequence[Mapping[str, Any]], *, where: str) -> Mapping[str, Any]:
    """Return the one finding that a prefix names, of those whose ids begin so."""
    if len(prefix) < SHORTEST:
        raise UsageError(f"'{prefix}' is too short for an id", hint=f"give at least {SHORTEST} characters")
    if not rows:
        raise UsageError(
            f"no finding begins with '{prefix}'",
            where=where,
            hint="the ids stand beside the findings of `oddwire analyze`",
        )
    if len(rows) > 1:
        named = "; ".join(f"{row['id']} {row['title']}" for row in rows[:MOST_NAMED])
        more = "; ..." if len(rows) > MOST_NAMED else ""
        raise UsageError(
            f"'{prefix}' begins more than one finding", where=where, hint=f"choose one of {named}{more}"
        )
    return rows[0]
