"""What the detectors say of themselves, as values: for the command line and the reference pages."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from oddwire.base.detector import Described, Detector
from oddwire.engine.registry import all_judges, judge_named
from oddwire.records.kinds import DEFAULT_SEVERITY

__all__ = ["Entry", "entries", "pages", "toml_value"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One detector as its page shows it."""

    name: str
    kind: str
    kinds: Sequence[str]
    severity: str
    cadence: str
    scope: str
    attack: Sequence[str]
    sees: str
    matters: str
    wrong_when: str
    example: str
    parameters: Sequence[Described]

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    @property
    def first_sentence(self) -> str:
        """The first sentence of what it sees; a full stop inside brackets or an abbreviation ends none."""
        first, stop, _ = self.sees.partition(". ")
        return first + "." if stop else self.sees

    def thresholds(self) -> list[tuple[str, str, str]]:
        """Return name, default as TOML and meaning with unit of each parameter."""
        return [
            (one.name, toml_value(one.default), f"{one.meaning} ({one.unit})" if one.unit else one.meaning)
            for one in self.parameters
        ]


def entries(name: str | None = None) -> list[Entry]:
    """Return all detectors by name, or the one of that name."""
    classes = all_judges() if name is None else (judge_named(name),)
    return [_entry(one) for one in classes]


def pages() -> dict[str, dict[str, str]]:
    """Return by detector what a reader should know of it, for reports."""
    return {
        one.name: {"sees": one.page.sees, "matters": one.page.matters, "wrong_when": one.page.wrong_when}
        for one in all_judges()
    }


def _entry(one: type[Detector]) -> Entry:
    return Entry(
        name=one.name,
        kind=str(one.kind),
        kinds=tuple(map(str, one.kinds)),
        severity=DEFAULT_SEVERITY[one.kind].word,
        cadence=str(one.cadence),
        scope=str(one.scope),
        attack=one.attack,
        sees=one.page.sees,
        matters=one.page.matters,
        wrong_when=one.page.wrong_when,
        example=one.page.example,
        parameters=tuple(one.described()),
    )


def toml_value(value: Any) -> str:  # noqa: ANN401  # what a threshold can be
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(toml_value(one) for one in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)
