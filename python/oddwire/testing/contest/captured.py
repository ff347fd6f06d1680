"""Labelled captures as a scenario: benign ones to learn from, the rest and the attacks to be judged on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from oddwire.engine.judging import Tables
from oddwire.engine.labels import places_of, read_labels, read_manifest
from oddwire.errors import CaptureError, UsageError
from oddwire.learning.right_kinds import BENIGN, IGNORE
from oddwire.learning.scoring import Label
from oddwire.sources.files import Capture
from oddwire.testing.contest.minutes import MINUTE_NS
from oddwire.testing.contest.moved import Line, Moved
from oddwire.testing.contest.scenario import Attack, Scenario, attacked_hours, write_scenario
from oddwire.testing.contest.stretch import Stretch, kept

__all__ = ["Captured", "captured"]

NAME = "labelled captures"
NS = 1_000_000_000
# What benign captures are dealt out to, in turn.
SHARES = ("train", "calibrate", "test")


@dataclass(frozen=True, kw_only=True, slots=True)
class Captured:
    """Captures with labels, as `oddwire evaluate` takes them."""

    labels: Path
    inputs: Sequence[Path] = ()
    manifest: Path | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class _Placed:
    """A capture, when it was, where it was put, and what is said of it."""

    moved: Moved
    first_ns: int
    last_ns: int
    labels: Sequence[Label]


def captured(folder: Path, wish: Captured) -> Scenario:
    """Make the scenario of labelled captures.

    Captures without an attack are dealt out by name: one to learn from, one to calibrate with, one to judge,
    and so on; captures with attacks are judged. Each is moved by whole days so that none meets another. An
    address is the same host wherever it comes, so what is usual of it in one capture may be odd in the next.
    """
    labels: dict[str, list[Label]] = {}
    for label in read_labels(wish.labels):
        labels.setdefault(label.capture, []).append(label)
    manifest = read_manifest(wish.manifest) if wish.manifest else {}
    places = places_of(labels, wish.inputs, manifest, wish.manifest.parent if wish.manifest else None)
    line = Line()
    shares = {
        share: list(_placed(line, {name: places[name] for name in names}, labels))
        for share, names in _dealt({name: labels[name] for name in sorted(places)}).items()
    }
    if lacking := [share for share, placed in shares.items() if not placed]:
        raise UsageError(
            f"there is no capture left to {lacking[0]} with",
            where=str(wish.labels),
            hint="name at least three captures with benign traffic alone, and one with an attack",
        )
    folder.mkdir(parents=True)
    for share, placed in shares.items():
        kept(_spans(placed), lambda: line.names, folder / share)
    attacks = [attack for one in shares["test"] for attack in _attacks(one)]
    days = {share: _active_minutes(Stretch(folder / share)) / (24 * 60) for share in shares}
    return write_scenario(
        folder, name=NAME, seed=0, days=days, attacks=attacks, attacked=attacked_hours(attacks)
    )


def _active_minutes(stretch: Stretch) -> int:
    """Return how many minutes hold packets: a capture of a month may be asleep for most of it."""
    import polars as pl

    minutes: set[int] = set()
    for talks in stretch.each("talks", ["tick"]):
        minutes.update(talks.select(pl.col("tick") // MINUTE_NS).to_series().unique().to_list())
    return max(len(minutes), 1)


def _dealt(labels: Mapping[str, Sequence[Label]]) -> dict[str, list[str]]:
    """Return the names of the captures of each share."""
    dealt: dict[str, list[str]] = {share: [] for share in SHARES}
    turn = 0
    for name, mine in labels.items():
        if all(one.kind == IGNORE for one in mine):
            continue
        if any(one.is_attack for one in mine):
            dealt["test"].append(name)
        elif any(one.kind == BENIGN for one in mine):
            dealt[SHARES[turn % len(SHARES)]].append(name)
            turn += 1
    return dealt


def _placed(
    line: Line, places: Mapping[str, Path], labels: Mapping[str, Sequence[Label]]
) -> Iterator[_Placed]:
    """Yield captures in their places; one that cannot be read, or holds no packet, has none."""
    for name, path in places.items():
        try:
            seen = Capture(inputs=(path,)).summary(top=1)[1]
        except CaptureError:
            continue
        first_ns, last_ns = seen.get("first_ns"), seen.get("last_ns")
        if first_ns is not None and last_ns is not None:
            moved = line.put(path, first_ns, last_ns)
            yield _Placed(moved=moved, first_ns=first_ns, last_ns=last_ns, labels=labels[name])


def _spans(placed: Sequence[_Placed]) -> Iterator[tuple[Tables, int | None]]:
    """Yield the spans of all captures; only the last one of all says that nothing more comes."""
    last: tuple[Tables, int | None] | None = None
    for one in placed:
        for span in one.moved.spans():
            if last is not None:
                yield last
            last = span
    if last is not None:
        yield last[0], None


def _attacks(one: _Placed) -> Iterator[Attack]:
    """Yield the labelled attacks of a capture; where nobody knows who did it, it is about its victims."""
    for label in one.labels:
        doers = sorted(label.attackers) or sorted(label.victims)
        if not label.is_attack or not doers:
            continue
        start_ns = one.first_ns if label.start_s is None else round(label.start_s * NS)
        end_ns = one.last_ns if label.end_s is None else round(label.end_s * NS)
        yield Attack(
            name=f"{label.row} {label.kind}",
            kind=label.kind,
            subjects=tuple(doers),
            others=tuple(sorted(label.victims - set(doers))),
            start_ns=max(start_ns, one.first_ns) + one.moved.by_ns,
            end_ns=min(end_ns, one.last_ns) + one.moved.by_ns,
        )
