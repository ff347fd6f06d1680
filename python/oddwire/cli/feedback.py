"""`oddwire feedback`: say whether a finding was a true alarm or a false one."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from oddwire.cli.options import json_option
from oddwire.cli.places import store_of, store_option
from oddwire.engine.feeding_back import FALSE, TRUE, feedback_moves, judge, pattern_words, standing, undo
from oddwire.errors import UsageError
from oddwire.records.units import count_text, one_line
from oddwire.store.kept import Feedback
from oddwire.store.workspace import Workspace

__all__ = ["feedback"]

SHORT_ID = 8
LIST, UNDO = "list", "undo"


@click.command(name="feedback")
@click.argument("what", metavar="ID|list|undo")
@click.argument("verdict", metavar="[true|false|N]", required=False)
@click.option("--note", metavar="TEXT", default="", help="Why; kept with the verdict.")
@store_option
@json_option
def feedback(*, what: str, verdict: str | None, note: str, store: Path | None, as_json: bool) -> None:
    """Say whether a finding was a true alarm or a false one.

    What was a false alarm is raised no more: the same detector about the same host and the same things. The
    thresholds of a model move only after 20 judged alarms of it, and never far; `list` shows each move.

    \b
    Examples:
      oddwire feedback 8f3c false --note "our backup"
      oddwire feedback 8f3c true
      oddwire feedback list
      oddwire feedback undo 1
    """
    folder = store_of(store)
    if what == LIST and verdict is None:
        _list(Workspace.open(folder, write=False), as_json=as_json)
    elif what == UNDO and verdict is not None:
        with Workspace.open(folder, write=True) as workspace:
            taken = undo(workspace, verdict)
        _say("taken back", taken, as_json=as_json)
    elif verdict in {TRUE, FALSE}:
        with Workspace.open(folder, write=True) as workspace:
            kept = judge(workspace, what, verdict, note)
        _say("kept", kept, as_json=as_json)
    else:
        raise UsageError(
            "give an id and true or false, or `list`, or `undo` and a number", hint="see `--help`"
        )


def _say(done: str, one: Feedback, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({"done": done, **_plain(one)}, indent=2))
        return
    click.echo(f"Verdict {one.number} {done}: {_words(one)}")
    if done == "kept" and one.verdict == FALSE:
        click.echo(one_line(f"From now on not raised: {pattern_words(one)}"))


def _list(workspace: Workspace, *, as_json: bool) -> None:
    log = workspace.feedback()
    holds, moved = standing(log), feedback_moves(log)
    if as_json:
        told = {"verdicts": [_plain(one) for one in holds], "moves": [asdict(one) for one in moved]}
        click.echo(json.dumps({**told, "log": len(log)}, indent=2))
        return
    if not holds:
        click.echo("No verdicts; `oddwire feedback ID false` says that a finding was a false alarm.")
    for one in holds:
        click.echo(f"{one.number:>4}  {_words(one)}")
        if one.verdict == FALSE:
            click.echo(one_line(f"      not raised: {pattern_words(one)}"))
    if moved:
        click.echo()
        click.secho(f"Thresholds moved ({count_text(len(moved), 'time')})", bold=True)
    for move in moved:
        click.echo(one_line(f"{move.number:>4}  {move.words}"))


def _words(one: Feedback) -> str:
    note = f' "{one.note}"' if one.note else ""
    return one_line(f"{one.verdict:5}  {one.id[:SHORT_ID]}  {one.line['title']}{note}")


def _plain(one: Feedback) -> dict[str, Any]:
    """Return an entry without the whole of its finding."""
    about = {name: one.line[name] for name in ("detector", "kind", "title")}
    hides = pattern_words(one) if one.verdict == FALSE else None
    return {
        "number": one.number,
        "id": one.id,
        "verdict": one.verdict,
        "note": one.note,
        **about,
        "hides": hides,
    }
