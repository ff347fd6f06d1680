"""Verdicts of people on findings: the log, what it suppresses, and how it moves thresholds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oddwire.engine.suppression import Rule
from oddwire.errors import UsageError
from oddwire.learning.feedback import Judgement, Move, moves
from oddwire.records.evidence import Evidence
from oddwire.records.kinds import Severity
from oddwire.records.units import one_line
from oddwire.store.kept import Feedback
from oddwire.store.workspace import Workspace

__all__ = [
    "FALSE",
    "TRUE",
    "Pattern",
    "feedback_moves",
    "feedback_rules",
    "judge",
    "pattern_of",
    "pattern_words",
    "standing",
    "undo",
]

TRUE, FALSE, UNDONE = "true", "false", "undone"
SHORT = 8
# What made a row odd is told by the heaviest reasons.
HEAVIEST = 3


@dataclass(frozen=True, kw_only=True)
class Pattern(Rule):
    """A rule made of a finding that was a false alarm: the same detector, subject and things.

    Something graver, or about another target, port or feature, is raised as before.
    """

    # In order, because the digest of the settings is made of what this looks like.
    targets: tuple[str, ...] = ()
    ports: tuple[int, ...] = ()
    features: tuple[str, ...] = ()
    severity: Severity = field(default=Severity.CRITICAL)

    def covers(self, detector: str, evidence: Evidence) -> bool:
        """Say whether this is what was judged."""
        if not super().covers(detector, evidence):
            return False
        if self.subject is None and (evidence.subject.ip or evidence.subject.mac):
            return False
        if evidence.severity is not None and evidence.severity > self.severity:
            return False
        targets = {one.ip or one.mac for one in evidence.targets} - {None}
        ports = {one.port for one in evidence.targets} - {None}
        reasons = sorted(evidence.reasons, key=lambda one: -one.weight)
        return (
            (not self.targets or targets <= set(self.targets))
            and (not self.ports or ports <= set(self.ports))
            and (not self.features or not reasons or reasons[0].feature in self.features)
        )


def pattern_of(line: Mapping[str, Any]) -> Pattern:
    """Return what to suppress when a finding was a false alarm.

    Many targets are told by their ports, few by themselves: a sweep goes to other hosts the next time.
    """
    subject, targets = line["subject"], line["targets"]
    all_told = line["target_count"] <= len(targets)
    hosts = sorted({one.get("ip") or one.get("mac") or "" for one in targets} - {""})
    ports = sorted({one["port"] for one in targets if "port" in one})
    reasons = sorted(line["reasons"], key=lambda one: -one["weight"])
    return Pattern(
        subject=subject.get("ip") or subject.get("mac"),
        detector=line["detector"],
        kind=line["kind"],
        targets=tuple(hosts) if all_told else (),
        # Many ports of one host are a scan of it, whichever they are.
        ports=tuple(ports) if len(ports) <= max(len(hosts), 1) else (),
        features=tuple(one["feature"] for one in reasons[:HEAVIEST]),
        severity=Severity.of(line["severity"]),
        reason=f"a false alarm, said of {line['id'][:SHORT]}",
    )


def pattern_words(one: Feedback) -> str:
    """Return in words what a verdict suppresses."""
    pattern = pattern_of(one.line)
    words = [f"{pattern.kind} of {pattern.subject or 'unknown hosts'}"]
    if pattern.targets:
        words.append("to " + ", ".join(pattern.targets))
    if pattern.ports:
        words.append("at port " + ", ".join(map(str, pattern.ports)))
    if pattern.features:
        words.append("by " + ", ".join(pattern.features))
    return f"{' '.join(words)} ({pattern.detector}, up to {pattern.severity.word})"


def judge(workspace: Workspace, prefix: str, verdict: str, note: str) -> Feedback:
    """Keep a verdict on a finding of a workspace."""
    line = workspace.find(prefix).line
    # What a person types is kept as one line; terminals and pages show it.
    number = workspace.add_feedback(line["id"], verdict, one_line(note), line)
    return next(one for one in workspace.feedback() if one.number == number)


def undo(workspace: Workspace, named: str) -> Feedback:
    """Take back a verdict by its number or by its finding's id; return it."""
    there = standing(workspace.feedback())
    text = named.strip().lower()
    chosen = [one for one in there if str(one.number) == text]
    chosen = chosen or [one for one in there if len(text) >= 4 and one.id.startswith(text)]  # noqa: PLR2004  # as of every id
    if len(chosen) != 1:
        what = "no verdict" if not chosen else "more than one verdict"
        raise UsageError(f"'{named}' names {what}", hint="see `oddwire feedback list`")
    workspace.add_feedback(str(chosen[0].number), UNDONE, "", {})
    return chosen[0]


def standing(log: Sequence[Feedback]) -> list[Feedback]:
    """Return the verdicts that hold: the last of each finding, without those that were taken back."""
    undone = {one.id for one in log if one.verdict == UNDONE}
    kept = [one for one in log if one.verdict != UNDONE and str(one.number) not in undone]
    last = {one.id: one for one in kept}
    return sorted(last.values(), key=lambda one: one.number)


def feedback_rules(workspace: Workspace) -> tuple[Rule, ...]:
    """Return what verdicts suppress."""
    return tuple(pattern_of(one.line) for one in standing(workspace.feedback()) if one.verdict == FALSE)


def feedback_moves(log: Sequence[Feedback]) -> list[Move]:
    """Return the moves of thresholds to which a log led: only learned detectors have such a threshold."""
    judged = [
        Judgement(
            number=one.number,
            alarm=one.id,
            detector=one.line["detector"],
            model=model_of(one.line),
            is_false=one.verdict == FALSE,
        )
        for one in standing(log)
        if model_of(one.line)
    ]
    return moves(judged)


def model_of(line: Mapping[str, Any]) -> str:
    """Return what names the model behind a finding; nothing where none is."""
    model = line["provenance"].get("model")
    if model is None or line.get("p_value") is None:
        return ""
    return model if isinstance(model, str) else json.dumps(model, sort_keys=True, ensure_ascii=False)
