"""Simulated weeks as scenarios: an office is learned, and later weeks of it, or another one, are judged."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from oddwire.engine.analysis import local_test
from oddwire.engine.settings import LOCAL_NETS
from oddwire.errors import UsageError
from oddwire.testing.contest.scenario import Attack, Scenario, hours_of_plan, write_scenario
from oddwire.testing.contest.stretch import kept
from oddwire.testing.simulation.conversations import joined
from oddwire.testing.simulation.incidents import Incident, plant
from oddwire.testing.simulation.office import Office
from oddwire.testing.simulation.tables import addresses, spans
from oddwire.testing.simulation.weeks import day_start_ns, simulate

if TYPE_CHECKING:
    import polars as pl

__all__ = ["BY_HOST", "BY_TIME", "Weeks", "office_weeks"]

BY_TIME, BY_HOST = "later weeks of the office", "another office"
WEEK = 7
# An office of its own, whose hosts nobody has learned.
ELSEWHERE = 10_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Weeks:
    """How long the stretches are, in days, and how much is planted."""

    train: int = 2 * WEEK
    calibrate: int = WEEK
    test: int = WEEK
    hosts: int = 12
    attacks_a_day: float = 4.0

    @classmethod
    def of(cls, text: str) -> "Weeks":
        """Return the lengths of a text of three numbers of weeks, such as 2,1,1.

        >>> Weeks.of("1,1,2").test
        14
        """
        try:
            days = [round(float(part) * WEEK) for part in text.split(",")]
            train, calibrate, test = days
        except (ValueError, OverflowError):
            hint = "write how many weeks to learn from, to calibrate on and to judge: 2,1,1"
            raise UsageError(f"'{text}' is not three numbers of weeks", hint=hint) from None
        if min(days) < 1 or max(days) > 52 * WEEK:
            raise UsageError(f"'{text}': each part lasts from a day to a year", hint="write 2,1,1")
        return cls(train=train, calibrate=calibrate, test=test)

    @property
    def days(self) -> dict[str, int]:
        """Return the days of each stretch, in their order."""
        return {"train": self.train, "calibrate": self.calibrate, "test": self.test}


def office_weeks(folder: Path, *, seed: int, weeks: Weeks, split: str = BY_TIME) -> Scenario:
    """Make the scenario of a seed; all contestants share it.

    Split by time, the same office is judged on later days. Split by host, another office is: other people,
    other sites, other habits, none of them seen while learning.
    """
    folder.mkdir(parents=True)
    office = Office.make(seed, hosts=weeks.hosts)
    begin = weeks.train + weeks.calibrate
    _learned(simulate(seed, begin, office=office), weeks.train, folder)
    if split == BY_HOST:
        seed_of_test = seed + ELSEWHERE
        office = Office.make(seed_of_test, hosts=weeks.hosts)
    else:
        seed_of_test = seed
    ordinary = simulate(seed_of_test, weeks.test, start_day=begin, office=office)
    planted, incidents = plant(
        office.roles, seed, day_start_ns(begin), weeks.test, per_day=weeks.attacks_a_day
    )
    judged = joined([ordinary, planted])
    kept(spans(judged), lambda: addresses(judged), folder / "test")
    attacks = _attacks(planted, incidents)
    return write_scenario(
        folder,
        name=f"simulated: {split}",
        seed=seed,
        days={name: float(days) for name, days in weeks.days.items()},
        attacks=attacks,
        attacked=hours_of_plan(planted, attacks),
    )


def _learned(plan: "pl.DataFrame", train_days: int, folder: Path) -> None:
    """Write what may be learned from as two stretches in which each host has the same number."""
    days = spans(plan)
    kept(islice(days, train_days), lambda: addresses(plan), folder / "train")
    kept(days, lambda: addresses(plan), folder / "calibrate")


def _attacks(plan: "pl.DataFrame", incidents: Sequence[Incident]) -> list[Attack]:
    """Return the incidents with all addresses of our own, in use or not, that their conversations touch."""
    import polars as pl

    is_local = local_test(LOCAL_NETS)
    rows = plan.group_by("incident").agg(pl.col("src").unique(), pl.col("dst").unique())
    involved = {label: frozenset(src) | frozenset(dst) for label, src, dst in rows.iter_rows()}
    return [
        Attack(
            name=one.label,
            kind=one.kind,
            subjects=(one.subject,),
            others=tuple(sorted(filter(is_local, involved[one.label] - {one.subject}))),
            start_ns=one.start_ns,
            end_ns=one.end_ns,
        )
        for one in incidents
    ]
