"""The committed list of cells that are rightly not what tshark says, and what it explains."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from tests.heavy.conformance import Difference

LIST = Path(__file__).with_name("conformance_differences.toml")


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """One entry: which cells it covers, how many there are, and why they differ."""

    captures: str
    fields: tuple[str, ...]
    cells: int
    reason: str
    protocols: str = "*"
    ours: str = "*"
    theirs: str = "*"
    # Who is right, where that is a matter of judgement: ours, theirs or neither.
    verdict: str = ""

    def covers(self, cell: Difference) -> bool:
        """Say whether a differing cell is one of these; patterns are those of file names."""
        return cell.field in self.fields and all(
            fnmatchcase(value, pattern)
            for value, pattern in (
                (cell.capture, self.captures),
                (cell.protocols, self.protocols),
                (cell.ours, self.ours),
                (cell.theirs, self.theirs),
            )
        )


@dataclass(kw_only=True, slots=True)
class Account:
    """Every differing cell, under the first entry that explains it."""

    rules: list[Rule]
    explained: dict[int, int] = field(default_factory=dict)
    unexplained: list[Difference] = field(default_factory=list)

    def enter(self, cells: Iterable[Difference]) -> None:
        """Look for the entry of each cell."""
        for cell in cells:
            index = next((at for at, rule in enumerate(self.rules) if rule.covers(cell)), None)
            if index is None:
                self.unexplained.append(cell)
            else:
                self.explained[index] = self.explained.get(index, 0) + 1

    def wrong(self) -> list[str]:
        """Return the entries that do not cover just as many cells as they say."""
        found = ((rule, self.explained.get(index, 0)) for index, rule in enumerate(self.rules))
        return [
            f"{rule.captures} {'/'.join(rule.fields)}: {rule.cells} listed, {cells} found ({rule.reason})"
            for rule, cells in found
            if cells != rule.cells
        ]


def rules(path: Path = LIST) -> list[Rule]:
    """Return a committed list."""
    listed = tomllib.loads(path.read_text(encoding="utf-8")).get("difference", [])
    return [Rule(**{**entry, "fields": tuple(entry["fields"])}) for entry in listed]
