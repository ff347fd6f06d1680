"""What a classifier is worth, on one screen: what speaks against it first, then how good it is, then why."""

import shlex
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from oddwire.cli.screen import print_table
from oddwire.records.units import count_text, one_line

if TYPE_CHECKING:
    from oddwire.engine.classifying import Judged, Predicted
    from oddwire.engine.trained_classifier import Trained
    from oddwire.learning.classification.conformal import Coverage
    from oddwire.learning.classification.metrics import Figures

__all__ = ["show_judged", "show_predicted", "show_trained"]

WIDTH = 80
MOST_COLUMNS, MOST_TRIED = 8, 5
# Wider confusion matrices are in --json only.
MOST_CLASSES, LONGEST_CLASS = 12, 18
REPORT = ("class", "precision", "recall", "F1")
# Of short flows some are always equal.
FEW_REPEATED = 0.01


def show_trained(found: "Trained", output: Path | None) -> None:
    """Print what was trained, how good it is, and what it looks at."""
    names = ", ".join(found.source.names[:3]) + (", ..." if len(found.source.names) > 3 else "")  # noqa: PLR2004
    learned = found.counts["learned"]
    counted = count_text(learned, "flow") if found.source.of == "flows" else count_text(learned, "row")
    _said(
        f"{found.recipe.type}, {_settings(found.recipe.settings)}: learned "
        f"{count_text(len(found.classifier.classes), 'class', 'classes')} from {counted} of {names}."
    )
    _doubts(found.remarks)
    click.echo()
    how = {"stratified": "drawn at random within classes", "time": "the latest", "host": "of other hosts"}
    _figures(
        found.figures,
        f"{count_text(found.figures.rows, 'row')} held out, {how[str(found.split)]},",
        "held out",
    )
    _cross(found)
    _coverage(found.coverage, found.never_left_out)
    _importances(found)
    _checks(found)
    _left_out(found.classifier.preparation.left_out)
    click.echo()
    if output is None:
        click.echo("Not kept; keep it with -o MODEL.oddwire")
    else:
        click.echo(one_line(f"Kept: {output}"))
        click.echo(one_line(f"Next: oddwire classify predict FILE --model {shlex.quote(str(output))}"))


def show_judged(found: "Judged") -> None:
    """Print how good a classifier is on other rows."""
    if found.repeated > FEW_REPEATED:
        _doubts([f"{found.repeated:.1%} of these rows are equal to a row that the model learned from"])
        click.echo()
    _figures(found.figures, count_text(found.figures.rows, "labelled row"), "rows")
    _coverage(found.coverage, {})
    if found.unseen:
        click.echo()
        _said(
            f"{found.unseen_unknown:.1%} of the {sum(found.unseen.values()):,} rows of classes that were "
            "never learned are said to be unknown."
        )


def show_predicted(found: "Predicted", output: Path | None) -> None:
    """Print how many rows are of which class."""
    verdict = f"{found.unknown:,} like no class (unknown), {found.unsure:,} like several (unsure)."
    click.secho(f"{count_text(found.rows, 'row')}: {verdict}", bold=True)
    click.echo()
    cells = [
        [_short(label), f"{count:,}", f"{count / found.rows:.1%}"] for label, count in found.labels.items()
    ]
    print_table(("likeliest class", "rows", "share"), cells, [False, True, True])
    click.echo()
    click.echo(one_line(f"Written: {output}") if output else "Nothing written; every row with -o SAID.csv")


def _said(text: str, *, bold: bool = False) -> None:
    click.secho(textwrap.fill(one_line(text), WIDTH), bold=bold)


def _settings(settings: Mapping[str, object]) -> str:
    words = [f"{settings['n_estimators']} trees"]
    words += [f"{name} {value}" for name, value in settings.items() if name != "n_estimators"]
    return ", ".join(words)


def _doubts(doubts: Sequence[str]) -> None:
    """Name what speaks against believing the figures, before the figures."""
    if doubts:
        click.echo()
        click.secho("To look at first", bold=True)
    for one in doubts:
        click.echo(textwrap.fill(one_line(one), WIDTH, initial_indent="  ! ", subsequent_indent="    "))


