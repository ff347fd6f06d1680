"""Contests about addresses, found once for all detectors that saw the same traffic."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from enum import Enum, auto
from hashlib import sha256
from json import dumps
from typing import Any

from oddwire.base.window import Window
from oddwire.features.bindings import Bindings, Contest, is_conflict, is_forged

__all__ = ["Contests", "Verdict"]


class Verdict(Enum):
    """What became of a contest."""

    FORGED = auto()
    CONFLICT = auto()


@dataclass(slots=True)
class Held:
    """What is known after a past, and what the last window told."""

    bindings: Bindings
    past: str = ""
    found: list[tuple[Verdict, Contest]] = field(default_factory=list)


class Contests:
    """What one detector knows of claims; detectors with the same past share the work and the memory.

    A past is a digest of all that was seen or loaded. Whoever sees a window first leaves what he found in it,
    and others of the same past take that over, so that two detectors cost no more than one.
    """

    def __init__(self) -> None:
        self._held = Held(Bindings())
        self._past = ""

    def found(self, window: Window, wanted: Verdict) -> Iterator[Contest]:
        """Add what was claimed in a window; yield the contests that came to a certain verdict."""
        past, key = self._past, (Contests, self._past)
        self._past = sha256(f"{past} {window.start_ns} {window.end_ns}".encode()).hexdigest()
        other: Held | None = window.shared.get(key)
        if other is not None and other.past == self._past:
            self._held = other
        elif self._held.past == past:
            self._held.found = list(_judged(self._held.bindings, window))
            self._held.past = self._past
            window.shared[key] = self._held
        if self._held.past != self._past:
            raise RuntimeError("a detector that shared these claims has gone ahead with other windows")
        yield from (contest for verdict, contest in self._held.found if verdict is wanted)

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return self._held.bindings.save()

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        bindings = Bindings()
        bindings.load(state)
        self._hold(bindings)

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what another saved."""
        bindings = Bindings()
        bindings.load(deepcopy(self._held.bindings.save()))
        bindings.merge(state)
        self._hold(bindings)

    def _hold(self, bindings: Bindings) -> None:
        self._past = sha256(dumps(bindings.save()).encode()).hexdigest()
        self._held = Held(bindings, self._past)


def _judged(bindings: Bindings, window: Window) -> Iterator[tuple[Verdict, Contest]]:
    """Yield the contests that came to a verdict, as they stood at that moment."""
    for contest in bindings.observe(window):
        if is_forged(contest, has_seen_requests=bindings.has_seen_requests):
            yield Verdict.FORGED, deepcopy(contest)
        if is_conflict(contest):
            yield Verdict.CONFLICT, deepcopy(contest)
