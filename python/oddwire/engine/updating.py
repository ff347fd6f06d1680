"""`train --update`: later traffic is learned into a model that is there, but never what was flagged in it.

The first half of the new traffic is fitted beside what the model remembers, the second half calibrates it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oddwire import native
from oddwire.engine.analysis import STANDARD_INPUT, Analysis, analyze
from oddwire.engine.gathering import Gathered, gather
from oddwire.engine.learned_judge import Learned
from oddwire.engine.learning_run import Recipe
from oddwire.engine.models import model_named
from oddwire.engine.outliers import Outliers
from oddwire.engine.settings import Settings
from oddwire.engine.trained import Trained
from oddwire.engine.training import Outcome, described, seen_of
from oddwire.engine.updated import Updated, updated
from oddwire.errors import EmptyInput, ModelError, UsageError
from oddwire.features.units.gather import HOURS, PAIRS
from oddwire.learning.updating import Flagged, chain_of
from oddwire.records.kinds import Severity
from oddwire.sources.files import Capture

if TYPE_CHECKING:
    from oddwire.records.finding import Finding

__all__ = ["Wish", "flagged_by", "update"]

# Reasons that the manifest keeps of one update; more of them say the same.
MOST_REASONS = 20
MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What was said of a model that is to be updated; what was not said is the model's own."""

    type: str | None = None
    members: Sequence[str] | None = None
    trees: int | None = None
    seed: int | None = None
    contamination: float | None = None
    jobs: int = 1


def update(
    capture: Capture,
    wish: Wish,
    path: Path,
    settings: Settings,
    progress: native.Progress | None = None,
) -> Outcome:
    """Judge later captures by the rules and by the model, learn what is ordinary, and write the model."""
    trained = Trained.load(path)
    recipe = _recipe(trained, wish, str(path))
    if STANDARD_INPUT in map(str, capture.inputs):
        raise UsageError("an update reads its captures twice, which a stream cannot", hint="name files")
    judged = analyze(capture, _rules_only(settings), None)
    members = list(dict.fromkeys([*(part.member for part in trained.parts), HOURS, PAIRS]))
    services = trained.familiar.fresh()
    gathered = gather(capture, members, settings.local_nets, progress, services=services)
    if not gathered.seen.get("packets"):
        raise EmptyInput("no packets; there is nothing to learn")
    seen = seen_of(gathered, capture)
    _refuse_known(trained, seen)
    made = updated(trained, gathered.tables, flagged_by(judged.at_least(Severity.MEDIUM)), recipe)
    new = _with_facts(trained, made, seen)
    new.save(path)
    remarks = (*_remarks(made), *_unsure(judged, gathered))
    return Outcome(trained=Trained.load(path), path=path, remarks=remarks)


def flagged_by(findings: "Iterable[Finding]") -> list[Flagged]:
    """Return who was part of findings, and when: who did it, and whom it was done to."""
    made = []
    for one in findings:
        ends = {one.subject.ip, *(target.ip for target in one.targets)}
        hosts = sorted(host for host in ends if host is not None)
        made += [Flagged(host=host, start_ns=one.start_ns, end_ns=one.end_ns) for host in hosts]
    return made


def _rules_only(settings: Settings) -> Settings:
    """Return settings by which every rule judges, and nothing that learns."""
    learned = frozenset({Learned.name, Outliers.name})
    return replace(settings, model=None, only=frozenset(), off=settings.off | learned)


def _recipe(trained: Trained, wish: Wish, where: str) -> Recipe:
    """Return how the model was made; whoever wants another one must train anew."""
    told: Any = trained.facts.get("recipe")
    try:
        known = {name: told[name] for name in ("seed", "trees", "contamination")}
        made = Recipe(type=trained.type, members=tuple(told["units"]), jobs=wish.jobs, **known)
    except (KeyError, TypeError):
        raise ModelError("it does not say how it was trained", where=where, hint="train it anew") from None
    said = {
        "--model-type": (wish.type and model_named(wish.type).type, made.type),
        "--units": (wish.members and sorted(wish.members), sorted(made.members)),
        "--trees": (wish.trees, made.trees),
        "--seed": (wish.seed, made.seed),
        "--contamination": (wish.contamination, made.contamination),
    }
    for option, (wanted, own) in said.items():
        if wanted is not None and wanted != own:
            text = ",".join(own) if isinstance(own, list) else own
            raise UsageError(
                f"the model was trained with {option} {text}, and an update keeps that",
                where=where,
                hint=f"leave {option} out, or train anew without --update",
            )
    return made


def _refuse_known(trained: Trained, seen: Mapping[str, Any]) -> None:
    """Refuse captures that were learned before: what was fitted must not calibrate."""
    earlier = [
        trained.facts.get("training", {}),
        *(one["training"] for one in trained.facts.get("updates", ())),
    ]
    known = {one["blake3"] for past in earlier for one in past.get("inputs", ())}
    for one in seen["inputs"]:
        if one["blake3"] is not None and one["blake3"] in known:
            raise UsageError(
                "the model has learned this capture already", where=one["name"], hint="leave it out"
            )


def _with_facts(trained: Trained, made: Updated, seen: Mapping[str, Any]) -> Trained:
    """Return the new model with what the manifest says: the chain of updates, and the new promise."""
    short = replace(made.guarded, reasons=made.guarded.reasons[:MOST_REASONS])
    chain = chain_of(
        trained.facts.get("updates", ()),
        digest=str(trained.digest),
        rows=made.rows,
        left_out=made.left_out,
        guarded=short,
    )
    chain[-1] |= {"training": dict(seen), "flagged_by_model": made.alarms}
    new = replace(made.trained, facts={**trained.facts, "updates": chain})
    return replace(new, facts={**new.facts, **described(new)})


def _remarks(made: Updated) -> list[str]:
    lines = []
    if made.left_out:
        told = ", ".join(f"{count} ({reason})" for reason, count in made.left_out.items())
        lines.append(f"rows that were not learned: {told}")
    held = made.guarded.held_hosts
    if held:
        more = f" and {len(held) - MOST_NAMED} more" if len(held) > MOST_NAMED else ""
        named = ", ".join(held[:MOST_NAMED])
        lines.append(f"hosts that moved too far to be learned: {named}{more}; look at `oddwire drift`")
    return lines


def _unsure(judged: Analysis, gathered: Gathered) -> list[str]:
    lines = [f"{one.detector} failed: what it would have flagged was learned" for one in judged.failures]
    if gathered.seen.get("evicted"):
        lines.append("flows ended early for lack of memory: what was learned of them is cut short")
    return lines
