"""Our tables of what was said, as plain rows: the one place where the protocol suites ask the package."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import oddwire

SaidRow = dict[str, Any]


def said_rows(capture: Path, table: str, columns: Sequence[str]) -> list[SaidRow]:
    """Return the rows of a table of a capture; none when it is no capture to us."""
    try:
        return oddwire.read(capture).table(table, columns=columns).to_dicts()
    except oddwire.CaptureError:
        return []
