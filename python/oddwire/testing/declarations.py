"""What is wrong with what a detector says of itself."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import fields

from oddwire.base.detector import Detector, Page
from oddwire.records.judged import TABLES
from oddwire.records.kinds import Cadence, Kind, Scope

__all__ = ["misdeclared"]

TECHNIQUE = re.compile(r"T\d{4}(\.\d{3})?")
NAME = re.compile(r"[a-z][a-z0-9_]*")


def misdeclared(detector: type[Detector]) -> Iterator[str]:
    """Yield what is wrong, each as a sentence."""
    name, module = detector.name, detector.__module__.rpartition(".")[2]
    if name != module or not NAME.fullmatch(name):
        yield f"its name {name!r} is not that of its module {module!r}"
    if not detector.kinds or detector.kinds[0] is not detector.kind:
        yield "its own kind is not the first of its kinds"
    if not set(detector.kinds) <= set(Kind):
        yield "one of its kinds is none"
    if detector.scope not in set(Scope) or detector.cadence not in set(Cadence):
        yield "its scope or its cadence is none"
    known = {f"{table}.{column}" for table, columns in TABLES.items() for column in columns}
    if not detector.needs or not detector.needs <= known:
        yield f"it needs nothing, or what no table has: {sorted(detector.needs - known)}"
    for technique in detector.attack:
        if not TECHNIQUE.fullmatch(technique):
            yield f"{technique!r} is no technique of ATT&CK"
    yield from _page(detector)
    yield from _parameters(detector)
    yield from _state(detector)


def _page(detector: type[Detector]) -> Iterator[str]:
    if not (detector.__doc__ or "").strip():
        yield "it has no docstring"
    for field in fields(Page):
        if not str(getattr(detector.page, field.name)).strip():
            yield f"its page says nothing of '{field.name}'"


def _parameters(detector: type[Detector]) -> Iterator[str]:
    for one in detector.described():
        if not one.meaning.strip():
            yield f"the parameter {one.name} has no meaning"
        if not _is_plain(one.default):
            yield f"the parameter {one.name} cannot stand in a file of settings: {one.default!r}"


def _is_plain(value: object) -> bool:
    """Say whether TOML can hold a value as the settings write it."""
    if isinstance(value, (tuple, list)):
        return all(_is_plain(one) for one in value)
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, (bool, int, str))


def _state(detector: type[Detector]) -> Iterator[str]:
    try:
        json.dumps(detector().save(), allow_nan=False)
    except (TypeError, ValueError) as error:
        yield f"its state cannot be written as JSON: {error}"
