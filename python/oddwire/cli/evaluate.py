"""`oddwire evaluate`: findings against ground truth."""

import json
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from oddwire.cli.learned import model_options, with_model
from oddwire.cli.options import json_option, quiet_option
from oddwire.cli.progress import progress
from oddwire.cli.screen import print_table
from oddwire.engine.evaluation import Evaluation, ModelAlarms, Wish, evaluate
from oddwire.engine.settings import find_settings
from oddwire.learning.scoring import Quiet, Verdict
from oddwire.learning.tally import recall
from oddwire.records.kinds import Severity
from oddwire.records.units import count_text, duration_text, one_line

__all__ = ["evaluate_command"]

PATH = click.Path(path_type=Path)
MOST_SHOWN = 8
NS = 1_000_000_000
KINDS = ("kind", "labelled", "found", "right subject", "right kind")
ROWS = ("row", "kind", "found", "subject", "kind right", "after", "capture")


@click.command(name="evaluate")
@click.argument("inputs", metavar="FILE...", nargs=-1, type=PATH)
@click.option("--labels", type=PATH, required=True, help="CSV of what truly happened (docs/evaluation.md).")
@click.option(
    "--manifest", type=PATH, help="CSV with columns path,origin: the file of each labelled capture."
)
@click.option("--findings-dir", type=PATH, help="Score the findings files in this folder; analyse nothing.")
@click.option("--keep-findings", type=PATH, help="Write each capture's findings into this folder.")
@click.option(
    "--severity",
    type=click.Choice([one.word for one in Severity]),
    default="medium",
    show_default=True,
    help="Findings below this are no alarms.",
)
@click.option("--rows", is_flag=True, help="Show every label and every benign capture with an alarm.")
@model_options
@click.option("--config", type=click.Path(), help="Thresholds and rules, as for analyze.")
@quiet_option
@json_option
def evaluate_command(**given: Any) -> None:  # noqa: ANN401  # click's options
    """Judge captures whose truth is known: what was found, what was missed, which alarms were false.

    A FILE is a capture or a folder of them. Only labelled captures are analysed, each on its own.

    \b
    Examples:
      oddwire evaluate captures/ --labels labels.csv
      oddwire evaluate captures/ --labels labels.csv --rows --severity high
      oddwire evaluate --labels labels.csv --manifest MANIFEST.csv --keep-findings found
      oddwire evaluate captures/ --labels labels.csv --model office.oddwire --budget 5/day
      oddwire evaluate --labels labels.csv --findings-dir found --json
    """
    wish = Wish(
        labels=given["labels"],
        inputs=given["inputs"],
        manifest=given["manifest"],
        findings_dir=given["findings_dir"],
        keep_dir=given["keep_findings"],
        severity=Severity.of(given["severity"]),
        settings=with_model(find_settings(given["config"]), given),
    )
    with progress(quiet=given["quiet"]) as report:
        found = evaluate(wish, report)
    if given["as_json"]:
        told = {} if found.model is None else {"model": asdict(found.model)}
        click.echo(json.dumps({**found.tally.to_dict(), **told}, indent=2))
    else:
        _show(found, rows=given["rows"])
    if not given["quiet"]:
        for line in found.remarks:
            print(one_line(line), file=sys.stderr)


def _show(found: Evaluation, *, rows: bool) -> None:
    _verdict(found)
    tally = found.tally
    verdicts = sorted(tally.verdicts, key=lambda one: one.label.row)
    if verdicts:
        click.echo()
        counted = [(kind, recall(tally.of_kind(kind))) for kind in tally.kinds]
        keys = ("rows", "detected", "attributed", "right_kind")
        cells = [[one_line(kind), *(str(one[key]) for key in keys)] for kind, one in counted]
        print_table(KINDS, cells, [False, True, True, True, True])
    if found.model is not None:
        _promised(found.model)
    _missed([one for one in verdicts if not one.right_kind], rows=rows)
    if rows and verdicts:
        click.echo()
        print_table(ROWS, [_row(one) for one in verdicts], [False] * 5 + [True, False])
    alarmed = sorted((one for one in tally.quiet_run if one.alarm_count), key=lambda one: -one.alarm_count)
    _false_alarms(alarmed, rows=rows)
    _next(found, alarmed)


