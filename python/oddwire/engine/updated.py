"""A model that has learned on: what of later traffic is fitted, what calibrates, what stays out."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from oddwire.engine.drifting import PART, load_references, reference_arrays, references_of
from oddwire.engine.learning_run import Recipe, exposure_of, fitted, marks_of, split_of
from oddwire.engine.remembering import MEMORY, USE, Use, memories_of, memory_parts, newest
from oddwire.engine.trained import Trained
from oddwire.errors import ModelError, UsageError
from oddwire.features.units.familiar import Familiar
from oddwire.features.units.gather import FLOWS, HOURS, PAIRS, Member
from oddwire.features.units.past import (
    extend,
    flows_with_past,
    hours_with_past,
    pairs_with_past,
    without_keys,
)
from oddwire.learning.budgets import Promise, measured
from oddwire.learning.marks import Marks
from oddwire.learning.tails import Tail
from oddwire.learning.updating import Flagged, Guarded, admitted, guard, learnable

if TYPE_CHECKING:
    import polars as pl

    from oddwire.learning.references import Reference

__all__ = ["ANCHOR", "Updated", "updated"]

# The part of a model file that holds what its first training was like; before an update it is the reference.
ANCHOR = "anchor"
# What calibrates of new traffic: half of it, because parts of days are rounded in favour of calibration.
HALF = 0.45
ANEW = "look at `oddwire drift`; if this is what is normal now, train the model anew"


@dataclass(frozen=True, kw_only=True, slots=True)
class Updated:
    """A model that has learned on, and what became of the new rows."""

    trained: Trained
    # Rows that were fitted or calibrate, and those that were not, by reason.
    rows: int
    left_out: Mapping[str, int]
    guarded: Guarded
    # Episodes that the old model flagged and no rule did.
    alarms: int


def updated(
    trained: Trained,
    tables: "Mapping[Member, pl.DataFrame]",
    flagged: Sequence[Flagged],
    recipe: Recipe,
) -> Updated:
    """Return the model with more of normal learned from tables of later traffic.

    `flagged` is what the rules say of it. What the old model flags is not fitted either. If it flags more
    than it promised, the network is another one or under attack, and nothing is learned.
    """
    memories = _memories(trained)
    present = {part.member: tables[part.member] for part in trained.parts if part.member in tables}
    if not present or PAIRS not in tables:
        raise UsageError("there is no traffic of local hosts to learn from", hint="say --local-net CIDR")
    told = _told(tables, trained.familiar.fresh())
    promised = trained.promise(trained.budget(None))
    alarms = _alarms_kept(trained, told, flagged, promised)
    every = [*flagged, *_odd(trained, told, promised.threshold)]
    split_ns = split_of(present, HALF)

    ordinary, left_out = _ordinary({one: told[one] for one in present}, flagged, every, split_ns)
    chosen = _joined(memories, _admitted(memories, ordinary, recipe.seed))
    guarded = _guarded(trained, memories, chosen)
    guarded.refuse()

    pairs = _without(learnable(told[PAIRS], every, span_ns=PAIRS.span_ns - 1)[0], guarded.held_hosts)
    told, familiar = _retold(trained.familiar, tables, told, pairs, split_ns)
    ordinary, _ = _ordinary({one: told[one] for one in present}, flagged, every, split_ns)
    kept = {one: _without(table, guarded.held_hosts) for one, table in ordinary.items()}
    fresh = _admitted(memories, kept, recipe.seed)
    rows = sum(int((table[USE] != Use.SEEN).sum()) for table in fresh.values())
    if not rows:
        raise UsageError("nothing of this traffic may be learned: all of it was flagged", hint=ANEW)
    held = sum(ordinary[one].height - kept[one].height for one in ordinary)
    new = _learned(trained, _joined(memories, fresh), familiar, recipe)
    return Updated(
        trained=new,
        rows=rows,
        left_out=left_out | ({"moved too far": held} if held else {}),
        guarded=guarded,
        alarms=alarms,
    )


def _memories(trained: Trained) -> "dict[Member, pl.DataFrame]":
    made = memories_of(trained.kept)
    if PART not in trained.kept or any(part.member not in made for part in trained.parts):
        raise ModelError("the model remembers nothing of its training to learn on from", hint="train it anew")
    if not trained.keeps_budgets:
        raise ModelError(
            "the model was trained on too little traffic to tell what must not be learned",
            hint="train it anew with all captures",
        )
    return made


def _told(tables: "Mapping[Member, pl.DataFrame]", past: Familiar) -> "dict[Member, pl.DataFrame]":
    """Tell what is new and strange, as detection does hour by hour; keys of pairs stay."""
    told = dict(tables)
    told[PAIRS] = pairs_with_past(tables[PAIRS], past)
    if HOURS in tables:
        told[HOURS] = hours_with_past(tables[HOURS], told[PAIRS])
    if FLOWS in tables:
        told[FLOWS] = without_keys(flows_with_past(tables[FLOWS], past))
    return told


def _alarms_kept(
    trained: Trained, told: "Mapping[Member, pl.DataFrame]", flagged: Sequence[Flagged], promised: Promise
) -> int:
    """Return how often the model cries where no rule does; refuse traffic in which it cries too often."""
    present = {part.member: told[part.member] for part in trained.parts if part.member in told}
    exposure = exposure_of(present)
    if exposure is None:
        raise UsageError("there is no traffic of local hosts to learn from", hint="say --local-net CIDR")
    marks = [
        marks_of(part, learnable(told[part.member], flagged, span_ns=part.member.span_ns - 1)[0], exposure)
        for part in trained.parts
        if part.member in told and part.tail is not None
    ]
    if not marks:
        return 0
    came = measured(Marks.joined(marks), threshold=promised.threshold)
    low, most = promised.counts(came.days)
    if came.alarms > most:
        raise UsageError(
            f"the model flags {came.alarms} episodes in {came.days:.1f} days, {low:.0f} to {most:.0f} are "
            "what it promised: the network has changed, or is under attack",
            hint=ANEW,
        )
    return came.alarms


def _odd(trained: Trained, told: "Mapping[Member, pl.DataFrame]", threshold: float) -> list[Flagged]:
    """Return what the model flags."""
    made = []
    for part in trained.parts:
        if part.member not in told or part.tail is None:
            continue
        table = told[part.member]
        odd = table.filter(part.surprise(table) >= threshold)
        ends = odd["end"] if "end" in odd.columns else odd["window"] + part.member.span_ns - 1
        for host, start_ns, end_ns in zip(odd["host"], odd["window"], ends, strict=True):
            made.append(Flagged(host=host, start_ns=start_ns, end_ns=end_ns, reason="surprise"))
    return made


def _ordinary(
    told: "Mapping[Member, pl.DataFrame]",
    flagged: Sequence[Flagged],
    every: Sequence[Flagged],
    split_ns: int,
) -> "tuple[dict[Member, pl.DataFrame], dict[str, int]]":
    """Return what may be learned, with its use, and how many rows were left out by reason.

    What the model itself flagged is not fitted, but it does calibrate: were its own false alarms left out,
    calibration would find fewer than there are, and promise less than what comes.
    """
    import polars as pl

    made, left_out = {}, Counter[str]()
    for member, table in told.items():
        bare = without_keys(table) if member == PAIRS else table
        early, late = (bare.filter(pl.col("window") < split_ns), bare.filter(pl.col("window") >= split_ns))
        fits, out = learnable(early, every, span_ns=member.span_ns - 1)
        calibrates, too = learnable(late, flagged, span_ns=member.span_ns - 1)
        left_out.update(out)
        left_out.update(too)
        made[member] = pl.concat([_used(fits, Use.FITTED), _used(calibrates, Use.CALIBRATING)])
    return made, dict(sorted(left_out.items()))


def _used(table: "pl.DataFrame", use: Use) -> "pl.DataFrame":
    import polars as pl

    return table.with_columns(pl.lit(int(use), pl.Int8).alias(USE))


def _admitted(
    memories: "Mapping[Member, pl.DataFrame]", ordinary: "Mapping[Member, pl.DataFrame]", seed: int
) -> "dict[Member, pl.DataFrame]":
    """Return the same, where of the rows to fit no more are fitted than may be learned at once."""
    import polars as pl

    made = {}
    for member, table in ordinary.items():
        numbered = table.with_row_index("_at")
        old = int((memories[member][USE] == Use.FITTED).sum())
        few = admitted(old, numbered.filter(pl.col(USE) == Use.FITTED), seed=seed)["_at"]
        is_left = (pl.col(USE) == Use.FITTED) & ~pl.col("_at").is_in(few.implode())
        use = pl.when(is_left).then(pl.lit(int(Use.SEEN), pl.Int8)).otherwise(pl.col(USE))
        made[member] = numbered.with_columns(use.alias(USE)).drop("_at")
    return made


def _joined(
    memories: "Mapping[Member, pl.DataFrame]", fresh: "Mapping[Member, pl.DataFrame]"
) -> "dict[Member, pl.DataFrame]":
    """Return what is remembered with what is new."""
    import polars as pl

    made = dict(memories)
    for member, table in fresh.items():
        old = memories[member]
        if dict(old.schema) != dict(table.schema):
            raise ModelError(f"the model remembers other features of {member.name}", hint="train it anew")
        made[member] = pl.concat([old.select(table.columns), table])
    return made


def _guarded(
    trained: Trained, memories: "Mapping[Member, pl.DataFrame]", chosen: "Mapping[Member, pl.DataFrame]"
) -> Guarded:
    """Hold what would be learned against what was learned before, and against the first training."""
    anchors = load_references(trained.kept.get(ANCHOR, trained.kept[PART]))
    before, after = _references(memories), _references(chosen)
    told = [guard(anchors[name], before[name], after[name]) for name in after if name in anchors]
    return Guarded(
        allowed=all(one.allowed for one in told),
        reasons=tuple(reason for one in sorted(told, key=lambda one: one.allowed) for reason in one.reasons),
        held_hosts=tuple(sorted({host for one in told for host in one.held_hosts})),
        moved=max((one.moved for one in told), default=0.0),
        moved_from_anchor=max((one.moved_from_anchor for one in told), default=0.0),
    )


def _references(tables: "Mapping[Member, pl.DataFrame]") -> "dict[str, Reference]":
    """Return what the rows are like that are learned from."""
    return references_of({one: table.filter(table[USE] != Use.SEEN) for one, table in tables.items()})


def _without(table: "pl.DataFrame", hosts: Sequence[str]) -> "pl.DataFrame":
    """Return the rows in which none of these hosts has a part."""
    import polars as pl

    ends = [name for name in ("host", "peer") if name in table.columns]
    return table.filter(~pl.any_horizontal(pl.col(ends).is_in(list(hosts)))) if hosts else table


def _retold(
    familiar: Familiar,
    tables: "Mapping[Member, pl.DataFrame]",
    told: "Mapping[Member, pl.DataFrame]",
    pairs: "pl.DataFrame",
    split_ns: int,
) -> "tuple[dict[Member, pl.DataFrame], Familiar]":
    """Tell the second half with the first one as part of its past, as calibration knows what was fitted.

    `pairs` are those that may become familiar; all that did in the end is returned as well.
    """
    import polars as pl

    is_late = pl.col("window") >= split_ns
    past = familiar.fresh()
    # In which hours pairs spoke is known whatever was flagged.
    pairs_with_past(tables[PAIRS].filter(~is_late), past)
    extend(past, pairs.filter(~is_late))
    late = _told({member: table.filter(is_late) for member, table in tables.items()}, past)
    extend(past, pairs.filter(is_late))
    both = {member: pl.concat([told[member].filter(~is_late), late[member]]) for member in tables}
    return both, past.fresh()


def _learned(
    trained: Trained, tables: "Mapping[Member, pl.DataFrame]", familiar: Familiar, recipe: Recipe
) -> Trained:
    """Return the model that these rows make, each by its use."""
    held_back = {one: table.filter(table[USE] == Use.CALIBRATING).drop(USE) for one, table in tables.items()}
    exposure = exposure_of({one: table for one, table in held_back.items() if not table.is_empty()})
    parts, marks = [], []
    for old in trained.parts:
        table, late = tables[old.member], held_back[old.member]
        if exposure is None or late.is_empty():
            # Its scores would mean nothing beside those of the others.
            continue
        part = fitted(old.member, table.filter(table[USE] == Use.FITTED).drop(USE), recipe)
        part = part.calibrated(Tail.of(part.model.score(late).to_numpy(), days=exposure.days))
        marks.append(marks_of(part, late, exposure))
        parts.append(part)
    references = references_of({one: table.drop(USE) for one, table in tables.items()})
    kept = {name: arrays for name, arrays in trained.kept.items() if not name.startswith(MEMORY)}
    kept[ANCHOR] = trained.kept.get(ANCHOR, trained.kept[PART])
    kept[PART] = reference_arrays(references)
    return replace(
        trained,
        parts=tuple(parts),
        familiar=familiar,
        marks=Marks.joined(marks),
        kept=kept | memory_parts(newest(tables)),
        digest=None,
    )
