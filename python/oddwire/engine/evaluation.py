"""Captures with labels: each analysed, or its findings read, and scored."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from oddwire import native
from oddwire.engine.analysis import analyze
from oddwire.engine.labels import entity, places_of, read_labels, read_manifest, seconds_of
from oddwire.engine.learned_judge import Learned
from oddwire.engine.settings import Settings
from oddwire.engine.trained import Trained
from oddwire.errors import CaptureError, OutputError, UsageError
from oddwire.learning.intervals import exact_interval
from oddwire.learning.right_kinds import BENIGN, IGNORE, said
from oddwire.learning.scoring import TARGETS, CaptureScore, Label, Sighting, score_capture
from oddwire.learning.tally import Tally
from oddwire.records.kinds import Kind, Severity
from oddwire.sinks.findings import write_findings
from oddwire.sources.files import NS, Capture

__all__ = ["Evaluation", "ModelAlarms", "Wish", "evaluate", "findings_name"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Wish:
    """What is to be scored, by which labels."""

    labels: Path
    inputs: Sequence[Path] = ()
    manifest: Path | None = None
    findings_dir: Path | None = None
    keep_dir: Path | None = None
    severity: Severity = Severity.MEDIUM
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True, kw_only=True, slots=True)
class ModelAlarms:
    """The alarms of a model in benign traffic, an exact interval of their rate, and what was promised."""

    alarms: int
    days: float
    per_day: float
    interval95: tuple[float, float]
    budget: float | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Evaluation:
    """The score, the file of each capture, and what the reader should know of it."""

    tally: Tally
    places: Mapping[str, Path]
    remarks: Sequence[str]
    # Only where a model judged beside the rules, and there was benign traffic.
    model: ModelAlarms | None = None


def evaluate(wish: Wish, progress: native.Progress | None = None) -> Evaluation:
    """Score the findings of every labelled capture; without `findings_dir` they are made here."""
    if wish.findings_dir is not None and wish.keep_dir is not None:
        raise UsageError(
            "findings that lie in a folder are not written again", hint="leave out one of the two"
        )
    labels = read_labels(wish.labels)
    captures: dict[str, list[Label]] = {}
    for label in labels:
        captures.setdefault(label.capture, []).append(label)
    manifest = read_manifest(wish.manifest) if wish.manifest else {}
    folder = wish.manifest.parent if wish.manifest else None
    places = places_of(captures, wish.inputs, manifest, folder)
    if not places and wish.findings_dir is None:
        raise UsageError(
            "none of the labelled captures is among the files",
            where=str(wish.labels),
            hint="name files or folders, or --manifest, or --findings-dir",
        )
    remarks = list(_label_remarks(labels))
    scores = [
        _score(wish, mine, places.get(capture), remarks, progress)
        for capture, mine in sorted(captures.items())
    ]
    tally = Tally.of(scores)
    return Evaluation(tally=tally, places=places, remarks=remarks, model=_of_model(tally, wish.settings))


def _of_model(tally: Tally, settings: Settings) -> ModelAlarms | None:
    """Return what the settings' model raised in benign traffic; None without a model or such traffic."""
    days = tally.quiet_hours / 24
    if settings.model is None or not days > 0:
        return None
    trained = Trained.load(Path(settings.model), memory=False)
    alarms = sum(one.alarms.get(Learned.name, 0) for one in tally.quiet_run)
    low, high = exact_interval(alarms)
    return ModelAlarms(
        alarms=alarms,
        days=days,
        per_day=alarms / days,
        interval95=(low / days, high / days),
        budget=trained.budget(settings.budget) if trained.keeps_budgets else None,
    )


def findings_name(capture: str) -> str:
    """Return what the file of a capture's findings is called.

    >>> findings_name("monday/a.pcap")
    'monday__a.pcap.jsonl'
    """
    return capture.replace("/", "__") + ".jsonl"


