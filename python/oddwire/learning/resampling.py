"""How far alarms clump: counts are resampled in blocks of a host and an hour, never row by row."""

from typing import TYPE_CHECKING

from oddwire.learning.exposure import DAY_NS, HOUR_NS, Exposure

if TYPE_CHECKING:
    import numpy as np

    from oddwire.learning.raised import Raised

__all__ = ["block_counts", "resampled_totals", "spread_of"]

# Days that were watched for less than this part say little about how days differ.
LEAST_DAY = 0.25
LEAST_DAYS = 3
# Few days say little about how days differ: so many days' weight has what hosts and hours say.
PRIOR_DAYS = 3.0


def block_counts(alarms: "Raised") -> "np.ndarray":
    """Return how many alarms begin in each block of a host and an hour; empty blocks are left out.

    Episodes are made on the true timeline first. One that lasts into the next hour is an alarm of the block
    in which it began and of no other: to shuffle blocks neither cuts an alarm in two nor melts two into one.
    """
    import numpy as np

    blocks = np.stack((alarms.subjects, alarms.start_ns // HOUR_NS))
    return np.unique(blocks, axis=1, return_counts=True)[1]


def resampled_totals(
    alarms: "Raised", exposure: Exposure, *, draws: int = 1_000, seed: int = 0
) -> "np.ndarray":
    """Return totals of alarms in as many host-hours, drawn anew with replacement.

    Most blocks hold no alarm, so only how often each other one is drawn is drawn: the same law, less work.
    """
    import numpy as np

    counts = block_counts(alarms)
    if not counts.size:
        return np.zeros(draws)
    sizes, often = np.unique(counts, return_counts=True)
    blocks = max(exposure.host_hours, int(often.sum()))
    shares = np.append(often, blocks - often.sum()) / blocks
    drawn = np.random.default_rng(seed).multinomial(blocks, shares, size=draws)
    totals: np.ndarray = drawn[:, :-1] @ sizes
    return totals


def spread_of(alarms: "Raised", exposure: Exposure) -> float:
    """Return the variance of the count of alarms over its mean; 1 is independence, more is clumping.

    The largest of what blocks of host and hour, of host and day, and of days say; days by few of them only
    in part.
    """
    if not alarms.count:
        return 1.0
    by_host = max(1.0, by_host_hours(alarms, exposure), by_host_days(alarms, exposure))
    by_day, days = by_days(alarms, exposure)
    if days < LEAST_DAYS:
        return by_host
    shrunk = (PRIOR_DAYS * by_host + (days - 1) * by_day) / (PRIOR_DAYS + days - 1)
    return max(by_host, shrunk)


def by_host_hours(alarms: "Raised", exposure: Exposure) -> float:
    """Return the spread that resampling host-hours would show, without drawing."""
    counts = block_counts(alarms)
    blocks = max(exposure.host_hours, counts.size)
    total = float(counts.sum())
    return float((counts**2).sum() / total - total / blocks)


def by_host_days(alarms: "Raised", exposure: Exposure) -> float:
    """Return the spread of each host's alarms over days around the host's own mean: who is noisy stays so."""
    import numpy as np

    days = exposure.by_day()[0].size
    if days < LEAST_DAYS:
        return 1.0
    hosts, host = np.unique(alarms.subjects, return_inverse=True)
    pairs, counts = np.unique(np.stack((host, alarms.start_ns // DAY_NS)), axis=1, return_counts=True)
    squares = np.bincount(pairs[0], weights=counts**2, minlength=hosts.size)
    totals = np.bincount(pairs[0], weights=counts, minlength=hosts.size)
    return float((squares - totals**2 / days).sum() * days / (days - 1) / totals.sum())


def by_days(alarms: "Raised", exposure: Exposure) -> tuple[float, int]:
    """Return the spread between whole days, all hosts together, and the number of days it rests on."""
    import numpy as np

    days, parts = exposure.by_day()
    days, parts = days[parts >= LEAST_DAY], parts[parts >= LEAST_DAY]
    begun = alarms.start_ns // DAY_NS
    counts = np.array([(begun == day).sum() for day in days])
    if days.size < LEAST_DAYS or not counts.sum():
        return 1.0, 0
    means = counts.sum() / parts.sum() * parts
    return float(((counts - means) ** 2 / means).sum() / (days.size - 1)), int(days.size)
