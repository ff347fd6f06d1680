"""Oddwire turns network packets into explained anomalies.

>>> import oddwire
>>> capture = oddwire.read("capture.pcap")             # nothing is read yet   # doctest: +SKIP
>>> findings = oddwire.analyze(capture).findings       # ranked                # doctest: +SKIP
>>> flows = capture.flows()                            # a Polars frame        # doctest: +SKIP
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from oddwire.errors import (
    CaptureError,
    FilterError,
    MissingComponent,
    OddwireError,
    UsageError,
)

if TYPE_CHECKING:
    from oddwire.engine.analysis import Analysis, analyze
    from oddwire.native import version as __version__
    from oddwire.records.finding import Finding
    from oddwire.sources.files import Capture, read

__all__ = [
    "Analysis",
    "Capture",
    "CaptureError",
    "FilterError",
    "Finding",
    "MissingComponent",
    "OddwireError",
    "UsageError",
    "__version__",
    "analyze",
    "read",
]

# What is imported only when it is asked for: where it lies, and its name there.
_LAZY = {
    "Analysis": ("oddwire.engine.analysis", "Analysis"),
    "Finding": ("oddwire.records.finding", "Finding"),
    "analyze": ("oddwire.engine.analysis", "analyze"),
    "Capture": ("oddwire.sources.files", "Capture"),
    "__version__": ("oddwire.native", "version"),
    "read": ("oddwire.sources.files", "read"),
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  # what a lazy attribute is depends on its name
    """Import what is asked for only when it is asked for."""
    if name not in _LAZY:
        raise AttributeError(f"module 'oddwire' has no attribute {name!r}")
    module, there = _LAZY[name]
    return getattr(import_module(module), there)


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
