"""`oddwire drift`: whether the network is still what a model was trained on."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from oddwire.cli.options import described_capture, json_option, judged_options, quiet_option
from oddwire.cli.progress import progress
from oddwire.engine.drifting import Drifts, model_drift
from oddwire.engine.settings import find_settings
from oddwire.learning.drift import Drift
from oddwire.learning.host_drift import HostDrift
from oddwire.learning.verdicts import Moved, Verdict
from oddwire.records.units import count_text, one_line, time_text

__all__ = ["drift_command"]

MODEL = Path("models/network_model")
SHOWN = 8
FAILING = click.Choice([Verdict.DRIFTING.value, Verdict.CHANGED.value])
COLOURS = {Verdict.STEADY: "green", Verdict.DRIFTING: "yellow", Verdict.CHANGED: "red"}


@click.command(name="drift")
@judged_options
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    default=MODEL,
    show_default=True,
    help="The model that was trained on earlier traffic.",
)
@click.option("--fail-on", type=FAILING, help="Exit with 1 when the verdict is this or graver.")
@click.option("--local-net", "local_nets", metavar="CIDR", multiple=True, help="A network that is our own.")
@click.option("--config", type=click.Path(), help="Settings, as for analyze.")
@quiet_option
@json_option
def drift_command(**given: Any) -> int:  # noqa: ANN401  # click's options
    """Say whether the network is still what a model was trained on: steady, drifting or changed.

    Whole days are compared with training days of their kind, feature by feature. Of less than a day, or with
    fewer than five days of training, it is too little to say.

    \b
    Examples:
      oddwire drift --model models/network_model this-week/
      oddwire drift this-week/ --fail-on changed --json
    """
    settings = find_settings(given.pop("config"))
    local_nets = given["local_nets"] or settings.local_nets
    capture = described_capture(given)
    with progress(quiet=given["quiet"]) as report:
        found = model_drift(given["model"], capture, local_nets, report)
    if given["as_json"]:
        click.echo(json.dumps(found.to_dict(), indent=2))
    else:
        show_drifts(found)
    sys.stdout.flush()
    return click.get_current_context().exit(1) if found.fails(given["fail_on"]) else 0


def show_drifts(found: Drifts) -> None:
    """Print what was found for a person."""
    verdict = found.verdict
    click.secho(_said(verdict), bold=True, fg=COLOURS.get(verdict))
    for name, one in found.members.items():
        click.echo()
        click.echo(f"{name}: {_amounts(one)}")
        _lines([_moved(moved) for moved in one.moved])
        _lines([_host(host) for host in one.hosts])
        if one.new_hosts:
            click.echo(one_line(f"  hosts that training did not have: {', '.join(one.new_hosts)}"))
    if verdict.rank > Verdict.STEADY.rank:
        click.echo()
        click.echo("Next: look at what moved; if it is wanted, `oddwire train --update` learns it.")


def _said(verdict: Verdict) -> str:
    if verdict is Verdict.UNKNOWN:
        return "There is too little to say whether the network has changed."
    return f"The network is {verdict}."


def _amounts(one: Drift) -> str:
    if one.verdict is Verdict.UNKNOWN:
        return f"{one.verdict}; {one.why}"
    days = count_text(one.days, "whole day")
    return f"{one.verdict} ({days} compared with {one.trained_days} of training)"


def _lines(lines: list[str]) -> None:
    for line in lines[:SHOWN]:
        click.echo(one_line(f"  {line}"))
    if len(lines) > SHOWN:
        click.echo(f"  and {len(lines) - SHOWN} more; all with --json")


def _moved(one: Moved) -> str:
    what = f"{one.feature}, {one.measure}" if one.feature else one.measure
    parts = [f"{one.verdict}: {what} {one.effect:+.3f}"]
    if one.before is not None and one.now is not None:
        parts.append(f"median {one.before[1]:.4g}, now {one.now[1]:.4g}")
    if one.since_ns is not None:
        parts.append(f"since {time_text(one.since_ns)[:10]}")
    if one.hosts or one.values:
        parts.append("most at " + ", ".join(one.hosts) if one.hosts else "new: " + ", ".join(one.values))
    return "; ".join(parts)


def _host(one: HostDrift) -> str:
    since = time_text(one.since_ns)[:10]
    if one.what == "gone":
        return f"{one.host} is gone since {since}"
    return f"{one.host}: {one.what} {one.effect:+.2f} since {since}"
