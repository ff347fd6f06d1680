"""Promised against measured alarms on made streams of scores; writes results/budgets.md.

Usage: python -m benchmarks.budgets [--seeds 200] [--jobs 2]
"""

import argparse
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import numpy as np

from benchmarks.budget_streams import MINUTE_NS, Stream, made
from benchmarks.machine import describe
from benchmarks.table import aligned
from oddwire.learning import budgets
from oddwire.learning.budgets import Promise, measured, promise
from oddwire.learning.exposure import Exposure
from oddwire.learning.intervals import predicted_counts, quantiles
from oddwire.learning.marks import Marks
from oddwire.learning.raised import raised
from oddwire.learning.resampling import by_host_hours
from oddwire.learning.tails import Tail

RESULT = Path(__file__).parent / "results" / "budgets.md"
FRESH = 7
LENGTHS = (7, 14, 28)
BUDGETS = (1.0, 5.0, 50.0)
# Quantiles of resampled totals that may be held against the budget.
CAUTIONS = (0.5, 0.7, 0.9)
# Alarms on which a strict budget stands.
STANDING = (1, 2, 3, 5, 10, 20)


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """One promise and what came of it."""

    rule: str
    days: int
    budget: float
    came: float
    independent: bool = False
    host_hours: bool = False
    ours: bool = False

    @property
    def ratio(self) -> float:
        return self.came / self.budget


