"""Runs one command and measures the whole process: CPU seconds, wall seconds, peak memory."""

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TAIL_CHARACTERS = 4000


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """What one run cost, children included."""

    cpu_s: float
    wall_s: float
    peak_mb: float
    returncode: int
    timed_out: bool
    stderr: str
    stdout: str = ""

    @property
    def failure(self) -> str | None:
        """Why the run counts for nothing, or None."""
        if self.timed_out:
            return f"stopped after {self.wall_s:.0f} s"
        if self.returncode != 0:
            lines = self.stderr.strip().splitlines() or ["no message"]
            return f"exit {self.returncode}: {lines[-1][:120]}"
        return None


def run(
    command: Sequence[str],
    *,
    limit_s: float,
    feed: Sequence[str] | None = None,
    environment: dict[str, str] | None = None,
    keep_stdout: bool = False,
) -> Run:
    """Run a command to its end, or stop it and all its children at the limit.

    `feed` is another command whose output becomes the standard input; its cost is not counted. Peak memory is
    the system's own figure for the largest process; it cannot be seen below this process's own (about 15 MB).
    """
    producer = None
    if feed is not None:
        producer = subprocess.Popen(feed, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    with tempfile.TemporaryFile() as stderr, tempfile.TemporaryFile() as stdout:
        started = time.monotonic()
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL if producer is None else producer.stdout,
            stdout=stdout if keep_stdout else subprocess.DEVNULL,
            stderr=stderr,
            start_new_session=True,
            env=environment,
        )
        if producer is not None and producer.stdout is not None:
            producer.stdout.close()
        timed_out = threading.Event()
        guard = threading.Timer(limit_s, _stop, (child.pid, timed_out))
        guard.start()
        _, status, usage = os.wait4(child.pid, 0)
        guard.cancel()
        wall_s = time.monotonic() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if producer is not None:
            producer.kill()
            producer.wait()
        stderr.seek(0)
        stdout.seek(0)
        return Run(
            cpu_s=usage.ru_utime + usage.ru_stime,
            wall_s=wall_s,
            peak_mb=usage.ru_maxrss / 1024,
            returncode=child.returncode,
            timed_out=timed_out.is_set(),
            stderr=stderr.read().decode(errors="replace")[-_TAIL_CHARACTERS:],
            stdout=stdout.read(_TAIL_CHARACTERS).decode(errors="replace"),
        )


def warm(path: Path) -> None:
    """Read a file once, so that every run finds it in the page cache."""
    with path.open("rb") as file:
        while file.read(1 << 22):
            pass


def _stop(group: int, timed_out: threading.Event) -> None:
    timed_out.set()
    os.killpg(group, signal.SIGKILL)
