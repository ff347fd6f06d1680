"""What a contestant's scores are worth in one scenario."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, Any

from oddwire.learning.alarm_rates import Planted, Scores, Sight, episodes, sights, thresholds, truth_of
from oddwire.learning.metrics import auroc, average_precision
from oddwire.testing.contest.scenario import HOUR_NS, Scenario

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["BUDGETS", "MAIN", "Measured", "combined", "measured"]

# False alarms a day.
BUDGETS = (1.0, 10.0, 100.0)
MAIN = 1
SHUFFLES = 20
SECOND = 1_000_000_000
# Rules come before anything that a model says.
ABOVE_ALL = 1e9


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """The figures of one contestant in one scenario of one seed."""

    contestant: str
    scenario: str
    seed: int
    auroc: float = nan
    aupr: float = nan
    prevalence: float = nan
    # The same with attacks put elsewhere by lot: a half, or something leaks.
    shuffled: float = nan
    # By budget: the share of attacks found with the threshold that just keeps it.
    recall: tuple[float, ...] = ()
    # With the threshold that keeps ten a day in the calibration: what was found, and how many alarms there
    # were.
    recall_calibrated: float = nan
    alarms_a_day: float = nan
    alarms_an_hour: float = nan
    delay_s: float = nan
    attacks: int = 0
    by_kind: dict[str, tuple[int, int]] = field(default_factory=dict)
    rows: int = 0
    fit_s: float = nan
    score_s: float = nan
    peak_mb: float = nan
    failed: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON has it: what is not known is null."""
        told = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: None if isinstance(value, float) and not isfinite(value) else value
            for name, value in told.items()
        }


def combined(rules: "pl.DataFrame", model: "pl.DataFrame", least: float) -> "pl.DataFrame":
    """Return what rules and a model say together: alarms of rules come before all that the model says."""
    import polars as pl

    alarms = rules.filter(pl.col("score") >= least).with_columns(pl.col("score") + ABOVE_ALL)
    return pl.concat([alarms, model])


def measured(
    contestant: str,
    scenario: Scenario,
    calibration: "pl.DataFrame",
    tested: "pl.DataFrame",
    promised: float | None = None,
) -> Measured:
    """Return the figures of the scores that a contestant gave, and of the threshold that it promised."""
    facts = scenario.facts
    attacks = scenario.attacks
    active = scenario.active
    names = _numbers([active["subject"], tested["subject"], calibration["subject"]], attacks)
    planted = [
        Planted(
            name=one.name,
            kind=one.kind,
            subjects=frozenset(names[who] for who in one.subjects),
            others=frozenset(names[other] for other in one.others),
            start_ns=one.start_ns,
            end_ns=one.end_ns,
        )
        for one in attacks
    ]
    rows, before = _scores(tested, names), _scores(calibration, names)
    days = float(facts["days"]["test"])
    scores, labels, subjects = _by_hour(active, tested, scenario.attacked)
    # Addresses that were only ever scanned have no hour in which they could raise a false alarm.
    watched_ns = int((labels == 0).sum()) * HOUR_NS
    truth = truth_of(rows, planted)
    kept = thresholds(rows, BUDGETS, days, watched_ns=watched_ns, truth=truth)
    seen = sights(rows, planted)
    calibrated = promised
    if calibrated is None:
        days_before = float(facts["days"]["calibrate"])
        watched_before_ns = round(watched_ns * days_before / days)
        (calibrated,) = thresholds(before, BUDGETS[MAIN:][:1], days_before, watched_ns=watched_before_ns)
    alarms = episodes(rows.where(truth == 0), calibrated)
    delays = [one.delay_ns(kept[MAIN]) for one in seen if one.found(kept[MAIN])]
    return Measured(
        contestant=contestant,
        scenario=scenario.name,
        seed=scenario.seed,
        auroc=auroc(scores, labels),
        aupr=average_precision(scores, labels),
        prevalence=float(labels.mean()) if len(labels) else nan,
        shuffled=_shuffled(scores, labels, subjects, len(planted), scenario.seed),
        recall=tuple(_recall(seen, threshold) for threshold in kept),
        recall_calibrated=_recall(seen, calibrated),
        alarms_a_day=alarms / days,
        alarms_an_hour=alarms / days / 24,
        delay_s=_median([one / SECOND for one in delays if one is not None]),
        attacks=len(planted),
        by_kind=_by_kind(seen, kept[MAIN]),
        rows=len(rows),
    )


