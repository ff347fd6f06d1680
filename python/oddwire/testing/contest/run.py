"""The contest: every contestant in every scenario, each in its own process, few at once."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

from oddwire.records.kinds import Severity
from oddwire.testing.contest.contestants import WITH_RULES
from oddwire.testing.contest.job import CALIBRATED, COST, TESTED, work
from oddwire.testing.contest.measure import Measured, combined, measured
from oddwire.testing.contest.rules import A_SEVERITY
from oddwire.testing.contest.scenario import Scenario

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

    import polars as pl

__all__ = ["Told", "contest"]

# Called with what is done, and of how much.
Told = Callable[[str, int, int], None]
RULES = "rules"
# Seconds after which a contestant is stopped.
LONGEST_S = 1_800
# A contestant's own threads: comparable on machines with many cores, and two at once do not fight.
THREADS = "1"
_LIMITED = ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True, kw_only=True, slots=True)
class _Job:
    scenario: Scenario
    name: str
    out: Path

    @property
    def done(self) -> bool:
        return (self.out / COST).is_file()


def contest(
    names: Sequence[str], scenarios: Sequence[Scenario], *, jobs: int = 1, told: Told | None = None
) -> list[Measured]:
    """Return the figures of every contestant in every scenario, in their order.

    What a contestant says of a scenario is kept beside it, and used again. One that fails has a row that
    says so.
    """
    plan = [_job(one, name) for one in scenarios for name in _alone(names)]
    lacking = [job for job in plan if not job.done]
    steps = len(lacking) + len(scenarios) * len(names)
    for at, job in enumerate(_worked(lacking, max(1, jobs)), 1):
        if told is not None:
            told(f"{job.name} on {job.scenario.name}, seed {job.scenario.seed}", at, steps)
    found = []
    for scenario in scenarios:
        for name in names:
            found.append(_figures(scenario, name))
            if told is not None:
                told(f"figures of {name}", len(lacking) + len(found), steps)
    return found


def _alone(names: Sequence[str]) -> list[str]:
    """Return who has to run: of a pair both."""
    alone = dict.fromkeys(name.removeprefix(WITH_RULES) for name in names)
    if any(name.startswith(WITH_RULES) for name in names):
        alone.setdefault(RULES)
    return list(alone)


def _job(scenario: Scenario, name: str) -> _Job:
    return _Job(scenario=scenario, name=name, out=scenario.folder / "said" / name.replace(":", "-"))


def _worked(lacking: Sequence[_Job], jobs: int) -> Iterator[_Job]:
    """Run jobs in processes of their own, so many at once; yield each when it has ended."""
    before = {name: os.environ.get(name) for name in _LIMITED}
    os.environ.update(dict.fromkeys(_LIMITED, THREADS))
    running: list[tuple[_Job, SpawnProcess]] = []
    try:
        for job in lacking:
            if len(running) >= jobs:
                yield _ended(*running.pop(0))
            running.append((job, _started(job)))
        while running:
            yield _ended(*running.pop(0))
    finally:
        for _, process in running:
            process.terminate()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _started(job: _Job) -> "SpawnProcess":
    job.out.mkdir(parents=True, exist_ok=True)
    process = get_context("spawn").Process(
        target=work, args=(job.scenario.folder, job.name, job.scenario.seed, job.out)
    )
    process.start()
    return process


def _ended(job: _Job, process: "SpawnProcess") -> _Job:
    process.join(LONGEST_S)
    if process.is_alive():
        process.kill()
        process.join()
    return job


def _figures(scenario: Scenario, name: str) -> Measured:
    alone = name.removeprefix(WITH_RULES)
    job = _job(scenario, alone)
    rules = _job(scenario, RULES)
    if not job.done or (name != alone and not rules.done):
        failed = "it failed, or took too long or too much memory"
        return Measured(contestant=name, scenario=scenario.name, seed=scenario.seed, failed=failed)
    before, tested = _read(job, CALIBRATED), _read(job, TESTED)
    cost = json.loads((job.out / COST).read_text(encoding="utf-8"))
    if name != alone:
        least = A_SEVERITY * int(Severity.MEDIUM)
        before = combined(_read(rules, CALIBRATED), before, least)
        tested = combined(_read(rules, TESTED), tested, least)
        theirs = json.loads((rules.out / COST).read_text(encoding="utf-8"))
        # What rules raise comes on top of what the model promised.
        cost |= {
            "fit_s": cost["fit_s"] + theirs["fit_s"],
            "score_s": cost["score_s"] + theirs["score_s"],
            "peak_mb": max(cost["peak_mb"], theirs["peak_mb"]),
        }
    promised = cost.pop("promised")
    return replace(measured(name, scenario, before, tested, promised), **cost)


def _read(job: _Job, file: str) -> "pl.DataFrame":
    import polars as pl

    return pl.read_parquet(job.out / file)
