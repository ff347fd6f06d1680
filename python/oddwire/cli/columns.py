"""`oddwire columns`: what each column of a table is."""

import json

import click

from oddwire.cli.options import json_option
from oddwire.engine import tables

__all__ = ["columns"]


@click.command(name="columns")
@click.argument("table", type=click.Choice(tables.TABLES))
@json_option
def columns(table: str, *, as_json: bool) -> None:
    """Show the columns of a table: type, unit, meaning, formula.

    \b
    Example:
      oddwire columns flows
    """
    described = tables.columns_of(table)
    if as_json:
        click.echo(json.dumps(described, indent=2))
        return
    width = max(len(column["name"]) for column in described)
    for column in described:
        unit = f", {column['unit']}" if column["unit"] else ""
        request = "" if column["shown"] else " (on request)"
        click.echo(f"{column['name']:{width}}  {column['type']}{unit}{request}")
        click.echo(f"{'':{width}}  {column['meaning']}")
        if column["formula"]:
            click.echo(f"{'':{width}}  = {column['formula']}")
