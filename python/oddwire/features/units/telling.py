"""Odd rows in words: what a host did, against what it usually does."""

from collections.abc import Mapping, Sequence

from oddwire.features.units.gather import Member
from oddwire.features.units.schema import features_of
from oddwire.records.evidence import Reason
from oddwire.records.kinds import Kind
from oddwire.records.unit import Scale, Unit
from oddwire.records.units import bytes_text, duration_text

__all__ = ["figure_text", "kind_of", "reason_text", "title_of", "words_of"]

SPANS = {60: "in a minute", 3_600: "in an hour", 0: ""}
NS = 1_000_000_000
TOLD = 2


def kind_of(member: Member) -> Kind:
    """Return what a member's findings are of: an odd host, or an odd flow."""
    return Kind.ODD_HOST if member.unit is Unit.HOSTS else Kind.ODD_FLOW


def title_of(member: Member, row: Mapping[str, object], reasons: Sequence[Reason]) -> str:
    """Return one sentence: who, and the weightiest figures that are not as usual."""
    who = str(row["host"])
    if member.unit is not Unit.HOSTS:
        who += f" with {row['peer']} port {row['port']}"
    span = SPANS.get(member.span_ns // NS, "")
    odd = [one for one in reasons if not one.typical[0] <= one.value <= one.typical[1]] or list(reasons)
    told = "; ".join(reason_text(member.unit, one) for one in odd[:TOLD])
    when = f" {span}" if span else ""
    return (
        f"{who} is unlike what was learned{when}: {told}"
        if told
        else f"{who} is unlike what was learned{when}"
    )


def reason_text(unit: Unit, reason: Reason) -> str:
    """Return one reason in words: `1.2 GiB sent outside, usually at most 3.1 MiB`."""
    known = {one.name: one for one in features_of(unit)}
    feature = known[reason.feature]
    low, high = reason.typical
    value = figure_text(unit, reason.feature, reason.value)
    if reason.value > high == 0:
        usual = "usually none"
    elif reason.value > high:
        usual = f"usually at most {figure_text(unit, reason.feature, high)}"
    elif reason.value < low:
        usual = f"usually at least {figure_text(unit, reason.feature, low)}"
    else:
        usual = (
            f"usually {figure_text(unit, reason.feature, low)} to {figure_text(unit, reason.feature, high)}"
        )
    if feature.scale is Scale.PLAIN:
        return f"{feature.words} {value}, {usual}"
    return f"{value} {feature.words}, {usual}"


def words_of(member: str, feature: str) -> str | None:
    """Return how a sentence calls a feature of a member (`hosts-hour`); None where there is no such."""
    unit = member.partition("-")[0]
    if unit not in list(Unit):
        return None
    return next((one.words for one in features_of(Unit(unit)) if one.name == feature), None)


def figure_text(unit: Unit, name: str, value: float) -> str:
    """Return a figure of a feature with its measure, as a person says it."""
    feature = next(one for one in features_of(unit) if one.name == name)
    if feature.unit == "bytes":
        return bytes_text(round(value))
    if feature.unit == "seconds":
        return duration_text(round(value * NS))
    if feature.scale is Scale.PLAIN:
        return f"{value:.2f}".rstrip("0").rstrip(".")
    return f"{value:,.0f}"
