"""One contestant in one scenario, in a process of its own: so that its seconds and memory are its own."""

import json
import time
from pathlib import Path

from oddwire.testing.contest.contestant import nothing_scored
from oddwire.testing.contest.contestants import contestant
from oddwire.testing.contest.machine import peak_mb
from oddwire.testing.contest.measure import BUDGETS, MAIN
from oddwire.testing.contest.scenario import Scenario

__all__ = ["CALIBRATED", "COST", "TESTED", "work"]

CALIBRATED, TESTED, COST = "calibrate.parquet", "test.parquet", "cost.json"


def work(scenario: Path, name: str, seed: int, out: Path) -> None:
    """Learn, score the calibration and the judged traffic, and write what came out and what it cost."""
    found = Scenario(folder=scenario)
    one = contestant(name, seed=seed)
    begun = time.process_time()
    one.fit(found.stretch("train"), found.stretch("calibrate"))
    learned = time.process_time()
    promised = one.promised(BUDGETS[MAIN])
    # Who promises by itself needs no second look at the calibration.
    before = nothing_scored() if promised is not None else one.score(found.stretch("calibrate"))
    before.write_parquet(out / CALIBRATED)
    began = time.process_time()
    one.score(found.stretch("test")).write_parquet(out / TESTED)
    done = time.process_time()
    cost = {
        "promised": promised,
        "fit_s": learned - begun,
        "score_s": done - began,
        "peak_mb": peak_mb(),
    }
    (out / COST).write_text(json.dumps(cost), encoding="utf-8")
