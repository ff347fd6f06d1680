"""What the figures were measured on and with."""

import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path

from benchmarks.contenders import Contender

_LIMIT_S = 30


def describe() -> str:
    """Processor, cores, memory, system."""
    cores = os.cpu_count()
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    return f"{_processor()}, {cores} cores, {pages:.0f} GB, {platform.system()} {platform.release()}"


def versions(contenders: Sequence[Contender]) -> dict[str, str]:
    """The first line each program says of itself."""
    found = {"python": platform.python_version(), "rustc": _first_line(("rustc", "--version"))}
    for who in contenders:
        if who.version and who.absent is None:
            found[who.name] = _first_line(who.version)
    return found


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else "unknown processor"


def _first_line(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_LIMIT_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    lines = [line for line in (done.stdout + done.stderr).splitlines() if any(map(str.isdigit, line))]
    return lines[0].strip() if lines else "unknown"
