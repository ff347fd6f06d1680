"""What is found in the cases and what stays silent; writes results/detection.md."""

import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import describe
from tests.heavy.case_runs import case_names, missing_programs, outcomes, planned

RESULT = Path(__file__).parent / "results" / "detection.md"


def main() -> None:
    """Run every case and write the table."""
    rows = list(_rows())
    hits, found = sum(row[1] for row in rows), sum(row[2] for row in rows)
    silent, still = sum(row[3] for row in rows), sum(row[4] for row in rows)
    lines = [
        "# Detection on the cases",
        "",
        f"`python -m benchmarks.detection`, {datetime.now(UTC):%Y-%m-%d}, {describe()}.",
        "A capture counts as found when all that must be found is, of the right kind, subject and time, and",
        "nothing else is raised; as silent when nothing of medium severity or more is raised.",
        "",
        "| case | to be found | found | to stay silent | silent |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(
            f"| {name} | {a or ''} | {b if a else ''} | {c or ''} | {d if c else ''} |"
            for name, a, b, c, d in rows
        ),
        f"| **all** | {hits} | {found} | {silent} | {still} |",
        "",
        "## Misses that are known",
        "",
        *(
            f"- `{case}/{one.name}`: {one.missed}"
            for case in case_names()
            for one in planned(case).values()
            if one.missed
        ),
    ]
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


def _rows() -> Iterator[tuple[str, int, int, int, int]]:
    for case in case_names():
        if lacking := missing_programs(case):
            print(f"{case}: left out, needs {', '.join(lacking)}", file=sys.stderr)
            continue
        known = {one.name for one in planned(case).values() if one.missed}
        with tempfile.TemporaryDirectory() as folder:
            done = list(outcomes(case, Path(folder)))
        loud = [one for one in done if not one.silent]
        quiet = [one for one in done if one.silent]
        found = sum(not one.wrong and one.capture not in known for one in loud)
        yield case, len(loud), found, len(quiet), sum(not one.wrong for one in quiet)


if __name__ == "__main__":
    main()
