"""`oddwire train`: learn what is normal, and promise how many false alarms it will cost."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeAlias

import click
from click.core import ParameterSource

from oddwire.cli.learned import MODEL
from oddwire.cli.options import described_capture, json_option, judged_options, quiet_option
from oddwire.cli.progress import progress
from oddwire.engine.learning_run import Recipe
from oddwire.engine.models import DEFAULT_TYPE
from oddwire.engine.settings import Settings, find_settings
from oddwire.engine.training import Outcome, train
from oddwire.errors import UsageError
from oddwire.records.units import count_text, one_line
from oddwire.sources.files import Capture

__all__ = ["train_command"]

UNITS = "hosts-minute,hosts-hour,pairs-hour"
# What an update takes from the model, and does not change.
OWN = ("model_type", "units", "trees", "seed", "contamination")

Report: TypeAlias = Callable[[int, int, int | None], object] | None


@click.command(name="train")
@judged_options
@click.option(
    "--model-type",
    metavar="TYPE",
    default=DEFAULT_TYPE,
    show_default=True,
    help="ensemble, isolation-forest, histogram, ecod or boxplot.",
)
@click.option(
    "--model", type=click.Path(path_type=Path), default=MODEL, show_default=True, help="Where to write it."
)
@click.option(
    "--units", metavar="A,B,...", default=UNITS, show_default=True, help="What is judged; also flows-each."
)
@click.option(
    "--trees", type=click.IntRange(1, 10_000), default=100, show_default=True, help="Trees of a forest."
)
@click.option(
    "--contamination",
    type=click.FloatRange(0, 0.5, min_open=True),
    default=0.01,
    show_default=True,
    help="Share of rows that `detect` names where no budget can be kept.",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**31), default=42, show_default=True, help="Where chance begins."
)
@click.option(
    "--jobs", type=click.IntRange(-1, 64), default=1, show_default=True, help="Threads; -1 for all cores."
)
@click.option("--update", "is_update", is_flag=True, help="Learn more of normal into a model that is there.")
@click.option("--local-net", "local_nets", metavar="CIDR", multiple=True, help="A network that is our own.")
@click.option("--config", type=click.Path(), help="Settings, as for analyze.")
@quiet_option
@json_option
def train_command(**given: Any) -> None:  # noqa: ANN401  # click's options
    """Learn what is normal from captures of ordinary traffic; the last third of it calibrates.

    Two weeks are good, one day is the least that helps. What is in the captures counts as normal: leave out
    days of known incidents. `--update` learns later traffic too, never what was flagged in it, and
    keeps the type, units and seed of the model.

    \b
    Examples:
      oddwire train normal-weeks/
      oddwire train monday.pcap tuesday.pcap --model-type isolation-forest --model office.oddwire
      oddwire train --update this-week/ --model models/network_model
    """
    if given["jobs"] == 0:
        raise UsageError("nothing trains with no thread", hint="use --jobs 1, or -1 for all cores")
    settings = find_settings(given.pop("config"))
    nets = given["local_nets"] or settings.local_nets
    capture = described_capture(given)
    run = _updated if given["is_update"] else _trained
    with progress(quiet=given["quiet"]) as report:
        made = run(capture, given, replace(settings, local_nets=nets), report)
    if given["as_json"]:
        click.echo(
            json.dumps({"model": str(made.path), **made.trained.facts, "remarks": made.remarks}, indent=2)
        )
    else:
        _show(made)
    if not given["quiet"]:
        for line in made.remarks:
            print(one_line(line), file=sys.stderr)


def _trained(capture: Capture, given: dict[str, Any], settings: Settings, report: Report) -> Outcome:
    recipe = Recipe(
        type=given["model_type"],
        members=_units(given["units"]),
        trees=given["trees"],
        seed=given["seed"],
        jobs=given["jobs"],
        contamination=given["contamination"],
    )
    return train(capture, recipe, given["model"], settings, report)


def _updated(capture: Capture, given: dict[str, Any], settings: Settings, report: Report) -> Outcome:
    """Update a model; of how it is made only what was really said is held against it."""
    from oddwire.engine.updating import Wish, update

    source = click.get_current_context().get_parameter_source
    said = {name: None if source(name) is ParameterSource.DEFAULT else given[name] for name in OWN}
    wish = Wish(
        type=said["model_type"],
        members=None if said["units"] is None else _units(said["units"]),
        trees=said["trees"],
        seed=said["seed"],
        jobs=given["jobs"],
        contamination=said["contamination"],
    )
    return update(capture, wish, given["model"], settings, report)


def _units(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _show(made: Outcome) -> None:
    trained = made.trained
    told = trained.facts["training"]
    click.secho(f"Learned what is normal: {trained.type}, written to {made.path}", bold=True)
    click.echo(f"From {count_text(told['packets'], 'packet')}, {told['from']} to {told['until']}")
    for one in trained.facts.get("updates", ()):
        new = one["training"]
        click.echo(
            f"and {count_text(new['packets'], 'packet')}, {new['from']} to {new['until']}: "
            f"{count_text(one['rows'], 'row')} learned, {sum(one['left_out'].values())} left out"
        )
    for part in trained.parts:
        click.echo(f"  {part.member.name:13} {count_text(part.rows, 'row')}, {len(part.names)} features")
    calibration = trained.facts["calibration"]
    if calibration and "promise" in calibration:
        promise = calibration["promise"]
        low, high = promise["interval95_per_day"]
        click.echo(
            f"Promise: at most {promise['budget_per_day']:.3g} false alarms a day (calibrated on "
            f"{calibration['days']:.1f} days: {promise['expected_per_day']:.2f} a day, 95 % between "
            f"{low:.2f} and {high:.2f}); the strictest budget that it can keep is "
            f"{calibration['strictest_budget_per_day']:.2g} a day"
        )
    click.echo(f"Next: oddwire detect new.pcap --model {made.path}")
