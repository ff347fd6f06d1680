"""What is remembered of a client's short conversations with a service, and what their shape says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median
from typing import Any

from oddwire.features.logins import Group, Session

__all__ = ["Run", "Runs", "Shape", "shape_of"]

SECOND = 1_000_000_000
# A longer pause ends a run.
PAUSE_NS = 400 * SECOND
MOST_SESSIONS = 240
MOST_LARGER = 64


@dataclass(slots=True)
class Run:
    """Conversations without a long pause: those that look refused, and the ends of those that became more."""

    start_ns: int
    end_ns: int
    count: int = 0
    larger: int = 0
    sessions: list[Session] = field(default_factory=list)
    larger_ends: list[int] = field(default_factory=list)

    def add(self, session: Session, *, fits: bool) -> None:
        """Add a conversation."""
        if fits:
            self.start_ns = min(self.start_ns, session.first) if self.count else session.first
            self.count += 1
            self.sessions.append(session)
            del self.sessions[:-MOST_SESSIONS]
            self.end_ns = max(self.end_ns, session.last)
        else:
            self.larger += 1
            self.larger_ends.append(session.last)
            del self.larger_ends[:-MOST_LARGER]

    def larger_before(self, time_ns: int) -> int:
        """Return how many conversations that became more had ended by a time."""
        return self.larger - sum(one > time_ns for one in self.larger_ends)


class Runs:
    """Runs by client and service; of too many the longest untouched goes."""

    def __init__(self, most: int = 20_000) -> None:
        self.most = most
        self.runs: dict[str, Run] = {}

    def add(self, group: Group) -> Run:
        """Add a group of conversations, one at least, to the run of its client and service."""
        run = self.runs.pop(group.name, None)
        for session, fits in zip(group.sessions, group.fits, strict=True):
            if run is None or session.first - run.end_ns > PAUSE_NS:
                run = Run(start_ns=session.first, end_ns=session.last)
            run.add(session, fits=fits)
        if len(self.runs) >= self.most:
            del self.runs[next(iter(self.runs))]
        assert run is not None  # noqa: S101  # a group has at least one conversation
        self.runs[group.name] = run
        return run

    def save(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            key: [
                *(run.start_ns, run.end_ns, run.count, run.larger),
                [[one.first, one.last, one.out, one.back, one.said, one.heard] for one in run.sessions],
                list(run.larger_ends),
            ]
            for key, run in self.runs.items()
        }

    def load(self, state: Mapping[str, Any]) -> None:
        """Remember what was saved, and nothing else."""
        self.runs = {key: _run(saved) for key, saved in state.items()}

    def merge(self, state: Mapping[str, Any]) -> None:
        """Remember also what others saw."""
        for key, saved in state.items():
            mine, theirs = self.runs.get(key), _run(saved)
            self.runs[key] = theirs if mine is None else _both(mine, theirs)
        ordered = sorted(self.runs.items(), key=lambda entry: (entry[1].end_ns, entry[0]))
        self.runs = dict(ordered[-self.most :])


def _run(saved: list[Any]) -> Run:
    start_ns, end_ns, count, larger, sessions, ends = saved
    return Run(
        start_ns=start_ns,
        end_ns=end_ns,
        count=count,
        larger=larger,
        sessions=[Session(*one) for one in sessions],
        larger_ends=list(ends),
    )


def _both(mine: Run, theirs: Run) -> Run:
    sessions = sorted([*mine.sessions, *theirs.sessions], key=lambda one: (one.last, one.first, one.out))
    return Run(
        start_ns=min(mine.start_ns, theirs.start_ns),
        end_ns=max(mine.end_ns, theirs.end_ns),
        count=mine.count + theirs.count,
        larger=mine.larger + theirs.larger,
        sessions=sessions[-MOST_SESSIONS:],
        larger_ends=sorted([*mine.larger_ends, *theirs.larger_ends])[-MOST_LARGER:],
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What conversations have in common."""

    count: int
    span_s: float
    rate: float
    parallel: int
    median_s: float
    pause_s: float
    is_regular: bool
    back: int
    back_same: float
    back_near: float
    said: float
    out: int
    out_kinds: int
    out_spread: int


def shape_of(sessions: Sequence[Session]) -> Shape:
    """Return what conversations, one at least, have in common."""
    begins = sorted(one.first for one in sessions)
    pauses = [(later - earlier) / SECOND for earlier, later in pairwise(begins)] or [0.0]
    pause_s = median(pauses)
    near = sum(abs(one - pause_s) <= 0.1 * pause_s + 0.02 for one in pauses)
    back, outs = int(median(one.back for one in sessions)), sorted(one.out for one in sessions)
    tenth = len(outs) // 10
    span_s = (max(one.last for one in sessions) - begins[0]) / SECOND
    return Shape(
        count=len(sessions),
        span_s=span_s,
        rate=len(sessions) / max(span_s, 0.1),
        parallel=_most_at_once(sessions),
        median_s=median((one.last - one.first) / SECOND for one in sessions),
        pause_s=pause_s,
        is_regular=near >= 0.8 * len(pauses),  # most of them
        back=back,
        back_same=sum(abs(one.back - back) <= 2 for one in sessions) / len(sessions),  # noqa: PLR2004  # a digit
        back_near=sum(abs(one.back - back) <= max(0.1 * back, 24) for one in sessions) / len(sessions),
        said=median(one.said for one in sessions),
        out=int(median(outs)),
        out_kinds=len(set(outs)),
        out_spread=outs[-1 - tenth] - outs[tenth],
    )


def _most_at_once(sessions: Sequence[Session]) -> int:
    """Return how many conversations went on at the same time, at most."""
    steps = sorted([(one.first, 1) for one in sessions] + [(one.last, -1) for one in sessions])
    now = most = 0
    for _, step in steps:
        now += step
        most = max(most, now)
    return most
