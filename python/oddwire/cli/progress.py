"""Progress on the terminal: packets, rate, time left; silent when nobody looks."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from oddwire.records.units import duration_text

__all__ = ["Progress", "StepsShown", "progress", "steps_shown"]

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


class StepsShown(Progress):
    """The same line for work that is counted in steps: what is done, how far it is, and the time left."""

    def __init__(self) -> None:
        super().__init__()
        self.what = ""
        self.since = self.begun

    def step(self, what: str, done: int, total: int) -> None:
        """Show how far one piece of work has come."""
        now = time.monotonic()
        if what != self.what:
            self.what, self.since, self.last = what, now, 0.0
        if now - self.begun - self.last < EVERY_S:
            return
        self.last = now - self.begun
        line = what
        if total > 1:
            line += f": {done:,} of {total:,}"
        if 0 < done < total:
            left_s = (now - self.since) * (total - done) / done
            line += f", {100 * done / total:.0f} %, {duration_text(round(left_s) * NS)} left"
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()
        self.shown = True


@contextmanager
def steps_shown(*, quiet: bool) -> Iterator[Callable[[str, int, int], object] | None]:
    """Give a line of steps while something runs, or nothing when stderr is no terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    line = StepsShown()
    try:
        yield line.step
    finally:
        line.clear()
