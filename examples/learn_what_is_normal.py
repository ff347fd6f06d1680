"""Learns an ordinary day of a made office, and says what is odd. Usage: learn_what_is_normal.py [CAPTURE]."""

import sys
import tempfile
from pathlib import Path

import polars as pl

from oddwire.engine.detecting import detect
from oddwire.engine.learning_run import Recipe
from oddwire.engine.settings import Settings
from oddwire.engine.training import train
from oddwire.sources.files import Capture
from oddwire.testing.simulation.conversations import NS
from oddwire.testing.simulation.incidents import play
from oddwire.testing.simulation.light import office_of, write_light_office
from oddwire.testing.simulation.weeks import day_start_ns

SEED, HOURS, EVERY, SHOWN = 7, 18, 6, 5
MOST_BYTES = 3_000_000


def suspicious(path: Path) -> Path:
    """Write another day of the office, on which one host sends much to a place that nobody knows."""
    at = day_start_ns(0) + 9 * 3_600 * NS
    planted, _ = play(office_of(SEED).roles, "exfil_burst", "quiet", seed=3, start_ns=at)
    planted = planted.with_columns(pl.col("payload_out").clip(0, MOST_BYTES), packets_out=pl.lit(0, pl.Int64))
    return write_light_office(path, seed=SEED, day=1, hours=14, every=EVERY, planted=planted)


def told(folder: Path, capture: Path | None) -> list[str]:
    """Train on the first day, and return what is found in a capture, or on the second day."""
    ordinary = write_light_office(folder / "monday.pcap", seed=SEED, hours=HOURS, every=EVERY)
    recipe = Recipe(type="ensemble", trees=25, seed=1)
    made = train(Capture(inputs=(str(ordinary),)), recipe, folder / "office.oddwire", Settings())
    lines = [f"learned from {part.rows} rows of {part.member.name}" for part in made.trained.parts]
    judged = capture or suspicious(folder / "tuesday.pcap")
    found = detect(Capture(inputs=(str(judged),)), Settings(model=str(made.path)))
    # Without a budget given it keeps five alarms a day, or what so short a training can promise.
    lines.append(f"at {found.budget:.0f} false alarms a day:" if found.budget else "no budget is kept:")
    oddest = sorted(found.analysis.findings, key=lambda one: -one.score)
    lines += [f"  {one.severity.word}: {one.title}" for one in oddest[:SHOWN]]
    return [*lines, f"{len(oddest)} findings in all"]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        print("\n".join(told(Path(name), Path(sys.argv[1]) if len(sys.argv) > 1 else None)))
