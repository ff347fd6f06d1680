"""Every capture of the pack and 20,000 damaged copies; the table goes to benchmarks/results/robustness.md."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.heavy.captures import captures
from tests.heavy.needs import ROOT
from tests.heavy.trial import ADDRESS_SPACE, Outcome, try_files, try_seeds

pytestmark = [pytest.mark.long, pytest.mark.mutation]

MUTATIONS = 20_000
BATCH = 1_000
# Seeds of their own: the short round has the ones before.
FIRST_SEED = 1_000_000
MAX_SECONDS = 20.0
MAX_MIB = 400.0
REPORT = ROOT / "benchmarks" / "results" / "robustness.md"
# What follows this heading is kept: it is written when the targets are run.
KEPT_FROM = "## Fuzz targets"
HEAD = """# Robustness

`make test-long` writes this table. Each input was read as packets, flows, slices and a described summary, by
a process whose address space is limited to {limit} GiB. *Read* gave tables, *refused* gave one clear error, a
*fault* is all else: a panic, a crash, another exception, no answer, or tables that disagree on whether it is
a capture.

| inputs | count | read | refused | faults | slowest | peak memory of the process |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
"""


def test_whole_and_damaged_captures_are_read_or_refused(pack: Path, tmp_path: Path) -> None:
    listed = captures(pack)
    outcomes = try_files(listed, tmp_path, timeout_s=900)
    groups = {"captures of the pack": outcomes}
    assert len(outcomes) == len(listed)
    for kind, outcome in _mutations(listed, tmp_path):
        groups.setdefault(kind, []).append(outcome)
    everything = [outcome for group in groups.values() for outcome in group]
    _write(groups)
    assert not [outcome for outcome in everything if outcome.fault]
    assert len(everything) == len(listed) + MUTATIONS
    assert max(outcome.seconds for outcome in everything) < MAX_SECONDS
    assert max(outcome.peak_mib for outcome in everything) < MAX_MIB


def _mutations(listed: list[Path], scratch: Path) -> Iterator[tuple[str, Outcome]]:
    for first in range(FIRST_SEED, FIRST_SEED + MUTATIONS, BATCH):
        for outcome in try_seeds(listed, range(first, first + BATCH), scratch, timeout_s=900):
            yield "damaged: " + outcome.name.partition(": ")[2].partition(" of ")[0], outcome


def _write(groups: dict[str, list[Outcome]]) -> None:
    kept = REPORT.read_text(encoding="utf-8").partition(KEPT_FROM) if REPORT.exists() else ("", "", "")
    rows = [_row(name, outcomes) for name, outcomes in groups.items()]
    whole = _row("all", [outcome for outcomes in groups.values() for outcome in outcomes])
    table = HEAD.format(limit=ADDRESS_SPACE >> 30) + "\n".join([*rows, whole]) + "\n"
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(table + ("\n" + "".join(kept[1:]) if kept[1] else ""), encoding="utf-8")


def _row(name: str, outcomes: list[Outcome]) -> str:
    counts: dict[str, int] = defaultdict(int)
    for outcome in outcomes:
        counts["fault" if outcome.fault else outcome.outcome] += 1
    slowest = max(outcome.seconds for outcome in outcomes)
    peak = max(outcome.peak_mib for outcome in outcomes)
    return (
        f"| {name} | {len(outcomes):,} | {counts['read']:,} | {counts['refused']:,} | {counts['fault']:,} "
        f"| {slowest:.2f} s | {peak:.0f} MiB |"
    )