def _verdict(found: Evaluation) -> None:
    """Say in a few sentences how good it was."""
    tally = found.tally
    total = recall(tally.verdicts)
    if total["rows"]:
        click.secho(
            f"{total['detected']} of {count_text(total['rows'], 'labelled attack')} found: the right subject "
            f"in {total['attributed']}, of the right kind in {total['right_kind']}.",
            bold=True,
        )
        if total["run"] < total["rows"]:
            lacking = total["rows"] - total["run"]
            click.echo(f"{count_text(lacking, 'label')} without a capture; they count as missed.")
    if tally.quiet_run:
        rate = "" if tally.alarms_per_hour is None else f", {tally.alarms_per_hour:.2f} an hour"
        alarmed = sum(one.alarm_count > 0 for one in tally.quiet_run)
        click.echo(
            f"{count_text(tally.false_alarms, 'false alarm')} in {tally.quiet_hours:.2f} benign hours{rate}; "
            f"in {alarmed} of {count_text(len(tally.quiet_run), 'stretch', 'stretches')}."
        )
    if tally.precision is not None:
        click.echo(
            f"{tally.subjects_right} of {count_text(tally.subjects, 'alarmed subject')} in attacked captures "
            f"took part ({tally.precision:.0%})."
        )
    if tally.median_delay_s is not None:
        click.echo(f"Median time to the first alarm: {_after(tally.median_delay_s)}.")
    if not total["rows"] and not tally.quiet_run:
        click.echo("Nothing was judged: no label is of an attack or of benign traffic.")


def _promised(came: ModelAlarms) -> None:
    """Say what the model promised, and what came in benign traffic."""
    promise = "promised nothing" if came.budget is None else f"promised at most {came.budget:.3g} a day"
    low, high = came.interval95
    click.echo(
        f"The model raised {count_text(came.alarms, 'false alarm')} in {came.days:.2f} benign days: "
        f"{came.per_day:.2f} a day, 95 % between {low:.2f} and {high:.2f}; it {promise}."
    )


def _missed(missed: list[Verdict], *, rows: bool) -> None:
    """Name what was not found, or found as something else."""
    if rows or not missed:
        return
    click.echo()
    click.secho("Not found, or not as what it is", bold=True)
    for one in missed[:MOST_SHOWN]:
        why = "missed"
        if not one.run:
            why = "not judged"
        elif one.attributed:
            why = "other kind"
        elif one.detected:
            why = "other subject"
        label = one.label
        click.echo(one_line(f"  {label.row}  {label.kind}, {why}: {label.label or _short(label.capture)}"))
    if len(missed) > MOST_SHOWN:
        click.echo(f"  and {len(missed) - MOST_SHOWN:,} more; all with --rows")


def _false_alarms(alarmed: list[Quiet], *, rows: bool) -> None:
    if not alarmed:
        return
    click.echo()
    click.secho("False alarms", bold=True)
    shown = alarmed if rows else alarmed[:MOST_SHOWN]
    for one in shown:
        by = ", ".join(f"{count} {detector}" for detector, count in one.alarms.items())
        part = "" if one.part == "whole" else f" ({one.part})"
        click.echo(one_line(f"  {by}: {_short(one.capture)}{part}"))
    if len(alarmed) > len(shown):
        click.echo(f"  and in {len(alarmed) - len(shown):,} more captures; all with --rows")


def _next(found: Evaluation, alarmed: list[Quiet]) -> None:
    """Name the command that shows more of what went wrong."""
    wrong = [one.label.capture for one in found.tally.verdicts if one.run and not one.right_kind]
    wrong += [one.capture for one in alarmed]
    place = next((found.places[capture] for capture in wrong if capture in found.places), None)
    if place is not None:
        click.echo()
        click.echo(one_line(f"Next: oddwire analyze {shlex.quote(str(place))}"))


def _row(one: Verdict) -> list[str]:
    label = one.label
    marks = [one.detected, one.attributed, one.right_kind]
    judged = ["yes" if mark else "no" if one.run else "not judged" for mark in marks]
    cells = [label.row, label.kind, *judged, _after(one.delay_s), _short(label.capture)]
    return [one_line(cell) for cell in cells]


def _after(delay_s: float | None) -> str:
    return "-" if delay_s is None else duration_text(round(delay_s * NS))


def _short(capture: str) -> str:
    """Return the last part of a capture's name: the rest is in --json."""
    return capture.rpartition("/")[2]
