"""Detectors run over windows, and what they say made comparable."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from oddwire.base.detector import Detector
from oddwire.base.window import Window, mac_text
from oddwire.records.evidence import Evidence

if TYPE_CHECKING:
    import polars as pl

__all__ = ["Said", "difference", "one_group", "only", "rest", "run", "said", "state_text"]

# What was said, a line of JSON each, in order of time.
Said: TypeAlias = list[str]

DIGITS = 9


def run(detector: Detector, windows: Iterable[Window]) -> list[Evidence]:
    """Show windows to a detector; return what it says."""
    return [evidence for window in windows for evidence in detector.observe(window)]


def said(evidence: Iterable[Evidence]) -> Said:
    """Return what was said as text that can be compared: figures are rounded, the order is that of time."""
    ordered = sorted(evidence, key=lambda one: (one.at_ns, one.kind, one.subject.name, one.part))
    return [json.dumps(_rounded(asdict(one)), sort_keys=True, default=str) for one in ordered]


def _rounded(value: Any) -> Any:  # noqa: ANN401  # any part of a piece of evidence
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {str(name): _rounded(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(one) for one in value]
    return value


def state_text(detector: Detector) -> str:
    """Return what a detector remembers, as JSON."""
    return json.dumps(detector.save(), allow_nan=False)


def difference(one: Said, other: Said) -> str | None:
    """Return the first thing that only one of two runs said, or None."""
    if one == other:
        return None
    for mine, theirs in zip(one, other, strict=False):
        if mine != theirs:
            return f"{_unlike(mine, theirs)}"
    alone = max(one, other, key=len)[min(len(one), len(other))]
    return f"{len(one)} pieces of evidence, and {len(other)}; the first alone: {_title(alone)}"


def _title(line: str) -> str:
    return str(json.loads(line)["title"])


def _unlike(mine: str, theirs: str) -> str:
    one, other = json.loads(mine), json.loads(theirs)
    names = [name for name in one if one[name] != other.get(name)]
    parts = [f"{name} {one[name]!r} and {other.get(name)!r}" for name in names[:3]]
    return f"{one['title']!r}: " + "; ".join(parts)


def one_group(evidence: Sequence[Evidence], windows: Sequence[Window]) -> set[str]:
    """Return about half of the subjects, who never met the others: the work can be divided there."""
    subjects = sorted({name for one in evidence for name in (one.subject.ip, one.subject.mac) if name})
    leader = {name: name for name in subjects}

    def head(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    known = set(subjects)
    for one in evidence:
        if one.subject.ip and one.subject.mac:
            leader[head(one.subject.ip)] = head(one.subject.mac)
    for src, dst in _met(windows, known):
        leader[head(src)] = head(dst)
    heads = sorted({head(name) for name in subjects})
    first = set(heads[::2])
    return {name for name in subjects if head(name) in first}


def _met(windows: Sequence[Window], known: set[str]) -> Iterator[tuple[str, str]]:
    """Yield the pairs of these hosts that had to do with each other."""
    for window in windows:
        said = [(table, "src", "dst") for table in window.said.values()]
        for table, one, other in (
            (window.talks, "src", "dst"),
            (window.arp, "sender", "target"),
            *said,
        ):
            pairs = table.select(one, other).unique().rows()
            names = window.hosts.names([number for pair in pairs for number in pair])
            for src, dst in zip(names[::2], names[1::2], strict=True):
                if src in known and dst in known:
                    yield src, dst


def only(window: Window, names: Collection[str]) -> Window:
    """Return the part of a window that has to do with hosts: by address or hardware address."""
    return _part(window, names, touching=True)


def rest(window: Window, names: Collection[str]) -> Window:
    """Return the part of a window that has nothing to do with hosts."""
    return _part(window, names, touching=False)


def _part(window: Window, names: Collection[str], *, touching: bool) -> Window:
    import polars as pl

    def kept(table: "pl.DataFrame", hosts: Sequence[str], macs: Sequence[str]) -> "pl.DataFrame":
        touched = pl.lit(value=False)
        for column in hosts:
            numbers = table[column].unique().to_list()
            found = zip(numbers, window.hosts.names(numbers), strict=True)
            touched |= pl.col(column).is_in([number for number, name in found if name in names])
        for column in macs:
            numbers = [one for one in table[column].unique().to_list() if mac_text(one) in names]
            touched |= pl.col(column).is_in(numbers).fill_null(value=False)
        return table.filter(touched if touching else ~touched)

    return replace(
        window,
        talks=kept(window.talks, ("src", "dst"), ("mac_out", "mac_in")),
        ended=kept(window.ended, ("src", "dst"), ("mac_out", "mac_in")),
        arp=kept(window.arp, ("sender", "target"), ("sender_mac", "frame_src")),
        said={name: kept(rows, ("src", "dst"), ()) for name, rows in window.said.items()},
        views={},
    )
