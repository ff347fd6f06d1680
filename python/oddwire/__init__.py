"""Oddwire turns network packets into explained anomalies.

>>> import oddwire
>>> flows = oddwire.read("capture.pcap").flows()      # a Polars frame       # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

from oddwire.errors import (
    CaptureError,
    FilterError,
    MissingComponent,
    OddwireError,
    UsageError,
)

if TYPE_CHECKING:
    from oddwire.sources.files import Capture, read

__all__ = [
    "Capture",
    "CaptureError",
    "FilterError",
    "MissingComponent",
    "OddwireError",
    "UsageError",
    "__version__",
    "read",
]

_FROM_FILES = frozenset({"Capture", "read"})


def __getattr__(name: str) -> Any:  # noqa: ANN401  # what a lazy attribute is depends on its name
    """Import what is asked for only when it is asked for."""
    if name in _FROM_FILES:
        from oddwire.sources import files

        return getattr(files, name)
    if name == "__version__":
        from oddwire import native

        return native.version
    raise AttributeError(f"module 'oddwire' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Return the public names."""
    return __all__
