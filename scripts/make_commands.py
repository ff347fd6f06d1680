"""Writes docs/commands.md from the commands themselves. Usage: make_commands.py [OUT]."""

import inspect
import sys
from pathlib import Path

import click

from oddwire.cli.group import COMMANDS, LazyGroup
from oddwire.engine.tables import PROTOCOLS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "commands.md"
HEAD = """# Commands

Every command with its options, from the program itself (`oddwire COMMAND --help` shows the same).
Results go to standard output; progress, remarks and errors go to standard error. An error is one line:
where, what, what to do; with `--json` the same as JSON.
Written by `scripts/make_commands.py`; change the command, not this page.

Exit codes: 0 done, 2 wrong usage or a result that cannot be written, 3 an input that cannot be read,
4 a component that is missing, 130 stopped. A damaged or empty capture is no failure: what could be read is
shown, and the damage is reported.
"""
SPOKEN = """## What was said

One table a protocol, from the same single pass, with the options of `flows`; the columns are in columns.md.
"""


def page() -> str:
    """Return the page."""
    group = LazyGroup.build()
    context = click.Context(group, info_name="oddwire")
    return "\n".join([HEAD, *(_sections(group, context, name) for name in COMMANDS), _spoken()])


def _spoken() -> str:
    """Return the section of the protocols' tables, which all have the options of `flows`."""
    rows = [f"| `oddwire {name} FILE...` | {one.row} |" for name, one in PROTOCOLS.items()]
    return "\n".join([SPOKEN, "| command | one row is |", "| --- | --- |", *rows, ""])


def _sections(group: click.Group, parent: click.Context, name: str) -> str:
    """Return the section of a command, and those of the commands below it."""
    command = group.get_command(parent, name)
    if command is None:
        raise LookupError(name)
    section = _section(command, parent, name)
    if not isinstance(command, click.Group):
        return section
    context = click.Context(command, info_name=name, parent=parent)
    below = [_sections(command, context, one) for one in command.list_commands(context)]
    return "\n".join([section, *below])


def _section(command: click.Command, parent: click.Context, name: str) -> str:
    text = inspect.cleandoc(command.help or "")
    about, _, example = text.partition("\b\n")
    code = inspect.cleandoc(example.partition("\n")[2])
    context = click.Context(command, info_name=name, parent=parent)
    path = context.command_path
    arguments = " ".join([path, *command.collect_usage_pieces(context)])
    lines = [
        f"## {path.removeprefix('oddwire ')}",
        "",
        about.strip(),
        "",
        "```sh",
        f"{arguments}",
        "```",
        "",
        "```sh",
        code,
        "```",
        "",
    ]
    options = [option for option in command.params if isinstance(option, click.Option)]
    if not options:
        return "\n".join(lines)
    return "\n".join(
        [
            *lines,
            "| option | what it does |",
            "| --- | --- |",
            *(_row(option, context) for option in options),
            "",
        ]
    )


def _row(option: click.Option, context: click.Context) -> str:
    record = option.get_help_record(context)
    names, says = (text.replace("|", "\\|") for text in record or (str(option.name), ""))
    return f"| `{names}` | {says} |"


if __name__ == "__main__":
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else PAGE
    out.write_text(page(), encoding="utf-8")
