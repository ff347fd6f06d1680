"""The detectors there are: every class of the package, found by looking."""

from functools import cache
from importlib import import_module
from inspect import getmembers, isabstract, isclass
from pkgutil import iter_modules

from oddwire import detectors
from oddwire.base.detector import Detector
from oddwire.errors import UsageError

__all__ = ["all_detectors", "all_judges", "detector_named"]


@cache
def all_detectors() -> tuple[type[Detector], ...]:
    """Return the detector classes by name."""
    found: list[type[Detector]] = []
    for module in iter_modules(detectors.__path__, f"{detectors.__name__}."):
        members = getmembers(import_module(module.name), isclass)
        found += [
            one
            for _, one in members
            if issubclass(one, Detector) and not isabstract(one) and one.__module__ == module.name
        ]
    return tuple(sorted(found, key=lambda one: one.name))


def all_judges() -> tuple[type[Detector], ...]:
    """Return the detector classes, and behind them the judges that learn."""
    # Here and not above: what learns knows the settings, which know the detectors.
    from oddwire.engine.learned_judges import LEARNED

    return (*all_detectors(), *LEARNED)


def detector_named(name: str) -> type[Detector]:
    """Return the detector of that name."""
    for one in all_judges():
        if one.name == name:
            return one
    names = ", ".join(one.name for one in all_judges())
    raise UsageError(f"there is no detector '{name}'", hint=f"there are {names}")