def _numbers(columns: "Sequence[pl.Series]", attacks: Sequence[Any]) -> dict[str, int]:
    import polars as pl

    told = [name for one in attacks for name in (*one.subjects, *one.others)]
    every = pl.concat(
        [one.cast(pl.String).unique() for one in columns] + [pl.Series("subject", told, pl.String)]
    )
    return {name: number for number, name in enumerate(every.drop_nulls().unique().sort().to_list())}


def _scores(frame: "pl.DataFrame", numbers: dict[str, int]) -> Scores:
    import polars as pl

    subject = frame["subject"].replace_strict(numbers, return_dtype=pl.Int64, default=-1)
    return Scores(
        subject=subject.to_numpy(),
        start_ns=frame["start_ns"].to_numpy(),
        end_ns=frame["end_ns"].to_numpy(),
        at_ns=frame["at_ns"].to_numpy(),
        score=frame["score"].fill_null(-inf).to_numpy(),
    )


def _recall(seen: Sequence[Sight], threshold: float) -> float:
    return sum(one.found(threshold) for one in seen) / len(seen) if seen else nan


def _by_kind(seen: Sequence[Sight], threshold: float) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for one in sorted(seen, key=lambda one: one.incident.kind):
        hits, of = found.get(one.incident.kind, (0, 0))
        found[one.incident.kind] = (hits + one.found(threshold), of + 1)
    return found


def _median(values: Sequence[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else nan


def _by_hour(
    active: "pl.DataFrame", tested: "pl.DataFrame", attacked: "pl.DataFrame"
) -> "tuple[np.ndarray, np.ndarray, np.ndarray]":
    """Return for each active hour of each host its highest score, whether it attacked, and whose hour it is.

    Hours of those who only took part are left out. So whatever a method judges, packets or pairs a day long,
    it is ranked over the same things.
    """
    import polars as pl

    spread = (
        tested.select(
            "subject",
            "score",
            hour=pl.int_ranges(
                pl.col("start_ns") // HOUR_NS,
                pl.max_horizontal(pl.col("end_ns") - 1, pl.col("start_ns")) // HOUR_NS + 1,
            ),
        )
        .explode("hour")
        .group_by("subject", "hour")
        .agg(pl.col("score").max())
    )
    grid = (
        active.join(spread, on=["subject", "hour"], how="left")
        .join(attacked, on=["subject", "hour"], how="left")
        .filter(pl.col("did").is_null() | pl.col("did"))
        .sort("subject", "hour")
    )
    return (
        grid["score"].fill_null(-inf).to_numpy(),
        grid["did"].fill_null(value=False).cast(pl.Int8).to_numpy(),
        grid["subject"].rank("dense").to_numpy(),
    )


def _shuffled(
    scores: "np.ndarray", labels: "np.ndarray", subjects: "np.ndarray", attacks: int, seed: int
) -> float:
    """Return the mean area under the curve with attacks moved to other hosts and hours by lot."""
    import numpy as np

    benign, whose = scores[labels == 0], subjects[labels == 0]
    if not attacks or len(benign) < 2:  # noqa: PLR2004  # nowhere to move to
        return nan
    length = max(1, round(int(labels.sum()) / attacks))
    rng = np.random.default_rng([seed, 5])
    areas = []
    for _ in range(SHUFFLES):
        begun = rng.integers(0, len(benign), attacks)
        places = np.minimum(begun[:, None] + np.arange(length), len(benign) - 1)
        same = whose[places] == whose[begun][:, None]
        moved = np.zeros(len(benign), dtype=bool)
        moved[places[same]] = True
        areas.append(auroc(benign, moved))
    return float(np.nanmean(areas))