def main(arguments: Sequence[str] | None = None) -> None:
    """Run all seeds and write the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.budgets", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200, metavar="N")
    parser.add_argument("--jobs", type=int, default=2, metavar="N")
    options = parser.parse_args(arguments)
    with ProcessPoolExecutor(options.jobs, mp_context=get_context("spawn")) as pool:
        outcomes = [one for part in pool.map(_judged, range(options.seeds)) for one in part]
    RESULT.write_text("\n".join(_page(outcomes, options.seeds)) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


def _judged(seed: int) -> list[Outcome]:
    """Promise on the days before the last week, measure on that week, for one made network."""
    # What is too strict is promised here too: the second table says what would come of it.
    budgets.LEAST_ALARMS = 1
    whole = made(days=max(LENGTHS) + FRESH, seed=seed)
    last = whole.between(max(LENGTHS), max(LENGTHS) + FRESH)
    outcomes: list[Outcome] = []
    for days in LENGTHS:
        calibration = whole.between(max(LENGTHS) - days, max(LENGTHS))
        tail = Tail.of(calibration.score, days=days)
        before, after = _marks(calibration, tail), _marks(last, tail)
        outcomes += _rules(before, after, days)
        if days == FRESH:
            outcomes += _strict(before, after)
    return outcomes


def _marks(stream: Stream, tail: Tail) -> Marks:
    table = stream.table(tail.surprise(stream.score))
    # No budget here needs more than 3,000 rows a day.
    return Marks.of(table, exposure=Exposure.of(table, window_ns=MINUTE_NS), floor=-3.5)


def _rules(before: Marks, after: Marks, days: int) -> Iterator[Outcome]:
    for budget in BUDGETS:
        by_row = measured(after, threshold=-float(np.log10(budget)))
        yield Outcome(rule="by row", days=days, budget=budget, came=by_row.per_day)
        for caution in CAUTIONS:
            budgets.CAUTION = caution
            yield _outcome(f"quantile {caution}", promise(before, budget=budget), before, after, days)


def _strict(before: Marks, after: Marks) -> Iterator[Outcome]:
    budgets.CAUTION = CHOSEN
    for alarms in STANDING:
        yield _outcome(f"standing on {alarms}", promise(before, budget=alarms / FRESH), before, after, FRESH)


def _outcome(rule: str, given: Promise, before: Marks, after: Marks, days: int) -> Outcome:
    came = measured(after, threshold=given.threshold)
    clumps = by_host_hours(raised(before, threshold=given.threshold), before.exposure)

    def inside(spread: float) -> bool:
        low, high = quantiles(predicted_counts(given.alarms, share=came.days / given.days, spread=spread))
        return low <= came.alarms <= high

    return Outcome(
        rule=rule,
        days=days,
        budget=given.budget,
        came=came.per_day,
        independent=inside(1.0),
        host_hours=inside(clumps),
        ours=budgets.agrees(given, came),
    )


CHOSEN = budgets.CAUTION


def _page(outcomes: list[Outcome], seeds: int) -> Iterator[str]:
    yield "# Budgets"
    yield ""
    yield f"`python -m benchmarks.budgets`, {datetime.now(UTC):%Y-%m-%d}, {describe()}."
    yield ""
    yield f"Made streams of scores, {seeds} seeds: 12 hosts, four of them awake all night, rows of a minute"
    yield "with heavy tails, hosts louder than others, hours that resemble the hour before, bursts of some"
    yield "minutes, days that are busier for all. Calibrated on 7, 14 or 28 days, measured on the 7 days"
    yield f"after them. Ratio is alarms that came over alarms promised. The rule in use is quantile {CHOSEN}."
    yield ""
    yield "## Mean ratio, and its standard deviation"
    yield ""
    rules = ["by row", *(f"quantile {one}" for one in CAUTIONS)]
    yield aligned(("calibration", "budget a day", *rules), list(_ratios(outcomes, rules)))
    yield ""
    yield "By row: the threshold is the p-value of as many rows a day as alarms are wished. Quantiles: of"
    yield "resampled host-hour blocks; 0.5 asks for the middle to meet the budget, 0.9 for nine of ten."
    yield ""
    yield "## How often what came lies in the promised 95 % interval"
    yield ""
    head = (
        "calibration",
        "budget a day",
        "alarms independent",
        "host-hour blocks",
        "host-hours and days (ours)",
    )
    yield aligned(head, list(_coverages(outcomes)))
    yield ""
    yield "## Strict budgets: 7 days of calibration, by the alarms in them on which the budget stands"
    yield ""
    columns = ("alarms", "budget a day", "mean ratio", "deviation", "came over twice", "in our interval")
    yield aligned(columns, list(_standing(outcomes)))


def _chosen(outcomes: list[Outcome], rule: str, days: int, budget: float) -> list[Outcome]:
    return [one for one in outcomes if (one.rule, one.days, one.budget) == (rule, days, budget)]


def _ratios(outcomes: list[Outcome], rules: list[str]) -> Iterator[tuple[str, ...]]:
    for days in LENGTHS:
        for budget in BUDGETS:
            cells = []
            for rule in rules:
                found = [one.ratio for one in _chosen(outcomes, rule, days, budget)]
                cells.append(f"{np.mean(found):.2f} ± {np.std(found):.2f}")
            yield (f"{days} days", f"{budget:g}", *cells)


def _coverages(outcomes: list[Outcome]) -> Iterator[tuple[str, ...]]:
    for days in LENGTHS:
        for budget in BUDGETS:
            found = _chosen(outcomes, f"quantile {CHOSEN}", days, budget)
            hits = [(one.independent, one.host_hours, one.ours) for one in found]
            yield (f"{days} days", f"{budget:g}", *(f"{share:.1%}" for share in np.mean(hits, axis=0)))


def _standing(outcomes: list[Outcome]) -> Iterator[tuple[str, ...]]:
    for alarms in STANDING:
        found = [one for one in outcomes if one.rule == f"standing on {alarms}"]
        ratios = np.array([one.ratio for one in found])
        yield (
            str(alarms),
            f"{alarms / FRESH:.2f}",
            f"{ratios.mean():.2f}",
            f"{ratios.std():.2f}",
            f"{(ratios > 2).mean():.1%}",
            f"{np.mean([one.ours for one in found]):.1%}",
        )


if __name__ == "__main__":
    main()
