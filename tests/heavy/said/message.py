"""One message as either side tells it, and what a protocol's comparison is made of."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.heavy.said.rows import SaidRow

# All occurrences of every field of a frame.
Frame = Mapping[str, tuple[str, ...]]
Cells = dict[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Message:
    """Some cells that were said in one packet; an empty text is no value."""

    # What is compared with its like: question, answer.
    part: str
    # The packet that said it; 0 where our table does not tell.
    packet: int
    cells: Cells
    # Whether it only says again what was said, which need not be a message of its own.
    again: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Talk:
    """A protocol whose rows are compared: what both sides are asked for, and how it is read."""

    table: str
    columns: tuple[str, ...]
    fields: tuple[str, ...]
    ours: Callable[[SaidRow], Iterator[Message]]
    theirs: Callable[[Frame], Iterator[Message]]


def first(values: tuple[str, ...]) -> str:
    """Return the first of some values, or nothing."""
    return values[0] if values else ""


def text(value: object) -> str:
    """Return a cell as text; nothing where it is null."""
    return "" if value is None else str(value)
