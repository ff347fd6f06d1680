"""`oddwire bench`: methods of detection against each other, on the same traffic."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oddwire.cli.options import json_option, quiet_option
from oddwire.errors import OutputError, UsageError

if TYPE_CHECKING:
    from oddwire.testing.contest.bench import Wish

__all__ = ["bench"]

PATH = click.Path(path_type=Path)


@click.group(name="bench")
def bench() -> None:
    """Compare methods of detection by the same traffic and the same figures.

    \b
    Example:
      oddwire bench detection
    """


@bench.command(name="detection")
@click.argument("inputs", metavar="[FILE...]", nargs=-1, type=PATH)
@click.option(
    "--seeds", type=click.IntRange(1, 1_000), default=2, show_default=True, help="How many offices to make."
)
@click.option(
    "--first-seed", type=click.IntRange(0, 1_000_000), default=1, show_default=True, help="The first of them."
)
@click.option(
    "--weeks",
    default="1,1,1",
    show_default=True,
    help="Weeks to learn from, to calibrate with and to be judged on.",
)
@click.option(
    "--contestants", metavar="A,B,...", help="Who takes part; rules+NAME is both together, all is everybody."
)
@click.option(
    "--split",
    type=click.Choice(["time", "host", "both"]),
    default="time",
    show_default=True,
    help="Judge later weeks of the office that was learned, or another office.",
)
@click.option("--labels", type=PATH, help="CSV of what truly happened in the files (docs/evaluation.md).")
@click.option(
    "--manifest", type=PATH, help="CSV with columns path,origin: the file of each labelled capture."
)
@click.option("--best", metavar="NAME", help="Show by how much this one is better than each other.")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, show_default=True, help="Contestants at once.")
@click.option("--work", type=PATH, help="Keep traffic and scores in this folder, and use what lies there.")
@click.option("-o", "--output", "output", type=PATH, help="Write to a file that ends in .md or .json.")
@quiet_option
@json_option
def detection(**given: Any) -> None:  # noqa: ANN401  # click's options
    """Let rules, models and baselines judge the same simulated weeks, and captures with labels.

    Each learns from weeks without attacks and is judged on a later one with attacks planted in it. The tables
    tell how each ranks the hours of hosts, what each finds at 1, 10 and 100 false alarms a day, how soon, and
    what it costs. Without captures nothing is needed; it takes minutes.

    \b
    Examples:
      oddwire bench detection
      oddwire bench detection --seeds 10 --weeks 2,1,1 --jobs 2 -o learning.md
      oddwire bench detection --contestants rules,ensemble,rules+ensemble --best rules+ensemble
      oddwire bench detection captures/ --labels labels.csv --seeds 1
    """
    from oddwire.testing.contest.bench import as_json, as_markdown, held

    output = given["output"]
    if output is not None and output.suffix not in {".md", ".json"}:
        raise UsageError("results are written as .md or .json", where=str(output))
    wish = _wish(given)
    results = held(wish, None if given["quiet"] else _told)
    wants_json = given["as_json"] if output is None else output.suffix == ".json"
    text = as_json(wish, results) if wants_json else as_markdown(wish, results, best=given["best"])
    if output is None:
        click.echo(text.rstrip("\n"))
        return
    try:
        output.write_text(text.rstrip("\n") + "\n", encoding="utf-8")
    except OSError as error:
        raise OutputError(error.strerror or str(error), where=str(output)) from None


def _wish(given: dict[str, Any]) -> "Wish":
    from oddwire.testing.contest.bench import SPLITS, Wish
    from oddwire.testing.contest.captured import Captured
    from oddwire.testing.contest.contestants import wanted
    from oddwire.testing.contest.weeks import Weeks

    names = wanted(given["contestants"])
    if given["best"] is not None and given["best"] not in names:
        raise UsageError(f"'{given['best']}' does not take part", hint=f"those are {', '.join(names)}")
    if given["labels"] is None and (given["inputs"] or given["manifest"]):
        raise UsageError("captures are judged by labels", hint="name them with --labels")
    captures = None
    if given["labels"] is not None:
        captures = Captured(labels=given["labels"], inputs=given["inputs"], manifest=given["manifest"])
    return Wish(
        contestants=names,
        seeds=tuple(range(given["first_seed"], given["first_seed"] + given["seeds"])),
        weeks=Weeks.of(given["weeks"]),
        splits=SPLITS[given["split"]],
        captures=captures,
        jobs=given["jobs"],
        work=given["work"],
    )


def _told(what: str, done: int, of: int) -> None:
    """Tell what is done, a line each: the steps take seconds to minutes."""
    click.echo(f"{done}/{of}  {what}", err=True)