def _figures(found: "Figures", rows: str, heading: str) -> None:
    better = f"always saying '{_short(found.most_frequent)}' would be right in {found.baseline:.1%}"
    _said(f"{found.accuracy:.1%} of {rows} are right; {better}.", bold=True)
    loss = "" if found.log_loss is None else f", log loss {found.log_loss:.3f}"
    click.echo(
        f"Accuracy {found.accuracy:.4f}; macro precision {found.precision:.4f}, recall {found.recall:.4f}, "
        f"F1 {found.f1:.4f}{loss}"
    )
    click.echo()
    cells = [
        [
            _short(one.label),
            *(f"{figure:.3f}" for figure in (one.precision, one.recall, one.f1)),
            f"{one.rows:,}",
        ]
        for one in found.by_class
    ]
    print_table((*REPORT, heading), cells, [False, True, True, True, True])
    if len(found.labels) <= MOST_CLASSES:
        click.echo()
        names = [_short(one) for one in found.labels]
        table = [[names[at], *(f"{one:,}" for one in row)] for at, row in enumerate(found.confusion)]
        print_table(("true, said:", *names), table, [False] + [True] * len(names))


def _cross(found: "Trained") -> None:
    if found.tried:
        click.echo()
        click.secho(
            f"Grid search: {count_text(len(found.tried), 'combination')} tried, the best first", bold=True
        )
        cells = [
            [f"{one.f1[0]:.4f}", f"{one.f1[1]:.4f}", f"{one.accuracy[0]:.4f}", _settings(one.parameters)]
            for one in found.tried[:MOST_TRIED]
        ]
        print_table(("F1", "+-", "accuracy", "parameters"), cells, [True, True, True, False])
    elif found.cross is not None:
        (accuracy, spread), (f1, f1_spread) = found.cross.accuracy, found.cross.f1
        click.echo()
        click.echo(
            f"Cross-validated in {len(found.cross.f1s)} folds: accuracy {accuracy:.4f} +- {spread:.4f}, "
            f"macro F1 {f1:.4f} +- {f1_spread:.4f}"
        )


def _coverage(found: "Coverage", never: Mapping[str, int]) -> None:
    click.echo()
    _said(
        f"Sets at {found.alpha:g}: {found.covered:.1%} hold the true class (promised {1 - found.alpha:.1%}); "
        f"{found.one:.1%} of rows have one class, {found.several:.1%} several (unsure), "
        f"{found.unknown:.1%} none (unknown)."
    )
    if never:
        named = ", ".join(f"'{_short(label)}' ({count})" for label, count in never.items())
        _said(f"Never ruled out, for lack of rows kept back: {named}. No row is unknown while there is one.")


def _importances(found: "Trained") -> None:
    shown = [one for one in found.importances if one.lost > 0][:MOST_COLUMNS]
    if not shown:
        return
    click.echo()
    click.secho("What it looks at: macro F1 lost when a column is shuffled among held-out rows", bold=True)
    cells = [[_short(one.column), f"{one.lost:.4f}", f"{one.spread:.4f}"] for one in shown]
    print_table(("column", "lost", "+-"), cells, [False, True, True])


def _checks(found: "Trained") -> None:
    if found.single:
        click.echo()
        click.secho("What single columns tell on their own", bold=True)
        cells = [
            [_short(one.column), f"{one.f1:.3f}", f"{one.accuracy:.3f}"]
            for one in found.single[:MOST_COLUMNS]
        ]
        print_table(("column", "macro F1", "accuracy"), cells, [False, True, True])
    if found.shuffled is not None:
        click.echo()
        click.echo(
            f"After learning shuffled labels: mean recall {found.shuffled.recall:.3f}, "
            f"chance is {found.shuffled.chance:.3f}."
        )


def _left_out(left_out: Mapping[str, Sequence[str]]) -> None:
    if not left_out:
        return
    click.echo()
    click.secho("Left out; --keep COLUMN to learn from one all the same", bold=True)
    for why, names in left_out.items():
        text = f"{why}: {', '.join(names)}"
        click.echo(textwrap.fill(one_line(text), WIDTH, initial_indent="  ", subsequent_indent="    "))


def _short(text: str) -> str:
    line = one_line(text)
    return line if len(line) <= LONGEST_CLASS else f"{line[: LONGEST_CLASS - 3]}..."
