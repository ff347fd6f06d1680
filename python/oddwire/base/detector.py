"""The contract of a detector: what it declares, what it reads, what it says, and how it remembers."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, dataclass, field, fields
from inspect import isabstract
from typing import Any, ClassVar, TypeAlias

from oddwire.base.window import Window
from oddwire.records.evidence import Evidence
from oddwire.records.judged import TABLES
from oddwire.records.kinds import Cadence, Kind, Scope

__all__ = ["Described", "Detector", "Page", "Parameters", "State", "parameter"]

# Plain values only: what JSON can hold.
State: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """What a reader should know of a detector."""

    sees: str
    matters: str
    wrong_when: str
    example: str


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """The thresholds of a detector; subclasses add fields made by `parameter`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Described:
    """One parameter as the reference shows it."""

    name: str
    default: Any
    meaning: str
    unit: str


def parameter(default: Any, meaning: str, unit: str = "") -> Any:  # noqa: ANN401  # a dataclass field of any type
    """Return a field of `Parameters`: its default, what it means and its unit."""
    return field(default=default, metadata={"meaning": meaning, "unit": unit})


class Detector(ABC):
    """A rule: sees windows in order, keeps bounded state, and says what is odd in them.

    What it says must not depend on how ticks are cut into windows, on the numbers that hosts have in this
    run, or on anything but the windows it saw. State is bounded whatever the traffic.
    """

    name: ClassVar[str]
    kind: ClassVar[Kind]
    cadence: ClassVar[Cadence] = Cadence.TICK
    scope: ClassVar[Scope]
    needs: ClassVar[frozenset[str]]
    attack: ClassVar[tuple[str, ...]] = ()
    page: ClassVar[Page]
    # Every kind that it may raise; its own is the first.
    kinds: ClassVar[tuple[Kind, ...]] = ()
    parameters: ClassVar[type[Parameters]] = Parameters

    def __init_subclass__(cls, **kwargs: Any) -> None:  # noqa: ANN401  # as Python calls it
        """Check what the class declares, when it is made."""
        super().__init_subclass__(**kwargs)
        if isabstract(cls) or not hasattr(cls, "needs"):
            return
        known = {f"{table}.{column}" for table, columns in TABLES.items() for column in columns}
        if unknown := sorted(cls.needs - known):
            raise TypeError(f"{cls.__name__} needs columns that no table has: {', '.join(unknown)}")
        cls.kinds = cls.kinds or (cls.kind,)

    def __init__(self, parameters: Parameters | None = None) -> None:
        self.settings: Any = parameters or self.parameters()

    @abstractmethod
    def observe(self, window: Window) -> Iterator[Evidence]:
        """Look at some ticks, in order, and say what is odd; `at_ns` of what is said lies in the window."""

    def finish(self) -> Iterator[Evidence]:
        """Say what is left to say when the input has ended; most detectors said it all."""
        yield from ()

    def watch(self, entries: Iterable[str]) -> None:  # noqa: B027  # most need none
        """Take the addresses and networks that the user's block lists name; most detectors need none."""

    @abstractmethod
    def save(self) -> State:
        """Return everything remembered, as plain values."""

    @abstractmethod
    def load(self, state: State) -> None:
        """Remember what was saved, and nothing else."""

    @abstractmethod
    def merge(self, other: State) -> None:
        """Remember also what another of the same class saved, that saw other traffic."""

    @classmethod
    def described(cls) -> list[Described]:
        """Return the parameters with their defaults and meanings."""
        return [
            Described(
                name=one.name,
                default=None if one.default is MISSING else one.default,
                meaning=str(one.metadata.get("meaning", "")),
                unit=str(one.metadata.get("unit", "")),
            )
            for one in fields(cls.parameters)
        ]
