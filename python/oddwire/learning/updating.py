"""Learning new normal with care: which rows may be learned, how much they may say, and how far it may lead.

An update that only looks at the step before it can be led anywhere, one small step at a time. So every update
is held against the first training, the anchor, as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from oddwire.errors import UsageError
from oddwire.learning.days import ranks
from oddwire.learning.references import Reference

if TYPE_CHECKING:
    import numpy as np
    import polars as pl
    from numpy.typing import NDArray

    Small: TypeAlias = NDArray[np.float32]
    Floats: TypeAlias = NDArray[np.float64]

__all__ = ["Flagged", "Guarded", "Step", "admitted", "chain_of", "guard", "learnable"]

HOUR_NS = 3_600 * 1_000_000_000
# New rows are at most this share of what a model learns from.
MOST_NEW = 0.25
# How far the quantiles of a feature may move, as a mean difference of ranks: a step, and from the anchor on.
# An ordinary week beside two is 0.01; if every new value were beyond all old ones, it would be 0.125.
STEP, ANCHOR = 0.05, 0.15
# Single hosts are rougher: a machine that always does the same moves by 0.17 when it does a little more.
HOST_STEP, HOST_ANCHOR = 0.2, 0.35
# A model of which so many hosts would have to be left out is not updated but trained anew.
MOST_HELD = 0.25
LEAST_HELD = 2
LEAST_ROWS = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Flagged:
    """That a host was flagged for a time, and by what: `finding`, `surprise`."""

    host: str
    start_ns: int
    end_ns: int
    reason: str = "finding"


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """How far one thing moved: a feature in all, or of one host."""

    feature: str
    host: str
    moved: float
    limit: float
    against: str

    @property
    def words(self) -> str:
        """Return it as a sentence."""
        of = f" of {self.host}" if self.host else ""
        since = "the first training" if self.against == "anchor" else "the last one"
        return (
            f"{self.feature}{of} moved by {self.moved:.2f} ranks since {since}, {self.limit:.2f} is allowed"
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Guarded:
    """Whether an update may be made, the hosts whose new rows must be left out of it, and why."""

    allowed: bool
    reasons: tuple[Step, ...] = ()
    held_hosts: tuple[str, ...] = ()
    # The largest movement of a feature in all.
    moved: float = 0.0
    moved_from_anchor: float = 0.0

    def refuse(self) -> None:
        """Raise an error that says why, where an update may not be made."""
        if self.allowed:
            return
        more = f" (and {len(self.reasons) - 1} more)" if len(self.reasons) > 1 else ""
        raise UsageError(
            f"this update leads too far: {self.reasons[0].words}{more}",
            hint="if the network has really changed, train the model anew with `oddwire train`",
        )


def learnable(
    table: "pl.DataFrame",
    flagged: Sequence[Flagged],
    *,
    span_ns: int = 60_000_000_000,
    near_ns: int = HOUR_NS,
) -> "tuple[pl.DataFrame, dict[str, int]]":
    """Return the rows that may be learned, and how many were left out by reason.

    Left out is what was flagged, and what the same host did up to an hour before and after; a row of a pair
    or flow belongs to both its hosts. `span_ns` is how long a row's window lasts where it has no `end`.
    """
    import numpy as np
    import polars as pl

    start = _times(table["window"])
    end = _times(table["end"]) if "end" in table.columns else start + span_ns
    why = np.full(table.height, "", dtype="U64")
    for near, told in ((near_ns, "near: {}"), (0, "{}")):
        for reason in sorted({one.reason for one in flagged}, reverse=True):
            those = [one for one in flagged if one.reason == reason]
            hit = np.zeros(table.height, dtype=bool)
            for column in ("host", "peer"):
                if column in table.columns:
                    hit |= _inside(table[column].cast(pl.String), start, end, those, near)
            why[hit] = told.format(reason)
    names, counts = np.unique(why[why != ""], return_counts=True)
    return table.filter(why == ""), dict(zip(names.tolist(), counts.tolist(), strict=True))


def _times(column: "pl.Series") -> "NDArray[np.int64]":
    import numpy as np

    times = column.dt.timestamp("ns") if column.dtype.is_temporal() else column
    return times.to_numpy().astype(np.int64)


def _inside(
    hosts: "pl.Series",
    start: "NDArray[np.int64]",
    end: "NDArray[np.int64]",
    flagged: Sequence[Flagged],
    near: int,
) -> "NDArray[np.bool_]":
    """Say which rows share time with what a host was flagged for."""
    import numpy as np

    hit = np.zeros(len(start), dtype=bool)
    by_host: dict[str, list[tuple[int, int]]] = {}
    for one in flagged:
        by_host.setdefault(one.host, []).append((one.start_ns - near, one.end_ns + near))
    if not by_host:
        return hit
    rows = np.flatnonzero(hosts.is_in(list(by_host)).fill_null(value=False).to_numpy())
    names = hosts.to_numpy()[rows]
    order = np.argsort(names.astype(str), kind="stable")
    rows, names = rows[order], names[order].astype(str)
    for host, spans in by_host.items():
        mine = rows[np.searchsorted(names, host) : np.searchsorted(names, host, side="right")]
        starts, ends = np.array(_joined(spans), dtype=np.int64).T
        # The last span that begins before the row's end is the only one that can reach it.
        at = np.searchsorted(starts, end[mine], side="right") - 1
        hit[mine] = (at >= 0) & (ends[np.maximum(at, 0)] >= start[mine])
    return hit


def _joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return spans of time in order, those that overlap as one."""
    made: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if made and start <= made[-1][1]:
            made[-1] = (made[-1][0], max(made[-1][1], end))
        else:
            made.append((start, end))
    return made


