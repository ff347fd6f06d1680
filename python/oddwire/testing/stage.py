"""The traffic that detectors are checked with, and the many ways to cut it."""

import random
from dataclasses import dataclass, replace
from functools import cache, cached_property

from oddwire.base.detector import Detector
from oddwire.base.window import Window
from oddwire.records.evidence import Evidence
from oddwire.records.kinds import Cadence
from oddwire.testing.replay import Said, run, said
from oddwire.testing.stimulus import ordinary, stimulus
from oddwire.testing.windows import WINDOW_NS, Recording, recorded

__all__ = ["Stage", "empty", "our_stage"]


@dataclass(frozen=True)
class Stage:
    """The traffic that detectors are checked with: some that must make them speak, some that must not."""

    loud: Recording
    quiet: Recording

    @cached_property
    def _cut(self) -> dict[tuple[str, str, Cadence], list[Window]]:
        return {}

    def ends(self, cut: str, cadence: Cadence) -> list[int]:
        """Return the ticks after which windows end: every one, none, or some by chance."""
        ticks = self.loud.ticks
        if cadence is Cadence.WINDOW:
            ticks = [tick for tick in ticks if tick % WINDOW_NS == ticks[0] % WINDOW_NS]
        if cut == "every":
            return ticks
        if cut == "none":
            return []
        return sorted(random.Random(cut).sample(ticks, len(ticks) // 4))  # noqa: S311  # the same cuts each time

    def windows(self, cut: str, cadence: Cadence, *, traffic: str = "loud") -> list[Window]:
        """Return traffic, cut one way; what several detectors make of a window is made once."""
        key = (traffic, cut, cadence)
        if key not in self._cut:
            recording: Recording = getattr(self, traffic)
            self._cut[key] = recording.windows(self.ends(cut, cadence), cadence=cadence)
        return self._cut[key]

    @cached_property
    def renumbered(self) -> Recording:
        """Return the loud traffic where the hosts have other numbers."""
        order = list(range(len(self.loud.names)))
        random.Random(1).shuffle(order)  # noqa: S311  # the same order each time
        return self.loud.renumbered(order)

    @cached_property
    def _heard(self) -> dict[type[Detector], list[Evidence]]:
        return {}

    def heard(self, detector: type[Detector]) -> list[Evidence]:
        """Return what a detector says of the loud traffic, tick by tick, when nothing is done to it."""
        if detector not in self._heard:
            self._heard[detector] = run(detector(), self.windows("every", detector.cadence))
        return self._heard[detector]

    def plainly(self, detector: type[Detector]) -> Said:
        """Return the same as text that can be compared."""
        return said(self.heard(detector))

    def halves(self, detector: type[Detector]) -> tuple[Window, Window]:
        """Return the loud traffic in two windows, parted where most of what is said is under way."""
        shown = self.windows("every", detector.cadence)

        def under_way(at: int) -> tuple[int, int]:
            now = shown[at].end_ns
            crossing = {one.subject for one in self.heard(detector) if one.start_ns < now < one.at_ns}
            return len(crossing), -abs(at - len(shown) // 2)

        place = max(range(len(shown) - 1), key=under_way)
        key = ("loud", f"at {place}", detector.cadence)
        if key not in self._cut:
            last = [tick for tick in self.loud.ticks if tick < shown[place].end_ns][-1:]
            self._cut[key] = self.loud.windows(last, cadence=detector.cadence)
        early, late = self._cut[key]
        return early, late


@cache
def our_stage() -> Stage:
    """Return the traffic of `oddwire.testing.stimulus`."""
    return Stage(loud=recorded(stimulus()), quiet=recorded(ordinary()))


def empty(window: Window, start_ns: int, end_ns: int) -> Window:
    """Return a window in which nothing happened."""
    return replace(
        window,
        start_ns=start_ns,
        end_ns=end_ns,
        talks=window.talks.clear(),
        ended=window.ended.clear(),
        arp=window.arp.clear(),
        said={name: table.clear() for name, table in window.said.items()},
        views={},
    )
