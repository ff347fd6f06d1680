"""A column of a table: the one description that schema, reference page and checks are made from."""

from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Column"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """Name, type, unit, meaning and formula of a column."""

    name: str
    type: str
    meaning: str
    unit: str = ""
    formula: str = ""
    shown: bool = True

    def to_dict(self) -> dict[str, Any]:
        """Return the same as the core describes its own columns."""
        return asdict(self)