def admitted(old_rows: int, new: "pl.DataFrame", *, seed: int = 0, share: float = MOST_NEW) -> "pl.DataFrame":
    """Return as many of the new rows as may be learned beside the old ones, drawn by chance.

    All hosts are thinned alike first; one that would still give more than half of them is thinned to that.
    """
    import numpy as np
    import polars as pl

    most = int(old_rows * share / (1 - share))
    random = np.random.default_rng([seed, old_rows, new.height])
    kept = np.ones(new.height, dtype=bool)
    hosts, at, counts = np.unique(
        new["host"].cast(pl.String).to_numpy(), return_inverse=True, return_counts=True
    )
    if len(hosts) > 1:
        for number in np.flatnonzero(2 * counts > new.height):
            own = np.flatnonzero(at == number)
            rest = new.height - len(own)
            kept[random.permutation(own)[rest:]] = False
    left = np.flatnonzero(kept)
    if len(left) > most:
        left = np.sort(random.permutation(left)[:most])
    return new[left]


def guard(anchor: Reference, old: Reference, new: Reference) -> Guarded:
    """Say whether a model may be updated from `old` to `new`, its first training having been `anchor`.

    `new` is the reference of what the updated model would learn from: old rows and the new ones with them.
    """
    if new.features != anchor.features or new.features != old.features:
        raise UsageError("the model was trained with other features", hint="train the model anew")
    steps, hosts = [], []
    by_step, by_anchor = _moves(old.grid, new.grid), _moves(anchor.grid, new.grid)
    for number, feature in enumerate(new.features):
        steps += _over(feature, "", by_step[number], STEP, "step")
        steps += _over(feature, "", by_anchor[number], ANCHOR, "anchor")
    for base, limit, against in ((old, HOST_STEP, "step"), (anchor, HOST_ANCHOR, "anchor")):
        hosts += _hosts_over(base, new, limit, against)
    held = sorted({one.host for one in hosts})
    many = len(held) > max(MOST_HELD * len(new.hosts), LEAST_HELD)
    reasons = sorted(
        steps + hosts, key=lambda one: (bool(one.host), -one.moved / one.limit, one.feature, one.host)
    )
    return Guarded(
        allowed=not steps and not many,
        reasons=tuple(reasons),
        held_hosts=tuple(held),
        moved=float(by_step.max(initial=0)),
        moved_from_anchor=float(by_anchor.max(initial=0)),
    )


def _over(feature: str, host: str, moved: float, limit: float, against: str) -> list[Step]:
    if moved <= limit:
        return []
    return [Step(feature=feature, host=host, moved=float(moved), limit=limit, against=against)]


def _hosts_over(base: Reference, new: Reference, limit: float, against: str) -> list[Step]:
    """Return what moved too far of hosts that both know well."""
    numbers = {host: at for at, host in enumerate(base.hosts)}
    made = []
    for at, host in enumerate(new.hosts):
        known = numbers.get(host)
        if known is None or min(int(base.host_rows[known]), int(new.host_rows[at])) < LEAST_ROWS:
            continue
        moved = _moves(base.host_grid[known], new.host_grid[at])
        for number, feature in enumerate(new.features):
            made += _over(feature, host, moved[number], limit, against)
    return made


def _moves(old: "Small", new: "Small") -> "Floats":
    """Return how far the quantiles of each feature moved: the mean difference of ranks among the old ones."""
    import numpy as np

    return np.array(
        [
            np.abs(ranks(later, earlier) - ranks(earlier, earlier)).mean()
            for earlier, later in zip(old, new, strict=True)
        ]
    )


def chain_of(
    earlier: Sequence[Mapping[str, Any]],
    *,
    digest: str,
    rows: int,
    left_out: Mapping[str, int],
    guarded: Guarded,
) -> list[dict[str, Any]]:
    """Return the chain of updates for the manifest: the earlier entries, and one for this update.

    `digest` names the model that was updated.
    """
    entry = {
        "from": digest,
        "rows": rows,
        "left_out": dict(sorted(left_out.items())),
        "held_hosts": list(guarded.held_hosts),
        "moved": round(guarded.moved, 4),
        "moved_from_anchor": round(guarded.moved_from_anchor, 4),
        "reasons": [asdict(one) for one in guarded.reasons],
    }
    return [*map(dict, earlier), entry]
