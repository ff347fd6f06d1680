"""Findings against ground truth: what was found, who, of which kind, how soon, and what was a false alarm.

The definitions are those of docs/evaluation.md, word for word; whoever changes one changes both.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from oddwire.learning.right_kinds import BENIGN, IGNORE, of_forgery, of_pairs, wanted

__all__ = [
    "LONGER_S",
    "SLACK_S",
    "TARGETS",
    "CaptureScore",
    "Label",
    "Quiet",
    "Sighting",
    "Verdict",
    "score_capture",
]

# A finding may lie so far beside a labelled interval.
SLACK_S = 60.0
# A finding may be so much longer than a labelled interval: a verdict on the whole capture says no time.
LONGER_S = 900.0
# So many targets of a finding are read: naming everybody is naming nobody.
TARGETS = 16
# What begins so near to a labelled window is not of the ordinary rest.
EDGE_S = 5.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Label:
    """One labelled interval of a capture; `start_s` is None where the label is about the whole of it."""

    row: str
    capture: str
    kind: str
    group: str = ""
    also: frozenset[str] = frozenset()
    attackers: frozenset[str] = frozenset()
    victims: frozenset[str] = frozenset()
    start_s: float | None = None
    end_s: float | None = None
    first_s: float | None = None
    last_s: float | None = None
    active_minutes: int | None = None
    rest_is_benign: bool = False
    label: str = ""

    @property
    def is_attack(self) -> bool:
        """Say whether something must be found here."""
        return self.kind not in {BENIGN, IGNORE}

    @property
    def from_s(self) -> float | None:
        """Return when it begins: with its interval, else with the capture."""
        return self.first_s if self.start_s is None else self.start_s

    @property
    def until_s(self) -> float | None:
        """Return when it ends."""
        return self.last_s if self.end_s is None else self.end_s

    @property
    def named(self) -> frozenset[str]:
        """Return the hosts of which a finding must name one."""
        if self.attackers and not of_forgery(self.kind):
            return self.attackers
        return self.attackers | self.victims


@dataclass(frozen=True, kw_only=True, slots=True)
class Sighting:
    """What of a finding is scored."""

    detector: str
    kinds: frozenset[str]
    subjects: frozenset[str]
    targets: frozenset[str]
    start_s: float | None
    end_s: float | None
    at_s: float | None

    def overlaps(self, label: Label, slack_s: float = 0.0) -> bool:
        """Say whether it happened in a label's interval; one without a time always did."""
        if self.start_s is None or self.end_s is None:
            return True
        late = label.until_s is not None and self.start_s > label.until_s + slack_s
        early = label.from_s is not None and self.end_s < label.from_s - slack_s
        return not (late or early)

    def says_when(self, label: Label) -> bool:
        """Say whether it is short enough to say when a label with an interval happened."""
        if label.start_s is None or self.start_s is None or self.end_s is None:
            return True
        if label.until_s is None or label.from_s is None:
            return True
        return self.end_s - self.start_s <= label.until_s - label.from_s + LONGER_S

    def names(self, label: Label) -> bool:
        """Say whether it names one of the hosts of a label."""
        return bool(label.named & (self.subjects | self.targets))

    def accuses(self, label: Label) -> bool:
        """Say whether its subject is the attacker; without one, or where two act together, naming will do."""
        if not label.attackers or of_pairs(label.kind):
            return self.names(label)
        return bool(label.attackers & self.subjects)


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """How one labelled attack was judged; the delays are seconds from its start."""

    label: Label
    run: bool
    detected: bool
    attributed: bool
    right_kind: bool
    delay_s: float | None
    right_delay_s: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Quiet:
    """A stretch of a capture in which nothing should be found, and the alarms in it by detector."""

    capture: str
    part: str
    group: str
    hours: float
    run: bool
    findings: int
    alarms: Mapping[str, int]

    @property
    def alarm_count(self) -> int:
        """Return the number of alarms."""
        return sum(self.alarms.values())


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptureScore:
    """All that is known of one capture."""

    verdicts: tuple[Verdict, ...]
    quiet: tuple[Quiet, ...]
    subjects: int = 0
    subjects_right: int = 0


