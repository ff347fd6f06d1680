"""Runs everybody in turn, round after round (A B A B), and keeps the medians."""

import contextlib
import socket
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.captures import Capture
from benchmarks.contenders import SINK_PORT, Contender
from benchmarks.measure import Run, run, warm


@dataclass(kw_only=True, slots=True)
class Row:
    """The runs of one contender on one capture."""

    contender: str
    capture: str
    sliced: bool = False
    factor: float = 1.0
    start_cpu_s: float = 0.0
    cpu_s: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    reason: str | None = None

    @property
    def cpu(self) -> float | None:
        """Median CPU seconds, scaled to the whole capture; None where no run counts."""
        if not self.cpu_s or self.reason is not None:
            return None
        return scaled(statistics.median(self.cpu_s), factor=self.factor, start_s=self.start_cpu_s)

    @property
    def peak(self) -> float | None:
        """Median peak memory in MB, never scaled; None where no run counts."""
        return statistics.median(self.peak_mb) if self.peak_mb and self.reason is None else None


def scaled(cpu_s: float, *, factor: float, start_s: float) -> float:
    """What a slice's CPU seconds say of the whole: the start is paid once, the rest grows with it."""
    return start_s + max(cpu_s - start_s, 0.0) * factor


def measure_all(
    contenders: Sequence[Contender], captures: Sequence[Capture], empty: Path, *, rounds: int, limit_s: float
) -> list[Row]:
    """Measure every contender on every capture; who fails once is not asked again."""
    rows: list[Row] = []
    for capture in captures:
        warm(capture.path)
        warm(capture.slice_path)
        pairs = [(who, _row(who, capture, empty, limit_s)) for who in contenders]
        rows += [row for _, row in pairs]
        for number in range(rounds):
            for who, row in pairs:
                if row.reason is None:
                    path = capture.slice_path if row.sliced else capture.path
                    _note(row, once(who, path, limit_s))
                    print(f"  {capture.name} round {number + 1}: {_said(row)}", file=sys.stderr)
    return rows


def once(who: Contender, path: Path, limit_s: float) -> Run:
    """One run, its output thrown away."""
    with tempfile.TemporaryDirectory() as out, _sink():
        return run(who.command(path, Path(out)), limit_s=limit_s)


def _row(who: Contender, capture: Capture, empty: Path, limit_s: float) -> Row:
    row = Row(contender=who.name, capture=capture.name, sliced=capture.name in who.sliced, reason=who.absent)
    if row.sliced and row.reason is None:
        row.factor = capture.factor
        row.start_cpu_s = once(who, empty, limit_s).cpu_s
    return row


def _note(row: Row, result: Run) -> None:
    row.reason = result.failure
    row.cpu_s.append(result.cpu_s)
    row.peak_mb.append(result.peak_mb)


def _said(row: Row) -> str:
    figure = row.reason or f"{row.cpu_s[-1]:.2f} s CPU, {row.peak_mb[-1]:.0f} MB"
    return f"{row.contender}: {figure}"


@contextlib.contextmanager
def _sink() -> Iterator[None]:
    """Something to send NetFlow to, so that no record is refused; the system drops what nobody reads."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener, contextlib.suppress(OSError):
        listener.bind(("127.0.0.1", SINK_PORT))
        yield
