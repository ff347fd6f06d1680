"""The figures over many scored captures: recall by kind, false alarms an hour, precision, delay."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from oddwire.learning.scoring import CaptureScore, Quiet, Verdict

__all__ = ["Tally", "recall"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """Every verdict and every quiet stretch, and what follows from them."""

    verdicts: tuple[Verdict, ...]
    quiet: tuple[Quiet, ...]
    subjects: int
    subjects_right: int

    @classmethod
    def of(cls, scores: Iterable[CaptureScore]) -> "Tally":
        """Put the scores of captures together."""
        known = list(scores)
        return cls(
            verdicts=tuple(verdict for one in known for verdict in one.verdicts),
            quiet=tuple(quiet for one in known for quiet in one.quiet),
            subjects=sum(one.subjects for one in known),
            subjects_right=sum(one.subjects_right for one in known),
        )

    @property
    def kinds(self) -> list[str]:
        """Return the kinds of attack that labels name."""
        return sorted({one.label.kind for one in self.verdicts})

    def of_kind(self, kind: str) -> list[Verdict]:
        """Return the verdicts on labels of one kind."""
        return [one for one in self.verdicts if one.label.kind == kind]

    @property
    def median_delay_s(self) -> float | None:
        """Return the median time to the first alarm, of what was detected; the upper one of two."""
        delays = sorted(one.delay_s for one in self.verdicts if one.delay_s is not None)
        return delays[len(delays) // 2] if delays else None

    @property
    def quiet_run(self) -> list[Quiet]:
        """Return the quiet stretches that were judged."""
        return [one for one in self.quiet if one.run]

    @property
    def quiet_hours(self) -> float:
        """Return the hours of benign traffic that were judged."""
        return sum(one.hours for one in self.quiet_run)

    @property
    def false_alarms(self) -> int:
        """Return the number of alarms in benign traffic."""
        return sum(one.alarm_count for one in self.quiet_run)

    @property
    def alarms_per_hour(self) -> float | None:
        """Return the false alarms an hour of benign traffic; None where there is none."""
        return self.false_alarms / self.quiet_hours if self.quiet_hours else None

    @property
    def precision(self) -> float | None:
        """Return the share of alarmed subjects that took part in an attack."""
        return self.subjects_right / self.subjects if self.subjects else None

    def to_dict(self) -> dict[str, Any]:
        """Return everything with plain names, for `--json`."""
        groups = sorted({one.label.group for one in self.verdicts})
        return {
            "summary": {
                "recall": {
                    group or "none": recall([one for one in self.verdicts if one.label.group == group])
                    for group in groups
                }
                | {"all": recall(self.verdicts)},
                "by_kind": {kind: recall(self.of_kind(kind)) for kind in self.kinds},
                "benign": {
                    "parts": len(self.quiet),
                    "run": len(self.quiet_run),
                    "hours": round(self.quiet_hours, 3),
                    "findings": sum(one.findings for one in self.quiet_run),
                    "alarms": self.false_alarms,
                    "alarms_per_hour": _rounded(self.alarms_per_hour, 3),
                    "parts_with_alarm": sum(one.alarm_count > 0 for one in self.quiet_run),
                },
                "entity_precision": _rounded(self.precision, 4),
                "subjects_alarmed": self.subjects,
                "median_delay_s": _rounded(self.median_delay_s, 6),
            },
            "rows": [_verdict_dict(one) for one in self.verdicts],
            "benign": [_quiet_dict(one) for one in self.quiet],
        }


def recall(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return how many labelled attacks there are, were judged, detected, attributed and named rightly."""
    rows = len(verdicts)
    counted = {
        "rows": rows,
        "run": sum(one.run for one in verdicts),
        "detected": sum(one.detected for one in verdicts),
        "attributed": sum(one.attributed for one in verdicts),
        "right_kind": sum(one.right_kind for one in verdicts),
    }
    return counted | {
        "recall": _share(counted["detected"], rows),
        "recall_of_run": _share(counted["detected"], counted["run"]),
        "recall_attributed": _share(counted["attributed"], rows),
        "recall_right_kind": _share(counted["right_kind"], rows),
    }


def _verdict_dict(one: Verdict) -> dict[str, Any]:
    label = one.label
    return {
        "row": label.row,
        "capture": label.capture,
        "group": label.group,
        "kind": label.kind,
        "label": label.label,
        "run": one.run,
        "detected": one.detected,
        "attributed": one.attributed,
        "right_kind": one.right_kind,
        "delay_s": _rounded(one.delay_s, 6),
        "right_delay_s": _rounded(one.right_delay_s, 6),
    }


def _quiet_dict(one: Quiet) -> dict[str, Any]:
    return {
        "capture": one.capture,
        "part": one.part,
        "group": one.group,
        "hours": round(one.hours, 4),
        "run": one.run,
        "findings": one.findings,
        "alarms": one.alarm_count,
        "by_detector": dict(one.alarms),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
