"""Progress on the terminal: packets, rate, time left; silent when nobody looks."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Progress", "progress"]


class Progress:
    """One line that is written anew."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.shown = False

    def __call__(self, packets: int, done: int, total: int | None) -> None:
        """Show how far the run has come."""
        took = time.monotonic() - self.begun
        rate = packets / took if took else 0.0
        line = f"{packets:,} packets, {rate / 1e6:.1f} M/s"
        if total and done:
            left = took * (total - done) / done
            line += f", {100 * done / total:.0f} %, {left:.0f} s left"
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
