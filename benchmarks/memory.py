"""Whether memory follows the length of a capture, and what a live flow costs."""

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.build import binary
from benchmarks.captures import Capture, Seeds
from benchmarks.measure import Run, run

LONG = "flows, real traffic x16, peak MB"
PER_FLOW = "flows, flood, bytes a live flow"
BARE_LONG = "bare loop, real traffic x16, peak MB"
BARE_PER_FLOW = "bare loop, flood, bytes a live flow"

_TIMES = 16
_LIVE = re.compile(r"most_live=(\d+)")
_LIVE_KEYS = ("most_live_flows", "most_live")


@dataclass(frozen=True, kw_only=True, slots=True)
class Memory:
    """One figure, or why there is none."""

    name: str
    value: float | None
    reason: str | None = None
    note: str = ""


def measure_memory(
    oddwire: Path, flood: Capture, empty: Path, seeds: Seeds, *, tiles: int, limit_s: float
) -> list[Memory]:
    """Measure the bare loop and, where it is built, Oddwire."""
    feed = seeds.command("-", tiles * _TIMES)
    bare = str(binary("bare-loop"))
    live = _bare_live(run([bare, "flows", str(flood.path)], limit_s=limit_s, keep_stdout=True))
    rows = [
        _peak(BARE_LONG, run([bare, "flows", "-"], limit_s=limit_s, feed=feed)),
        _per_flow(
            BARE_PER_FLOW,
            run([bare, "flows", str(flood.path)], limit_s=limit_s),
            run([bare, "flows", str(empty)], limit_s=limit_s),
            live,
        ),
    ]
    if not oddwire.is_file():
        reason = f"{oddwire.name} is not built"
        return [*rows, *(Memory(name=name, value=None, reason=reason) for name in (LONG, PER_FLOW))]
    with tempfile.TemporaryDirectory() as out:
        words = [
            str(oddwire),
            "flows",
            "--format",
            "parquet",
            "-o",
            str(Path(out, "flows.parquet")),
            "--quiet",
        ]
        stats = Path(out, "stats.json")
        long = run([*words, "-"], limit_s=limit_s, feed=feed)
        full = run([*words, str(flood.path), "--stats", str(stats)], limit_s=limit_s)
        nothing = run([*words, str(empty)], limit_s=limit_s)
        return [*rows, _peak(LONG, long), _per_flow(PER_FLOW, full, nothing, read_live(stats) or live)]


def read_live(stats: Path) -> int | None:
    """The most flows live at once, as `--stats FILE` has it; None where it says nothing of them."""
    try:
        content = json.loads(stats.read_text())
    except (OSError, ValueError):
        return None
    found = [content[key] for key in _LIVE_KEYS if isinstance(content, dict) and key in content]
    return int(found[0]) if found else None


def bytes_a_flow(*, full_mb: float, empty_mb: float, live: int) -> float:
    """What one live flow costs, from two peaks."""
    return (full_mb - empty_mb) * 1024 * 1024 / live


def _bare_live(result: Run) -> int | None:
    found = _LIVE.search(result.stdout)
    return int(found[1]) if found else None


def _peak(name: str, result: Run) -> Memory:
    value = None if result.failure else result.peak_mb
    return Memory(name=name, value=value, reason=result.failure, note=f"{result.cpu_s:.1f} s CPU, streamed")


def _per_flow(name: str, full: Run, nothing: Run, live: int | None) -> Memory:
    reason = full.failure or nothing.failure or (None if live else "no count of live flows")
    if reason or not live:
        return Memory(name=name, value=None, reason=reason)
    value = bytes_a_flow(full_mb=full.peak_mb, empty_mb=nothing.peak_mb, live=live)
    return Memory(
        name=name, value=value, note=f"{full.peak_mb:.0f} - {nothing.peak_mb:.0f} MB, {live:,} live"
    )
