"""`oddwire demo`: a capture of our own making, its summary and its page."""

from pathlib import Path

import click

from oddwire.cli.summary import show
from oddwire.engine.inspection import inspect, summary_quality
from oddwire.sources.files import read
from oddwire.testing.demo import write_demo

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
    """Make a small realistic capture, show its summary, and write its flows and a page.

    \b
    Example:
      oddwire demo --out demo
    """
    from oddwire.sinks.summary_page import write_page

    out.mkdir(parents=True, exist_ok=True)
    capture, page, flows = out / "demo.pcap", out / "summary.html", out / "flows.csv"
    write_demo(capture)
    files = read(capture)
    seen = inspect(files, top=10, describe=False)
    show(seen, {}, top=10)
    files.write("flows", flows)
    write_page(page, seen.to_dict(), summary_quality(seen))
    click.echo()
    click.echo(f"Made: {capture}, {flows}, {page}")
    click.echo(f"Next: oddwire flows {capture} --filter \"service == 'dns'\"")
