"""How much of the captures pack is found and read as others do; writes results/protocols.md."""

import os
import shutil
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.table import aligned
from tests.heavy.captures import captures
from tests.heavy.said.compare import compare as compare_said
from tests.heavy.said.talks import talks
from tests.heavy.services import OF_SERVICE, Compared, Tally, compare
from tests.heavy.tshark_rows import Tshark

RESULT = Path(__file__).parent / "results" / "protocols.md"


def main() -> int:
    """Compare everything and write both tables."""
    named, tshark = os.environ.get("ODDWIRE_CAPTURES"), shutil.which("tshark")
    if named is None or tshark is None:
        print("needs tshark, and the folder of the captures pack in ODDWIRE_CAPTURES", file=sys.stderr)
        return 3
    pack = Path(named)
    flows = compare(pack)
    lines = [
        "# Protocols on the captures pack",
        "",
        f"`python -m benchmarks.protocols`, {datetime.now(UTC):%Y-%m-%d}, {describe()}.",
        "",
        "## Services of flows, beside nDPI",
        "",
        "Flows that nDPI names by content, on which we surely say the same; and our sure flows, on which it",
        f"says the same. nDPI's {flows.guessed} guesses by port or address do not count. Every disagreement",
        "has a verdict in `tests/heavy/service_differences.toml`.",
        "",
        _services(flows),
        "",
        "## Cells of tables, beside tshark",
        "",
        "Cells that both have; what differs is listed with its reason in",
        "`tests/heavy/protocol_differences`: cells, and whole messages that only one of both has.",
        "",
        _cells(tshark, pack),
    ]
    RESULT.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))
    return 0


def _services(flows: Compared) -> str:
    rows = sorted(flows.tallies.items())
    body = [_line(name, tally) for name, tally in rows if name in OF_SERVICE]
    head = ("service", "nDPI's", "the same", "share", "ours", "nDPI the same", "share")
    return aligned(head, [*body, _line("all", flows.total())])


def _line(name: str, tally: Tally) -> list[str]:
    return [
        name,
        *(str(tally.theirs), str(tally.same), _share(tally.same, tally.theirs)),
        *(str(tally.ours), str(tally.agreed), _share(tally.agreed, tally.ours)),
    ]


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _cells(tshark: str, pack: Path) -> str:
    both: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    alone: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as folder:
        reader = Tshark(program=tshark, settings=Path(folder))
        everything = talks(reader)
        for capture in captures(pack):
            for one in compare_said(reader, everything, capture, capture.name):
                both[one.table] += one.cells.total()
                wrong[one.table] += sum("." in cell.field for cell in one.differences)
                alone[one.table] += sum("." not in cell.field for cell in one.differences)
    body = [
        [name, str(both[name]), str(both[name] - wrong[name]), str(wrong[name]), str(alone[name])]
        for name in both
    ]
    return aligned(("table", "cells", "equal", "cells listed", "messages listed"), body)


if __name__ == "__main__":
    sys.exit(main())
