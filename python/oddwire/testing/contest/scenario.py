"""A scenario: traffic to learn from, to calibrate with, and to be judged on, and what was planted there."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from oddwire.testing.contest.stretch import Stretch

if TYPE_CHECKING:
    import polars as pl

__all__ = ["HOUR_NS", "Attack", "Scenario", "attacked_hours", "hours_of_plan", "write_scenario"]

FACTS, ATTACKED, ACTIVE = "scenario.json", "attacked.parquet", "active.parquet"
HOUR_NS = 3_600_000_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Attack:
    """What happens in the judged traffic and should be found: by address, as it was planted or labelled."""

    name: str
    kind: str
    # Mostly one; an alarm on any of them finds it.
    subjects: tuple[str, ...]
    others: tuple[str, ...]
    start_ns: int
    end_ns: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Scenario:
    """Three stretches in a folder; only the last holds attacks, and nobody may learn from it."""

    folder: Path

    @property
    def facts(self) -> dict[str, Any]:
        """Return what is known of it: name, split, seed, and how many days each stretch lasts."""
        found: dict[str, Any] = json.loads((self.folder / FACTS).read_text(encoding="utf-8"))
        return found

    @property
    def is_whole(self) -> bool:
        """Say whether it was written to its end."""
        return (self.folder / ACTIVE).is_file()

    @property
    def name(self) -> str:
        """Return what it is called in tables."""
        return str(self.facts["name"])

    @property
    def seed(self) -> int:
        """Return the seed that it was made with."""
        return int(self.facts["seed"])

    def stretch(self, which: str) -> Stretch:
        """Return `train`, `calibrate` or `test`."""
        return Stretch(self.folder / which)

    def days(self, which: str) -> float:
        """Return how long a stretch lasts."""
        return float(self.facts["days"][which])

    @property
    def attacks(self) -> list[Attack]:
        """Return what should be found."""
        return [
            Attack(**{**one, "subjects": tuple(one["subjects"]), "others": tuple(one["others"])})
            for one in self.facts["attacks"]
        ]

    @property
    def attacked(self) -> "pl.DataFrame":
        """Return the hours in which hosts took part in an attack: subject, hour, and whether it did it."""
        import polars as pl

        return pl.read_parquet(self.folder / ATTACKED)

    @property
    def active(self) -> "pl.DataFrame":
        """Return the hours in which our own hosts sent or received anything in the judged traffic."""
        import polars as pl

        return pl.read_parquet(self.folder / ACTIVE)


def write_scenario(
    folder: Path,
    *,
    name: str,
    seed: int,
    days: dict[str, float],
    attacks: Sequence[Attack],
    attacked: "pl.DataFrame",
) -> Scenario:
    """Write what is known of a scenario beside its stretches."""
    told = [
        {field: getattr(one, field) for field in Attack.__slots__}
        for one in sorted(attacks, key=lambda one: (one.start_ns, one.name))
    ]
    facts = {"name": name, "seed": seed, "days": days, "attacks": told}
    (folder / FACTS).write_text(json.dumps(facts, indent=1), encoding="utf-8")
    attacked.write_parquet(folder / ATTACKED)
    made = Scenario(folder=folder)
    _active_hours(made.stretch("test")).write_parquet(folder / ACTIVE)
    return made


def _active_hours(stretch: Stretch) -> "pl.DataFrame":
    import polars as pl

    hour = (pl.col("tick") // HOUR_NS).cast(pl.Int64).alias("hour")
    ends = [
        talks.select(hour, subject=pl.col(end)).filter(pl.col("subject").is_in(stretch.inside)).unique()
        for talks in stretch.each("talks", ("tick", "src", "dst"))
        for end in ("src", "dst")
    ]
    schema = pl.Schema({"hour": pl.Int64, "subject": pl.UInt32})
    hours = pl.concat([pl.DataFrame(schema=schema), *(one.cast(schema) for one in ends)]).unique()
    return stretch.named(hours).select("subject", "hour").sort("subject", "hour")


def hours_of_plan(plan: "pl.DataFrame", attacks: Sequence[Attack]) -> "pl.DataFrame":
    """Return the hours in which hosts took part, from the conversations of attacks in a plan."""
    import polars as pl

    rows = plan.filter(pl.col("incident").is_not_null()).select(
        "incident",
        pl.col("src"),
        pl.col("dst"),
        first=pl.col("start_ns") // HOUR_NS,
        last=(pl.col("start_ns") + pl.col("duration_ns")) // HOUR_NS,
    )
    hours = rows.with_columns(hour=pl.int_ranges("first", pl.col("last") + 1)).explode("hour")
    who = pl.concat(
        [hours.select("incident", "hour", subject=pl.col(end)) for end in ("src", "dst")]
    ).unique()
    doers = pl.DataFrame(
        [(one.name, who, True) for one in attacks for who in one.subjects],
        schema={"incident": pl.String, "subject": pl.String, "did": pl.Boolean},
        orient="row",
    )
    marked = who.join(doers, on=["incident", "subject"], how="left")
    return _by_hour(marked)


def attacked_hours(attacks: Sequence[Attack]) -> "pl.DataFrame":
    """Return the hours in which hosts took part, where only the intervals of attacks are known."""
    import polars as pl

    rows = [
        (who, hour, who in one.subjects)
        for one in attacks
        for hour in range(one.start_ns // HOUR_NS, one.end_ns // HOUR_NS + 1)
        for who in (*one.subjects, *one.others)
    ]
    schema = {"subject": pl.String, "hour": pl.Int64, "did": pl.Boolean}
    return _by_hour(pl.DataFrame(rows, schema=schema, orient="row"))


def _by_hour(rows: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    return (
        rows.group_by("subject", "hour")
        .agg(did=pl.col("did").fill_null(value=False).any())
        .sort("subject", "hour")
    )
