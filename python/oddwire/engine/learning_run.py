"""From tables of units to a trained model: what is fitted, what calibrates, what the past is meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from oddwire.engine.drifting import PART, reference_arrays, references_of
from oddwire.engine.models import model_named
from oddwire.engine.remembering import USE, Use, memory_parts, newest
from oddwire.engine.trained import Part, Trained
from oddwire.errors import UsageError
from oddwire.features.units.familiar import Familiar
from oddwire.features.units.gather import FLOWS, HOURS, MEMBERS, MINUTES, PAIRS, Member
from oddwire.features.units.past import (
    flows_with_past,
    hours_with_past,
    learn,
    pairs_with_past,
    without_keys,
)
from oddwire.features.units.schema import scales_of
from oddwire.features.units.telling import kind_of
from oddwire.learning.contexts import context_of
from oddwire.learning.exposure import Exposure
from oddwire.learning.marks import Marks
from oddwire.learning.matrices import feature_names, matrix_of
from oddwire.learning.tails import Tail

if TYPE_CHECKING:
    import polars as pl

__all__ = ["LEAST_ROWS", "Recipe", "exposure_of", "fitted", "learned", "marks_of", "split_of"]

MINUTE_NS = 60 * 1_000_000_000
HOUR_NS = 60 * MINUTE_NS
DAY_NS = 24 * HOUR_NS
# The last part of the traffic calibrates, and nothing that is fitted sees it.
CALIBRATION = 1 / 3
# With so many days, parts are whole days, so that mornings are not held against nights.
WHOLE_DAYS = 3
WHOLE_HOURS = 6
LEAST_ROWS = 50
# What nobody can have been before the past is known: unknown, not new.
PAST = (
    *("strange", "strange_to_all", "others", "port_use", "new_inside", "new_outside"),
    *("strange_out", "strange_in", "strange_contacts"),
)
PAST_UNKNOWN = 0.25


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipe:
    """How to train: the type of model, what it judges, and the figures of its making."""

    type: str
    members: Sequence[str] = ("hosts-minute", "hosts-hour", "pairs-hour")
    trees: int = 100
    seed: int = 0
    jobs: int = 1
    contamination: float = 0.01


def learned(tables: "Mapping[Member, pl.DataFrame]", recipe: Recipe) -> Trained:
    """Fit each member on the first part of the traffic, and calibrate all together on the last."""
    import polars as pl

    wanted = [MEMBERS[name] for name in recipe.members]
    present = {member: tables[member] for member in wanted if member in tables}
    if not present:
        raise UsageError("there is no traffic of local hosts to learn from", hint="say --local-net CIDR")
    split_ns = split_of(tables)
    told, familiar = _with_past(tables, split_ns)
    parts, marks, remembered = [], [], {}
    exposure = exposure_of(tables, split_ns)
    for member in present:
        table = told[member]
        early = table.filter(table["window"] < split_ns)
        late = table.filter(table["window"] >= split_ns)
        if early.height < LEAST_ROWS:
            continue
        if exposure is not None and late.is_empty():
            # Its scores would mean nothing beside those of the others.
            continue
        part = fitted(member, early, recipe)
        if exposure is not None:
            scores = part.model.score(late)
            part = part.calibrated(Tail.of(scores.to_numpy(), days=exposure.days))
            marks.append(marks_of(part, late, exposure))
        parts.append(part)
        use = pl.when(pl.col("window") < split_ns).then(Use.FITTED).otherwise(Use.CALIBRATING)
        remembered[member] = table.with_columns(use.cast(pl.Int8).alias(USE))
    if not parts:
        raise UsageError(
            f"there is too little traffic to learn from: fewer than {LEAST_ROWS} windows of local hosts",
            hint="train with more traffic, better a week",
        )
    return Trained(
        type=model_named(recipe.type).type,
        parts=tuple(parts),
        familiar=familiar,
        kept={PART: reference_arrays(references_of(present))} | memory_parts(newest(remembered)),
        marks=Marks.joined(marks) if marks else None,
    )


def fitted(member: Member, table: "pl.DataFrame", recipe: Recipe) -> Part:
    """Return a member of a model that has learned a table; what its scores mean is not known yet."""
    scales = scales_of(member.unit)
    made = model_named(recipe.type)(scales=scales, trees=recipe.trees, seed=recipe.seed, jobs=recipe.jobs)
    made.fit(table)
    names = feature_names(table)
    usual = context_of(table, matrix_of(table, names, scales), "host")
    everybody = context_of(table, matrix_of(table, names, scales), "")
    return Part(
        member=member, model=made, names=tuple(names), usual=usual, everybody=everybody, rows=table.height
    )


def split_of(tables: "Mapping[Member, pl.DataFrame]", share: float = CALIBRATION) -> int:
    """Return where fitting ends and calibration begins: at a full day where there are several."""
    first = min(int(table["window"].min()) for table in tables.values())  # type: ignore[arg-type]
    last = max(int(table["window"].max()) for table in tables.values())  # type: ignore[arg-type]
    length = last - first
    step = (
        DAY_NS if length >= WHOLE_DAYS * DAY_NS else HOUR_NS if length >= WHOLE_HOURS * HOUR_NS else MINUTE_NS
    )
    split = last - round((last - first) * share)
    return split - split % step


def exposure_of(tables: "Mapping[Member, pl.DataFrame]", split_ns: int = 0) -> Exposure | None:
    """Return what was watched from a time on; None where that is nothing."""
    if not tables:
        return None
    member = min(tables, key=lambda one: one.span_ns or FLOWS_LAST)
    table = tables[member].select(start_ns="window", subject="host")
    late = table.filter(table["start_ns"] >= split_ns)
    return Exposure.of(late, window_ns=member.span_ns or HOUR_NS) if late.height else None


FLOWS_LAST = 2**62
FOREVER = 2**62


def _with_past(
    tables: "Mapping[Member, pl.DataFrame]", split_ns: int
) -> "tuple[dict[Member, pl.DataFrame], Familiar]":
    """Tell of each row what was new and strange about it when it came; return what is familiar in the end.

    While fitting, each day knows the days before it; calibration knows what fitting saw, as detection will
    know all of training.
    """
    import polars as pl

    told = dict(tables)
    familiar = Familiar()
    pairs, flows = tables.get(PAIRS), tables.get(FLOWS)
    parts: list[pl.DataFrame] = []
    flow_parts: list[pl.DataFrame] = []
    if pairs is not None:
        first = int(pairs["window"].min())  # type: ignore[arg-type]
        for until in [*_refreshes(pairs["window"], split_ns), FOREVER]:
            since = first if parts else -FOREVER
            fresh = (pl.col("window") >= since) & (pl.col("window") < until)
            parts.append(pairs_with_past(pairs.filter(fresh), familiar))
            if flows is not None:
                flow_parts.append(flows_with_past(flows.filter(fresh), familiar))
            learn(familiar, pairs.filter(pl.col("window") < until))
            first = until
        with_past = pl.concat(parts)
        told[PAIRS] = without_keys(_unknown_at_first(with_past))
        if HOURS in told:
            told[HOURS] = hours_with_past(told[HOURS], with_past)
    if flows is not None:
        told[FLOWS] = without_keys(pl.concat(flow_parts or [flows_with_past(flows, familiar)]))
    for member in {MINUTES, HOURS, FLOWS} & told.keys():
        told[member] = _unknown_at_first(told[member])
    return told, familiar


def _refreshes(windows: "pl.Series", split_ns: int) -> list[int]:
    """Return when what was seen becomes the past: each day, or in quarters of less, then at calibration.

    Days without rows teach nothing and are left out: clocks that are wrong would make thousands of them.
    """
    first = int(windows.min())  # type: ignore[arg-type]  # windows are numbers
    step = DAY_NS if split_ns - first >= 4 * DAY_NS else max((split_ns - first) // 4, 1)
    ends = (windows // step * step + step).unique().sort()
    return [*ends.filter(ends < split_ns).to_list(), split_ns]


def _unknown_at_first(table: "pl.DataFrame") -> "pl.DataFrame":
    """Return the table where the first quarter knows no past: what is new there is nothing but unknown."""
    import polars as pl

    first, last = table["window"].min(), table["window"].max()
    begun = first + (last - first) * PAST_UNKNOWN  # type: ignore[operator]  # windows are numbers
    return table.with_columns(
        pl.when(pl.col("window") >= begun).then(pl.col(name)).alias(name)
        for name in PAST
        if name in table.columns
    )


def marks_of(part: Part, table: "pl.DataFrame", exposure: Exposure) -> Marks:
    """Return the odd rows of a table as marks, each with the time that it speaks of."""
    import polars as pl

    told = table.select(
        pl.col("host").alias("subject"),
        pl.lit(str(kind_of(part.member))).alias("member"),
        pl.col("window").alias("start_ns"),
        (pl.col("end") if "end" in table.columns else pl.col("window") + part.member.span_ns - 1).alias(
            "end_ns"
        ),
        pl.Series("surprise", part.surprise(table)),
    )
    return Marks.of(told, exposure=exposure)
