"""`oddwire carve`: the packets of a finding, and no others."""

import json
import sys
from pathlib import Path

import click

from oddwire.cli.options import json_option, quiet_option
from oddwire.cli.places import findings_option, store_of, store_option
from oddwire.engine import evidence
from oddwire.records.units import count_text, one_line

__all__ = ["carve"]


@click.command(name="carve")
@click.argument("finding", metavar="ID")
@click.option(
    "--write",
    "-w",
    "out",
    metavar="OUT",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Capture to write; .pcap or .pcapng by its ending.",
)
@click.option("--others", is_flag=True, help="All packets but those of the finding.")
@click.option(
    "--input",
    "inputs",
    metavar="FILE",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Where the capture is now, if it was moved; for each of several.",
)
@findings_option
@store_option
@quiet_option
@json_option
def carve(
    finding: str,
    *,
    out: Path,
    others: bool,
    inputs: tuple[Path, ...],
    findings: Path | None,
    store: Path | None,
    quiet: bool,
    as_json: bool,
) -> None:
    """Copy exactly the packets of a finding to a capture of their own.

    The captures must be those that were analysed: their content is compared.

    \b
    Examples:
      oddwire carve 8f3c -w scan.pcap
      oddwire carve 8f3c -w rest.pcapng --others --input moved/capture.pcap
    """
    located = evidence.locate(finding, store=store_of(store), findings=findings)
    done = evidence.carve(located, out, named=inputs, others=others)
    if as_json:
        told = {"finding": located.finding.id, "file": str(out), "packets": done.written}
        click.echo(json.dumps({**told, "counted": done.counted}, indent=2))
    elif not quiet:
        which = "all but those of" if others else "those of"
        print(f"{one_line(str(out))}: {count_text(done.written, 'packet')}, {which} {located.finding.id}")
    if not quiet and done.counted is not None and done.counted != done.written:
        counted = count_text(done.counted, "packet")
        why = "it was made with options that are not known here (--since, --until, --bpf, --dedupe)"
        print(f"{one_line(str(out))}: the finding counts {counted}; {why}", file=sys.stderr)
