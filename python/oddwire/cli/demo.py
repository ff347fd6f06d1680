"""`oddwire demo`: a capture of our own making, and what Oddwire finds in it."""

from pathlib import Path

import click

from oddwire.cli.found import show_analysis
from oddwire.engine.analysis import analyze
from oddwire.engine.catalogue import pages
from oddwire.engine.inspection import inspect, summary_quality
from oddwire.engine.remarks import quality_remarks
from oddwire.sources.files import read

__all__ = ["demo"]


@click.command(name="demo")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("oddwire-demo"),
    show_default=True,
    help="Folder for what is made.",
)
def demo(out: Path) -> None:
    """Make a capture of an office with an uninvited guest, and find what the guest does.

    Written are the capture, its flows, the findings, the report of the findings and the summary page.

    \b
    Example:
      oddwire demo --out demo
    """
    from oddwire.sinks.findings import write_findings
    from oddwire.sinks.report_page import write_report
    from oddwire.sinks.summary_page import write_page
    from oddwire.testing.capture import write_pcap
    from oddwire.testing.demo_guest import visited_packets

    out.mkdir(parents=True, exist_ok=True)
    capture, findings, report = out / "demo.pcap", out / "findings.jsonl", out / "report.html"
    summary, flows = out / "summary.html", out / "flows.csv"
    write_pcap(capture, visited_packets())
    files = read(capture)
    found = analyze(files)
    write_findings(found.findings, findings)
    write_report(
        report,
        found.findings,
        found.seen,
        found.suppressed,
        pages=pages(),
        quality=quality_remarks(found),
        provenance=found.provenance,
    )
    files.write("flows", flows)
    seen = inspect(files, top=10, describe=False)
    write_page(summary, seen.to_dict(), summary_quality(seen))
    written = [str(path) for path in (capture, findings, report, summary, flows)]
    show_analysis(found, written, where=f" --findings {findings}")
