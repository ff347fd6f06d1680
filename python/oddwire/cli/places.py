"""Options that say where findings are kept, and what is done with them."""

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from oddwire.store.place import default_store

if TYPE_CHECKING:
    from oddwire.engine.settings import Settings

__all__ = ["findings_option", "severity_mark", "store_of", "store_option", "with_kept"]

findings_option = click.option(
    "--findings", type=click.Path(path_type=Path), help="Look in this file of findings (JSON Lines) instead."
)
store_option = click.option(
    "--store",
    type=click.Path(path_type=Path),
    help="Folder where findings are kept. [default: $ODDWIRE_STORE, else the user's state folder]",
)
MARKS = {"critical": ("◆", "red"), "high": ("▲", "red"), "medium": ("●", "yellow"), "low": ("○", "cyan")}
PLAIN = {"critical": "!!!", "high": "!!", "medium": "!", "low": "-"}


def store_of(given: Path | None) -> Path:
    """Return the folder: as said, else the default."""
    return default_store() if given is None else given


def with_kept(settings: "Settings", given: Mapping[str, Any]) -> "Settings":
    """Return the settings with what the workspace suppresses, and how feedback moved budgets."""
    if given["no_store"] and given["store"] is None:
        return settings
    from oddwire.engine.feeding_back import feedback_moves
    from oddwire.engine.keeping import kept_rules
    from oddwire.store.workspace import Workspace

    place = store_of(given["store"])
    if not place.exists():
        return settings
    with Workspace.open(place, write=False) as workspace:
        rules, moves = kept_rules(workspace), tuple(feedback_moves(workspace.feedback()))
    return replace(settings, rules=(*settings.rules, *rules), moves=moves)


def severity_mark(word: str) -> str:
    """Return a severity with its shape, never by colour alone."""
    mark, colour = MARKS[word]
    try:
        mark.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        mark = PLAIN[word]
    return click.style(f"{mark} {word}", fg=None if "NO_COLOR" in os.environ else colour)