def _score(
    wish: Wish,
    labels: Sequence[Label],
    place: Path | None,
    remarks: list[str],
    progress: native.Progress | None,
) -> CaptureScore:
    capture = labels[0].capture
    if all(one.kind == IGNORE and not one.rest_is_benign for one in labels):
        return score_capture(labels, None)
    if wish.findings_dir is not None:
        lines = _read_lines(wish.findings_dir / findings_name(capture))
        known = _with_times(labels, Capture(inputs=(place,)) if place else None, None)
        return score_capture(known, _sightings(lines, wish.severity))
    if place is None:
        return score_capture(labels, None)
    source = Capture(inputs=(place,))
    try:
        found = analyze(source, wish.settings, progress)
    except CaptureError as error:
        remarks.append(f"{capture}: not judged: {error.message}")
        return score_capture(labels, None)
    remarks += [f"{capture}: detector {one.detector} failed: {one.message}" for one in found.failures]
    if wish.keep_dir is not None:
        wish.keep_dir.mkdir(parents=True, exist_ok=True)
        write_findings(found.findings, wish.keep_dir / findings_name(capture))
    lines = [one.to_dict() for one in found.findings]
    known = _with_times(labels, source, found.seen)
    return score_capture(known, _sightings(lines, wish.severity))


def _read_lines(path: Path) -> list[dict[str, Any]] | None:
    """Return the lines of a findings file; None where there is none: the capture was not judged."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(error.strerror or str(error), where=str(path)) from None
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError as error:
        raise UsageError(f"this is no file of findings: {error}", where=str(path)) from None


def _sightings(lines: Sequence[Mapping[str, Any]] | None, least: Severity) -> list[Sighting] | None:
    if lines is None:
        return None
    words = {one.word for one in Severity if one >= least}
    return [_sighting(line) for line in lines if line.get("severity") in words]


def _sighting(line: Mapping[str, Any]) -> Sighting:
    """Return what of a line is scored; a finding without a kind is taken by its detector's name."""
    subject = line.get("subject") or {}
    start_s, end_s = seconds_of(line.get("start")), seconds_of(line.get("end"))
    start_s = end_s if start_s is None else start_s
    end_s = start_s if end_s is None else end_s
    at_s = seconds_of(line.get("detected_at"))
    targets = (line.get("targets") or ())[:TARGETS]
    return Sighting(
        detector=line["detector"],
        kinds=said(line.get("kind") or line["detector"]),
        subjects=frozenset(entity(subject[key]) for key in ("ip", "mac") if subject.get(key)),
        targets=frozenset(entity(one["ip"]) for one in targets if one.get("ip")),
        start_s=start_s,
        end_s=end_s,
        at_s=end_s if at_s is None else at_s,
    )


def _with_times(
    labels: Sequence[Label], source: Capture | None, seen: Mapping[str, Any] | None
) -> list[Label]:
    """Fill in when the capture begins and ends and how many minutes hold packets, where labels do not."""
    known = list(labels)
    if any(one.first_s is None or one.last_s is None for one in known):
        if seen is None and source is not None:
            seen = source.summary(top=1)[1]
        if seen is not None and seen.get("first_ns") is not None:
            first_s, last_s = seen["first_ns"] / NS, seen["last_ns"] / NS
            known = [replace(one, first_s=first_s, last_s=last_s) for one in known]
    lacking = any(one.active_minutes is None for one in known)
    if lacking and source is not None and any(one.kind == BENIGN or one.rest_is_benign for one in known):
        minutes = active_minutes(source)
        known = [replace(one, active_minutes=minutes) for one in known]
    return known


def active_minutes(source: Capture) -> int:
    """Return how many minutes of the clock hold packets."""
    import polars as pl

    minutes: set[int] = set()
    stream = source.stream("packets", native.Shape(columns=["time"]))
    while True:
        with native.core_errors():
            batch = stream.next_batch()
        if batch is None:
            return len(minutes)
        times = pl.DataFrame(batch)["time"].drop_nulls().to_physical() // (60 * NS)
        minutes.update(times.unique().to_list())


def _label_remarks(labels: Sequence[Label]) -> Iterator[str]:
    known = {BENIGN, IGNORE, *map(str, Kind)}
    for kind in sorted({one.kind for one in labels} - known):
        yield f"labels: '{kind}' is no kind of finding, so none can be right for it"
