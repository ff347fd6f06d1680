"""The types of models that there are, by name: each is a file of `oddwire.models`."""

import difflib
import importlib
import pkgutil
from functools import cache
from inspect import getmembers, isabstract, isclass

from oddwire import models
from oddwire.base.model import Model
from oddwire.errors import UsageError

__all__ = ["DEFAULT_TYPE", "all_models", "model_named"]

DEFAULT_TYPE = "ensemble"


@cache
def all_models() -> tuple[type[Model], ...]:
    """Return every type of model, by name."""
    found: dict[str, type[Model]] = {}
    for entry in pkgutil.iter_modules(models.__path__):
        module = importlib.import_module(f"oddwire.models.{entry.name}")
        for _, one in getmembers(module, isclass):
            if issubclass(one, Model) and not isabstract(one) and one.__module__ == module.__name__:
                found[one.type] = one
    return tuple(found[name] for name in sorted(found))


def model_named(name: str) -> type[Model]:
    """Return the type of model of that name; underscores are taken for hyphens."""
    known = {one.type: one for one in all_models()}
    wanted = name.replace("_", "-")
    if wanted not in known:
        near = difflib.get_close_matches(wanted, known, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"there are {', '.join(known)}"
        raise UsageError(f"there is no type of model '{name}'", hint=hint)
    return known[wanted]
