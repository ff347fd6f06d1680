"""One contestant in one scenario, in a process of its own: so that its seconds and memory are its own."""

import json
import resource
import sys
import time
from pathlib import Path

from oddwire.testing.contest.contestants import contestant
from oddwire.testing.contest.measure import BUDGETS, MAIN
from oddwire.testing.contest.scenario import Scenario

__all__ = ["CALIBRATED", "COST", "TESTED", "work"]

CALIBRATED, TESTED, COST = "calibrate.parquet", "test.parquet", "cost.json"
# Memory is counted in KiB on Linux and in bytes on macOS.
UNIT = 1 if sys.platform == "darwin" else 1024


def work(scenario: Path, name: str, seed: int, out: Path) -> None:
    """Learn, score the calibration and the judged traffic, and write what came out and what it cost."""
    found = Scenario(folder=scenario)
    one = contestant(name, seed=seed)
    begun = time.perf_counter()
    one.fit(found.stretch("train"), found.stretch("calibrate"))
    learned = time.perf_counter()
    for which, file in (("calibrate", CALIBRATED), ("test", TESTED)):
        one.score(found.stretch(which)).write_parquet(out / file)
    done = time.perf_counter()
    cost = {
        "promised": one.promised(BUDGETS[MAIN]),
        "fit_s": learned - begun,
        "score_s": done - learned,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * UNIT / 2**20,
    }
    (out / COST).write_text(json.dumps(cost), encoding="utf-8")
