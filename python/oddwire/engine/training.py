"""The whole of a training: captures of ordinary traffic in, a model on disk out."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oddwire import native
from oddwire.engine.gathering import Gathered, gather
from oddwire.engine.learning_run import Recipe, learned
from oddwire.engine.settings import Settings
from oddwire.engine.trained import DEFAULT_BUDGET, Trained
from oddwire.errors import EmptyInput, UsageError
from oddwire.features.units.gather import MEMBERS, PAIRS
from oddwire.learning.budgets import supported_budget
from oddwire.sources.files import Capture

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Outcome", "described", "seen_of", "train"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Outcome:
    """A model that was trained, and what a reader should know of it."""

    trained: Trained
    path: Path
    remarks: tuple[str, ...]


def train(
    capture: Capture,
    recipe: Recipe,
    path: Path,
    settings: Settings,
    progress: native.Progress | None = None,
) -> Outcome:
    """Read captures of ordinary traffic once, fit, calibrate, and write the model."""
    if unknown := [name for name in recipe.members if name not in MEMBERS]:
        raise UsageError(f"there is no unit '{unknown[0]}'", hint=f"there are {', '.join(MEMBERS)}")
    # Pairs are always gathered: they are what the past is made of.
    members = list(dict.fromkeys([*(MEMBERS[name] for name in recipe.members), PAIRS]))
    gathered = gather(capture, members, settings.local_nets, progress)
    if not gathered.seen.get("packets"):
        raise EmptyInput("no packets; there is nothing to learn")
    made = replace(learned(gathered.tables, recipe), facts=_facts(gathered, recipe, capture))
    made = replace(made, facts={**made.facts, **described(made)})
    made.save(path)
    return Outcome(trained=Trained.load(path), path=path, remarks=tuple(_remarks(made, gathered)))


def _facts(gathered: Gathered, recipe: Recipe, capture: Capture) -> dict[str, Any]:
    """Return what the manifest says of a training: from what, when that happened, and by which means."""
    return {
        "training": seen_of(gathered, capture),
        "recipe": {
            "seed": recipe.seed,
            "trees": recipe.trees,
            "units": list(recipe.members),
            "contamination": recipe.contamination,
        },
        "libraries": {
            "oddwire": native.version,
            **{name: version(name) for name in ("numpy", "polars", "scikit-learn")},
        },
    }


def seen_of(gathered: Gathered, capture: Capture) -> dict[str, Any]:
    """Return what the manifest says of the captures that were learned from."""
    inputs = [
        {"name": Path(one["name"]).name, "blake3": one["blake3"], "packets": one["packets"]}
        for one in gathered.seen["inputs"]
    ]
    return {
        "inputs": inputs,
        "from": _instant(gathered.seen["first_ns"]),
        "until": _instant(gathered.seen["last_ns"]),
        "packets": gathered.seen["packets"],
        "window_s": capture.window_s,
    }


def described(made: Trained) -> dict[str, Any]:
    """Return what the manifest says of calibration: how much of it there was, and what it can promise."""
    if made.marks is None:
        return {"calibration": None}
    days = made.marks.days
    told: dict[str, Any] = {"days": round(days, 3), "hosts": int(made.marks.exposure.hosts.max(initial=0))}
    try:
        told["strictest_budget_per_day"] = round(supported_budget(made.marks), 4)
        promised = made.promise(made.budget(None))
        told["promise"] = {
            "budget_per_day": promised.budget,
            "expected_per_day": round(promised.expected, 3),
            "interval95_per_day": [round(one, 3) for one in promised.interval95],
            "threshold": round(promised.threshold, 6),
        }
    except UsageError as short:
        told["refused"] = short.message
    return {"calibration": told}


def _remarks(made: Trained, gathered: Gathered) -> list[str]:
    told: Mapping[str, Any] | None = made.facts["calibration"]
    lines = []
    missing = [
        name
        for name in made.facts["recipe"]["units"]
        if name not in {part.member.name for part in made.parts}
    ]
    if missing:
        lines.append(f"too few rows to learn from: {', '.join(missing)}")
    if told is None or "promise" not in told:
        why = told["refused"] if told else "nothing was left to calibrate with"
        lines.append(f"no budget can be promised: {why}; findings stay low")
    elif told["strictest_budget_per_day"] > DEFAULT_BUDGET:
        strictest = told["strictest_budget_per_day"]
        lines.append(f"the calibration supports no stricter budget than {strictest:.1f} alarms a day")
    if gathered.seen.get("evicted"):
        lines.append("flows ended early for lack of memory: what was learned of them is cut short")
    return lines


def _instant(time_ns: int | None) -> str | None:
    if time_ns is None:
        return None
    return datetime.fromtimestamp(time_ns // 1_000_000_000, UTC).isoformat().replace("+00:00", "Z")
