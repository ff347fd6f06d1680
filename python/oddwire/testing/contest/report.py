"""The results of a contest as Markdown: figures with intervals, recall by kind, differences, leaks."""

from collections.abc import Callable, Sequence
from math import isnan
from typing import TYPE_CHECKING

from oddwire.learning.metrics import Interval, difference, mean_interval
from oddwire.testing.contest.contestants import SINGLE
from oddwire.testing.contest.measure import BUDGETS, MAIN, Measured

if TYPE_CHECKING:
    import numpy as np

__all__ = ["markdown"]

DASH = "-"
Figure = Callable[[Measured], float]


def markdown(results: Sequence[Measured], *, best: str | None = None) -> str:
    """Return all tables; with `best` also by how much it is better than each other contestant."""
    sections = []
    for scenario in dict.fromkeys(one.scenario for one in results):
        mine = [one for one in results if one.scenario == scenario]
        sections += [f"## {scenario}", _stated(mine), _figures(mine), _alarms(mine), _kinds(mine)]
        if best is not None:
            sections.append(_differences(mine, best))
    return "\n\n".join(one for one in sections if one) + "\n"


def _stated(results: Sequence[Measured]) -> str:
    """Say what the figures rest on."""
    known = [one for one in results if not one.failed]
    seeds = sorted({one.seed for one in known})
    prevalence = mean_interval(_column(known, lambda one: one.prevalence))
    attacks = mean_interval(_column(known, lambda one: float(one.attacks)))
    return (
        f"Seeds {', '.join(map(str, seeds))}; {attacks.mean:.0f} attacks a seed; of the active host-hours "
        f"{_share(prevalence.mean)} hold one (a ranking by lot has that AUPR). Means over seeds, with 95 % "
        "intervals by Student's distribution."
    )


def _figures(results: Sequence[Measured]) -> str:
    heads = ["contestant", "AUROC", "AUPR", *(f"found at {budget:.0f}/day" for budget in BUDGETS), "shuffled"]
    rows = []
    for name, mine in _by_name(results):
        recalls = [mean_interval(_column(mine, _recall_at(at))) for at in range(len(BUDGETS))]
        areas = [mean_interval(_column(mine, figure)) for figure in (lambda o: o.auroc, lambda o: o.aupr)]
        shuffled = mean_interval(_column(mine, lambda one: one.shuffled))
        rows.append([name, *map(_plain, areas), *map(_percent, recalls), _plain(shuffled)])
    return _table(heads, rows)


def _alarms(results: Sequence[Measured]) -> str:
    heads = [
        "contestant",
        f"promised {BUDGETS[MAIN]:.0f}/day: found",
        "alarms a day",
        "a benign hour",
        "first alarm after",
        "rows",
        "learn s",
        "score s",
        "peak MB",
    ]
    rows = []
    for name, mine in _by_name(results):
        failed = sum(bool(one.failed) for one in mine)
        rows.append(
            [
                name if not failed else f"{name} ({failed} failed)",
                _percent(mean_interval(_column(mine, lambda one: one.recall_calibrated))),
                _plain(mean_interval(_column(mine, lambda one: one.alarms_a_day)), 1),
                _number(_mean(mine, lambda one: one.alarms_an_hour), 2),
                _minutes(_mean(mine, lambda one: one.delay_s)),
                _number(_mean(mine, lambda one: float(one.rows)), 0),
                _number(_mean(mine, lambda one: one.fit_s), 1),
                _number(_mean(mine, lambda one: one.score_s), 1),
                _number(_mean(mine, lambda one: one.peak_mb), 0),
            ]
        )
    return _table(heads, rows)


def _kinds(results: Sequence[Measured]) -> str:
    """Return what was found of each kind of attack at ten false alarms a day, over all seeds."""
    # Single counts are many, and would make the table too wide to read.
    results = [one for one in results if not one.contestant.startswith(SINGLE)]
    names = [name for name, _ in _by_name(results)]
    kinds = sorted({kind for one in results for kind in one.by_kind})
    if not kinds:
        return ""
    rows = []
    for kind in kinds:
        cells = []
        for _, mine in _by_name(results):
            counts = [one.by_kind[kind] for one in mine if kind in one.by_kind]
            hits, of = sum(hit for hit, _ in counts), sum(count for _, count in counts)
            cells.append(f"{hits}/{of}" if of else DASH)
        rows.append([kind, *cells])
    return f"Found at {BUDGETS[MAIN]:.0f} false alarms a day, by kind:\n\n" + _table(["kind", *names], rows)


def _differences(results: Sequence[Measured], best: str) -> str:
    groups = dict(_by_name(results))
    if best not in groups:
        return ""
    rows = []
    for name, mine in groups.items():
        if name == best:
            continue
        paired = {one.seed: one for one in mine if not one.failed}
        both = [(one, paired[one.seed]) for one in groups[best] if one.seed in paired and not one.failed]
        gain = difference(
            _column([one for one, _ in both], _recall_at(MAIN)),
            _column([one for _, one in both], _recall_at(MAIN)),
        )
        rows.append([name, _points(gain), "yes" if gain.excludes_zero else "no"])
    heads = [f"{best} against", f"more found at {BUDGETS[MAIN]:.0f}/day, points", "interval excludes zero"]
    return _table(heads, rows)


def _recall_at(place: int) -> Figure:
    def figure(one: Measured) -> float:
        return one.recall[place]

    return figure


def _by_name(results: Sequence[Measured]) -> list[tuple[str, list[Measured]]]:
    names = dict.fromkeys(one.contestant for one in results)
    return [(name, [one for one in results if one.contestant == name]) for name in names]


def _column(results: Sequence[Measured], figure: Figure) -> "np.ndarray":
    import numpy as np

    return np.array([float("nan") if one.failed else figure(one) for one in results], dtype=np.float64)


def _mean(results: Sequence[Measured], figure: Figure) -> float:
    return mean_interval(_column(results, figure)).mean


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    marks = ["---", *("---:" for _ in heads[1:])]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, marks, *rows))


def _plain(value: Interval, digits: int = 3) -> str:
    if isnan(value.mean):
        return DASH
    middle = f"{value.mean:.{digits}f}"
    return middle if isnan(value.low) else f"{middle} ({value.low:.{digits}f} to {value.high:.{digits}f})"


def _percent(value: Interval) -> str:
    if isnan(value.mean):
        return DASH
    if isnan(value.low):
        return f"{value.mean:.0%}"
    # A share is nowhere outside of 0 to 100 %, whatever the bell curve thinks.
    low, high = max(value.low, 0.0), min(value.high, 1.0)
    return f"{value.mean:.0%} ({low:.0%} to {high:.0%})"


def _points(value: Interval) -> str:
    if isnan(value.mean):
        return DASH
    if isnan(value.low):
        return f"{100 * value.mean:+.0f}"
    return f"{100 * value.mean:+.0f} ({100 * value.low:+.0f} to {100 * value.high:+.0f})"


def _number(value: float, digits: int) -> str:
    return DASH if isnan(value) else f"{value:,.{digits}f}"


def _minutes(seconds: float) -> str:
    return DASH if isnan(seconds) else f"{seconds / 60:,.0f} min"


def _share(value: float) -> str:
    return DASH if isnan(value) else f"{value:.1%}"
