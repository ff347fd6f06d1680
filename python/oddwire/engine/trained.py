"""A trained model: its parts, what is familiar to it, what calibration saw; as one value and as a file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oddwire.base.model import Model, Saved
from oddwire.engine.models import model_named
from oddwire.engine.remembering import MEMORY
from oddwire.errors import ModelError, UsageError
from oddwire.features.units.familiar import Familiar
from oddwire.features.units.gather import MEMBERS, Member
from oddwire.features.units.schema import UNIT_SCHEMA, scales_of
from oddwire.learning.budgets import LEAST_DAYS, Promise, promise, supported_budget
from oddwire.learning.contexts import Context
from oddwire.learning.marks import Marks
from oddwire.learning.model_files import ModelFile, read_model, write_model
from oddwire.learning.saved_arrays import names_in
from oddwire.learning.tails import Tail

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["DEFAULT_BUDGET", "Part", "Trained"]

OURS = frozenset({"type", "unit_schema", "members", "format", "version", "schema", "parts", "blake3"})
# Alarms a day, where nobody says.
DEFAULT_BUDGET = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One member of a model: how it scores, what its scores mean, and what is usual of each host."""

    member: Member
    model: Model
    names: tuple[str, ...]
    usual: Context
    everybody: Context
    rows: int
    tail: Tail | None = None

    def calibrated(self, tail: Tail) -> "Part":
        """Return the same with what its scores mean."""
        return replace(self, tail=tail)

    def surprise(self, table: "pl.DataFrame") -> "np.ndarray":
        """Return how many powers of ten rarer than once a day each row is; without calibration, its score."""
        scores = self.model.score(table).to_numpy()
        return scores if self.tail is None else self.tail.surprise(scores)

    def p_values(self, table: "pl.DataFrame") -> list[float | None]:
        """Return the conformal p-value of each row: the share of calibration that was at least as odd."""
        if self.tail is None:
            return [None] * table.height
        return [round(one, 9) for one in self.tail.p_values(self.model.score(table).to_numpy()).tolist()]

    def arrays(self) -> "dict[str, np.ndarray]":
        """Return everything as arrays of a model's part."""
        made = {f"model.{name}": array for name, array in self.model.save().arrays.items()}
        made |= {f"usual.{name}": array for name, array in self.usual.arrays().items()}
        made |= {f"everybody.{name}": array for name, array in self.everybody.arrays().items()}
        if self.tail is not None:
            made |= {f"tail.{name}": array for name, array in self.tail.save().items()}
        return made

    def facts(self) -> dict[str, Any]:
        """Return what the manifest says of it."""
        values = dict(self.model.save().values)
        return {
            "name": self.member.name,
            "features": list(self.names),
            "rows": self.rows,
            "calibrated": self.tail is not None,
            "values": values,
        }

    @classmethod
    def of(cls, facts: Mapping[str, Any], arrays: "Mapping[str, np.ndarray]", made: Model) -> "Part":
        """Return what `arrays` and `facts` gave."""
        member = MEMBERS[facts["name"]]
        names = tuple(names_in(facts))
        if unknown := set(names) - set(scales_of(member.unit)):
            raise ModelError(f"{member.name} have no feature '{min(unknown)}'")
        made.load(Saved(values=facts["values"], arrays=_within(arrays, "model.")))
        _try(member, made)
        return cls(
            member=member,
            model=made,
            names=names,
            usual=Context.of(_within(arrays, "usual."), "host", features=len(names)),
            everybody=Context.of(_within(arrays, "everybody."), "", features=len(names)),
            rows=int(facts["rows"]),
            tail=Tail.load(_within(arrays, "tail.")) if facts["calibrated"] else None,
        )


