"""`oddwire suppress`: what is known and need not be raised."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from oddwire.cli.options import json_option
from oddwire.cli.places import store_of, store_option
from oddwire.cli.printing import print_pairs
from oddwire.engine.suppression import rule_of
from oddwire.errors import UsageError
from oddwire.records.units import one_line
from oddwire.store.workspace import Workspace

__all__ = ["suppress"]

PARTS = ("subject", "target", "detector", "kind", "port", "until", "reason")


@click.command(name="suppress")
@click.option("--subject", metavar="HOST", help="Who does it: an address, a network or a hardware address.")
@click.option("--target", metavar="HOST", help="To whom: every target of the finding must lie in it.")
@click.option("--detector", metavar="NAME", help="By which detector.")
@click.option("--kind", metavar="KIND", help="Which kind of finding.")
@click.option("--port", type=click.IntRange(0, 65_535), help="At which port of every target.")
@click.option(
    "--until", metavar="TIME", help="The rule ends here, in the time of the packets (ISO 8601, UTC)."
)
@click.option("--reason", metavar="TEXT", help="Why it is known.")
@click.option("--list", "listing", is_flag=True, help="Show the rules with their numbers.")
@click.option("--remove", metavar="N", type=click.IntRange(1), help="Remove the rule of this number.")
@store_option
@json_option
def suppress(*, listing: bool, remove: int | None, store: Path | None, as_json: bool, **given: Any) -> None:  # noqa: ANN401  # click's options
    """Keep a rule of what need not be raised; every condition that is given must hold.

    Rules are kept with the findings and hold for every `oddwire analyze` from then on.

    \b
    Examples:
      oddwire suppress --subject 10.0.0.5 --kind port_scan --reason "our scanner"
      oddwire suppress --list
      oddwire suppress --remove 1
    """
    rule = {name: given[name] for name in PARTS if given[name] is not None}
    folder = store_of(store)
    if bool(rule) + listing + (remove is not None) != 1:
        raise UsageError("give the conditions of a rule, or --list, or --remove N", hint="see `--help`")
    if rule:
        _checked(rule)
        with Workspace.open(folder, write=True) as workspace:
            number = workspace.suppress(rule)
        _say({"number": number, "rule": rule}, "kept", as_json=as_json)
    elif remove is not None:
        with Workspace.open(folder, write=True) as workspace:
            removed = workspace.unsuppress(remove)
        _say({"number": removed.number, "rule": removed.rule}, "removed", as_json=as_json)
    else:
        _list(Workspace.open(folder, write=False), as_json=as_json)


def _checked(rule: Mapping[str, Any]) -> None:
    """Refuse what is no rule, and names that do not exist."""
    from oddwire.engine.registry import judge_named

    rule_of(rule)
    if "detector" in rule:
        judge_named(rule["detector"])


def _say(told: Mapping[str, Any], done: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(told, indent=2))
    else:
        click.echo(f"Rule {told['number']} {done}: {_words(told['rule'])}")


def _list(workspace: Workspace, *, as_json: bool) -> None:
    rules = workspace.suppressions()
    if as_json:
        click.echo(json.dumps([{"number": one.number, "rule": one.rule} for one in rules], indent=2))
    elif rules:
        print_pairs([(str(one.number), _words(one.rule)) for one in rules])
    else:
        click.echo("Nothing is suppressed.")


def _words(rule: Mapping[str, Any]) -> str:
    return one_line(", ".join(f"{name} {rule[name]}" for name in PARTS if name in rule))
