"""Single hosts that are no longer what they were: gone, or far from their own days of training."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from oddwire.learning.day_tests import BORROWED, holm, spans, two_sided
from oddwire.learning.days import DAY_NS, Figures, is_off
from oddwire.learning.references import Reference

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats: TypeAlias = NDArray[np.float64]

__all__ = ["HostDrift", "host_drifts", "hosts_behind"]

# A single host's days are few and rough: only a wide move counts.
WIDE = 0.3
FLOOR = 0.02
LEAST_DAYS = 2
# And a person's week is a week: many days of one host tell little more than four.
WEEK_SHARE = 0.25
# Only a host that was there nearly always can be missed.
ALWAYS = 0.9
GONE = "gone"
LIKELY = 3.0
MOST_TOLD = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class HostDrift:
    """A host that moved: in which feature, or that it is gone."""

    host: str
    what: str
    effect: float
    p_value: float
    since_ns: int


def host_drifts(reference: Reference, seen: Figures, *, alpha: float) -> list[HostDrift]:
    """Return the hosts that moved, the surest first; half of alpha is for those that are gone."""
    made = [*_gone(reference, seen, alpha / 2), *_moved(reference, seen, alpha / 2)]
    return sorted(made, key=lambda one: (one.p_value, one.host, one.what))[:MOST_TOLD]


def hosts_behind(
    reference: Reference, seen: Figures, feature: int, first: int, *, up: bool, most: int
) -> list[str]:
    """Return the hosts whose values of a feature moved most, in one direction, from a day on."""
    import numpy as np

    rest = _rest(reference, seen)[:, first:, feature]
    mean, many = _mean(rest)
    t = mean / (
        np.maximum(reference.host_spread[:, feature], FLOOR) * np.sqrt(1 / np.maximum(many, 1) + WEEK_SHARE)
    )
    t = t if up else -t
    order = np.argsort(-t, kind="stable")[:most]
    return [reference.hosts[at] for at in order if t[at] >= LIKELY]


def _rest(reference: Reference, seen: Figures) -> "Floats":
    """Return what hosts' days are, less what such days were in training (host, day, feature)."""
    usual = reference.host_shift[is_off(seen.days).astype(int)]
    rest: Floats = (seen.host_shift - usual.swapaxes(0, 1)).astype(float)
    return rest


def _mean(rest: "Floats") -> "tuple[Floats, NDArray[np.int64]]":
    """Return the mean over days, and how many days there are."""
    import numpy as np

    there = ~np.isnan(rest)
    many = there.sum(axis=1)
    return np.where(there, rest, 0.0).sum(axis=1) / np.maximum(many, 1), many


def _moved(reference: Reference, seen: Figures, alpha: float) -> list[HostDrift]:
    import numpy as np

    rest = _rest(reference, seen)
    if not rest.size:
        return []
    own = reference.host_spread.astype(float) ** 2
    fellows = np.median(own, axis=0)
    free = np.maximum(reference.host_days - 1, 1).astype(float)[:, None]
    spread = np.sqrt((free * own + BORROWED * fellows) / (free + BORROWED)).clip(FLOOR)
    best, effect = np.ones(own.shape), np.zeros(own.shape)
    lengths = [length for length in spans(len(seen.days)) if length >= LEAST_DAYS]
    for length in lengths:
        mean, many = _mean(rest[:, -length:])
        error = np.sqrt(1 / np.maximum(many, 1) + WEEK_SHARE + 1 / (free + 1))
        p = two_sided(mean / (spread * error), free + BORROWED) * len(lengths)
        better = (p < best) & (many >= LEAST_DAYS)
        best, effect = np.where(better, p, best), np.where(better, mean, effect)
    sure = holm(best)
    found = np.argwhere((sure < alpha) & (np.abs(effect) >= WIDE))
    return [
        HostDrift(
            host=reference.hosts[host],
            what=reference.features[feature],
            effect=float(effect[host, feature]),
            p_value=float(sure[host, feature]),
            since_ns=int(seen.days[_first(rest[host, :, feature])]) * DAY_NS,
        )
        for host, feature in found.tolist()
    ]


def _first(rest: "Floats") -> int:
    """Return from which day on a host's days differ most."""
    import numpy as np

    tails = np.cumsum(np.nan_to_num(rest)[::-1])[::-1]
    return int(np.argmax(np.abs(tails) / np.sqrt(np.arange(len(rest), 0, -1))))


def _gone(reference: Reference, seen: Figures, alpha: float) -> list[HostDrift]:
    """Return hosts that were there nearly always, and on none of the last days."""
    import numpy as np

    days = len(reference.days)
    there = (reference.host_days + 0.5) / (days + 1)
    absent = np.cumprod(seen.host_rows[:, ::-1] == 0, axis=1).sum(axis=1)
    p_value = (1 - there) ** absent * len(reference.hosts)
    found = np.flatnonzero(
        (reference.host_days >= ALWAYS * days) & (absent >= LEAST_DAYS) & (p_value < alpha)
    )
    return [
        HostDrift(
            host=reference.hosts[at],
            what=GONE,
            effect=1.0,
            p_value=float(p_value[at]),
            since_ns=int(seen.days[len(seen.days) - int(absent[at])]) * DAY_NS,
        )
        for at in found.tolist()
    ]
