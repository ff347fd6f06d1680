"""The report of a run: printed, and kept as `benchmarks/results/speed.md` and `.json`."""

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import table
from benchmarks.captures import Capture
from benchmarks.memory import Memory
from benchmarks.rounds import Row
from benchmarks.startup import Start
from benchmarks.targets import Target

_METHOD = (
    "Everybody in turn; CPU seconds of the whole process and its children from exec to exit, warm "
    "page cache. A figure with ~ is scaled by packets from a slice, the start counted once; its peak is not."
)
FOLDER = Path(__file__).with_name("results")


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Everything one run found out."""

    date: str
    machine: str
    rounds: int
    versions: dict[str, str]
    captures: Sequence[Capture]
    rows: Sequence[Row]
    starts: Sequence[Start]
    memories: Sequence[Memory]
    targets: Sequence[Target]

    def markdown(self) -> str:
        """The report as text."""
        parts = [
            "# Speed and memory",
            f"{self.date}, {self.machine}. Medians of {self.rounds} rounds. {_METHOD}",
            "\n".join(_said(capture) for capture in self.captures),
            table.speed(self.rows),
            table.reasons(self.rows),
            table.starts(self.starts) if self.starts else "",
            table.memories(self.memories) if self.memories else "",
            "## Targets",
            table.verdicts(self.targets),
            "## Versions",
            "\n".join(f"- {name}: {version}" for name, version in self.versions.items()),
        ]
        return "\n\n".join(part for part in parts if part) + "\n"

    def keep(self, folder: Path = FOLDER) -> None:
        """Write both files."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "speed.md").write_text(self.markdown())
        (folder / "speed.json").write_text(json.dumps(self._plain(), indent=1, sort_keys=True) + "\n")

    def _plain(self) -> dict[str, object]:
        """As values for JSON; captures by name, because their paths are this machine's."""
        plain = dataclasses.asdict(self)
        for capture in plain["captures"]:
            del capture["path"], capture["slice_path"]
        for row, source in zip(plain["rows"], self.rows, strict=True):
            row["median_cpu_s"] = source.cpu
        return plain


def _said(capture: Capture) -> str:
    size = capture.bytes / 1e6
    return (
        f"- {capture.name}: {capture.packets:,} packets, {size:.0f} MB ({capture.origin}); "
        f"its slice {capture.slice_packets:,} packets"
    )
