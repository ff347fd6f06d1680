"""The command line: one file a command; it prints and never computes."""

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from oddwire.cli.group import LazyGroup
from oddwire.errors import Interrupted, OddwireError, OutputError, UsageError

if TYPE_CHECKING:
    import click

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_run(words or ["--help"]))


def _run(words: list[str]) -> int:
    """Run a command and return its exit code; every failure is one line."""
    import click

    try:
        group = LazyGroup.build()
        with group.make_context("oddwire", list(words)) as context:
            group.invoke(context)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except BrokenPipeError:
        # Whoever read our output has enough: that is no failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OddwireError, click.ClickException, click.Abort, KeyboardInterrupt, OSError) as failure:
        return _report(_as_ours(failure), words)
    return 0


def _as_ours(failure: BaseException) -> OddwireError:
    """Return whatever went wrong as an error of our own."""
    import click

    if isinstance(failure, OddwireError):
        return failure
    if isinstance(failure, click.ClickException):
        return _misused(failure)
    if isinstance(failure, OSError):
        where = str(failure.filename) if failure.filename else None
        return OutputError(failure.strerror or str(failure), where=where)
    return Interrupted("stopped")


def _misused(error: "click.ClickException") -> UsageError:
    """Return what click found wrong as an error of our own."""
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    place = context.command_path if context is not None else "oddwire"
    return UsageError(message[:1].lower() + message[1:], hint=f"see `{place} --help`")


def _report(error: OddwireError, words: list[str]) -> int:
    """Print the one line, or the same as JSON when that is what was asked for; return the exit code."""
    import json

    line = json.dumps({"error": error.to_dict()}) if "--json" in words else f"oddwire: {error}"
    print(line, file=sys.stderr)
    return error.exit_code
