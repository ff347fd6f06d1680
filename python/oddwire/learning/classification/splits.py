"""Rows to learn from and rows to judge by: at random within classes, by time, or by host.

At random is the mildest: rows of one attack lie on both sides. By time and by host say more of tomorrow and
of hosts that were never seen.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from oddwire.errors import UsageError

if TYPE_CHECKING:
    import numpy as np

__all__ = ["Division", "Split", "divided", "folds", "sampled", "set_apart"]

# Two classes to tell apart, two rows of each: one to learn from and one to judge by.
LEAST_ROWS = 2


class Split(StrEnum):
    """How rows are divided."""

    STRATIFIED = "stratified"
    TIME = "time"
    HOST = "host"


@dataclass(frozen=True, kw_only=True, slots=True)
class Division:
    """What decides on which side a row falls: its class, and its time or its host."""

    how: Split
    classes: "np.ndarray"
    times: "np.ndarray | None" = None
    hosts: "np.ndarray | None" = None
    seed: int = 0

    def of(self, rows: "np.ndarray") -> "Division":
        """Return the same for some of the rows."""
        return Division(
            how=self.how,
            classes=self.classes[rows],
            times=None if self.times is None else self.times[rows],
            hosts=None if self.hosts is None else self.hosts[rows],
            seed=self.seed,
        )


def divided(division: Division, share: float) -> tuple["np.ndarray", "np.ndarray"]:
    """Return the numbers of the rows to learn from, and of about this share of rows to judge by."""
    if not 0 < share < 1:
        raise UsageError(f"a share of {share:g} leaves one side empty", hint="use something like 0.2")
    _check_classes(division.classes, LEAST_ROWS if division.how is Split.STRATIFIED else 1)
    return set_apart(division, share)


def set_apart(division: Division, share: float) -> tuple["np.ndarray", "np.ndarray"]:
    """Return the same where classes may have a single row: it is learned from."""
    if division.how is Split.TIME:
        return _by_time(division, share)
    if division.how is Split.HOST:
        return _by_host(division, share)
    return _stratified(division, share)


def folds(division: Division, count: int) -> Iterator[tuple["np.ndarray", "np.ndarray"]]:
    """Yield rows to learn from and to judge by; by time the former are always the earlier ones."""
    import numpy as np

    if division.how is Split.TIME:
        yield from _forward(division, count)
        return
    part = _parts_by_host(division, count) if division.how is Split.HOST else _parts_by_class(division, count)
    for one in range(count):
        yield np.flatnonzero(part != one), np.flatnonzero(part == one)


def sampled(classes: "np.ndarray", most: int, seed: int) -> "np.ndarray":
    """Return the numbers of at most so many rows of each class, in their order."""
    import numpy as np

    numbers = np.random.default_rng(seed)
    kept = [
        rows if len(rows) <= most else numbers.choice(rows, most, replace=False)
        for rows in _rows_of_classes(classes)
    ]
    return np.sort(np.concatenate(kept)) if kept else np.zeros(0, dtype=np.int64)


def _rows_of_classes(classes: "np.ndarray") -> "list[np.ndarray]":
    import numpy as np

    return [np.flatnonzero(classes == one) for one in np.unique(classes)]


def _check_classes(classes: "np.ndarray", least: int) -> None:
    """Refuse what cannot be divided within classes."""
    import numpy as np

    found, counts = np.unique(classes, return_counts=True)
    if len(found) < LEAST_ROWS:
        named = f": '{found[0]}'" if len(found) else ""
        raise UsageError(f"one class is not enough{named}", hint="label rows of at least two classes")
    rare = [f"'{one}' ({count})" for one, count in zip(found, counts, strict=True) if count < least]
    if rare:
        raise UsageError(
            f"each class needs at least {least} rows, and {', '.join(rare[:5])} has fewer",
            hint="label more rows, or leave these out with --least-rows",
        )


def _stratified(division: Division, share: float) -> tuple["np.ndarray", "np.ndarray"]:
    import numpy as np

    numbers = np.random.default_rng(division.seed)
    judged = []
    for rows in _rows_of_classes(division.classes):
        most = min(max(round(share * len(rows)), 1), len(rows) - 1)
        judged.append(numbers.permutation(rows)[:most])
    return _two_sides(len(division.classes), np.concatenate(judged))


def _two_sides(rows: int, judged: "np.ndarray") -> tuple["np.ndarray", "np.ndarray"]:
    import numpy as np

    mask = np.zeros(rows, dtype=bool)
    mask[judged] = True
    return np.flatnonzero(~mask), np.flatnonzero(mask)


def _times_of(division: Division) -> "np.ndarray":
    if division.times is None:
        raise UsageError("no column says when a row was", hint="name it with --time-column")
    return division.times


def _hosts_of(division: Division) -> "np.ndarray":
    if division.hosts is None:
        raise UsageError("no column says whose a row is", hint="name it with --host-column")
    return division.hosts


def _by_time(division: Division, share: float) -> tuple["np.ndarray", "np.ndarray"]:
    """Judge by the last rows; rows of one moment stay together."""
    import numpy as np

    times = _times_of(division)
    at = np.sort(times, kind="stable")[min(int((1 - share) * len(times)), len(times) - 1)]
    judged = times >= at
    return _learnable(division, np.flatnonzero(~judged), np.flatnonzero(judged))


def _by_host(division: Division, share: float) -> tuple["np.ndarray", "np.ndarray"]:
    """Judge by whole hosts."""
    import numpy as np

    hosts = len(np.unique(_hosts_of(division)))
    parts = max(min(round(1 / min(share, 1 - share)), hosts), LEAST_ROWS)
    part = _parts_by_host(division, parts)
    judged = part == 0 if share <= 1 / 2 else part != 0
    return _learnable(division, np.flatnonzero(~judged), np.flatnonzero(judged))


def _learnable(
    division: Division, learned: "np.ndarray", judged: "np.ndarray"
) -> tuple["np.ndarray", "np.ndarray"]:
    """Return both sides, where there is something to learn and to judge."""
    import numpy as np

    if not len(learned) or not len(judged):
        what = "moment" if division.how is Split.TIME else "host"
        raise UsageError(f"all rows are of one {what}", hint="use --split stratified")
    if len(np.unique(division.classes[learned])) < LEAST_ROWS:
        raise UsageError(
            f"split by {division.how}, there is only one class to learn from",
            hint="use --split stratified, or label a longer time or more hosts",
        )
    return learned, judged


def _parts_by_class(division: Division, count: int) -> "np.ndarray":
    """Return each row's part, every class spread evenly over the parts."""
    import numpy as np

    _check_classes(division.classes, LEAST_ROWS)
    numbers = np.random.default_rng(division.seed)
    part = np.zeros(len(division.classes), dtype=np.int64)
    for at, rows in enumerate(_rows_of_classes(division.classes)):
        part[numbers.permutation(rows)] = (np.arange(len(rows)) + at) % count
    return part


