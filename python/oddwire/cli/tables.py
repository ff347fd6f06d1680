"""`oddwire packets|flows|slices|profiles|pairs`: tables on the screen and in files."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from oddwire.cli.options import capture_options, described_capture, json_option, quiet_option
from oddwire.cli.progress import progress
from oddwire.cli.screen import show_rows
from oddwire.engine import tables
from oddwire.engine.inspection import quality_lines
from oddwire.engine.shape import shape_of
from oddwire.errors import UsageError
from oddwire.records.units import count_text, one_line

__all__ = ["arp", "domains", "flows", "hosts", "packets", "pairs", "profiles", "protocol_command", "slices"]

SCREEN_ROWS = 20
EXAMPLES = {
    "packets": ("dst_port == 53 and length > 200", "time,src_ip,dst_ip,length,minute"),
    "flows": ("dst_port == 443 and bytes_out > 1MiB", "src_ip,dst_ip,dst_port,bytes_out"),
    "slices": ("packets_ab > 100", "window,a_ip,b_ip,bytes_ab"),
    "profiles": ("unique_dst_ips > 50", "src_ip,unique_dst_ips,unanswered_ratio"),
    "pairs": ("contacts > 10", "src_ip,dst_ip,service,interval_median"),
    "domains": ("clients == 1 and names > 50", "domain,queries,names,missing_ratio"),
    "arp": ("gratuitous", "time,src_ip,sender_mac"),
    "hosts": ("mac_changed", "ip,mac,name,other_names"),
}


def _example(table: str) -> tuple[str, str]:
    if table in EXAMPLES:
        return EXAMPLES[table]
    return 'src_ip == "10.0.0.5"', ",".join(["time", "src_ip", *tables.PROTOCOLS[table].brief[:2]])


def _help(table: str, what: str) -> str:
    expression, columns = _example(table)
    return f"""{what}

    Without -o and --format the first rows are shown on the screen.
    See `oddwire columns {table}` for all columns.

    \b
    Examples:
      oddwire {table} capture.pcap
      oddwire {table} capture.pcap --filter '{expression}'
      oddwire {table} a.pcap b.pcap.gz --format csv --columns {columns}
      oddwire {table} captures/ -o {table}.parquet
    """


def _command(table: str, what: str) -> click.Command:
    @click.command(name=table, help=_help(table, what))
    @capture_options
    @click.option(
        "--format", "file_format", metavar="FORMAT", help="table, " + ", ".join(tables.formats()) + "."
    )
    @click.option(
        "--output", "-o", type=click.Path(path_type=Path), help="File to write; its ending names the format."
    )
    @click.option("--columns", metavar="A,B,...", help="Columns in this order; `all` for every one.")
    @click.option(
        "--filter", "expression", metavar="EXPR", help="Rows to keep, by their columns (docs/filter.md)."
    )
    @click.option("--limit", type=click.IntRange(0), help="At most so many rows.")
    @click.option("--no-formula-guard", is_flag=True, help="CSV: no apostrophe before text like =1+1.")
    @click.option(
        "--stats", type=click.Path(path_type=Path), help="Write what the run saw to this file, as JSON."
    )
    @quiet_option
    @json_option
    def command(**given: Any) -> None:  # noqa: ANN401  # click's options
        _run(table, given)

    return command


def _run(table: str, given: dict[str, Any]) -> None:
    capture = described_capture(given)
    shape, bpf = shape_of(table, given["columns"], given["expression"], given["limit"])
    job = tables.Job(
        table=table,
        capture=capture.with_bpf(bpf) if bpf else capture,
        shape=shape,
        formula_safe=not given["no_formula_guard"],
    )
    output, file_format = given["output"], _format(given)
    if file_format == "table":
        most = SCREEN_ROWS if given["limit"] is None else given["limit"]
        stats, more = show_rows(job, most)
        if more and given["limit"] is None and not given["quiet"]:
            click.echo(f"The first {most} rows; more with --limit N, all with -o FILE.", err=True)
    else:
        with progress(quiet=given["quiet"]) as report:
            stats = tables.write(job, output, file_format, progress=report)
    if given["stats"]:
        given["stats"].write_text(json.dumps(_for_file(stats), indent=2) + "\n", encoding="utf-8")
    if not given["quiet"]:
        _remark(table, stats, output)


def _for_file(stats: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what the run saw, with the name that measuring programs know as well."""
    return {**stats, "most_live_flows": stats.get("most_live")}


def _format(given: Mapping[str, Any]) -> str:
    """Return the format: as said, else by the ending of the file, else a table on the screen."""
    said, output = given["file_format"], given["output"]
    if said is None and output is None:
        return "json" if given["as_json"] else "table"
    file_format = str(said or output.suffix.lstrip(".") or "csv").lower()
    file_format = {"db": "sqlite", "sqlite3": "sqlite"}.get(file_format, file_format)
    if file_format == "table" and output is not None:
        raise UsageError(
            "a table for the screen goes to the screen", hint="leave out -o, or choose --format csv"
        )
    return file_format


def _remark(table: str, stats: Mapping[str, Any], output: Path | None) -> None:
    """Say on stderr what was written and what was not as it should be."""
    lines = quality_lines(stats)
    if not stats.get("packets") and not stats.get("rows"):
        lines.insert(0, "no packets; the table is empty")
    elif output is None and stats.get("rows") == 0:
        lines.insert(0, f"no {table} in {count_text(stats['packets'], 'packet')}")
    if output is not None:
        packets = count_text(stats.get("packets", 0), "packet")
        lines.insert(0, f"{output}: {count_text(stats['rows'], 'row')} of {table} from {packets}")
    for line in lines:
        print(one_line(line), file=sys.stderr)


def protocol_command(name: str) -> click.Command:
    """Return the command of a protocol's table."""
    return _command(name, f"Table of {name}: one row is {tables.PROTOCOLS[name].row}.")


arp = _command("arp", "Table of ARP: one row a packet, who claims and who asks for which address.")
domains = _command("domains", "Table of domains: who asked for them, what was answered, who connected.")
hosts = _command("hosts", "Table of hosts: the hardware address and the names of each, and who told them.")
packets = _command("packets", "Table of packets: one row a frame, whatever it holds.")
flows = _command("flows", "Table of flows: one row a conversation, seen from the end that began it.")
slices = _command("slices", "Table of slices: what each flow did in each window; every column merges.")
profiles = _command("profiles", "Table of profiles: what each source host did in each window.")
pairs = _command("pairs", "Table of pairs: who contacted whom at least three times, and at what intervals.")
