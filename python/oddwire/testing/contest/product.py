"""The product's learned models as contestants: by the code that `train` and `analyze --model` run."""

from itertools import chain
from math import inf
from typing import TYPE_CHECKING, ClassVar

from oddwire.engine.gathering import gather_spans
from oddwire.engine.judging import Judging
from oddwire.engine.learned_judge import Learned
from oddwire.engine.learning_run import Recipe, learned
from oddwire.errors import OddwireError
from oddwire.features.units.gather import MEMBERS, Member
from oddwire.records.kinds import Severity
from oddwire.testing.contest.contestant import Contestant, nothing_scored
from oddwire.testing.windows import WINDOW_NS

if TYPE_CHECKING:
    import polars as pl

    from oddwire.testing.contest.stretch import Stretch

__all__ = ["Product"]


class Product(Contestant):
    """A type of model over all the units that `train` learns; a row is as odd as it is rare in a day."""

    about: ClassVar[str] = "a model of the product, over hosts in minutes and hours and over pairs"

    def __init__(self, *, name: str, seed: int = 0, model: str) -> None:
        super().__init__(name=name, seed=seed)
        self.recipe = Recipe(type=model, seed=seed)

    def fit(self, train: "Stretch", calibrate: "Stretch") -> None:
        """Train on both stretches, as users do with all they have: the last third calibrates."""
        members = [MEMBERS[name] for name in self.recipe.members]
        both = chain(train.spans(), calibrate.spans())
        tables = gather_spans(both, train.hosts, members, WINDOW_NS)
        self.trained = learned(tables, self.recipe)

    def promised(self, budget: float) -> float | None:
        """Return the threshold by which the model keeps a budget; None where its calibration is too short."""
        try:
            return self.trained.promise(budget).threshold
        except OddwireError:
            return None

    def score(self, stretch: "Stretch") -> "pl.DataFrame":
        """Return each unit by its surprise, scored by the judge that `analyze --model` runs."""
        import polars as pl

        judge = Learned(self.trained, stretch.hosts, threshold=inf, severity=Severity.MEDIUM, keep=True)
        judging = Judging(detectors=[judge], hosts=stretch.hosts, window_ns=WINDOW_NS)
        for tables, complete_ns in stretch.spans():
            judging.see(tables, complete_ns)
        if judging.failures:
            raise RuntimeError(judging.failures[0].message)
        return pl.concat([nothing_scored(), *(_rows(member, table) for member, table in judge.scored)])


def _rows(member: Member, table: "pl.DataFrame") -> "pl.DataFrame":
    """Return the units of one member as rows of the contest."""
    import polars as pl

    end = pl.col("end") if "end" in table.columns else pl.col("window") + member.span_ns
    told = table.select(
        subject="host",
        start_ns=pl.col("window").cast(pl.Int64),
        end_ns=end.cast(pl.Int64),
        score=pl.col("surprise").cast(pl.Float64),
    )
    return told.with_columns(at_ns="end_ns").select(nothing_scored().columns)