def _parts_by_host(division: Division, count: int) -> "np.ndarray":
    """Return each row's part: hosts with the most rows first, each to where its classes are fewest."""
    import numpy as np

    names, host = np.unique(_hosts_of(division), return_inverse=True)
    if len(names) < count:
        raise UsageError(
            f"{len(names)} hosts cannot be divided into {count} parts",
            hint="use --split stratified, a larger --test-size or fewer folds",
        )
    found, klass = np.unique(division.classes, return_inverse=True)
    rows = np.zeros((len(names), len(found)))
    np.add.at(rows, (host, klass), 1)
    shares = rows / rows.sum(axis=0)
    numbers = np.random.default_rng(division.seed)
    order = numbers.permutation(len(names))
    order = order[np.argsort(-rows[order].sum(axis=1), kind="stable")]
    filled = np.zeros((count, len(found)))
    part = np.zeros(len(names), dtype=np.int64)
    for at in order:
        # The part whose share of this host's classes is smallest; among equals the emptiest.
        load = (filled * (shares[at] > 0)).sum(axis=1) + 1e-6 * filled.sum(axis=1)
        part[at] = int(np.argmin(load))
        filled[part[at]] += shares[at]
    return np.asarray(part[host])


def _forward(division: Division, count: int) -> Iterator[tuple["np.ndarray", "np.ndarray"]]:
    """Yield growing pasts, each with the stretch after it."""
    import numpy as np

    times = _times_of(division)
    order = np.argsort(times, kind="stable")
    edges = [times[order[at * len(order) // (count + 1)]] for at in range(1, count + 1)]
    for at, edge in enumerate(edges):
        later = times >= edge
        within = later if at == count - 1 else later & (times < edges[at + 1])
        if within.any() and len(np.unique(division.classes[~later])) >= LEAST_ROWS:
            yield np.flatnonzero(~later), np.flatnonzero(within)
