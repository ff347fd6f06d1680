"""The measures of drift: what is asked of each feature and of the whole, and from what on it counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from oddwire.learning.day_tests import Tested, holm, means, psi_of_days
from oddwire.learning.days import DAY_NS, Figures, Rows
from oddwire.learning.host_drift import hosts_behind
from oddwire.learning.newcomers import newcomers_of
from oddwire.learning.novelty import KNOWN, novel_shares, novel_values
from oddwire.learning.references import Reference, activity
from oddwire.learning.verdicts import Moved, Verdict

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]
    Ints: TypeAlias = NDArray[np.int64]

__all__ = ["NAMED", "measured"]

# How often an ordinary stretch of days may be called drifting: by the level of a feature, and by all else.
ALPHA_LEVEL, ALPHA_REST = 0.02, 0.02
NAMED = 5
# A new place that takes so much of all rows is a change.
REGULAR_CHANGED = 0.1
# Keeps the logarithm of an index of nothing finite.
SMALL = 1e-3


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """One way in which days can differ: from which effect on it counts, and from which it is a change."""

    name: str
    about: str
    drifting: float
    changed: float
    # Days are never taken to be more alike than this.
    floor: float
    rise: bool = False


# The thresholds of the index are its customary ones; a level of 0.15 is a value that beats an ordinary one in
# 65 of 100 cases instead of 50.
LEVEL = Measure(
    name="level", about="mean rank among usual values, less a half", drifting=0.03, changed=0.15, floor=0.01
)
SHAPE = Measure(
    name="shape", about="population stability index", drifting=0.1, changed=0.25, floor=0.2, rise=True
)
UNKNOWN = Measure(name="unknown values", about="share of rows", drifting=0.05, changed=0.25, floor=0.01)
ACTIVITY = Measure(name="activity", about="logarithm of rows a day", drifting=0.15, changed=0.5, floor=0.03)
NEW = {
    "hosts": Measure(
        name="new hosts", about="share of rows", drifting=0.1, changed=0.3, floor=0.01, rise=True
    ),
    "services": Measure(
        name="new services", about="share of rows", drifting=0.03, changed=0.2, floor=0.005, rise=True
    ),
    "peers": Measure(
        name="new peers", about="share of rows", drifting=0.1, changed=0.3, floor=0.01, rise=True
    ),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class _Asked:
    """One measure of several features, or of the whole."""

    measure: Measure
    names: Sequence[str]
    tested: Tested
    # What is counted as new, where that is what is measured.
    new: str = ""


def measured(reference: Reference, rows: Rows, seen: Figures) -> list[Moved]:
    """Return what every measure says.

    Levels are one family of tests and all else is another: of all measures the level sees the most.
    """
    import numpy as np

    asked = [*_of_features(reference, seen), *_of_the_whole(reference, rows, seen)]
    levels = holm(asked[0].tested.p_value)
    rest = holm(np.concatenate([one.tested.p_value for one in asked[1:]]))
    sure = iter([*levels.tolist(), *rest.tolist()])
    compared = _Compared(reference, rows, seen)
    told = [_moved(one, at, next(sure), compared) for one in asked for at in range(len(one.names))]
    return [*told, *_newcomers(compared)]


def _of_features(reference: Reference, seen: Figures) -> list[_Asked]:
    """Return what is asked of each feature; its level comes first."""
    import numpy as np

    day, later, names = reference.days, seen.days, reference.features
    own, others = psi_of_days(day, reference.day_shares, later, seen.shares)
    shape = _test(SHAPE, day, np.log(own + SMALL), later, np.log(others + SMALL))
    excess = Tested(p_value=shape.p_value, effect=others.mean(axis=0) - own.mean(axis=0), first=shape.first)
    level = _test(LEVEL, day, reference.day_shift, later, seen.shift)
    unknown = _test(UNKNOWN, day, reference.day_missing, later, seen.missing)
    return [
        _Asked(measure=measure, names=names, tested=tested)
        for measure, tested in ((LEVEL, level), (SHAPE, excess), (UNKNOWN, unknown))
    ]


def _of_the_whole(reference: Reference, rows: Rows, seen: Figures) -> list[_Asked]:
    """Return what is asked of all rows: how many there are, and what was never there."""
    day, later = reference.days, seen.days
    active = activity(seen.host_rows)[:, None]
    tested = _test(ACTIVITY, day, reference.day_active[:, None], later, active)
    asked = [_Asked(measure=ACTIVITY, names=("",), tested=tested)]
    for name, known in reference.known.items():
        share = novel_shares(rows.table.select(KNOWN[name]), rows.day, later, known)
        tested = _test(NEW[name], day, known.novel[:, None], later, share[:, None])
        asked.append(_Asked(measure=NEW[name], names=("",), tested=tested, new=name))
    return asked


def _test(measure: Measure, days: "Ints", trained: "Floats", later_days: "Ints", later: "Floats") -> Tested:
    return means(days, trained, later_days, later, floor=measure.floor, rise=measure.rise)


@dataclass(frozen=True, slots=True)
class _Compared:
    """What is compared, to tell of a feature that moved."""

    reference: Reference
    rows: Rows
    seen: Figures

    def since(self, first: int) -> "NDArray[np.bool_]":
        """Say which rows belong to the compared days from one of them on."""
        import numpy as np

        return np.isin(self.rows.day, self.seen.days[first:])


def _moved(asked: _Asked, at: int, p_value: float, compared: _Compared) -> Moved:
    measure, name, effect = asked.measure, asked.names[at], float(asked.tested.effect[at])
    size = effect if measure.rise else abs(effect)
    alpha = ALPHA_LEVEL if measure is LEVEL else ALPHA_REST
    plain: dict[str, Any] = {"feature": name, "measure": measure.name, "effect": effect, "p_value": p_value}
    if p_value >= alpha or size < measure.drifting:
        return Moved(verdict=Verdict.STEADY, **plain)
    first = int(asked.tested.first[at])
    return Moved(
        verdict=Verdict.CHANGED if size >= measure.changed else Verdict.DRIFTING,
        since_ns=int(compared.seen.days[first]) * DAY_NS,
        **plain,
        **(_shown(name, effect, first, compared) if name else _new_values(asked.new, first, compared)),
    )


def _newcomers(compared: _Compared) -> list[Moved]:
    """Return what is said of new places that are used again and again."""
    known, seen = compared.reference.places, compared.seen
    if known is None:
        return []
    found = newcomers_of(compared.rows.table, compared.rows.day, seen.days, known)
    plain: dict[str, Any] = {"feature": "", "measure": "new regular places", "p_value": None}
    if not found:
        return [Moved(verdict=Verdict.STEADY, effect=0.0, **plain)]
    return [
        Moved(
            verdict=Verdict.CHANGED if found[0].share >= REGULAR_CHANGED else Verdict.DRIFTING,
            effect=found[0].share,
            since_ns=min(one.first_day for one in found) * DAY_NS,
            values=tuple(one.name for one in found[:NAMED]),
            **plain,
        )
    ]


def _shown(name: str, effect: float, first: int, compared: _Compared) -> dict[str, Any]:
    """Return the hosts that show a move most, and the quartiles before and now."""
    import numpy as np

    reference = compared.reference
    number = reference.features.index(name)
    values = compared.rows.column(name)[compared.since(first)]
    known = np.sort(values[~np.isnan(values)])
    hosts = hosts_behind(reference, compared.seen, number, first, up=effect > 0, most=NAMED)
    return {
        "hosts": tuple(hosts),
        "before": _quartiles(reference.grid[number]),
        "now": _quartiles(known) if len(known) else None,
    }


def _new_values(new: str, first: int, compared: _Compared) -> dict[str, Any]:
    """Return the new values themselves, where a measure counts new ones."""
    if not new:
        return {}
    inside = compared.rows.table.filter(compared.since(first)).select(KNOWN[new])
    return {"values": tuple(novel_values(inside, compared.reference.known[new], NAMED))}


def _quartiles(ordered: "NDArray[np.float32]") -> tuple[float, float, float]:
    low, middle, high = (float(ordered[int(share * len(ordered))]) for share in (0.25, 0.5, 0.75))
    return low, middle, high
