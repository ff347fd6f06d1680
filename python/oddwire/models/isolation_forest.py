"""Isolation forest: a row that few random cuts set apart from all others is odd."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from oddwire.base.model import Model, Saved
from oddwire.errors import ModelError, UsageError
from oddwire.learning.forests import Trees, arrays_of
from oddwire.learning.scaling import Scaling
from oddwire.records.unit import Scale

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["IsolationForest"]


class IsolationForest(Model):
    """Says how few random cuts set a row apart: 0.5 is ordinary, near 1 is odd.

    Sees: every feature of a unit, scaled as the training table asks for; no feature is more than the others.
    Wrong when: a rare but rightful role was not in the training table; a fault shows in one of many features.
    Parameters: `trees` make the score steadier, `samples` rows are shown to each of them, `scales` says which
    features are counts and sizes, of which the logarithm is taken. scikit-learn trains, our own core scores.
    """

    type: ClassVar[str] = "isolation-forest"
    about: ClassVar[str] = "random cuts that set odd rows apart soon"

    def __init__(
        self,
        *,
        trees: int = 100,
        samples: int = 256,
        scales: Mapping[str, Scale] | None = None,
        seed: int = 0,
        jobs: int = 1,
    ) -> None:
        super().__init__(seed=seed, jobs=jobs)
        self.trees = trees
        self.samples = samples
        self.scales = scales
        self._scaling: Scaling | None = None
        self._arrays: Mapping[str, np.ndarray] = {}
        self._forest: Trees | None = None

    def fit(self, table: "pl.DataFrame") -> None:
        """Learn what is usual from a table of units."""
        if self.trees < 1 or self.samples < 1:
            raise UsageError("a forest needs trees, and rows for each of them")
        from sklearn.ensemble import IsolationForest as Trainer

        scaling = Scaling.fit(table, scales=self.scales)
        # With `contamination` every training row would be scored, slowly; thresholds are calibration's.
        trainer = Trainer(
            n_estimators=self.trees,
            max_samples=min(self.samples, table.height),
            random_state=self.seed,
            n_jobs=self.jobs,
        )
        arrays = arrays_of(trainer.fit(scaling.matrix(table)))
        self._scaling, self._arrays, self._forest = scaling, arrays, Trees.load(arrays)

    def score(self, table: "pl.DataFrame") -> "pl.Series":
        """Return how odd each row is, as Float64; higher is odder."""
        import polars as pl

        if self._scaling is None or self._forest is None:
            raise UsageError("the model has learned nothing yet", hint="fit it or load it first")
        scores = self._forest.score(self._scaling.matrix(table), jobs=self.jobs)
        return pl.Series("score", scores, dtype=pl.Float64)

    def save(self) -> Saved:
        """Return everything learned."""
        if self._scaling is None:
            raise UsageError("the model has learned nothing yet", hint="fit it or load it first")
        values = {"trees": self.trees, "samples": self.samples, "seed": self.seed}
        forest = {f"forest.{name}": array for name, array in self._arrays.items()}
        return Saved(values=values, arrays=dict(sorted((self._scaling.save() | forest).items())))

    def load(self, saved: Saved) -> None:
        """Take what was saved, and nothing else."""
        figures = [saved.values.get(name) for name in ("trees", "samples", "seed")]
        if not all(type(one) is int for one in figures):
            raise ModelError("the model does not say how it was trained")
        prefix = "forest."
        arrays = {
            name.removeprefix(prefix): one for name, one in saved.arrays.items() if name.startswith(prefix)
        }
        scaling, forest = Scaling.load(saved.arrays), Trees.load(arrays)
        if forest.link != "isolation" or forest.forest.outputs != 1:
            raise ModelError("the forest of the model is none that isolates")
        if forest.forest.features != len(scaling.columns):
            raise ModelError("the forest of the model asks for other features than its scaling has")
        self.trees, self.samples, self.seed = (int(one or 0) for one in figures)
        self._scaling, self._arrays, self._forest = scaling, arrays, forest
