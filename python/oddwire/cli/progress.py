"""Progress on the terminal: packets, rate, time left; silent when nobody looks."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from oddwire.records.units import duration_text

__all__ = ["Progress", "progress"]

# A person reads no faster; and a run of a moment shows no line at all.
EVERY_S = 0.25
NS = 1_000_000_000


class Progress:
    """One line that is written anew."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.last = 0.0
        self.shown = False

    def __call__(self, packets: int, done: int, total: int | None) -> None:
        """Show how far the run has come."""
        took = time.monotonic() - self.begun
        rate = packets / took if took else 0.0
        if took - self.last < EVERY_S:
            return
        self.last = took
        line = f"{packets:,} packets, {rate:,.0f} packets/s"
        if total and done:
            left_s = max(took * (total - done) / done, 0)
            line += f", {min(100 * done / total, 100):.0f} %, {duration_text(round(left_s) * NS)} left"
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()
        self.shown = True

    def clear(self) -> None:
        """Take the line away."""
        if self.shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


@contextmanager
def progress(*, quiet: bool) -> Iterator[Progress | None]:
    """Give a progress line while something runs, or nothing when stderr is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    line = Progress()
    try:
        yield line
    finally:
        line.clear()
