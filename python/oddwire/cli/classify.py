"""`oddwire classify train|predict|evaluate`: classes learned from labels."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from oddwire.cli.classified import show_judged, show_predicted, show_trained
from oddwire.cli.options import json_option, quiet_option
from oddwire.cli.progress import steps_shown
from oddwire.records.units import one_line

__all__ = ["classify_command"]

PATH = click.Path(path_type=Path)
COMMANDS = ("train", "predict", "evaluate")


class _TrainByDefault(click.Group):
    """A group in which a file, where a command is expected, is a file to train with."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `train` before arguments that begin with a file."""
        if args and args[0] not in COMMANDS and Path(args[0]).exists():
            args = ["train", *args]
        return super().parse_args(ctx, args)


@click.group(name="classify", cls=_TrainByDefault)
def classify_command() -> None:
    """Learn classes from labelled rows, and say of other rows which class they are.

    `oddwire classify FILE ...` is `oddwire classify train FILE ...`.

    \b
    Examples:
      oddwire classify train flows.csv --label-column label -o model.oddwire
      oddwire classify train captures/ --labels labels.csv --split host -o model.oddwire
      oddwire classify predict new.pcap --model model.oddwire -o said.csv
      oddwire classify evaluate later.csv --model model.oddwire
    """


inputs_argument = click.argument("inputs", metavar="FILE...", nargs=-1, required=True, type=PATH)
jobs_option = click.option(
    "--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Threads; results do not change."
)
model_option = click.option("--model", "-m", type=PATH, required=True, help="The classifier.")
label_options = (
    click.option("--label-column", help="The column of labels. [default: one called label or class]"),
    click.option("--labels", type=PATH, help="Captures: CSV of what truly happened (docs/evaluation.md)."),
    click.option("--max-rows", type=click.IntRange(2), default=1_000_000, show_default=True,
                 help="Of more rows so many are drawn at random."),
)  # fmt: skip
alpha_option = click.option(
    "--unknown", "alpha", metavar="ALPHA", type=float, help="Share of rows that may be misjudged as unknown."
)


def _labelled(command: Any) -> Any:  # noqa: ANN401  # click's decorators
    for option in reversed(label_options):
        command = option(command)
    return command


@classify_command.command(name="train")
@inputs_argument
@_labelled
@click.option("--output", "-o", type=PATH, help="Keep the classifier here: a folder, or a file *.oddwire.")
@click.option(
    "--model-type",
    type=click.Choice(["random-forest", "gradient-boosting"]),
    default="random-forest",
    show_default=True,
    help="What learns.",
)
@click.option(
    "--trees", type=click.IntRange(1, 5_000), help="Trees, or rounds of boosting. [default: 200, 100]"
)
@click.option("--max-depth", type=click.IntRange(1, 500), help="Questions a tree asks at most.")
@click.option(
    "--imbalance",
    type=click.Choice(["none", "balanced"]),
    default="none",
    show_default=True,
    help="Balanced: every class weighs the same, however rare.",
)
@click.option(
    "--seed",
    "--random-state",
    type=click.IntRange(0, 2**32 - 1),
    default=0,
    show_default=True,
    help="The same seed and rows give the same model, byte for byte.",
)
@jobs_option
@click.option(
    "--split",
    type=click.Choice(["stratified", "time", "host"]),
    default="stratified",
    show_default=True,
    help="How rows to judge by are held out.",
)
@click.option("--test-size", type=float, default=0.3, show_default=True, help="Share of rows held out.")
@click.option("--time-column", help="When a row was, for --split time. [default: by its name]")
@click.option("--host-column", help="Whose a row is, for --split host. [default: by its name]")
@click.option("--keep", metavar="COLUMN", multiple=True, help="Learn from this column all the same.")
@click.option("--drop", metavar="COLUMN", multiple=True, help="Do not learn from this column.")
@click.option(
    "--encoding",
    type=click.Choice(["one-hot", "ordinal"]),
    default="one-hot",
    show_default=True,
    help="How categories become numbers.",
)
@click.option("--least-rows", type=click.IntRange(1), default=1, help="Leave out classes with fewer rows.")
@click.option("--cv", "folds", metavar="K", type=click.IntRange(2, 50), help="Cross-validate with K folds.")
@click.option("--grid", is_flag=True, help="Search for the best parameters first, with 5 folds or --cv K.")
@click.option("--grid-param", metavar="NAME=A,B,C", multiple=True, help="Values to search; implies --grid.")
@alpha_option
@click.option("--check-leak", is_flag=True, help="Learn shuffled labels too: nothing may be recognised.")
@click.option("--single-feature", is_flag=True, help="Show what single columns tell on their own.")
@quiet_option
@json_option
def train_command(**given: Any) -> None:  # noqa: ANN401  # click's options
    """Learn from labelled rows, and judge that on rows held out before.

    A FILE is a table (CSV, TSV, Parquet) with a column of labels, or, with --labels, a capture whose flows
    are used. Columns that tell where and when a row was recorded are left out and named.

    \b
    Examples:
      oddwire classify train flows.csv -o model.oddwire
      oddwire classify train flows.parquet --label-column kind --split time --cv 5
      oddwire classify train flows.csv --grid-param max_depth=5,10,none --imbalance balanced
      oddwire classify train captures/ --labels labels.csv --split host --check-leak --single-feature
    """  # fmt: skip
    from oddwire.engine.classifier_training import train_classifier
    from oddwire.engine.classifier_wish import wish_of
    from oddwire.engine.classifying import keep_classifier

    wish = wish_of(given)
    with steps_shown(quiet=given["quiet"]) as report:
        found = train_classifier(wish, report)
    if given["output"] is not None:
        keep_classifier(found, given["output"])
    if given["as_json"]:
        click.echo(json.dumps(found.to_dict(), indent=2))
    else:
        show_trained(found, given["output"])
    _remark([*found.source.remarks], quiet=given["quiet"])


