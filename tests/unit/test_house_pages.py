"""The reference pages say what the program says, and what they show works."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from oddwire import native
from oddwire.cli.group import COMMANDS, LazyGroup
from tests.unit.conftest import Cli

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
FILTERS = (DOCS / "filter.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["columns", "commands", "units"])
def test_a_reference_page_is_current(tmp_path: Path, name: str) -> None:
    out = tmp_path / "page.md"
    subprocess.run([sys.executable, ROOT / "scripts" / f"make_{name}.py", out], check=True)
    committed = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert out.read_text(encoding="utf-8") == committed, f"run: python scripts/make_{name}.py"


def shown_commands() -> list[str]:
    return re.findall(r"^oddwire .+$", FILTERS, flags=re.MULTILINE)


def shown_expressions() -> list[str]:
    """Return every whole expression of the first table of docs/filter.md."""
    rows = re.findall(r"^\| (.+?) \| ", FILTERS, flags=re.MULTILINE)
    found = [code.replace("\\|", "|") for row in rows for code in re.findall(r"`([^`]+)`", row)]
    return [text for text in found if " " in text and not text.startswith("== ")]


def test_the_page_of_filters_has_examples() -> None:
    assert len(shown_commands()) >= 3
    assert len(shown_expressions()) >= 8


@pytest.mark.parametrize("line", shown_commands())
def test_a_shown_filter_command_runs(cli: Cli, small: Path, line: str) -> None:
    words = [str(small) if word == "capture.pcap" else word for word in shlex.split(line)[1:]]
    assert cli(*words).code == 0


@pytest.mark.parametrize("text", shown_expressions())
def test_a_shown_expression_is_understood(text: str) -> None:
    assert None in {native.filter_problem(table, text) for table in ("packets", "flows")}


@pytest.mark.parametrize("text", re.findall(r"^(column \d+: .+)$", FILTERS, flags=re.MULTILINE))
def test_a_shown_error_is_one_that_comes(text: str) -> None:
    expressions = {
        "unknown column": "length > 100 or dstport == 1",
        "compares with": "length > 5s",
    }
    said = {native.filter_problem("packets", expression) or "" for expression in expressions.values()}
    sentence = text.partition(": ")[2]
    assert any(sentence in one for one in said)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_examples_of_a_command_parse(name: str) -> None:
    command = LazyGroup.build().get_command(None, name)  # type: ignore[arg-type]  # no context is needed
    assert command is not None
    examples = re.findall(rf"^\s*oddwire {name}(?: (.+))?$", command.help or "", flags=re.MULTILINE)
    assert examples
    for example in examples:
        command.make_context(name, shlex.split(example), resilient_parsing=False)
