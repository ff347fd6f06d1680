"""`oddwire calibrate`: what a model promises, and what further ordinary traffic says of it."""

import json
from pathlib import Path
from typing import Any

import click

from oddwire.cli.learned import MODEL
from oddwire.cli.options import described_capture, json_option, judged_options, quiet_option
from oddwire.cli.progress import progress
from oddwire.cli.screen import print_table
from oddwire.engine.calibrating import Check, calibrate
from oddwire.engine.settings import find_settings
from oddwire.learning.budgets import parse_budget

__all__ = ["calibrate_command"]

HEADS = ("budget a day", "promised", "95 % between", "measured", "95 % between", "kept")


@click.command(name="calibrate")
@judged_options
@click.option(
    "--model", type=click.Path(path_type=Path), default=MODEL, show_default=True, help="The trained model."
)
@click.option(
    "--budget",
    "budgets",
    metavar="N/day|hour",
    multiple=True,
    default=("1/day", "5/day", "50/day"),
    show_default=True,
    help="Budgets to look at.",
)
@click.option("--write", is_flag=True, help="Take this traffic as the model's calibration from now on.")
@click.option("--local-net", "local_nets", metavar="CIDR", multiple=True, help="A network that is our own.")
@click.option("--config", type=click.Path(), help="Settings, as for analyze.")
@quiet_option
@json_option
def calibrate_command(**given: Any) -> None:  # noqa: ANN401  # click's options
    """Hold the budgets that a model promises against traffic known to be ordinary.

    Every alarm in it is a false one. A budget is kept when so many alarms are what could be expected, chance
    in calibration and in this traffic included.

    \b
    Examples:
      oddwire calibrate ordinary-week/ --model models/network_model
      oddwire calibrate ordinary-week/ --budget 1/day --budget 10/day --json
      oddwire calibrate ordinary-month/ --write
    """
    settings = find_settings(given.pop("config"))
    nets = given["local_nets"] or settings.local_nets
    budgets = [parse_budget(one) for one in given["budgets"]]
    capture = described_capture(given)
    with progress(quiet=given["quiet"]) as report:
        checks = calibrate(capture, given["model"], budgets, nets, report, write=given["write"])
    if given["as_json"]:
        click.echo(json.dumps([one.to_dict() for one in checks], indent=2))
        return
    print_table(HEADS, [_cells(one) for one in checks], [True] * 5 + [False])
    for one in checks:
        if one.refused:
            click.echo(f"{one.budget:g} a day: {one.refused}")
    if given["write"]:
        click.echo(f"Written: {given['model']} is calibrated on this traffic now.")


def _cells(one: Check) -> list[str]:
    if one.promise is None or one.measured is None:
        return [f"{one.budget:g}", "none", "", "", "", "refused"]
    return [
        f"{one.budget:g}",
        f"{one.promise.expected:.2f}",
        _between(one.promise.interval95),
        f"{one.measured.per_day:.2f}",
        _between(one.measured.interval95),
        "yes" if one.kept else "NO",
    ]


def _between(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.2f} and {interval[1]:.2f}"
