"""The calendar of the simulated office: working days, holidays, and who is away."""

from dataclasses import dataclass

__all__ = ["DAY_NS", "DAY_S", "MONDAY_NS", "Calendar"]

DAY_S = 86_400
DAY_NS = DAY_S * 1_000_000_000
# Day 0 is Monday, 6 November 2023, 00:00 UTC.
MONDAY_NS = 1_699_228_800 * 1_000_000_000
# Days on which the office is shut: Christmas, New Year, Good Friday, Easter Monday, 1 May.
FIXED_HOLIDAYS = frozenset({49, 50, 56, 144, 147, 177})
WEEK, SATURDAY, TUESDAY = 7, 5, 1
OWN_HOLIDAYS, AWAY_WEEKS, AWAY_DAYS = 4, 0.05, 0.02
# Makers publish their updates on the second Tuesday of a month: every fourth one is near enough.
UPDATES_EVERY, FIRST_UPDATES = 28, 8


@dataclass(frozen=True, kw_only=True, slots=True)
class Calendar:
    """Says what kind of day a day is; day 0 is a Monday."""

    seed: int

    @staticmethod
    def weekday(day: int) -> int:
        """Return 0 for Monday to 6 for Sunday."""
        return day % WEEK

    def is_working(self, day: int) -> bool:
        """Say whether the office is open."""
        return self.weekday(day) < SATURDAY and not self.is_holiday(day)

    def is_holiday(self, day: int) -> bool:
        """Say whether a day is a holiday: of the country, or one of the few that the firm adds."""
        if day % 365 in FIXED_HOLIDAYS:
            return True
        # A long way apart, and none in the first weeks, in which most experiments learn.
        return day > 20 * WEEK // OWN_HOLIDAYS and (day + 13 * self.seed) % 91 == 0

    def is_away(self, person: int, day: int) -> bool:
        """Say whether somebody has taken the week off, or is ill."""
        return (
            _draw(self.seed, person, day // WEEK, 1) < AWAY_WEEKS
            or _draw(self.seed, person, day, 2) < AWAY_DAYS
        )

    @staticmethod
    def is_update_day(day: int) -> bool:
        """Say whether makers publish their updates that day."""
        return day % UPDATES_EVERY == FIRST_UPDATES


def _draw(*numbers: int) -> float:
    """Return a number from 0 to 1 that depends on nothing but these."""
    import numpy as np

    return float(np.random.default_rng([1 + number % 2**32 for number in numbers]).random())
