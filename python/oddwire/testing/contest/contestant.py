"""What takes part in the contest."""

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    import polars as pl

    from oddwire.testing.contest.stretch import Stretch

__all__ = ["SCORED", "Contestant", "nothing_scored"]

SCORED = {"subject": "String", "start_ns": "Int64", "end_ns": "Int64", "at_ns": "Int64", "score": "Float64"}


class Contestant(ABC):
    """A method: learns from traffic without attacks, then says of other traffic how odd each row of it is.

    A row is whatever the method judges; it says whose row it is (an address), from when to when, and when it
    was known. Higher is odder. It is told nothing of what was planted, and sees each stretch once.
    """

    about: ClassVar[str]

    def __init__(self, *, name: str, seed: int = 0) -> None:
        self.name = name
        self.seed = seed

    @abstractmethod
    def fit(self, train: "Stretch", calibrate: "Stretch") -> None:
        """Learn what is usual; whoever promises a number of alarms does so by the second stretch."""

    def promised(self, budget: float) -> float | None:
        """Return its own threshold for so many false alarms a day; None leaves it to the contest.

        The contest then takes the threshold that keeps the budget on the scores of the calibration.
        """
        _ = budget
        return None

    @abstractmethod
    def score(self, stretch: "Stretch") -> "pl.DataFrame":
        """Return the scored rows, with the columns of `SCORED`."""


def nothing_scored() -> "pl.DataFrame":
    """Return no rows."""
    import polars as pl

    return pl.DataFrame(schema={name: getattr(pl, dtype) for name, dtype in SCORED.items()})
