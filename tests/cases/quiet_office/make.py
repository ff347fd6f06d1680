"""Whole offices on ordinary days: everything together."""

from collections.abc import Iterator

from oddwire.testing.capture import Timed
from oddwire.testing.office import office

BEGIN = 1_700_090_000.0


def captures() -> Iterator[tuple[str, list[Timed]]]:
    for number, name in enumerate(("monday", "tuesday", "wednesday")):
        yield name, office(begin=BEGIN + 86_400 * number, seed=10 + number)
