"""What training a classifier gave: how good it is on rows it never saw, and what speaks against it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from oddwire.engine.labelled_rows import LabelledRows
from oddwire.learning.classification.classifier import Classifier
from oddwire.learning.classification.conformal import Coverage
from oddwire.learning.classification.estimators import Recipe
from oddwire.learning.classification.importances import Importance
from oddwire.learning.classification.leaks import ALMOST_ALL, Shuffled, SingleColumn
from oddwire.learning.classification.metrics import Figures
from oddwire.learning.classification.search import CrossValidated
from oddwire.learning.classification.splits import Split

__all__ = ["Trained", "doubts_of"]

# Figures of a class with fewer held-out rows are coarse.
FEW_ROWS = 20
# Of short flows some are always equal: a scan asks the same of every port.
FEW_REPEATED = 0.01
DIGITS = 6


@dataclass(frozen=True, kw_only=True, slots=True)
class Trained:
    """A classifier, how good it is on rows it never saw, and what speaks against believing that."""

    classifier: Classifier
    recipe: Recipe
    source: LabelledRows
    split: Split
    counts: Mapping[str, int]
    figures: Figures
    coverage: Coverage
    never_left_out: Mapping[str, int]
    importances: Sequence[Importance]
    cross: CrossValidated | None
    tried: Sequence[CrossValidated]
    single: Sequence[SingleColumn]
    shuffled: Shuffled | None
    repeated: float
    remarks: Sequence[str]

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "type": self.recipe.type,
            **self.recipe.to_dict(),
            "inputs": list(self.source.names),
            "rows": dict(self.counts),
            "split": str(self.split),
            "figures": self.figures.to_dict(),
            "coverage": _rounded(asdict(self.coverage)),
            "never_left_out": dict(self.never_left_out),
            "importances": [_rounded(asdict(one)) for one in self.importances],
            "cross_validated": self.cross.to_dict() if self.cross else None,
            "tried": [one.to_dict() for one in self.tried],
            "single_columns": [_rounded(asdict(one)) for one in self.single],
            "shuffled": _rounded(asdict(self.shuffled)) if self.shuffled else None,
            "held_out_rows_also_learned": round(self.repeated, DIGITS),
            "columns": [one.name for one in self.classifier.preparation.columns],
            "left_out": {why: list(names) for why, names in self.classifier.preparation.left_out.items()},
            "remarks": [*self.source.remarks, *self.remarks],
        }


def _rounded(told: dict[str, Any]) -> dict[str, Any]:
    return {key: round(one, DIGITS) if isinstance(one, float) else one for key, one in told.items()}


def doubts_of(
    found: Figures, single: Sequence[SingleColumn], lost: Shuffled | None, repeated: float
) -> list[str]:
    """Return what speaks against believing the figures."""
    doubts = []
    if lost is not None and lost.leaks:
        doubts.append(
            f"shuffled labels are still recognised ({lost.recall:.3f}, chance is {lost.chance:.3f}): "
            "the figures are not to be believed"
        )
    doubts += [
        f"column '{one.column}' alone gives a macro F1 of {one.f1:.3f}: does it give the answer away?"
        for one in single
        if one.f1 >= ALMOST_ALL
    ]
    if repeated > FEW_REPEATED:
        doubts.append(f"{repeated:.1%} of the held-out rows are equal to a row that was learned from")
    coarse = [f"'{one.label}' ({one.rows})" for one in found.by_class if one.rows < FEW_ROWS]
    if coarse:
        doubts.append(f"few held-out rows, so coarse figures: {', '.join(coarse)}")
    if found.accuracy <= found.baseline:
        doubts.append(f"it is no better than always saying '{found.most_frequent}'")
    return doubts
