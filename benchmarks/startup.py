"""What a start costs: version, help, and a summary of a small file."""

import statistics
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import run

_LIMIT_S = 30.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Start:
    """CPU milliseconds of one short command, or why there is no figure."""

    name: str
    cpu_ms: float | None
    reason: str | None = None


def measure_starts(oddwire: Path, small: Path, *, rounds: int) -> list[Start]:
    """Measure the short commands, in turn."""
    commands = {
        "--version": ["--version"],
        "--help": ["--help"],
        "summary of a small file": ["summary", str(small)],
        "flows of a small file": ["flows", str(small), "--format", "csv"],
    }
    if not oddwire.is_file():
        return [Start(name=name, cpu_ms=None, reason=f"{oddwire.name} is not built") for name in commands]
    return [_median(name, [str(oddwire), *words], rounds) for name, words in commands.items()]


def _median(name: str, command: list[str], rounds: int) -> Start:
    run(command, limit_s=_LIMIT_S)  # the first start compiles Python files: nobody pays that twice
    runs = [run(command, limit_s=_LIMIT_S) for _ in range(rounds)]
    reasons = [result.failure for result in runs if result.failure]
    if reasons:
        return Start(name=name, cpu_ms=None, reason=reasons[0])
    return Start(name=name, cpu_ms=statistics.median(result.cpu_s for result in runs) * 1000)
