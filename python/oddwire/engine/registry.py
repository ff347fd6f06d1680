"""The judges there are: the detectors, which are found by looking, and what judges by learning."""

from functools import cache
from importlib import import_module
from inspect import getmembers, isabstract, isclass
from pkgutil import iter_modules

from oddwire import detectors
from oddwire.base.detector import Detector
from oddwire.engine.learned_judge import Learned
from oddwire.engine.outliers import Outliers
from oddwire.errors import UsageError

__all__ = ["LEARNED", "all_detectors", "all_judges", "judge_named"]

# Judges that are no rules: which of them judges hangs on whether there is a model.
LEARNED: tuple[type[Detector], ...] = (Learned, Outliers)


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


@cache
def all_judges() -> tuple[type[Detector], ...]:
    """Return everything that a finding may come from, by name: for lists, pages, settings and rules."""
    return tuple(sorted((*all_detectors(), *LEARNED), key=lambda one: one.name))


def judge_named(name: str) -> type[Detector]:
    """Return the detector of that name, or the judge that learns."""
    for one in all_judges():
        if one.name == name:
            return one
    names = ", ".join(one.name for one in all_judges())
    raise UsageError(f"there is no detector '{name}'", hint=f"there are {names}")
