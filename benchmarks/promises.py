"""Whether budgets are kept on weeks that nobody learned; writes results/promises.md."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.machine import describe
from oddwire.engine.calibrating import Check, checks_of
from oddwire.engine.gathering import gather_spans
from oddwire.engine.learning_run import Recipe, learned
from oddwire.features.units.familiar import Familiar
from oddwire.features.units.gather import HOURS, MINUTES, PAIRS, Member
from oddwire.learning.intervals import exact_interval
from oddwire.testing.simulation.office import Office
from oddwire.testing.simulation.tables import addresses, spans
from oddwire.testing.simulation.weeks import simulate
from oddwire.testing.windows import hosts_named

if TYPE_CHECKING:
    import polars as pl

RESULT = Path(__file__).parent / "results" / "promises.md"
BUDGETS = (1.0, 5.0, 50.0)
LEARNED_DAYS, JUDGED_DAYS = 21, 7
WINDOW_NS = 60 * 1_000_000_000
# Offices on which nothing was chosen or tuned.
SEEDS = range(201, 211)


def main(kind: str = "ensemble") -> None:
    """Learn three weeks of each office, judge the fourth, and write the table."""
    checks: dict[float, list[Check]] = {budget: [] for budget in BUDGETS}
    for seed in SEEDS:
        print(f"seed {seed}", file=sys.stderr, flush=True)
        for check in _checks(seed, kind):
            checks[check.budget].append(check)
    lines = [
        "# Promises kept",
        "",
        f"`python -m benchmarks.promises`, {datetime.now(UTC):%Y-%m-%d}, {describe()}. Model: {kind}.",
        f"{len(SEEDS)} simulated offices of 12 hosts (seeds {SEEDS[0]} to {SEEDS[-1]}), on which",
        f"nothing was tuned: {LEARNED_DAYS} days are learned (the last third calibrates), the next",
        f"{JUDGED_DAYS}, without incidents, are judged: every alarm is false. *Inside* counts offices whose",
        "alarms lie in the interval that the promise itself gives for a week; the exact interval is that of",
        "a Poisson count over all weeks.",
        "",
        "| budget a day | calibrated | measured | exact 95 % | inside | alarms a week |",
        "| ---: | ---: | ---: | ---: | ---: | --- |",
        *(_line(budget, those) for budget, those in checks.items()),
    ]
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


def _line(budget: float, checks: list[Check]) -> str:
    counts = [check.measured.alarms for check in checks if check.measured is not None]
    promised = [check.promise.expected for check in checks if check.promise is not None]
    days = JUDGED_DAYS * len(counts)
    low, high = exact_interval(sum(counts))
    inside = sum(bool(check.kept) for check in checks)
    return (
        f"| {budget:g} | {sum(promised) / len(promised):.2f} | {sum(counts) / days:.2f} | "
        f"{low / days:.2f} to {high / days:.2f} | {inside} of {len(checks)} | {', '.join(map(str, counts))} |"
    )


def _checks(seed: int, kind: str) -> Iterator[Check]:
    office = Office.make(seed)
    trained = learned(_tables(simulate(seed, LEARNED_DAYS, office=office)), Recipe(type=kind))
    later = simulate(seed, JUDGED_DAYS, start_day=LEARNED_DAYS, office=office)
    yield from checks_of(trained, _tables(later, trained.familiar.fresh()), BUDGETS)


def _tables(plan: "pl.DataFrame", familiar: Familiar | None = None) -> "dict[Member, pl.DataFrame]":
    names = addresses(plan)
    hosts = hosts_named(lambda number: names[number] if number < len(names) else None)
    return gather_spans(spans(plan), hosts, (MINUTES, HOURS, PAIRS), WINDOW_NS, familiar=familiar)


if __name__ == "__main__":
    main(*sys.argv[1:])
