"""Options that several commands share, and the captures they describe."""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import click

from oddwire.engine.request import Wanted, capture_of
from oddwire.sources.files import Capture

__all__ = ["capture_options", "described_capture", "json_option", "judged_options", "quiet_option"]

Command: TypeAlias = Callable[..., Any]

json_option = click.option("--json", "as_json", is_flag=True, help="JSON for scripts, errors too.")
quiet_option = click.option("--quiet", "-q", is_flag=True, help="No progress and no remarks.")

_CAPTURE_OPTIONS = (
    click.argument("inputs", metavar="FILE...", nargs=-1, required=True),
    click.option("--since", metavar="TIME", help="Leave out packets before this time (ISO 8601, UTC)."),
    click.option("--until", metavar="TIME", help="Leave out packets from this time on."),
    click.option("--bpf", metavar="TEXT", help="Packet filter in the words of tcpdump; needs libpcap."),
    click.option(
        "--dedupe", is_flag=True, help="Leave out frames that repeat one of the last 16 within 50 ms."
    ),
    click.option("--window", default="60s", show_default=True, help="Length of a window."),
    click.option("--idle", default="120s", show_default=True, help="A flow ends after this much quiet."),
    click.option("--no-payload", is_flag=True, help="Look at headers alone: no protocol rows, no entropy."),
    click.option(
        "--max-memory", default="1GiB", show_default=True, help="Bound for live flows and fragments."
    ),
)
_FEEDING_OPTIONS = (
    click.option(
        "--follow", is_flag=True, help="Wait for more at the end of the one file; Ctrl-C ends it well."
    ),
    click.option(
        "--threads",
        type=click.IntRange(1, 64),
        default=1,
        show_default=True,
        help="Threads that track flows; rows do not depend on it.",
    ),
)


def capture_options(command: Command) -> Command:
    """Add the options that say which packets are wanted, and how they are fed to a table."""
    return _with((*_CAPTURE_OPTIONS, *_FEEDING_OPTIONS), command)


def judged_options(command: Command) -> Command:
    """Add the options that say which packets are judged."""
    return _with(_CAPTURE_OPTIONS, command)


def _with(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def described_capture(given: dict[str, Any]) -> Capture:
    """Return the captures that a command's options describe; takes these options out of `given`."""
    names = (
        "inputs", "since", "until", "bpf", "dedupe", "window", "idle", "max_memory", "threads", "follow",
        "no_payload",
    )  # fmt: skip
    return capture_of(Wanted(**{name: given.pop(name) for name in names if name in given}))
