"""Whether the network is still what a model was trained on: steady, drifting or changed, and in what."""

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from oddwire.errors import UsageError
from oddwire.learning.day_tests import comparable
from oddwire.learning.days import Rows, features_of, figures
from oddwire.learning.host_drift import HostDrift, host_drifts
from oddwire.learning.measuring import NAMED, measured
from oddwire.learning.novelty import novel_values
from oddwire.learning.references import LEAST_TRAINED, Reference, whole_days
from oddwire.learning.verdicts import Moved, Verdict

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Drift", "drift"]

# How often an ordinary stretch of days may be called drifting for a single host.
ALPHA_HOSTS = 0.01


@dataclass(frozen=True, kw_only=True, slots=True)
class Drift:
    """The verdict in all, why there is none, and what was measured."""

    verdict: Verdict
    why: str = ""
    days: int = 0
    trained_days: int = 0
    measured: tuple[Moved, ...] = ()
    hosts: tuple[HostDrift, ...] = ()
    new_hosts: tuple[str, ...] = ()

    @property
    def moved(self) -> list[Moved]:
        """Return what is not steady, the gravest first."""
        those = [one for one in self.measured if one.verdict.rank > Verdict.STEADY.rank]
        return sorted(
            those, key=lambda one: (-one.verdict.rank, one.p_value or 0.0, one.feature, one.measure)
        )

    def verdict_of(self, feature: str) -> Verdict:
        """Return the gravest verdict on a feature."""
        told = [one.verdict for one in self.measured if one.feature == feature]
        return max(told, key=lambda one: one.rank, default=Verdict.UNKNOWN)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return asdict(self)


def drift(reference: Reference, table: "pl.DataFrame") -> Drift:
    """Compare the rows of a table of units with what training rows were like.

    Only whole days are compared, each as one observation, with training days of its kind.
    """
    import numpy as np

    _same_features(reference, table)
    rows = Rows.of(table, reference.hosts)
    whole, _ = whole_days(rows, reference.days, reference.hours)
    days = whole[comparable(reference.days, whole)] if len(whole) else whole
    trained = len(reference.days)
    if trained < LEAST_TRAINED:
        why = f"training had {trained} whole days, and ordinary days show in {LEAST_TRAINED}"
        return Drift(verdict=Verdict.UNKNOWN, why=why, trained_days=trained)
    if not len(days):
        why = "there is no whole day to compare with training days of its kind"
        return Drift(verdict=Verdict.UNKNOWN, why=why, trained_days=trained)
    seen = figures(rows, reference.features, reference.host_grid, days)
    if not np.any(seen.host_rows):
        why = "none of the hosts that were there in training is there now"
        return Drift(verdict=Verdict.UNKNOWN, why=why, days=len(days), trained_days=trained)
    told = measured(reference, rows, seen)
    hosts = host_drifts(reference, seen, alpha=ALPHA_HOSTS)
    ranks = [one.verdict.rank for one in told] + [Verdict.DRIFTING.rank for _ in hosts]
    worst = max(ranks, default=Verdict.STEADY.rank)
    inside = rows.table.filter(np.isin(rows.day, days))
    return Drift(
        verdict=list(Verdict)[worst],
        days=len(days),
        trained_days=trained,
        measured=tuple(told),
        hosts=tuple(hosts),
        new_hosts=tuple(novel_values(inside.select("host"), reference.known["hosts"], NAMED)),
    )


def _same_features(reference: Reference, table: "pl.DataFrame") -> None:
    names = set(features_of(table))
    if missing := [name for name in reference.features if name not in names]:
        raise UsageError(
            f"the model was trained with '{missing[0]}', which these rows do not have",
            hint="train the model anew with this version",
        )