@classify_command.command(name="predict")
@inputs_argument
@model_option
@click.option("--output", "-o", type=PATH, help="File to write; its ending names the format.")
@click.option("--format", "file_format", metavar="FORMAT", help="csv, json, parquet, ...")
@alpha_option
@jobs_option
@quiet_option
@json_option
def predict_command(**given: Any) -> None:  # noqa: ANN401  # click's options
    """Say of every row which class it is, how likely, and whether it is like no class at all.

    \b
    Examples:
      oddwire classify predict flows.csv --model model.oddwire -o said.csv
      oddwire classify predict new.pcap --model model.oddwire -o said.parquet --unknown 0.01
    """
    from oddwire.engine.classifying import load_classifier, predict

    classifier = load_classifier(given["model"], given["jobs"])
    with steps_shown(quiet=given["quiet"]) as report:
        found = predict(
            classifier,
            given["inputs"],
            given["output"],
            file_format=given["file_format"],
            alpha=given["alpha"],
            progress=report,
        )
    if given["as_json"]:
        told = {"rows": found.rows, "labels": found.labels, "unknown": found.unknown, "unsure": found.unsure}
        click.echo(json.dumps(told, indent=2))
    else:
        show_predicted(found, given["output"])


@classify_command.command(name="evaluate")
@inputs_argument
@model_option
@_labelled
@alpha_option
@jobs_option
@quiet_option
@json_option
def evaluate_command(**given: Any) -> None:  # noqa: ANN401  # click's options
    """Judge a classifier on labelled rows; they should not be those that it learned from.

    \b
    Examples:
      oddwire classify evaluate later.csv --model model.oddwire --label-column label
      oddwire classify evaluate captures/ --labels labels.csv --model model.oddwire --json
    """
    from oddwire.engine.classifying import evaluate_classifier, load_classifier
    from oddwire.engine.labelled_rows import Rows

    names = ("inputs", "label_column", "labels")
    rows = Rows(**{name: given[name] for name in names}, most=given["max_rows"])
    found = evaluate_classifier(load_classifier(given["model"], given["jobs"]), rows, given["alpha"])
    if given["as_json"]:
        click.echo(json.dumps(found.to_dict(), indent=2))
    else:
        show_judged(found)
    _remark(found.remarks, quiet=given["quiet"])


def _remark(lines: Any, *, quiet: bool) -> None:  # noqa: ANN401
    if not quiet:
        for line in lines:
            print(one_line(line), file=sys.stderr)
