"""A model's promises against ordinary traffic: how many alarms came, and was that to be expected."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oddwire import native
from oddwire.engine.gathering import gather
from oddwire.engine.learning_run import exposure_of, marks_of
from oddwire.engine.trained import Trained
from oddwire.engine.training import described
from oddwire.errors import ModelError, UsageError
from oddwire.learning.budgets import Measured, Promise, agrees, measured
from oddwire.learning.marks import Marks
from oddwire.learning.tails import Tail
from oddwire.sources.files import Capture

if TYPE_CHECKING:
    import polars as pl

    from oddwire.features.units.gather import Member

__all__ = ["Check", "calibrate", "checks_of"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One budget: what was promised, what came, and whether that is what could be expected."""

    budget: float
    promise: Promise | None
    measured: Measured | None
    kept: bool | None
    refused: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "budget_per_day": self.budget,
            "promise": None if self.promise is None else asdict(self.promise),
            "measured": None if self.measured is None else asdict(self.measured),
            "kept": self.kept,
            "refused": self.refused or None,
        }


def calibrate(
    capture: Capture,
    path: Path,
    budgets: Sequence[float],
    local_nets: Sequence[str],
    progress: native.Progress | None = None,
    *,
    write: bool = False,
) -> list[Check]:
    """Judge ordinary traffic by a model, budget by budget; with `write` it is the calibration from now on."""
    trained = Trained.load(path)
    members = [part.member for part in trained.parts]
    tables = gather(capture, members, local_nets, progress, familiar=trained.familiar.fresh()).tables
    if write:
        trained = _calibrated(trained, tables)
        trained.save(path)
    return checks_of(trained, tables, budgets)


def checks_of(
    trained: Trained, tables: "dict[Member, pl.DataFrame]", budgets: Sequence[float]
) -> list[Check]:
    """Return what came at each budget in tables of ordinary traffic."""
    exposure = exposure_of(tables)
    if exposure is None:
        raise ModelError("there is no traffic of local hosts to measure with", hint="say --local-net CIDR")
    came = Marks.joined(
        marks_of(part, tables[part.member], exposure) for part in trained.parts if part.member in tables
    )
    checks = []
    for budget in budgets:
        try:
            promised = trained.promise(budget)
        except (UsageError, ModelError) as short:
            checks.append(Check(budget=budget, promise=None, measured=None, kept=None, refused=str(short)))
            continue
        found = measured(came, threshold=promised.threshold)
        checks.append(Check(budget=budget, promise=promised, measured=found, kept=agrees(promised, found)))
    return checks


def _calibrated(trained: Trained, tables: "dict[Member, pl.DataFrame]") -> Trained:
    """Return the same model with its scores and budgets measured on these tables."""
    exposure = exposure_of(tables)
    if exposure is None:
        raise ModelError("there is no traffic of local hosts to calibrate with", hint="say --local-net CIDR")
    parts, marks = [], []
    for part in trained.parts:
        if part.member not in tables:
            raise ModelError(
                f"this traffic has no rows of {part.member.name}", hint="calibrate with more traffic"
            )
        table = tables[part.member]
        fresh = part.calibrated(Tail.of(part.model.score(table).to_numpy(), days=exposure.days))
        parts.append(fresh)
        marks.append(marks_of(fresh, table, exposure))
    made = replace(trained, parts=tuple(parts), marks=Marks.joined(marks))
    return replace(made, facts={**made.facts, **described(made)})