@dataclass(frozen=True, kw_only=True)
class Trained:
    """A model as `train` makes it and `detect` uses it."""

    type: str
    parts: tuple[Part, ...]
    familiar: Familiar
    marks: Marks | None
    # Parts that others read: what training was like, for drift, and what the first training was.
    kept: "Mapping[str, Mapping[str, np.ndarray]]" = field(default_factory=dict)
    # What else the manifest says: inputs, times, seed, libraries.
    facts: Mapping[str, Any] = field(default_factory=dict)
    # The hash of the manifest, by which findings name the model; None before it is written.
    digest: str | None = None

    @property
    def keeps_budgets(self) -> bool:
        """Say whether it was calibrated on enough traffic to promise anything."""
        return self.marks is not None and self.marks.days >= LEAST_DAYS

    @property
    def contamination(self) -> float:
        """Return the share of rows that it names where no budget is kept."""
        return float(self.facts.get("recipe", {}).get("contamination", 0.01))

    def budget(self, wanted: float | None) -> float:
        """Return the budget as wanted; where none is, five alarms a day, or the strictest that stands."""
        if wanted is not None or self.marks is None:
            return DEFAULT_BUDGET if wanted is None else wanted
        return max(DEFAULT_BUDGET, supported_budget(self.marks))

    def promise(self, budget: float) -> Promise:
        """Return the threshold that keeps a budget of alarms a day, or refuse it."""
        if self.marks is None:
            raise ModelError(
                "the model keeps no budget: it was trained on too little traffic to calibrate",
                hint="train it with at least 6 hours of traffic, better two weeks",
            )
        return promise(self.marks, budget=budget)

    def save(self, path: Path) -> None:
        """Write it: a folder, or one file where the path ends in `.oddwire`."""
        manifest = {
            **self.facts,
            "type": self.type,
            "unit_schema": UNIT_SCHEMA,
            "members": [part.facts() for part in self.parts],
        }
        parts: dict[str, Mapping[str, np.ndarray]] = {part.member.name: part.arrays() for part in self.parts}
        parts |= self.kept
        parts["familiar"] = self.familiar.save()
        if self.marks is not None:
            parts["calibration"] = self.marks.save()
        write_model(path, manifest, parts)

    @classmethod
    def load(cls, path: Path, *, memory: bool = True) -> "Trained":
        """Read a model; what is damaged, unknown or of another schema is refused.

        Without `memory` it cannot learn on, nor be saved whole, but is there sooner.
        """
        file = read_model(path, unread=() if memory else (MEMORY,))
        manifest = file.manifest
        if "members" not in manifest:
            raise ModelError(
                "this model does not know what is normal", where=str(path), hint="see `oddwire model inspect`"
            )
        if manifest.get("unit_schema") != UNIT_SCHEMA:
            raise ModelError(
                f"its features are of schema {manifest.get('unit_schema')}, not of {UNIT_SCHEMA}",
                where=str(path),
                hint="train it anew",
            )
        try:
            return cls._of(file)
        except (UsageError, ModelError) as damage:
            raise ModelError(damage.message, where=str(path), hint=damage.hint) from None
        except (AttributeError, KeyError, TypeError, ValueError) as damage:
            raise ModelError(
                f"what the model says of itself is damaged: {damage!r}", where=str(path), hint="train it anew"
            ) from None

    @classmethod
    def _of(cls, file: ModelFile) -> "Trained":
        """Return what a file says, if it makes sense."""
        manifest = file.manifest
        kind = model_named(str(manifest["type"]))
        parts = []
        for facts in manifest["members"]:
            member = MEMBERS[facts["name"]]
            parts.append(Part.of(facts, file.parts[facts["name"]], kind(scales=scales_of(member.unit))))
        calibration = file.parts.get("calibration")
        if len({part.member for part in parts}) != len(parts) or not parts:
            raise ModelError("the model has no member, or one twice")
        if any((part.tail is None) != (calibration is None) for part in parts):
            raise ModelError("the model is calibrated in part")
        own = {"familiar", "calibration", *(part.member.name for part in parts)}
        made = cls(
            type=kind.type,
            parts=tuple(parts),
            familiar=Familiar.load(file.parts["familiar"]),
            marks=None if calibration is None else Marks.load(calibration),
            kept={name: arrays for name, arrays in file.parts.items() if name not in own},
            facts={name: value for name, value in manifest.items() if name not in OURS},
            digest=file.digest,
        )
        if not 0.0 <= made.contamination <= 1.0:
            raise ModelError("the share of rows that the model names is none")
        return made


def _try(member: Member, model: Model) -> None:
    """Score a row of nothing: what a model asks for that no table has is better known now than later."""
    import polars as pl

    row = pl.DataFrame({"window": [0], "host": [""], **{name: [0.0] for name in scales_of(member.unit)}})
    if not model.score(row).is_finite().all():
        raise ModelError(f"the model of {member.name} gives no scores")


def _within(arrays: "Mapping[str, np.ndarray]", prefix: str) -> "dict[str, np.ndarray]":
    return {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
