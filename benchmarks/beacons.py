"""Beacons found and look-alikes left alone, beside RITA's score; writes results/beacons.md.

Usage: python -m benchmarks.beacons
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.beacon_traffic import (
    BEACONS,
    BEGIN,
    HOST,
    LOOK_ALIKES,
    SESSIONS,
    Contact,
    Session,
    Traffic,
    times,
)
from benchmarks.machine import describe
from benchmarks.table import aligned
from oddwire.base.window import Window
from oddwire.detectors.beacon import Beacon
from oddwire.features.rita import THRESHOLDS, rita_score
from oddwire.records.kinds import DEFAULT_SEVERITY, Severity

RESULT = Path(__file__).parent / "results" / "beacons.md"
JITTERS, MISSED, SEEDS = (0.0, 0.2, 0.5), (0.0, 0.2), (1, 2, 3, 4, 5)
# One contact in twenty has something to say.
BUSY = 0.05
INSIDE = ("10.", "192.168.")


def main() -> None:
    """Run everything and write the tables."""
    alike = {
        name: [_judged(made(session, seed), session, seed) for session in SESSIONS for seed in SEEDS]
        for name, made in LOOK_ALIKES.items()
    }
    quiet = max(score for runs in alike.values() for _, score in runs)
    judges = _judges(quiet)
    lines = [
        "# Beacons",
        "",
        f"`python -m benchmarks.beacons`, {datetime.now(UTC):%Y-%m-%d}, {describe()}.",
        "",
        f"Made contacts (tables, no packets) of a host with one outside, seeds {SEEDS[0]} to {SEEDS[-1]};",
        "one contact in twenty carries work. Ours counts from medium severity on.",
        "RITA's is the score of version 5 by its published formula, over bytes sent, without what it adds or",
        "takes off for prevalence and first sight; like RITA itself it looks at no traffic inside. Its last",
        f"threshold ({quiet:.3f}) is the least that raises nothing on the look-alikes below.",
        "",
        "## Share of beacons found",
        "",
        aligned(("beacons", "runs", *(name for name, _ in judges)), list(_recall(judges))),
        "",
        "## Look-alikes raised, of runs",
        "",
        aligned(("look-alike", "runs", *(name for name, _ in judges)), list(_false(alike, judges))),
    ]
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


Judged = tuple[bool, float]
Judge = tuple[str, Callable[[Judged], bool]]


def _judges(quiet: float) -> list[Judge]:
    def at(threshold: float) -> Callable[[Judged], bool]:
        return lambda judged: judged[1] >= threshold

    ritas = [(f"RITA {threshold:.2f}", at(threshold)) for threshold in THRESHOLDS.values()]
    return [("ours", lambda judged: judged[0]), *ritas, ("RITA, silent", lambda judged: judged[1] > quiet)]


def _judged(contacts: list[Contact], session: Session, seed: int) -> Judged:
    """Return whether ours raises an alarm, and the highest score of RITA."""
    traffic = Traffic(contacts=contacts, seconds=session.seconds, seed=seed)
    window = traffic.window()
    return _ours(window), _rita(traffic)


def _ours(window: Window) -> bool:
    said = Beacon().observe(window)
    return any((one.severity or DEFAULT_SEVERITY[one.kind]) > Severity.LOW for one in said)


def _rita(traffic: Traffic) -> float:
    span = (BEGIN, BEGIN + traffic.seconds)
    scores = [
        rita_score(starts, sizes, span)
        for (_, dst, _), (starts, sizes) in traffic.pairs.items()
        if not dst.startswith(INSIDE)
    ]
    return max((one.score for one in scores if one), default=0.0)


def _recall(judges: list[Judge]) -> Iterator[list[str]]:
    everything: list[Judged] = []
    manners: dict[str, list[Judged]] = {name: [] for name in BEACONS}
    for session in SESSIONS:
        for jitter in JITTERS:
            for missed in MISSED:
                runs = []
                for name, manner in BEACONS.items():
                    for seed in SEEDS:
                        starts = times(session, jitter=jitter, missed=missed, seed=seed)
                        contact = Contact(
                            src=HOST, dst="203.0.113.9", starts=starts, manner=manner, busy=BUSY
                        )
                        runs.append(_judged([contact], session, seed))
                        manners[name].append(runs[-1])
                everything += runs
                yield _line(f"{session.name}, jitter {jitter}, missed {missed:.0%}", runs, judges, share=True)
    for name, runs in manners.items():
        yield _line(name, runs, judges, share=True)
    yield _line("all", everything, judges, share=True)


def _false(alike: dict[str, list[Judged]], judges: list[Judge]) -> Iterator[list[str]]:
    for name, runs in alike.items():
        yield _line(name, runs, judges)
    yield _line("all", [one for runs in alike.values() for one in runs], judges)


def _line(name: str, runs: list[Judged], judges: list[Judge], *, share: bool = False) -> list[str]:
    counts = [sum(map(judge, runs)) for _, judge in judges]
    return [name, str(len(runs)), *(f"{count / len(runs):.0%}" if share else str(count) for count in counts)]


if __name__ == "__main__":
    main()
