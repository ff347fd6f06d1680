"""`oddwire model`: what a model file is, whether it is whole, who signed it, and how two differ."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from oddwire.cli.options import json_option, quiet_option
from oddwire.engine.model_facts import (
    ModelDifference,
    ModelFacts,
    compare_models,
    inspect_model,
    make_keys,
    read_key,
    sign_model,
    verify_model,
)
from oddwire.records.units import bytes_text, count_text, one_line

__all__ = ["model"]

MODEL = click.argument("model", type=click.Path(path_type=Path))
# A longer value of the manifest is cut on a screen; `--json` has all of it.
WIDE = 100


@click.group(name="model")
def model() -> None:
    """Show what a model file is, check that it is whole, sign it, and compare two.

    \b
    Examples:
      oddwire model inspect office.oddwire
      oddwire model diff monday.oddwire friday.oddwire
    """


@model.command(name="inspect")
@MODEL
@quiet_option
@json_option
def inspect(*, model: Path, quiet: bool, as_json: bool) -> None:
    """Show what a model is, what it was trained on, its features and its size; a damaged one is refused.

    \b
    Example:
      oddwire model inspect office.oddwire
    """
    facts = inspect_model(model)
    if as_json:
        _json(facts.to_dict())
    else:
        _show(facts, brief=quiet)


@model.command(name="verify")
@MODEL
@click.option("--key", type=click.Path(path_type=Path), help="Public key file of who should have signed it.")
@quiet_option
@json_option
def verify(*, model: Path, key: Path | None, quiet: bool, as_json: bool) -> None:
    """Check every byte of a model against its hashes, and with --key its signature; exit code 3 if not.

    \b
    Examples:
      oddwire model verify office.oddwire
      oddwire model verify office.oddwire --key team.key.pub
    """
    facts = inspect_model(model)
    if key is not None:
        verify_model(model, read_key(key))
    if as_json:
        _json({"blake3": facts.digest, "signer": facts.signer, "signature_checked": key is not None})
    elif not quiet:
        click.echo("The model is whole." if key is None else "The model is whole, and signed with this key.")
        if key is None and facts.signer is not None:
            click.echo("It is signed; give --key FILE.pub to check by whom.")


@model.command(name="sign")
@MODEL
@click.option("--key", type=click.Path(path_type=Path), required=True, help="Secret key file.")
@quiet_option
@json_option
def sign(*, model: Path, key: Path, quiet: bool, as_json: bool) -> None:
    """Sign a model with a secret key; an older signature is replaced.

    \b
    Example:
      oddwire model sign office.oddwire --key team.key
    """
    pair = read_key(key)
    signed = sign_model(model, pair)
    if as_json:
        _json({"blake3": signed.digest, "signer": pair.public.hex()})
    elif not quiet:
        click.echo(f"Signed. Others check it with the public key {pair.public.hex()}.")


@model.command(name="key")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), required=True, help="File of the secret key."
)
@quiet_option
@json_option
def key(*, output: Path, quiet: bool, as_json: bool) -> None:
    """Make a pair of keys: FILE for you alone, FILE.pub for everybody who checks.

    \b
    Example:
      oddwire model key -o team.key
    """
    public = make_keys(output)
    if as_json:
        _json({"secret": str(output), "public": str(public)})
    elif not quiet:
        click.echo(one_line(f"{output} signs; keep it to yourself."))
        click.echo(one_line(f"{public} checks; give it to everybody."))


@model.command(name="diff")
@click.argument("base", type=click.Path(path_type=Path))
@click.argument("new", type=click.Path(path_type=Path))
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, help="Lines a list.")
@quiet_option
@json_option
def diff(*, base: Path, new: Path, top: int, quiet: bool, as_json: bool) -> None:
    """Tell what differs between two models: what they say, features, sizes, and how far quantiles moved.

    \b
    Example:
      oddwire model diff monday.oddwire friday.oddwire
    """
    found = compare_models(base, new)
    if as_json:
        _json(found.to_dict())
    elif found.is_none:
        if not quiet:
            click.echo("The two models are the same.")
    else:
        _show_difference(found, top)


def _json(value: Mapping[str, Any]) -> None:
    click.echo(json.dumps(value, indent=2))


def _show(facts: ModelFacts, *, brief: bool) -> None:
    click.secho(one_line(f"{facts.name}: {facts.type or 'a model of no said type'}"), bold=True)
    amounts = (
        count_text(len(facts.features), "feature"),
        count_text(len(facts.arrays), "array"),
        bytes_text(facts.bytes),
    )
    click.echo(", ".join(amounts))
    click.echo(f"BLAKE3    {facts.digest}")
    click.echo(f"Signed    {'with ' + facts.signer + ' (not proven here)' if facts.signer else 'no'}")
    for name, value in facts.said.items():
        click.echo(one_line(f"{name}  {_cut(value)}"))
    if brief:
        return
    if facts.features:
        click.echo(one_line(f"Features  {', '.join(facts.features)}"))
    for one in facts.arrays:
        size = " x ".join(map(str, one.shape)) or "single"
        click.echo(one_line(f"  {one.part}/{one.name}  {one.kind} {size}"))


def _show_difference(found: ModelDifference, top: int) -> None:
    _list("Said", [f"{key}: {_cut(one)} -> {_cut(other)}" for key, (one, other) in found.said.items()], top)
    _list("New features", list(found.features_new), top)
    _list("Features gone", list(found.features_gone), top)
    _list("Arrays", [f"{key}: {one} -> {other}" for key, (one, other) in found.arrays.items()], top)
    _list("Other values", list(found.values), top)
    moved = sorted(found.moved, key=lambda one: (-(one.ranges or 0.0), one.feature))
    told = [f"{one.feature}: by {one.ranges:.1%} of its range" for one in moved if one.ranges]
    _list("Quantiles moved", told, top)


def _list(title: str, lines: list[str], top: int) -> None:
    if not lines:
        return
    click.secho(f"{title} ({len(lines)})", bold=True)
    for line in lines[:top]:
        click.echo(one_line(f"  {line}"))
    if len(lines) > top:
        click.echo(f"  ... and {len(lines) - top} more; --json has all")


def _cut(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= WIDE else f"{text[:WIDE]}..."
