"""Whether captures are still like what a model was trained on, by each of its members."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oddwire import native
from oddwire.errors import ModelError
from oddwire.features.units.gather import MEMBERS, Member
from oddwire.features.units.schema import UNIT_SCHEMA, features_of
from oddwire.learning.drift import Drift, drift
from oddwire.learning.model_files import read_model
from oddwire.learning.references import Reference, reference_of
from oddwire.learning.verdicts import Verdict
from oddwire.records.unit import Unit
from oddwire.sources.files import Capture

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = [
    "PART",
    "Drifts",
    "compared",
    "load_references",
    "model_drift",
    "reference_arrays",
    "references_of",
]

# The part of a model file that holds what training was like.
PART = "reference"
# What depends on how much of the past is known says nothing of the network.
OF_THE_PAST = frozenset(
    {
        "hours_of_day",
        "new_inside",
        "new_outside",
        "others",
        "port_use",
        "strange",
        "strange_contacts",
        "strange_in",
        "strange_out",
        "strange_to_all",
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Drifts:
    """What each member of a model says; the gravest of it is the verdict."""

    members: Mapping[str, Drift]

    @property
    def verdict(self) -> Verdict:
        """Return the gravest verdict of all members."""
        told = [one.verdict for one in self.members.values()]
        return max(told, key=lambda one: one.rank, default=Verdict.UNKNOWN)

    def fails(self, least: str | None) -> bool:
        """Say whether the verdict is at least the one on which a script wants to fail."""
        return least is not None and self.verdict.rank >= Verdict(least).rank

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        members = {name: one.to_dict() for name, one in self.members.items()}
        return {"verdict": str(self.verdict), "members": members}


def references_of(tables: "Mapping[Member, pl.DataFrame]") -> dict[str, Reference]:
    """Return what training tables are like, by the names of members; single flows have no days."""
    return {
        member.name: reference_of(table, _names(member, table))
        for member, table in sorted(tables.items())
        if member.unit is not Unit.FLOWS
    }


def _names(member: Member, table: "pl.DataFrame") -> list[str]:
    known = [one.name for one in features_of(member.unit)]
    return [name for name in known if name in table.columns and name not in OF_THE_PAST]


def reference_arrays(references: Mapping[str, Reference]) -> "dict[str, np.ndarray]":
    """Return references as the arrays of one part of a model."""
    return {
        f"{member}.{name}": array
        for member, one in references.items()
        for name, array in one.arrays().items()
    }


def load_references(arrays: "Mapping[str, np.ndarray]") -> dict[str, Reference]:
    """Return what `reference_arrays` gave."""
    there = sorted({name.partition(".")[0] for name in arrays} & set(MEMBERS))
    return {
        member: Reference.load(
            {
                name.removeprefix(f"{member}."): array
                for name, array in arrays.items()
                if name.startswith(f"{member}.")
            }
        )
        for member in there
    }


def compared(references: Mapping[str, Reference], tables: "Mapping[Member, pl.DataFrame]") -> Drifts:
    """Compare tables of units with what training was like."""
    there = {member.name: table for member, table in tables.items()}
    empty = Drift(verdict=Verdict.UNKNOWN, why="there is no traffic of local hosts")
    return Drifts(
        members={
            name: drift(reference, there[name]) if name in there else empty
            for name, reference in references.items()
        }
    )


def model_drift(
    model: Path, capture: Capture, local_nets: Sequence[str], progress: native.Progress | None = None
) -> Drifts:
    """Read a model's reference and captures, and compare them."""
    file = read_model(model)
    if file.manifest.get("unit_schema") != UNIT_SCHEMA:
        raise ModelError("this model was made of other features", where=str(model), hint="train it anew")
    if PART not in file.parts:
        raise ModelError("this model keeps no reference", where=str(model), hint="train it anew")
    references = load_references(file.parts[PART])
    members = [MEMBERS[name] for name in references]
    # Here and not above: gathering reads analysis, which reads what trains, which keeps references.
    from oddwire.engine.gathering import gather

    return compared(references, gather(capture, members, local_nets, progress).tables)
