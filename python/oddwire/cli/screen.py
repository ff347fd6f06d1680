"""Tables for the eye: few columns, aligned, within the width of the terminal; plain text when piped."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from oddwire.engine import tables
from oddwire.records.units import count_text, time_text

__all__ = ["print_table", "safe", "show_rows"]

# What fits a screen of 80 to 160 columns, when no columns are named.
SHOWN = {
    "packets": "number,time,src_ip,src_port,dst_ip,dst_port,transport,app,length",
    "flows": "start,src_ip,src_port,dst_ip,dst_port,transport,service,state,packets,bytes",
    "slices": "window,a_ip,a_port,b_ip,b_port,transport,packets_ab,packets_ba,bytes_ab,bytes_ba",
    "profiles": "window,src_ip,packets,bytes_out,bytes_in,unique_dst_ips,unique_dst_ports,begun",
    "pairs": "src_ip,dst_ip,dst_port,service,contacts,unanswered,bytes_out,bytes_in,interval_median",
}
NUMBERS = ("uint", "int", "float", "decimal")
GAP = 2


def show_rows(job: tables.Job, most: int) -> Mapping[str, Any]:
    """Print the first rows; return what the run saw as far as it went."""
    rows = tables.rows_of(job.with_defaults(columns=SHOWN[job.table].split(","), limit=most + 1))
    kept = [row for batch in rows.batches for row in batch]
    cells = [
        [_text(value, kind) for value, (_, kind) in zip(row, rows.columns, strict=True)]
        for row in kept[:most]
    ]
    headings = [name for name, _ in rows.columns]
    right = [kind.startswith(NUMBERS) for _, kind in rows.columns]
    print_table(headings, cells, right)
    if len(kept) > most:
        more = f"The first {count_text(most, 'row')}; more with --limit N, all with -o FILE."
        click.echo(more, err=True)
    return rows.stats


def print_table(headings: Sequence[str], cells: Sequence[Sequence[str]], right: Sequence[bool]) -> None:
    """Print aligned columns; those beyond the width of the terminal are left out, and named."""
    widths = [max(map(len, column)) for column in zip(headings, *cells, strict=True)]
    fits = _fitting(widths) if sys.stdout.isatty() else len(widths)

    def line(row: Sequence[str]) -> str:
        parts = (
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(row[:fits], widths[:fits], right[:fits], strict=True)
        )
        return (" " * GAP).join(parts).rstrip()

    click.secho(line(headings), bold=True)
    for row in cells:
        click.echo(line(row))
    if fits < len(widths):
        click.echo(f"Left out for lack of width: {', '.join(headings[fits:])}", err=True)


def _fitting(widths: Sequence[int]) -> int:
    room = shutil.get_terminal_size().columns
    used = 0
    for place, width in enumerate(widths):
        used += width + (GAP if place else 0)
        if used > room:
            return max(place, 1)
    return len(widths)


def _text(value: object, kind: str) -> str:
    if value is None:
        return "-"
    if kind.startswith("timestamp") and isinstance(value, int):
        return time_text(value)
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: PLR2004  # three digits
    return safe(str(value))


def safe(text: str) -> str:
    """Return text without what a terminal would act on: a capture's strings are not trusted."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
