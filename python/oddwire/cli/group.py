"""The commands by name; each is imported only when it is run or when its own help is asked for."""

from importlib import import_module
from typing import cast

import click

from oddwire import __version__

__all__ = ["COMMANDS", "LazyGroup"]

# name: (module, one line for the list)
COMMANDS = {
    "analyze": ("analyze", "The main job: what is not normal, why, and in which packets."),
    "train": ("train", "Learn what is normal from ordinary traffic."),
    "detect": ("detect", "What is not as it was learned, within a budget of false alarms."),
    "calibrate": ("calibrate", "Which budgets of alarms a model keeps, promised and measured."),
    "summary": ("summary", "What a capture holds: protocols, top talkers, volume, lengths, quality."),
    "packets": ("tables", "Table of packets, one row a frame."),
    "flows": ("tables", "Table of flows, one row a conversation."),
    "slices": ("tables", "Table of slices: what each flow did in each window."),
    "profiles": ("tables", "Table of profiles: what each host did in each window."),
    "pairs": ("tables", "Table of pairs: who contacts whom again and again."),
    "domains": ("tables", "Table of domains: who asked for them, who connected."),
    "hosts": ("tables", "Table of hosts: hardware address and names."),
    "arp": ("tables", "Table of ARP, one row a packet."),
    "explain": ("explain", "One finding: what, who, why, the proof, what to do."),
    "carve": ("carve", "The packets of a finding, exactly, as a capture of their own."),
    "suppress": ("suppress", "What is known and need not be raised: add, list, remove."),
    "feedback": ("feedback", "Say whether a finding was a true alarm or a false one."),
    "drift": ("drift", "Whether the network is still what a model was trained on."),
    "detectors": ("detectors", "What is looked for, and with which thresholds."),
    "store": ("store", "The folder where findings are kept: what is in it, is it whole."),
    "diff": ("diff", "What changed between two captures."),
    "evaluate": ("evaluate", "How good the findings are, by captures whose truth is known."),
    "bench": ("bench", "Methods of detection against each other, on the same traffic."),
    "classify": ("classify", "Learn classes from labels: train, predict, evaluate."),
    "model": ("model", "A model file: what it is, is it whole, who signed it, how two differ."),
    "columns": ("columns", "Columns of a table: type, unit, meaning, formula."),
    "doctor": ("doctor", "What works on this machine, and what is missing."),
    "demo": ("demo", "Make a small capture and show what Oddwire does with it."),
}
HELP = """Oddwire turns network packets into explained anomalies.

\b
Example:
  oddwire analyze capture.pcap
  oddwire summary capture.pcap
  oddwire flows capture.pcap --format parquet -o flows.parquet
"""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are needed."""

    @classmethod
    def build(cls) -> "LazyGroup":
        """Return the top command."""
        context = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
        group = cls(name="oddwire", help=HELP, context_settings=context)
        return click.version_option(message="oddwire %(version)s", version=__version__)(group)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of use."""
        _ = ctx
        return [*COMMANDS, *_protocols()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module and return the command."""
        _ = ctx
        if cmd_name not in COMMANDS:
            return _protocol_command(cmd_name)
        module = import_module(f"oddwire.cli.{COMMANDS[cmd_name][0]}")
        made = getattr(module, f"{cmd_name}_command", None) or getattr(module, cmd_name)
        return cast("click.Command", made)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        _ = ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])
        with formatter.section("What was said, one table a protocol"):
            formatter.write_text(", ".join(_protocols()))


def _protocols() -> list[str]:
    """Return the protocols that have a table; the core knows them."""
    from oddwire.engine.tables import PROTOCOLS

    return list(PROTOCOLS)


def _protocol_command(name: str) -> click.Command | None:
    """Return the command of a protocol's table, if there is such a protocol."""
    if name not in _protocols():
        return None
    from oddwire.cli.tables import protocol_command

    return protocol_command(name)
