"""A trained classifier: its columns, its trees, its classes, and which of them a row may be of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from oddwire.errors import ModelError
from oddwire.learning.classification.conformal import Conformal
from oddwire.learning.classification.oddness import Oddness
from oddwire.learning.classification.preparation import Preparation
from oddwire.learning.classification.stored import StoredTrees

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["UNKNOWN", "UNSURE", "Classifier"]

UNKNOWN, UNSURE = "unknown", "unsure"
SEPARATOR = "; "


@dataclass(frozen=True, kw_only=True, slots=True)
class Classifier:
    """Says of rows which class they are of, how sure that is, and whether they are like none."""

    type: str
    classes: tuple[str, ...]
    preparation: Preparation
    trees: StoredTrees
    conformal: Conformal
    oddness: Oddness
    # Numbers that stand for the rows that were learned from, in ascending order.
    seen: "np.ndarray"
    alpha: float
    jobs: int = 1

    def chances(self, table: "pl.DataFrame") -> "np.ndarray":
        """Return the chance of each class, row by row."""
        return self.chances_of(self.preparation.matrix(table))

    def chances_of(self, matrix: "np.ndarray") -> "np.ndarray":
        """Return the same for rows that are prepared already."""
        return self.trees.probabilities(matrix, len(self.classes), self.jobs)

    def sets_of(self, matrix: "np.ndarray", chances: "np.ndarray", alpha: float) -> "np.ndarray":
        """Return for each prepared row which classes it may be of."""
        return self.conformal.sets(chances, alpha, self.oddness.scores(matrix))

    def labels(self, chances: "np.ndarray") -> "np.ndarray":
        """Return the likeliest class of each row, the first among equals."""
        import numpy as np

        names = np.array(self.classes, dtype=object)
        return np.asarray(names[chances.argmax(axis=1)])

    def places(self, labels: "np.ndarray") -> "np.ndarray":
        """Return the place of each label among the classes; beyond the last for one never seen."""
        import numpy as np

        known = {label: at for at, label in enumerate(self.classes)}
        return np.array([known.get(one, len(known)) for one in labels.tolist()], dtype=np.int64)

    def predicted(self, table: "pl.DataFrame", alpha: float | None = None) -> "pl.DataFrame":
        """Return for each row its label, the label's probability, the set, and whether the row is unknown."""
        import polars as pl

        matrix = self.preparation.matrix(table)
        chances = self.chances_of(matrix)
        sets = self.sets_of(matrix, chances, self.alpha if alpha is None else alpha)
        sizes = sets.sum(axis=1)
        named = [SEPARATOR.join(self._within(one)) for one in sets]
        verdict = [UNKNOWN if size == 0 else UNSURE if size > 1 else "sure" for size in sizes.tolist()]
        return pl.DataFrame(
            {
                "label": self.labels(chances).tolist(),
                "probability": chances.max(axis=1).round(6),
                "set": named,
                "verdict": verdict,
                UNKNOWN: sizes == 0,
            },
            schema_overrides={"label": pl.String, "set": pl.String, "verdict": pl.String},
        )

    def _within(self, one: "np.ndarray") -> list[str]:
        return [label for label, within in zip(self.classes, one.tolist(), strict=True) if within]

    def values(self) -> dict[str, Any]:
        """Return all that is no array."""
        return {
            "classes": list(self.classes),
            "alpha": self.alpha,
            "preparation": self.preparation.to_dict(),
        }

    def parts(self) -> "dict[str, dict[str, np.ndarray]]":
        """Return all arrays, by part."""
        surprises = {f"class{at}": one for at, one in enumerate(self.conformal.surprises)}
        odd = {f"odd{at}": one for at, one in enumerate(self.conformal.oddness)}
        return {
            "trees": dict(self.trees.arrays),
            "surprises": {**surprises, **odd},
            "spread": {"quantiles": self.oddness.quantiles},
            "seen": {"rows": self.seen},
        }

    @classmethod
    def of(
        cls,
        model_type: str,
        values: Mapping[str, Any],
        parts: "Mapping[str, Mapping[str, np.ndarray]]",
        jobs: int = 1,
    ) -> "Classifier":
        """Return what `values` and `parts` told; refuses what cannot belong together."""
        try:
            classes = tuple(map(str, values["classes"]))
            surprises = tuple(parts["surprises"][f"class{at}"] for at in range(len(classes)))
            odd = tuple(parts["surprises"][f"odd{at}"] for at in range(len(classes)))
            made = cls(
                type=model_type,
                classes=classes,
                preparation=Preparation.of(values["preparation"]),
                trees=StoredTrees.of(parts["trees"]),
                conformal=Conformal(surprises=surprises, oddness=odd),
                oddness=Oddness(quantiles=parts["spread"]["quantiles"]),
                seen=parts["seen"]["rows"],
                alpha=float(values["alpha"]),
                jobs=jobs,
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ModelError(f"the model lacks a part of a classifier: {error}") from None
        _check(made)
        return made


def _check(made: Classifier) -> None:
    """Refuse what was put together by hand and does not fit."""
    kept = (*made.conformal.surprises, *made.conformal.oddness)
    if any(one.ndim != 1 or one.dtype.kind != "f" for one in kept):
        raise ModelError("the model's surprises are no lists of numbers")
    if made.seen.ndim != 1 or made.seen.dtype.kind != "u":
        raise ModelError("the rows that the model has seen are no list of numbers")
    if made.trees.features != len(made.preparation.features):
        raise ModelError("the trees of the model ask for other columns than it prepares")
    spread = made.oddness.quantiles
    if spread.shape[:-1] != (len(made.classes), len(made.preparation.features)) or spread.dtype.kind != "f":
        raise ModelError("the spread of the model's columns does not fit its classes and columns")
    if not 0 < made.alpha < 1:
        raise ModelError("the model promises an impossible share of errors")
    if not made.classes or not made.preparation.columns:
        raise ModelError("the model has no classes or no columns")
