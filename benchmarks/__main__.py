"""Measure Oddwire beside its peers and beside the bare loop: `make bench`."""

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import captures, contenders, install, machine, memory, results, rounds, startup, targets


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the options ask for; 0 when no target is missed."""
    options = _options(arguments)
    cache = captures.cache_folder()
    seeds = captures.find_seeds(cache)
    made = captures.build(quick=options.quick)
    empty = captures.empty_capture()
    if not options.no_install:
        install.install_system_peers()
    everyone = contenders.contenders(options.oddwire, install.install_nfstream(cache))
    chosen = [who for who in everyone if _wanted(who.name, options.only)]
    count = 1 if options.quick else options.rounds
    rows = rounds.measure_all(chosen, made, empty, rounds=count, limit_s=options.limit)
    starts = (
        startup.measure_starts(options.oddwire, captures.small_capture(), rounds=max(count, 3))
        if not options.only
        else []
    )
    memories = (
        memory.measure_memory(
            options.oddwire, made[1], empty, seeds, tiles=made[0].tiles, limit_s=options.limit
        )
        if not options.only
        else []
    )
    report = results.Report(
        date=dt.datetime.now(tz=dt.UTC).date().isoformat(),
        machine=machine.describe(),
        rounds=count,
        versions=machine.versions(chosen),
        captures=made,
        rows=rows,
        starts=starts,
        memories=memories,
        targets=targets.targets(rows, starts, memories),
    )
    print(report.markdown())
    if not (options.quick or options.only):
        report.keep()
    return 1 if any(target.met is False for target in report.targets) else 0


def _wanted(name: str, only: Sequence[str]) -> bool:
    """The bare loop always runs: every ratio is to it."""
    return not only or name.startswith("bare loop") or any(word in name for word in only)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small captures, one round, nothing stored")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="only tools with NAME in them"
    )
    parser.add_argument("--rounds", type=int, default=3, metavar="N", help="rounds of everybody (3)")
    parser.add_argument(
        "--limit", type=float, default=120.0, metavar="S", help="seconds a run may take (120)"
    )
    parser.add_argument("--oddwire", type=Path, default=contenders.default_oddwire(), metavar="PATH")
    parser.add_argument("--no-install", action="store_true", help="use the peers that are there")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
