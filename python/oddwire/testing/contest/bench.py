"""A whole contest: scenarios are made once a seed and shared, then everybody runs, then come the tables."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from oddwire import native
from oddwire.errors import OutputError, UsageError
from oddwire.testing.contest.captured import Captured, captured
from oddwire.testing.contest.contestants import DEFAULT, about
from oddwire.testing.contest.machine import machine
from oddwire.testing.contest.measure import Measured
from oddwire.testing.contest.report import markdown
from oddwire.testing.contest.run import Told, contest
from oddwire.testing.contest.scenario import Scenario
from oddwire.testing.contest.weeks import BY_HOST, BY_TIME, Weeks, office_weeks

__all__ = ["SPLITS", "Wish", "as_json", "as_markdown", "held"]

SPLITS = {"time": (BY_TIME,), "host": (BY_HOST,), "both": (BY_TIME, BY_HOST)}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to be compared, on what."""

    contestants: Sequence[str] = DEFAULT
    seeds: Sequence[int] = (1, 2)
    weeks: Weeks = field(default_factory=Weeks)
    splits: Sequence[str] = (BY_TIME,)
    captures: Captured | None = None
    jobs: int = 1
    # Where scenarios and scores are kept for another time; a temporary folder where nobody says.
    work: Path | None = None


def held(wish: Wish, told: Told | None = None) -> list[Measured]:
    """Hold the contest; return the figures of every contestant in every scenario."""
    with _folder(wish.work) as folder:
        scenarios = list(_scenarios(wish, folder, told))
        return contest(wish.contestants, scenarios, jobs=wish.jobs, told=told)


@contextmanager
def _folder(work: Path | None) -> Iterator[Path]:
    if work is None:
        with TemporaryDirectory(prefix="oddwire-bench-") as folder:
            yield Path(folder)
        return
    try:
        work.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(error.strerror or str(error), where=str(work)) from None
    yield work


def _scenarios(wish: Wish, folder: Path, told: Told | None) -> Iterator[Scenario]:
    """Make the scenarios that are not kept yet; one that was not finished is made anew under another name."""
    wanted = [(split, seed) for split in wish.splits for seed in wish.seeds]
    days = "-".join(str(count) for count in wish.weeks.days.values())
    for at, (split, seed) in enumerate(wanted):
        place = folder / f"{split.split()[0]}-{days}-{seed}"
        if not Scenario(folder=place).is_whole:
            if told is not None:
                told(f"simulating, seed {seed}", at, len(wanted))
            _refuse(place)
            office_weeks(place, seed=seed, weeks=wish.weeks, split=split)
        yield Scenario(folder=place)
    if wish.captures is not None:
        place = folder / "captures"
        if not Scenario(folder=place).is_whole:
            _refuse(place)
            captured(place, wish.captures)
        yield Scenario(folder=place)


def _refuse(place: Path) -> None:
    """Never write into what somebody else may have left there."""
    if place.exists():
        raise UsageError("this scenario was left unfinished", where=str(place), hint="remove the folder")


def as_markdown(wish: Wish, results: Sequence[Measured], *, best: str | None = None) -> str:
    """Return the results as a page that says what they rest on."""
    days = wish.weeks.days
    lines = [
        "# Methods of detection against each other",
        "",
        f"Oddwire {native.version}; {machine()}. Seconds are of the processor, on one thread;",
        "memory is the peak of a contestant's own process.",
        "",
        f"Simulated offices of {wish.weeks.hosts} computers: {days['train']} days to learn from,",
        f"{days['calibrate']} to calibrate with, {days['test']} to be judged on, attacks planted in these.",
        "",
        *(f"- `{name}`: {about(name)}" for name in wish.contestants),
        "",
        "",
    ]
    return "\n".join(lines) + markdown(results, best=best)


def as_json(wish: Wish, results: Sequence[Measured]) -> str:
    """Return the results for scripts."""
    told = {
        "version": native.version,
        "machine": machine(),
        "seeds": list(wish.seeds),
        "days": wish.weeks.days,
        "results": [one.to_dict() for one in results],
    }
    return json.dumps(told, indent=2, allow_nan=False)
