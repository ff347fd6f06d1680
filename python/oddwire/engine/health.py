"""What works on this machine: parts, versions, rights."""

import os
import platform
import shutil
from dataclasses import dataclass
from importlib import metadata

from oddwire import native

__all__ = ["Check", "checks"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One part: whether it is there, what that means, and what to do."""

    name: str
    there: bool
    needed: bool
    says: str
    to_do: str = ""


def checks() -> list[Check]:
    """Look at everything that Oddwire uses or may use."""
    return [
        Check(name="oddwire", there=True, needed=True, says=f"{native.version}, core loaded"),
        Check(
            name="python",
            there=True,
            needed=True,
            says=f"{platform.python_version()} on {platform.platform()}",
        ),
        _package("polars", needed=True, use="tables in Python, profiles"),
        _package("jinja2", needed=True, use="HTML pages"),
        _package("pandas", needed=False, use="pandas frames", extra="pandas"),
        _package("pyarrow", needed=False, use="pandas frames", extra="pandas"),
        _libpcap(),
        _program("tshark", "comparing with Wireshark in the test suites"),
        _cores(),
    ]


def _package(name: str, *, needed: bool, use: str, extra: str | None = None) -> Check:
    to_do = f"pip install 'oddwire[{extra}]'" if extra else f"pip install {name}"
    try:
        says = f"{metadata.version(name)}, for {use}"
    except metadata.PackageNotFoundError:
        return Check(name=name, there=False, needed=needed, says=f"missing; for {use}", to_do=to_do)
    return Check(name=name, there=True, needed=needed, says=says)


def _libpcap() -> Check:
    there = native.has_libpcap()
    says = "packet filters work (--bpf)" if there else "missing; for packet filters (--bpf)"
    to_do = "" if there else "install libpcap0.8 (Debian), libpcap (others) or Npcap (Windows)"
    return Check(name="libpcap", there=there, needed=False, says=says, to_do=to_do)


def _program(name: str, use: str) -> Check:
    place = shutil.which(name)
    says = f"{place}, for {use}" if place else f"missing; for {use}"
    return Check(name=name, there=place is not None, needed=False, says=says)


def _cores() -> Check:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Check(name="processors", there=True, needed=True, says=f"{cores} usable (--threads)")
