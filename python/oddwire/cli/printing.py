"""Names and texts side by side, the texts wrapped."""

import textwrap
from collections.abc import Sequence

import click

__all__ = ["print_pairs"]

WIDTH = 80
GAP = 2
LEAST = 30


def print_pairs(pairs: Sequence[tuple[str, str]], *, indent: int = 0) -> None:
    """Print names in one column and what is said of them in another."""
    names = max(len(name) for name, _ in pairs)
    before = " " * (indent + names + GAP)
    room = max(WIDTH - len(before), LEAST)
    for name, text in pairs:
        lines = textwrap.wrap(text, room) or [""]
        click.echo(f"{' ' * indent}{name:{names}}{' ' * GAP}{lines[0]}".rstrip())
        for line in lines[1:]:
            click.echo(before + line)
