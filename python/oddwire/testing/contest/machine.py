"""What figures of time and memory were measured on."""

import os
import platform
from pathlib import Path

__all__ = ["machine", "peak_mb"]


def machine() -> str:
    """Return processor, cores, memory and system, without the name of the machine."""
    memory = ""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        gib = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
        memory = f", {gib:.0f} GiB"
    return f"{_processor()}, {os.cpu_count()} cores{memory}, {platform.system()}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine() or "a processor"
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.machine() or "a processor"


def peak_mb() -> float:
    """Return the most memory that this process has held, in MiB; NaN where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return _peak_by_usage()
    # Not by getrusage here: on Linux a new process takes over the peak of the one that started it.
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")), float("nan"))


def _peak_by_usage() -> float:
    try:
        import resource
    except ImportError:
        return float("nan")
    # In bytes on macOS, which is the only other system with it that matters here.
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
