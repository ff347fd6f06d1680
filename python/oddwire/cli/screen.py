"""Tables for the eye: few columns, aligned, within the width of the terminal; plain text when piped."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from oddwire.engine import tables
from oddwire.records.units import duration_text, one_line, time_text

__all__ = ["expendable", "print_table", "show_rows", "shown"]

# What fits a screen of 80 to 160 columns, when no columns are named.
SHOWN = {
    "packets": "number,time,src_ip,src_port,dst_ip,dst_port,transport,app,length",
    "flows": "start,src_ip,src_port,dst_ip,dst_port,transport,service,state,packets,bytes",
    "slices": "window,a_ip,a_port,b_ip,b_port,transport,packets_ab,packets_ba,bytes_ab,bytes_ba",
    "profiles": "window,src_ip,packets,bytes_out,bytes_in,unique_dst_ips,unique_dst_ports,begun",
    "pairs": "src_ip,dst_ip,dst_port,service,contacts,unanswered,bytes_out,bytes_in,interval_median",
    "domains": "domain,queries,clients,names,missing_ratio,connections,servers,bytes_out,bytes_in",
    "arp": "time,src_ip,dst_ip,operation,sender_mac,target_mac,gratuitous,mac_mismatch",
    "hosts": "ip,mac,name,told_by,other_names,vendor,leased",
}
# What a narrow terminal does without first.
EXPENDABLE = {
    "packets": ("src_port", "transport", "number", "app"),
    "flows": ("transport", "src_port", "start"),
    "slices": ("transport", "bytes_ab", "bytes_ba", "a_port", "b_port"),
    "profiles": ("begun", "bytes_in", "packets"),
    "pairs": ("bytes_in", "bytes_out", "unanswered"),
    "domains": ("servers", "names", "bytes_in", "bytes_out"),
    "arp": ("mac_mismatch", "gratuitous", "target_mac"),
    "hosts": ("vendor", "other_names", "told_by"),
}
NUMBERS = ("uint", "int", "float", "decimal")
GAP = 2
LONGEST = 60


def show_rows(job: tables.Job, most: int) -> tuple[Mapping[str, Any], bool]:
    """Print the first rows; return what the run saw as far as it went, and whether there are more rows."""
    rows = tables.rows_of(job.with_defaults(columns=shown(job.table), limit=most + 1))
    kept = [row for batch in rows.batches for row in batch]
    units = {column["name"]: column["unit"] for column in tables.columns_of(job.table)}
    cells = [
        [_text(value, kind, units[name]) for value, (name, kind) in zip(row, rows.columns, strict=True)]
        for row in kept[:most]
    ]
    headings = [name for name, _ in rows.columns]
    right = [kind.startswith(NUMBERS) for _, kind in rows.columns]
    print_table(headings, cells, right, expendable=() if job.shape.columns else expendable(job.table))
    return rows.stats, len(kept) > most


def shown(table: str) -> Sequence[str]:
    """Return the columns of a table that fit a screen."""
    if table in tables.PROTOCOLS:
        return ["time", "src_ip", "dst_ip", *tables.PROTOCOLS[table].brief]
    return SHOWN[table].split(",")


def expendable(table: str) -> Sequence[str]:
    """Return the columns that a narrow terminal does without first."""
    if table in tables.PROTOCOLS:
        return ["time", *reversed(tables.PROTOCOLS[table].brief[2:])]
    return EXPENDABLE[table]


def print_table(
    headings: Sequence[str],
    cells: Sequence[Sequence[str]],
    right: Sequence[bool],
    *,
    expendable: Sequence[str] = (),
) -> None:
    """Print aligned columns; what the terminal is too narrow for is left out, and named.

    The expendable columns go first, in their order, then those on the right.
    """
    widths = [max(map(len, column)) for column in zip(headings, *cells, strict=True)]
    kept = list(range(len(headings)))
    if sys.stdout.isatty():
        kept = _fitting(widths, [headings.index(name) for name in expendable if name in headings])

    def line(row: Sequence[str]) -> str:
        parts = (row[at].rjust(widths[at]) if right[at] else row[at].ljust(widths[at]) for at in kept)
        return (" " * GAP).join(parts).rstrip()

    click.secho(line(headings), bold=True)
    for row in cells:
        click.echo(line(row))
    if len(kept) < len(headings):
        left_out = [name for at, name in enumerate(headings) if at not in kept]
        click.echo(f"Left out for lack of width: {', '.join(left_out)}", err=True)


def _fitting(widths: Sequence[int], expendable: Sequence[int]) -> list[int]:
    """Return the places of the columns that fit side by side; at least one."""
    room = shutil.get_terminal_size().columns
    kept = list(range(len(widths)))
    for place in [*expendable, *(place for place in reversed(kept) if place not in expendable)]:
        if len(kept) == 1 or sum(widths[at] + GAP for at in kept) - GAP <= room:
            break
        kept.remove(place)
    return kept


def _clipped(text: str) -> str:
    """Return a text that leaves room for its neighbours; files hold the whole of it."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


def _text(value: object, kind: str, unit: str) -> str:
    """Return a cell: times in UTC, durations in words, amounts with separators, text without control."""
    if value is None:
        return "-"
    if kind.startswith("timestamp") and isinstance(value, int):
        return time_text(value).removesuffix(".000000")
    if isinstance(value, (int, float)) and unit == "ns":
        return duration_text(round(value))
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: PLR2004  # three digits
    if isinstance(value, int) and unit:
        return f"{value:,}"
    return _clipped(one_line(str(value)))
