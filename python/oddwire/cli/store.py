"""`oddwire store`: the folder where findings are kept."""

import json
import sys
from pathlib import Path

import click

from oddwire.cli.options import json_option
from oddwire.cli.places import store_of, store_option
from oddwire.records.units import count_text, one_line
from oddwire.store.workspace import Workspace

__all__ = ["store"]


@click.group(name="store")
def store() -> None:
    """Show the folder where findings are kept: what is in it, and whether it is whole.

    \b
    Examples:
      oddwire store info
      oddwire store check
    """


@store.command(name="info")
@store_option
@json_option
def info(*, store: Path | None, as_json: bool) -> None:
    """Show where findings are kept, and how many.

    \b
    Example:
      oddwire store info
    """
    workspace = Workspace.open(store_of(store), write=False)
    runs, rules = workspace.runs(), workspace.suppressions()
    findings = sum(run.findings for run in runs)
    if as_json:
        told = {"folder": str(workspace.folder), "runs": len(runs), "findings": findings}
        click.echo(json.dumps({**told, "suppressions": len(rules)}, indent=2))
        return
    click.echo(one_line(str(workspace.folder)))
    if not runs and not rules:
        click.echo("Nothing is kept here yet; `oddwire analyze FILE` keeps what it finds.")
        return
    counts = [
        count_text(len(runs), "run"),
        count_text(findings, "finding"),
        count_text(len(rules), "suppression"),
    ]
    click.echo(", ".join(counts))
    for run in runs[-5:]:
        names = ", ".join(one.name for one in run.inputs[:3]) + (", ..." if len(run.inputs) > 3 else "")  # noqa: PLR2004  # a few
        click.echo(one_line(f"  {run.id}  {count_text(run.findings, 'finding')} in {names}"))


@store.command(name="check")
@store_option
@json_option
def check(*, store: Path | None, as_json: bool) -> None:
    """Read everything that is kept and compare it with its hashes; exit code 3 when something is wrong.

    \b
    Example:
      oddwire store check
    """
    folder = store_of(store)
    problems = Workspace.open(folder, write=False).check()
    if as_json:
        click.echo(json.dumps({"folder": str(folder), "problems": problems}, indent=2))
    else:
        for line in problems or ["Everything is whole."]:
            click.echo(one_line(line))
    if problems:
        sys.exit(3)