def score_capture(labels: Sequence[Label], sightings: Sequence[Sighting] | None) -> CaptureScore:
    """Judge the findings of one capture by all its labels; None where it was not analysed."""
    run = sightings is not None
    seen = sightings or ()
    attacks = [one for one in labels if one.is_attack]
    subjects, right = _involved(attacks, seen)
    return CaptureScore(
        verdicts=tuple(_verdict(one, seen, run=run) for one in attacks),
        quiet=tuple(_quiet(labels, seen, run=run)),
        subjects=subjects,
        subjects_right=right,
    )


def _verdict(label: Label, sightings: Iterable[Sighting], *, run: bool) -> Verdict:
    hits = [
        one for one in sightings if one.overlaps(label, SLACK_S) and one.names(label) and one.says_when(label)
    ]
    owned = [one for one in hits if one.accuses(label)]
    right = [one for one in owned if one.kinds & wanted(label.kind, label.also)]
    return Verdict(
        label=label,
        run=run,
        detected=bool(hits),
        attributed=bool(owned),
        right_kind=bool(right),
        delay_s=_delay(label, hits),
        right_delay_s=_delay(label, right),
    )


def _delay(label: Label, sightings: Iterable[Sighting]) -> float | None:
    begun = label.from_s
    if begun is None:
        return None
    return min((max(0.0, one.at_s - begun) for one in sightings if one.at_s is not None), default=None)


def _involved(attacks: Sequence[Label], sightings: Sequence[Sighting]) -> tuple[int, int]:
    """Return how many subjects were alarmed about, and how many took part; none where sources are spoofed."""
    if not attacks or not all(one.attackers for one in attacks):
        return 0, 0
    involved = frozenset().union(*(one.attackers | one.victims for one in attacks))
    subjects = {one.subjects for one in sightings if one.subjects}
    return len(subjects), sum(bool(involved & one) for one in subjects)


def _quiet(labels: Sequence[Label], sightings: Sequence[Sighting], *, run: bool) -> Iterator[Quiet]:
    """Yield the stretches of a capture in which nothing should be found."""
    attacks = [one for one in labels if one.is_attack]
    benign = [one for one in labels if one.kind == BENIGN]
    if not attacks and len(benign) == 1 and benign[0].start_s is None:
        hours = (benign[0].active_minutes or 0) / 60
        yield _stretch(benign[0], "whole", hours, sightings, run=run)
        return
    free = [one for one in sightings if not any(one.overlaps(a, SLACK_S) and one.names(a) for a in attacks)]
    for label in benign:
        mine = [one for one in free if one.overlaps(label) and (not label.named or one.names(label))]
        yield _stretch(label, f"row {label.row}", _length_s(label) / 3600, mine, run=run)
    if any(one.rest_is_benign for one in labels):
        rest = [one for one in free if not any(_begins_in(one, label) for label in labels)]
        yield _stretch(labels[0], "remainder", _rest_hours(labels), rest, run=run)


def _stretch(label: Label, part: str, hours: float, sightings: Sequence[Sighting], *, run: bool) -> Quiet:
    """Count alarms: a detector that names one subject ten times has raised one."""
    alarms = {(one.detector, one.subjects) for one in sightings}
    counted = Counter(detector for detector, _ in alarms)
    return Quiet(
        capture=label.capture,
        part=part,
        group=label.group,
        hours=hours,
        run=run,
        findings=len(sightings),
        alarms=dict(sorted(counted.items())),
    )


def _length_s(label: Label) -> float:
    return (label.until_s or 0.0) - (label.from_s or 0.0)


def _begins_in(one: Sighting, label: Label) -> bool:
    begun = one.start_s or 0.0
    return (label.from_s or 0.0) - EDGE_S <= begun <= (label.until_s or 0.0) + EDGE_S


def _rest_hours(labels: Sequence[Label]) -> float:
    """Return the hours outside every label, less the part of the capture without packets."""
    covered_s, reached_s = 0.0, None
    for begin_s, end_s in sorted((one.from_s or 0.0, one.until_s or 0.0) for one in labels):
        begin_s = begin_s if reached_s is None else max(begin_s, reached_s)  # noqa: PLW2901  # cut where it is counted
        covered_s += max(0.0, end_s - begin_s)
        reached_s = end_s if reached_s is None else max(reached_s, end_s)
    span_s = (labels[0].last_s or 0.0) - (labels[0].first_s or 0.0)
    if span_s <= 0:
        return 0.0
    active_s = min(span_s, (labels[0].active_minutes or 0) * 60)
    return max(0.0, span_s - covered_s) / 3600 * (active_s / span_s)
