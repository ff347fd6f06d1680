"""Writes docs/units.md from the schema of units. Usage: make_units.py [OUT]."""

import sys
from pathlib import Path

from oddwire.features.units.gather import MEMBERS
from oddwire.features.units.schema import UNIT_FEATURES, UNIT_SCHEMA
from oddwire.records.unit import Feature, Scale, Unit

PAGE = Path(__file__).resolve().parents[1] / "docs" / "units.md"
HEAD = f"""# Units and their features

What a model judges ([learning.md](learning.md)). A row is a unit: a host in a span of time, a host with
one partner in an hour, or one conversation. Its columns are the features below, and nothing else is learned
from: no address, no time of day, no number of an ephemeral port, no file name.

Null means unknown: a new network has no past, so nothing in it is new. Sizes and counts are laid out by their
logarithm, shares as they are. The schema is version {UNIT_SCHEMA}; a model of another version is refused.
Written by `scripts/make_units.py`; change the schema, not this page.
"""
ABOUT = {
    Unit.HOSTS: "What one local host did in a minute or in an hour, as sender and as receiver. The last five "
    "features are of hours only.",
    Unit.PAIRS: "What one local host did with one partner, port and protocol in an hour. A host outside "
    "stands for a place: the registered domain by which it was last called, else its network (the first "
    "three bytes of an address of IPv4, six of IPv6).",
    Unit.FLOWS: "One conversation that ended, seen from the local host. Only where `--units` names "
    "`flows-each`, and where `analyze` has no model.",
}


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *(_section(unit, features) for unit, features in UNIT_FEATURES.items())])


def _section(unit: Unit, features: tuple[Feature, ...]) -> str:
    names = ", ".join(f"`{name}`" for name, member in MEMBERS.items() if member.unit is unit)
    lines = [
        f"## {unit.capitalize()}: {names}",
        "",
        ABOUT[unit],
        "",
        "| feature | in words | unit | layout | meaning | formula |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*lines, *(_row(one) for one in features), ""])


def _row(one: Feature) -> str:
    layout = "logarithm" if one.scale is Scale.LOG else "as it is"
    cells = [f"`{one.name}`", one.words, one.unit, layout, one.meaning, one.formula]
    return f"| {' | '.join(cells)} |".replace("  ", " ")


if __name__ == "__main__":
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    out.write_text(page(), encoding="utf-8")
