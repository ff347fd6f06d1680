"""Runs one command and measures the whole process: CPU seconds, wall seconds, peak memory."""

import os
import re
import resource
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_TAIL_CHARACTERS = 4000
_LOOK_S = 0.02


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
    the system's own figure for the largest process; below this process's own it is the last one seen.
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
        guard = _Guard(child.pid, limit_s)
        guard.start()
        _, status, usage = os.wait4(child.pid, 0)
        guard.done.set()
        guard.join()
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
            peak_mb=guard.peak_kb(usage.ru_maxrss) / 1024,
            returncode=child.returncode,
            timed_out=guard.fired,
            stderr=stderr.read().decode(errors="replace")[-_TAIL_CHARACTERS:],
            stdout=stdout.read(_TAIL_CHARACTERS).decode(errors="replace"),
        )


def warm(path: Path) -> None:
    """Read a file once, so that every run finds it in the page cache."""
    with path.open("rb") as file:
        while file.read(1 << 22):
            pass


class _Guard(threading.Thread):
    """Stops a process and its children at the limit, and looks at its peak memory while it runs."""

    def __init__(self, pid: int, limit_s: float) -> None:
        super().__init__(daemon=True)
        self.done = threading.Event()
        self.fired = False
        self._pid = pid
        self._limit_s = limit_s
        self._seen_kb = 0

    def run(self) -> None:
        """Look every 20 ms until the process is gone or the limit is reached."""
        started = time.monotonic()
        while not self.done.wait(_LOOK_S):
            self._seen_kb = _peak_of(self._pid) or self._seen_kb
            if not self.fired and time.monotonic() - started > self._limit_s:
                self.fired = True
                os.killpg(self._pid, signal.SIGKILL)

    def peak_kb(self, usage_kb: int) -> int:
        """The system's figure, unless it is this process's own: a child starts as a copy of that."""
        own_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return usage_kb if usage_kb > own_kb or not self._seen_kb else self._seen_kb


def _peak_of(pid: int) -> int | None:
    """The peak memory of a running process in KiB; None when it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = re.search(r"VmHWM:\s+(\d+)", status)
    return int(found[1]) if found else None
