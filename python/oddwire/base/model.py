"""The contract of a learned model: fitting, scoring and deciding are three things, and only two are here."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from oddwire.records.unit import Scale

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

__all__ = ["Model", "Saved"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved:
    """All that a model has learned: plain values and arrays of numbers, never code."""

    values: Mapping[str, Any] = field(default_factory=dict)
    arrays: "Mapping[str, np.ndarray]" = field(default_factory=dict)


class Model(ABC):
    """Learns what is usual from a table of units, and says of other rows how odd they are.

    A table has one row a unit. The columns of `oddwire.records.unit.IDENTITY` say whose row it is, every
    other one is a feature: a number, null where it is unknown. What a score means is decided by calibration.
    The same table and seed give the same model, byte for byte.
    """

    type: ClassVar[str]
    # One line for lists and help texts.
    about: ClassVar[str]

    def __init__(
        self, *, scales: Mapping[str, Scale] | None = None, trees: int = 100, seed: int = 0, jobs: int = 1
    ) -> None:
        # How the values of features are laid out; those that are not named are sizes.
        self.scales = scales
        self.trees = trees
        self.seed = seed
        self.jobs = jobs

    @abstractmethod
    def fit(self, table: "pl.DataFrame") -> None:
        """Learn what is usual."""

    @abstractmethod
    def score(self, table: "pl.DataFrame") -> "pl.Series":
        """Return how odd each row is, as Float64; higher is odder, everywhere."""

    @abstractmethod
    def save(self) -> Saved:
        """Return everything learned."""

    @abstractmethod
    def load(self, saved: Saved) -> None:
        """Take what was saved, and nothing else."""
