"""Every public name, command and option says what it is."""

import ast
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import oddwire
from oddwire.cli.group import LazyGroup

PACKAGE = Path(__file__).resolve().parents[2] / "python" / "oddwire"
DEFINITION = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public(node: Documented, place: str) -> Iterator[tuple[str, Documented]]:
    """Yield a node and the public definitions in it; what is inside a function is its own affair."""
    yield place, node
    if not isinstance(node, ast.Module | ast.ClassDef):
        return
    for inner in node.body:
        if isinstance(inner, DEFINITION) and not inner.name.startswith("_"):
            yield from public(inner, f"{place}.{inner.name}")


def every_public_name() -> Iterator[tuple[str, Documented]]:
    """Yield what the package defines in public, with its dotted name."""
    for path in sorted([*PACKAGE.rglob("*.py"), *PACKAGE.rglob("*.pyi")]):
        place = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)
        yield from public(ast.parse(path.read_text(encoding="utf-8")), place)


def commands(command: click.Command, place: str) -> Iterator[tuple[str, click.Command]]:
    """Yield a command and those below it, with what one types."""
    yield place, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=place)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, f"{place} {name}")


EVERY_COMMAND = dict(commands(LazyGroup.build(), "oddwire"))


def test_every_public_name_is_documented() -> None:
    unsaid = [
        place
        for place, node in every_public_name()
        if not (ast.get_docstring(node) or "").split("\n\n")[0].rstrip().endswith((".", ":"))
    ]
    assert unsaid == []


def test_the_public_face_is_sorted_and_whole() -> None:
    assert list(oddwire.__all__) == sorted(oddwire.__all__)
    assert [name for name in oddwire.__all__ if not hasattr(oddwire, name)] == []


@pytest.mark.parametrize("place", EVERY_COMMAND)
def test_a_command_says_what_it_does(place: str) -> None:
    command = EVERY_COMMAND[place]
    first = (command.help or "").strip().split("\n\n")[0]
    assert first.endswith(".")


@pytest.mark.parametrize("place", [place for place in EVERY_COMMAND if " " in place])
def test_a_command_shows_an_example(place: str) -> None:
    command = EVERY_COMMAND[place]
    shown = f"{command.help or ''}\n{command.epilog or ''}"
    assert f"{place} " in shown or shown.rstrip().endswith(place)


@pytest.mark.parametrize("place", EVERY_COMMAND)
def test_every_option_says_what_it_does(place: str) -> None:
    options = [option for option in EVERY_COMMAND[place].params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []
