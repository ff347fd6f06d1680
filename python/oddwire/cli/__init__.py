"""The command line: one file a command; it prints and never computes."""

import json
import os
import sys
from collections.abc import Sequence

from oddwire.cli.group import LazyGroup
from oddwire.errors import Interrupted, OddwireError

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command and leave with its exit code."""
    import click

    try:
        code = LazyGroup.build().main(args=arguments, prog_name="oddwire", standalone_mode=False)
    except OddwireError as error:
        sys.exit(_report(error))
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(_report(Interrupted("stopped")))
    except BrokenPipeError:
        # Whoever read our output has enough: that is no failure.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code if isinstance(code, int) else 0)


def _report(error: OddwireError) -> int:
    """Print the one line, or the same as JSON when that is what was asked for; return the exit code."""
    wants_json = "--json" in sys.argv[1:]
    line = json.dumps({"error": error.to_dict()}) if wants_json else f"oddwire: {error}"
    print(line, file=sys.stderr)
    return error.exit_code
