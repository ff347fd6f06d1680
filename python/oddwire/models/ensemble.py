"""The ensemble: what is rare among everybody, and what is far from a host's own past, whichever is odder."""

from typing import TYPE_CHECKING

from oddwire.base.model import Model, Saved
from oddwire.errors import ModelError
from oddwire.learning.contexts import Context, context_of
from oddwire.learning.cumulative import Cumulative
from oddwire.learning.density import Density
from oddwire.learning.forests import Trees, arrays_of
from oddwire.learning.matrices import learned_names, matrix_of, trainable_names
from oddwire.learning.saved_arrays import names_in
from oddwire.learning.tails import Tail

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    import polars as pl

__all__ = ["Ensemble"]

# What all features together add to the farthest one, in the comparison with a host's own past.
REST = 0.05
SAMPLES = 256
# Unknown values stand below all known ones, where the forest can tell them apart.
UNKNOWN = -1.0
AMONG = ("density", "cumulative", "forest")


class Ensemble(Model):
    """Puts four views side by side, each as powers of ten of how rare its score was in training.

    Three look at a row among all rows: the histogram, ECOD and the isolation forest; their sum counts, so
    that what all find a little odd is odd. The fourth looks at a host beside its own past, and only at what
    it does more than it ever did: there a single feature is enough. The larger of both is the score. Rows of
    pairs have no past of their own worth the name: many are seen once.
    """

    type = "ensemble"
    about = "rare among everybody, or far from the host's own past; the default"
    # Known once it has learned something.
    names: list[str] | None = None

    def fit(self, table: "pl.DataFrame") -> None:
        """Learn the four views, and how large their scores are in ordinary traffic."""
        from sklearn.ensemble import IsolationForest

        self.names = trainable_names(table)
        matrix = matrix_of(table, self.names, self.scales)
        self.density, self.cumulative = Density.of(matrix), Cumulative.of(matrix)
        trainer = IsolationForest(
            n_estimators=self.trees,
            max_samples=min(SAMPLES, table.height),
            random_state=self.seed,
            n_jobs=self.jobs,
        )
        self.forest_arrays = dict(arrays_of(trainer.fit(_filled(matrix))))
        self.forest = Trees.load(self.forest_arrays)
        self.contexts: tuple[Context, ...] = ()
        if "peer" not in table.columns:
            self.contexts = (context_of(table, matrix, ""), context_of(table, matrix, "host"))
        views = self._views(table, matrix)
        self.tails = {name: Tail.of(scores, days=1.0) for name, scores in views.items()}
        self.tails["among"] = Tail.of(self._among(views), days=1.0)

    def score(self, table: "pl.DataFrame") -> "pl.Series":
        """Return the larger of what everybody and what the host's own past say."""
        import numpy as np
        import polars as pl

        views = self._views(table, matrix_of(table, self.names, self.scales))
        total = self.tails["among"].surprise(self._among(views))
        if "own" in views:
            total = np.maximum(total, self.tails["own"].surprise(views["own"]))
        return pl.Series("score", total, dtype=pl.Float64)

    def _among(self, views: "Mapping[str, np.ndarray]") -> "np.ndarray":
        """Return what the views among everybody say together."""
        import numpy as np

        total: np.ndarray = np.zeros(views[AMONG[0]].shape)
        for name in AMONG:
            total += self.tails[name].surprise(views[name])
        return total

    def _views(self, table: "pl.DataFrame", matrix: "np.ndarray") -> "dict[str, np.ndarray]":
        import numpy as np

        views = {
            "density": self.density.score(matrix),
            "cumulative": self.cumulative.score(matrix),
            "forest": self.forest.score(_filled(matrix), jobs=self.jobs),
        }
        if self.contexts:
            everybody, host = self.contexts
            among = everybody.surprise(
                matrix, everybody.places(table), np.zeros_like(matrix, dtype=np.float64)
            )
            own = host.surprise(matrix, host.places(table), among)
            views["own"] = own.max(axis=1, initial=0.0) + REST * own.sum(axis=1)
        return views

    def save(self) -> Saved:
        """Return everything learned."""
        values = {"features": learned_names(self.names), "own": bool(self.contexts)}
        arrays: dict[str, np.ndarray] = {}
        for tail, kept in self.tails.items():
            arrays |= {f"tail.{tail}.{name}": array for name, array in kept.save().items()}
        for context in self.contexts:
            arrays |= context.arrays()
        arrays |= {f"forest.{name}": array for name, array in self.forest_arrays.items()}
        arrays |= {**self.density.arrays("density."), **self.cumulative.arrays("cumulative.")}
        return Saved(values=values, arrays=arrays)

    def load(self, saved: Saved) -> None:
        """Take what was saved, and nothing else."""
        names, arrays = names_in(saved.values), saved.arrays
        size = len(names)
        self.density = Density.load(arrays, "density.", features=size)
        self.cumulative = Cumulative.load(arrays, "cumulative.", features=size)
        self.forest_arrays = _under(arrays, "forest.")
        self.forest = Trees.load(self.forest_arrays)
        if self.forest.link != "isolation" or (self.forest.forest.features, self.forest.forest.outputs) != (
            size,
            1,
        ):
            raise ModelError("the forest of the model does not fit its features")
        own = saved.values.get("own") is True
        self.contexts = tuple(
            Context.of(arrays, column, features=size) for column in (("", "host") if own else ())
        )
        wanted = (*AMONG, "among", *(["own"] if own else []))
        self.tails = {name: Tail.load(_under(arrays, f"tail.{name}.")) for name in wanted}
        self.names = names


def _filled(matrix: "np.ndarray") -> "np.ndarray":
    import numpy as np

    filled: np.ndarray = np.nan_to_num(matrix, nan=UNKNOWN)
    return filled


def _under(arrays: "Mapping[str, np.ndarray]", prefix: str) -> "dict[str, np.ndarray]":
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
