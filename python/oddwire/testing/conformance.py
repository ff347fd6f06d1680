"""What every detector must keep to, checked: for those of Oddwire and for anybody's.

`check_detector(MyDetector)` raises `Nonconforming` with all that is wrong. To have each check as a test of
its own, parametrise over `CHECKS`: `assert not complaints(MyDetector, check)`. A detector of something that
`oddwire.testing.stimulus` does not show should bring traffic of its own: `Stage(loud=..., quiet=...)`.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache

from oddwire.base.detector import Detector
from oddwire.base.window import Window
from oddwire.records.kinds import DEFAULT_SEVERITY, Scope, Severity
from oddwire.testing.crowd import crowd
from oddwire.testing.declarations import misdeclared
from oddwire.testing.evidence_form import flaws
from oddwire.testing.replay import difference, one_group, only, rest, run, said, state_text
from oddwire.testing.stage import Stage, empty, our_stage
from oddwire.testing.windows import WINDOW_NS

__all__ = [
    "CHECKS",
    "MOST_CPU_S",
    "MOST_STATE_BYTES",
    "Nonconforming",
    "Stage",
    "check_detector",
    "complaints",
    "our_stage",
]

# Of a million hosts in twenty ticks a detector keeps no more, and takes no longer.
MOST_STATE_BYTES = 32 * 1024**2
# Twice what the slowest of ours takes on a busy machine: a bound on growth, not a race.
MOST_CPU_S = 30.0
# Objects of Python that may stay behind in the whole process: about 64 bytes each.
MOST_OBJECTS = 1_000_000
RANDOM_CUTS = 3
MOST_COMPLAINTS = 8


class Nonconforming(AssertionError):
    """A detector does not keep to what every detector must."""


@cache
def _million() -> list[Window]:
    return list(crowd())


def declarations(detector: type[Detector], _: Stage) -> Iterator[str]:
    """Check that it says truly what it is: name, kinds, columns, techniques, page, parameters."""
    yield from misdeclared(detector)


def silence(detector: type[Detector], stage: Stage) -> Iterator[str]:
    """Check that it raises no alarm in ordinary traffic, and says nothing where nothing happened."""
    calm = stage.windows("random 1", detector.cadence, traffic="quiet")
    fresh = detector()
    for evidence in run(fresh, calm):
        severity = evidence.severity or DEFAULT_SEVERITY[evidence.kind]
        if severity > Severity.LOW:
            yield f"an alarm in ordinary traffic: {evidence.title}"
    end_ns = stage.quiet.ticks[-1] + WINDOW_NS
    for one in (detector(), fresh):
        if told := said(run(one, [empty(calm[0], end_ns, end_ns + WINDOW_NS)])):
            yield f"it speaks of a window in which nothing happened: {told[0]}"


def gaps(detector: type[Detector], stage: Stage) -> Iterator[str]:
    """Check that windows in which nothing happened, at the start, between and at the end, change nothing."""
    shown: list[Window] = []
    for window in stage.windows("random 1", detector.cadence):
        shown += [empty(window, window.start_ns, window.start_ns), window]
    last = shown[-1]
    shown.append(empty(last, last.end_ns, last.end_ns))
    if unlike := difference(stage.plainly(detector), said(run(detector(), shown))):
        yield f"empty windows change what it says: {unlike}"


def columns(detector: type[Detector], stage: Stage) -> Iterator[str]:
    """Check that it reads no column that it does not declare."""
    shown = [one.restricted(detector.needs) for one in stage.windows("random 1", detector.cadence)]
    try:
        told = said(run(detector(), shown))
    except Exception as error:  # noqa: BLE001  # whatever a missing column makes of it
        yield f"without the columns that it does not declare it fails: {type(error).__name__}: {error}"
        return
    if unlike := difference(stage.plainly(detector), told):
        yield f"without the columns that it does not declare it says something else: {unlike}"


def sameness(detector: type[Detector], stage: Stage) -> Iterator[str]:
    """Check that two runs say the same, whatever numbers the hosts have."""
    plain, again, other = (
        said(run(detector(), stage.windows(cut, detector.cadence, traffic=traffic)))
        for traffic, cut in (("loud", "none"), ("loud", "none"), ("renumbered", "none"))
    )
    if unlike := difference(plain, again):
        yield f"two runs differ: {unlike}"
    if unlike := difference(plain, other):
        yield f"what it says hangs on the numbers of hosts: {unlike}"


def cuts(detector: type[Detector], stage: Stage) -> Iterator[str]:
    """Check that it says the same however ticks are cut into windows."""
    for cut in ("none", *(f"random {number}" for number in range(1, RANDOM_CUTS + 1))):
        told = said(run(detector(), stage.windows(cut, detector.cadence)))
        if unlike := difference(stage.plainly(detector), told):
            how = "in one window" if cut == "none" else f"with {cut} cuts"
            yield f"tick by tick and {how} it says different things: {unlike}"


def restart(detector: type[Detector], stage: Stage) -> Iterator[str]:
    """Check that, saved as JSON and loaded into a new one, it goes on as if nothing had been."""
    text, told, used = state_text(detector()), [], None
    for window in stage.windows("random 1", detector.cadence):
        one = detector()
        one.load(json.loads(text))
        if (now := state_text(one)) != text:
            alike = "in another order" if sorted(text) == sorted(now) else "but something else"
            yield f"what it loads it does not save again {alike}: {_apart(text, now)}"
            return
        told += list(one.observe(window))
        text, used = state_text(one), one
    if unlike := difference(stage.plainly(detector), said(told)):
        yield f"saving and loading change what it says: {unlike}"
    blank = state_text(detector())
    if used is not None:
        used.load(json.loads(blank))
        if state_text(used) != blank:
            yield "loading does not make it forget what it knew before"


def merging(detector: type[Detector], stage: Stage) -> Iterator[str]:
    """Check that two that saw different hosts, merged, go on as one that saw all."""
    early, late = stage.halves(detector)
    one, into, other = detector(), detector(), detector()
    before = run(one, [early])
    into.load(one.save())
    into.merge(json.loads(state_text(detector())))
    other.merge(json.loads(state_text(one)))
    after = run(one, [late])
    for name, merged in (("nothing into it", into), ("it into nothing", other)):
        if unlike := difference(said(after), said(run(merged, [late]))):
            yield f"merging {name} changes what it says: {unlike}"
    if detector.scope is Scope.NETWORK:
        return
    mine = one_group([*before, *after], [early, late])
    left, right = detector(), detector()
    told = run(left, [only(early, mine)]) + run(right, [rest(early, mine)])
    if unlike := difference(said(before), said(told)):
        yield f"with the hosts divided, two say something else than one: {unlike}"
        return
    left.merge(json.loads(state_text(right)))
    if unlike := difference(said(after), said(run(left, [late]))):
        yield f"two merged say something else than one: {unlike}"


def _apart(one: str, other: str) -> str:
    """Return where two texts part."""
    at = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
    return f"...{one[max(at - 30, 0) : at + 30]}... and ...{other[max(at - 30, 0) : at + 30]}..."


def bounds(detector: type[Detector], _: Stage) -> Iterator[str]:
    """Check that a million hosts in twenty ticks cost bounded memory and time."""
    one = detector()
    spent, before = 0.0, 0
    tables = {name.partition(".")[0] for name in detector.needs}
    for turn, window in enumerate(_million()):
        shown = replace(
            window,
            talks=window.talks if tables & {"talks", "ended"} else window.talks.clear(),
            arp=window.arp if "arp" in tables else window.arp.clear(),
            said={name: rows if name in tables else rows.clear() for name, rows in window.said.items()},
            views={},
        )
        begin = time.process_time()
        for _evidence in one.observe(shown):
            pass
        spent += time.process_time() - begin
        if turn == 0:
            gc.collect()
            before = sys.getallocatedblocks()
        if spent > 2 * MOST_CPU_S:
            break
    gc.collect()
    kept = sys.getallocatedblocks() - before
    if spent > MOST_CPU_S:
        yield f"a million hosts take {spent:.1f} s of processor time, more than {MOST_CPU_S:.0f} s"
    if kept > MOST_OBJECTS:
        yield f"a million hosts leave {kept:,} objects behind, more than {MOST_OBJECTS:,}"
    if (size := len(state_text(one))) > MOST_STATE_BYTES:
        yield f"the state of a million hosts is {size:,} bytes of JSON, more than {MOST_STATE_BYTES:,}"


def form(detector: type[Detector], stage: Stage) -> Iterator[str]:
    """Check that what it says is well-formed: times, title, score, targets, reasons, selectors."""
    for cut in ("random 1", "none"):
        one = detector()
        for window in stage.windows(cut, detector.cadence):
            for evidence in one.observe(window):
                for flaw in flaws(detector, window, evidence):
                    yield f"{flaw} (in {evidence.title!r})"


Check = Callable[[type[Detector], Stage], Iterator[str]]
CHECKS: Mapping[str, Check] = {
    one.__name__: one
    for one in (declarations, silence, gaps, columns, sameness, cuts, restart, merging, bounds, form)
}


def complaints(detector: type[Detector], check: str, stage: Stage | None = None) -> list[str]:
    """Return what is wrong with a detector as far as one check goes; a failure is wrong, too."""
    found: list[str] = []
    try:
        for complaint in CHECKS[check](detector, stage or our_stage()):
            found.append(complaint)
            if len(found) >= MOST_COMPLAINTS:
                break
    except Exception as error:  # noqa: BLE001  # whatever the detector does
        found.append(f"it fails: {type(error).__name__}: {error}")
    return found


def check_detector(detector: type[Detector], stage: Stage | None = None) -> None:
    """Raise `Nonconforming` unless a detector keeps to all that every detector must."""
    found = [f"{check}: {one}" for check in CHECKS for one in complaints(detector, check, stage)]
    if found:
        raise Nonconforming(f"{detector.name} does not conform:\n  " + "\n  ".join(found))
