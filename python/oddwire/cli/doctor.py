"""`oddwire doctor`: what works here and what is missing."""

import json
import sys
from dataclasses import asdict

import click

from oddwire.cli.options import json_option
from oddwire.engine.health import checks

__all__ = ["doctor"]


@click.command(name="doctor")
@json_option
def doctor(*, as_json: bool) -> None:
    """Check what Oddwire needs and may use on this machine.

    \b
    Example:
      oddwire doctor
    """
    found = checks()
    if as_json:
        click.echo(json.dumps([asdict(check) for check in found], indent=2))
    else:
        for check in found:
            mark = "ok" if check.there else ("MISSING" if check.needed else "absent")
            click.echo(f"{mark:8}{check.name:12}{check.says}")
            if check.to_do and not check.there:
                click.echo(f"{'':20}{check.to_do}")
    if any(check.needed and not check.there for check in found):
        sys.exit(4)
