"""An incident for a person: what happened in one sentence, and its steps in the order of time."""

import textwrap

import click

from oddwire.cli.places import severity_mark
from oddwire.records.incident import Incident
from oddwire.records.kinds import Severity
from oddwire.records.units import count_text, duration_text, one_line, time_text

__all__ = ["show_incident"]

WIDTH = 80
# The longest word of severity.
WORDS = 8
SHORT_ID = 8


def show_incident(one: Incident, more: str) -> None:
    """Print the story; `more` is what `explain` needs to know besides an id."""
    click.echo(f"{severity_mark(one.severity.word)}  incident {one.id}, {_amounts(one)}")
    click.secho(textwrap.fill(one_line(one.title), WIDTH), bold=True)
    start, end = (time_text(time)[:19] for time in (one.start_ns, one.end_ns))
    click.echo(f"{start} to {end} UTC ({duration_text(one.end_ns - one.start_ns)})")
    click.echo()
    click.secho("What happened, in its order", bold=True)
    for step in one.findings:
        word = step.severity.word
        lines = textwrap.wrap(one_line(step.title), WIDTH - WORDS - 3) or [""]
        click.echo(f"{severity_mark(word)}{' ' * (WORDS - len(word))} {lines[0]}")
        for line in lines[1:]:
            click.echo(f"{' ' * (WORDS + 3)}{line}")
        told = f"{step.kind}, from {time_text(step.start_ns)[11:19]}  {step.id[:SHORT_ID]}"
        click.echo(" " * (WORDS + 3) + click.style(told, dim=True))
    alarms = [step for step in one.findings if step.severity > Severity.LOW] or list(one.findings)
    click.echo()
    click.echo(f"Next: oddwire explain {alarms[0].id[:SHORT_ID]}{more}")


def _amounts(one: Incident) -> str:
    return f"{count_text(len(one.findings), 'finding')} of {count_text(len(one.hosts), 'host')}"
