"""`oddwire detectors`: what is looked for, and with which thresholds."""

import json
import textwrap

import click

from oddwire.cli.options import json_option
from oddwire.cli.places import severity_mark
from oddwire.cli.printing import print_pairs
from oddwire.engine import catalogue
from oddwire.engine.settings import default_toml
from oddwire.errors import UsageError

__all__ = ["detectors"]

WIDTH = 80


@click.command(name="detectors")
@click.argument("name", required=False)
@click.option(
    "--toml", "as_toml", is_flag=True, help="The whole default configuration, to start a file from."
)
@json_option
def detectors(name: str | None, *, as_toml: bool, as_json: bool) -> None:
    """Show the detectors, or the page of one: what it sees, when it is wrong, its thresholds.

    \b
    Examples:
      oddwire detectors
      oddwire detectors port_scan
      oddwire detectors --toml
    """
    if as_toml and (name or as_json):
        raise UsageError("--toml is the whole configuration", hint="leave out the name and --json")
    if as_toml:
        click.echo(default_toml(), nl=False)
    elif as_json:
        entries = [one.to_dict() for one in catalogue.entries(name)]
        click.echo(json.dumps(entries[0] if name else entries, indent=2))
    elif name:
        _show_page(catalogue.entries(name)[0])
    else:
        _show_list(catalogue.entries())


def _show_list(entries: list[catalogue.Entry]) -> None:
    for one in entries:
        attack = f"  {', '.join(one.attack)}" if one.attack else ""
        click.echo(f"{click.style(one.name, bold=True)}  {severity_mark(one.severity)}{attack}")
        click.echo(textwrap.fill(one.first_sentence, WIDTH, initial_indent="  ", subsequent_indent="  "))


def _show_page(one: catalogue.Entry) -> None:
    click.secho(one.name, bold=True)
    kinds = ", ".join(one.kinds)
    click.echo(
        f"Raises {kinds}, by default {severity_mark(one.severity)}; judges each {one.cadence} by {one.scope}."
    )
    if one.attack:
        click.echo(f"ATT&CK: {', '.join(one.attack)}")
    for heading, text in (
        ("What it sees", one.sees),
        ("Why it matters", one.matters),
        ("When it is wrong", one.wrong_when),
        ("Example", one.example),
    ):
        click.echo()
        click.secho(heading, bold=True)
        click.echo(textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  "))
    if one.parameters:
        click.echo()
        click.secho(f"Thresholds ([detectors.{one.name}] of the configuration)", bold=True)
        print_pairs([(f"{name} = {value}", meaning) for name, value, meaning in one.thresholds()], indent=2)
