"""A small simulated office of which a model has learned one day, for tests of what judges by it."""

from collections.abc import Iterator, Sequence
from functools import cache

import polars as pl

from oddwire.base.detector import Detector
from oddwire.engine.gathering import gather_spans
from oddwire.engine.judging import Judging
from oddwire.engine.learning_run import Recipe, learned
from oddwire.engine.trained import Trained
from oddwire.features.units.gather import HOURS, MINUTES, PAIRS
from oddwire.records.evidence import Evidence
from oddwire.testing.simulation.conversations import joined
from oddwire.testing.simulation.incidents import Incident, play
from oddwire.testing.simulation.office import Office
from oddwire.testing.simulation.tables import recording_of
from oddwire.testing.simulation.weeks import day_start_ns, simulate
from oddwire.testing.windows import WINDOW_NS, Recording, Tables

SEED = 1
HOUR_NS = 3_600 * 1_000_000_000
OFFICE = Office.make(SEED, 8)
TUESDAY = day_start_ns(1)
TEN = TUESDAY + 10 * HOUR_NS


@cache
def monday() -> Trained:
    """Return what the default model learned of Monday: its last eight hours calibrate."""
    recording = recording_of(simulate(SEED, 1, office=OFFICE))
    spans = iter([(recording.tables, None)])
    tables = gather_spans(spans, recording.hosts, [MINUTES, HOURS, PAIRS], WINDOW_NS)
    return learned(tables, Recipe(type="ensemble", trees=10))


@cache
def tuesday() -> pl.DataFrame:
    """Return the plan of an ordinary day that no model has seen."""
    return simulate(SEED, 1, start_day=1, office=OFFICE)


@cache
def morning() -> Recording:
    """Return the ordinary Tuesday from nine to twelve."""
    return recording_of(_morning(tuesday()))


@cache
def flooded() -> tuple[Recording, Incident]:
    """Return the same morning with somebody who floods a host from ten on, loudly."""
    plan, incident = play(OFFICE.roles, "flood", "loud", seed=3, start_ns=TEN)
    return recording_of(joined([_morning(tuesday()), plan])), incident


def _morning(plan: pl.DataFrame) -> pl.DataFrame:
    begin = pl.col("start_ns")
    return plan.filter((begin >= TEN - HOUR_NS) & (begin < TEN + 2 * HOUR_NS))


def shown(
    judge: Detector, recording: Recording, spans: Sequence[tuple[Tables, int | None]] = ()
) -> list[Evidence]:
    """Return what a judge says of a recording: whole, or in the spans that are given."""
    judging = Judging(detectors=[judge], hosts=recording.hosts, window_ns=WINDOW_NS)
    said: list[Evidence] = []
    for tables, complete_ns in spans or [(recording.tables, None)]:
        said += [one for _, one in judging.see(tables, complete_ns)]
    assert not judging.failures
    return said


def by_hours(recording: Recording) -> Iterator[tuple[Tables, int | None]]:
    """Yield the tables hour by hour, as a run does that goes on for long."""
    first, last = recording.ticks[0], recording.ticks[-1]
    begin = first
    while begin <= last:
        end = begin - begin % HOUR_NS + HOUR_NS
        tick = pl.col("tick")
        yield (
            {name: rows.filter((tick >= begin) & (tick < end)) for name, rows in recording.tables.items()},
            end if end <= last else None,
        )
        begin = end
