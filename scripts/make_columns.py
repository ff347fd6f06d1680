"""Writes docs/columns.md from the schema of the tables. Usage: make_columns.py [OUT]."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from oddwire.engine import tables

PAGE = Path(__file__).resolve().parents[1] / "docs" / "columns.md"
HEAD = """# Columns

Every column of every table, from the one description that the program itself uses
(`oddwire columns TABLE` shows the same). Null means unknown, never zero. Times are UTC with nanoseconds.
Columns marked "on request" come with `--columns NAME` or `--columns all`.
Written by `scripts/make_columns.py`; change the description, not this page.
"""
TABLES = {
    "packets": "One row a frame, whatever it holds.",
    "flows": "One row a conversation, seen from the end that began it: out is from it, in is back to it.",
    "slices": "What each flow did in each window, in canonical order: A is the end with the lower address "
    "and port. Every column merges, so slices merge into flows and windows into longer windows.",
    "profiles": "What each source host did in each window, computed from slices.",
    "pairs": "Who contacted whom at least three times, and at what intervals.",
    "domains": "One row a registered domain: who asked for it, what was answered, who connected to it.",
    "hosts": "One row a host whose hardware address or name was told, and by whom.",
    "arp": "One row an ARP packet.",
    **{name: f"One row is {protocol.row}." for name, protocol in tables.PROTOCOLS.items()},
}


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *(_section(table, about) for table, about in TABLES.items())])


def _section(table: str, about: str) -> str:
    lines = [
        f"## {table}",
        "",
        about,
        "",
        "| column | type | unit | meaning | formula |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([*lines, *(_row(column) for column in tables.columns_of(table)), ""])


def _row(column: Mapping[str, Any]) -> str:
    meaning = column["meaning"] if column["shown"] else f"{column['meaning']} On request."
    cells = [f"`{column['name']}`", column["type"], column["unit"], meaning, column["formula"]]
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |".replace("  ", " ")


if __name__ == "__main__":
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    out.write_text(page(), encoding="utf-8")
